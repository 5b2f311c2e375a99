"""Figures over all applications of a viewer's scope that what-if and recourse measure with.

`data.model_room` hands them out. Like everything there they are asked of `seen`, so that for a partner
"the population" is that partner's own applications.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from data.scoped import ScopedDatabase
from data.sql import quote_identifier

MOST_ROWS = 50_000
"""Of a larger book a k-th part of the applications counts: the percentiles of any book are there in a second."""
BLOCK = 50
"""Columns asked for in one statement."""


def percentile_values(database: ScopedDatabase, columns: Mapping[str, str], shares: Sequence[float]) -> pd.DataFrame:
    """Return the values below which given shares of the applications lie.

    Parameters
    ----------
    database : ScopedDatabase
        The snapshot's database in the viewer's scope.
    columns : mapping of str to str
        Signals (numbers) with their stored columns.
    shares : sequence of float
        Shares in [0, 1], ascending.

    Returns
    -------
    pandas.DataFrame
        Indexed by share, one column per signal; empty where a signal has no value at all. Its `attrs` hold `n`, the
        applications counted, and `n_total`, those there are: of more than 50,000 a k-th part counts, chosen by a hash
        of the number, so that it does not depend on the applications of others.
    """
    total = int(database.frame("SELECT count(*) AS n FROM seen")["n"].iloc[0])
    every = max(1, -(-total // MOST_ROWS))
    found, names, counted = {}, list(columns), 0
    for first in range(0, len(names), BLOCK):
        asked = ", ".join(f"v.{columns[n]} AS {quote_identifier(n)}" for n in names[first : first + BLOCK])
        rows = database.frame(
            f"SELECT {asked} FROM signal_values v JOIN seen USING (row_no) WHERE hash(application_id) % $every = 0",  # noqa: S608
            {"every": every},
        )
        counted = len(rows)
        for name in rows.columns:
            values = rows[name].dropna().to_numpy(dtype=np.float64)
            found[name] = np.quantile(values, shares) if len(values) else np.full(len(shares), np.nan)
    frame = pd.DataFrame(found, index=pd.Index(list(shares), name="share"))
    frame.attrs.update({"n": counted, "n_total": total})
    return frame
