"""A cohort's applications as pictures, tables and a comparison group need them; all asked of `chosen`.

Each function takes the cohort as `data.summaries` opened it for a viewer, so that nothing here can reach beyond
the viewer's scope. What comes back may be finer than the viewer may see: for `explainers` only.
"""

# ruff: noqa: S608 - statements hold columns of the snapshot's own list; values are parameters
from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pandas as pd

from data.summaries import Summaries
from data.wide_rows import read_columns, rows_at_once

MOST_FOR_TYPICAL = 50_000
"""Of a larger cohort a k-th part gives the typical values, chosen by a hash of the number."""
BLOCK = 100
"""Columns asked for in one statement."""
Floats = npt.NDArray[np.float64]


def signal_blocks(cohort: Summaries, rows: int) -> Iterator[tuple[pd.DataFrame, Floats]]:
    """Yield a cohort in blocks: signals by name in the snapshot's order, and the stored raw scores.

    Parameters
    ----------
    cohort : Summaries
        From `ModelRoom.summaries`.
    rows : int
        Applications in a block at most; fewer where the model has hundreds of signals.
    """
    members = cohort.ask("SELECT row_no, raw_score FROM chosen ORDER BY row_no")
    columns = {str(name): str(col) for name, col in _signals(cohort)["col"].items()}
    where = "v.row_no BETWEEN $first_row AND $last_row AND v.row_no IN (SELECT row_no FROM chosen)"
    step = rows_at_once(len(columns), rows)
    for start in range(0, len(members), step):
        block = members.iloc[start : start + step]
        ends = {"first_row": int(block["row_no"].iloc[0]), "last_row": int(block["row_no"].iloc[-1])}
        frame = read_columns(cohort.ask, columns, where, ends, len(block)).reset_index(drop=True)
        yield frame, block["raw_score"].to_numpy(dtype=np.float64)


def _signals(cohort: Summaries) -> pd.DataFrame:
    """Return `col` and `kind` of every signal, in the snapshot's order."""
    listed = cohort.ask("SELECT name, col, kind FROM signals ORDER BY position")
    return listed.astype({"name": str, "col": str, "kind": str}).set_index("name")


def typical_values(cohort: Summaries) -> tuple[pd.DataFrame, int]:
    """Return the typical value of each signal, and of how many applications.

    Returns
    -------
    tuple
        A frame indexed by signal: `median` (numbers), `mode` (categories), `missing_share` in [0, 1]; and the number
        of applications counted: all, or of more than 50,000 a k-th part.
    """
    every = max(1, -(-int(cohort.counts["n"]) // MOST_FOR_TYPICAL))
    listed, found, counted = _signals(cohort), {}, 0
    for first in range(0, len(listed), BLOCK):
        block = listed.iloc[first : first + BLOCK]
        asked = [
            f"{f'median(v.{col})' if kind == 'number' else 'NULL::DOUBLE'} AS median{i},"
            f" {'NULL::VARCHAR' if kind == 'number' else f'mode(v.{col})::VARCHAR'} AS mode{i},"
            f" 1 - count(v.{col}) / count(*) AS share{i}"
            for i, (col, kind) in enumerate(block.itertuples(index=False))
        ]
        row = cohort.ask(
            f"SELECT count(*) AS n, {', '.join(asked)} FROM chosen JOIN signal_values v USING (row_no)"
            " WHERE hash(application_id) % $every = 0",
            {"every": every},
        ).iloc[0]
        counted = int(row["n"])
        for i, name in enumerate(block.index):
            found[name] = {what: row[f"{part}{i}"] for what, part in _TYPICAL.items()}
    return pd.DataFrame.from_dict(found, orient="index").rename_axis("name"), counted


_TYPICAL = {"median": "median", "mode": "mode", "missing_share": "share"}


def by_estimate(cohort: Summaries, low: float, high: float, bins: int) -> npt.NDArray[np.int64]:
    """Return how many estimates of a cohort fall into each of `bins` equal steps; what lies outside is in the ends."""
    rows = cohort.ask(
        "SELECT least(greatest(floor((estimate - $low) / ($high - $low) * $bins), 0), $bins - 1)::INTEGER AS bin,"
        " count(*) AS n FROM chosen GROUP BY bin",
        {"low": low, "high": high, "bins": bins},
    )
    counts = np.zeros(bins, np.int64)
    counts[rows["bin"].to_numpy()] = rows["n"].to_numpy()
    return counts


def estimate_ends(cohort: Summaries, share: float = 0.0) -> tuple[float, float]:
    """Return the estimates between which a cohort lies, but for a share of it at each end; NaN when it is empty."""
    row = cohort.ask(
        "SELECT quantile_disc(estimate, $low_share) AS low, quantile_disc(estimate, $high_share) AS high FROM chosen",
        {"low_share": share, "high_share": 1 - share},
    ).iloc[0]
    return float(row["low"]), float(row["high"])


def by_month(cohort: Summaries) -> pd.DataFrame:
    """Return applications and approvals by month and partner: `month`, `partner`, `n`, `approved`."""
    return cohort.ask(
        "SELECT date_trunc('month', application_date)::DATE AS month, partner, count(*) AS n,"
        " count(*) FILTER (decision = 'approved') AS approved FROM chosen GROUP BY ALL ORDER BY month, partner"
    )


def level_values(cohort: Summaries, name: str, most: int) -> list[str]:
    """Return the categories of a signal that occur, the most common first; empty for a number or an unknown name."""
    listed = _signals(cohort)
    if name not in listed.index or listed.loc[name, "kind"] == "number":
        return []
    column = str(listed["col"][name])
    found = cohort.ask(
        f"SELECT v.{column}::VARCHAR AS level, count(*) AS n FROM chosen JOIN signal_values v"
        " USING (row_no) WHERE level IS NOT NULL GROUP BY 1 ORDER BY n DESC, 1 LIMIT $most",
        {"most": most},
    )
    return [str(level) for level in found["level"]]
