"""What the tests of reasons found, as a viewer may read it: rows of the viewer's scope, figures of the snapshot.

The tests ran when the snapshot was built (`explainers.evidence`).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

from data.cohorts import EVERYONE
from data.protected import Protected
from data.scoped import ScopedDatabase


@dataclass(frozen=True, eq=False)
class StoredEvidence:
    """What is kept of the tests; for `explainers` only."""

    rows: pd.DataFrame = field(repr=False)
    """One row per tested application in the viewer's scope: `row_no`, `r1` to `r4` (positions of families), the cut-off
    that applied, and a column per finding."""
    facts: dict[str, float]
    """Figures over the whole snapshot, by name."""
    reported: pd.DataFrame = field(repr=False)
    """One row per code of reported reasons, counts over the whole snapshot."""
    families: tuple[str, ...]
    """Families in the order of their positions."""
    declined: int
    """Applications in the viewer's scope that the model declined."""


LEAST_DIFFERENCE = 1e-9
"""A difference up to here is rounding (raw score)."""


def read_evidence(database: ScopedDatabase, *, whole: bool) -> StoredEvidence:
    """Return what the tests of reasons found, the rows in the viewer's scope.

    Parameters
    ----------
    database : ScopedDatabase
        The snapshot in the viewer's scope.
    whole : bool
        Whether the viewer sees every application. Who does not learns of figures over the whole snapshot no more than
        whether its sums hold.
    """
    rows = database.frame(
        "SELECT e.*, a.cutoff, r.r1, r.r2, r.r3, r.r4 FROM evidence_rows e JOIN seen a USING (row_no)"
        " JOIN reasons r USING (row_no) ORDER BY row_no"
    )
    facts = database.frame("SELECT name, value FROM evidence_facts")
    counted = database.frame("SELECT count(*) FILTER (decision = 'declined' AND stage = 'model') AS declined FROM seen")
    known = {str(name): float(value) for name, value in facts.itertuples(index=False)}
    reported = database.frame("SELECT * FROM evidence_reported ORDER BY code")
    if not whole:
        holds = {name: float(not known[name] <= LEAST_DIFFERENCE) for name in ("worst_residual", "worst_baseline")}
        known = {"seed": known["seed"], "summed": 0.0, "groups": 0.0, **holds}
    return StoredEvidence(
        rows=rows,
        facts=known,
        reported=reported if whole else reported.iloc[:0],
        families=tuple(str(f) for f in database.frame("SELECT family FROM families ORDER BY position")["family"]),
        declined=int(counted["declined"].iloc[0]),
    )


def evidence_by_group(protected: Protected, name: str) -> pd.DataFrame:
    """Return the quality of reasons by the values of one observed attribute, over all tested applications.

    Parameters
    ----------
    protected : Protected
        The protected groups, opened for the viewer.
    name : str
        The attribute.

    Returns
    -------
    pandas.DataFrame
        `value`, `n` (tested), `swapped`, `same_first` (counts) and `explained` (mean). Values with few tested
        applications are in it: the caller must hide them.
    """
    return protected.ask(
        [name],
        "SELECT g0 AS value, count(*) AS n, count(*) FILTER (named4) AS swapped,"
        " count(*) FILTER (noise_first) AS same_first, avg(e.explained) AS explained"
        " FROM labelled JOIN evidence_rows e USING (row_no) WHERE g0 IS NOT NULL GROUP BY 1 ORDER BY 1",
        {},
        EVERYONE,
    )
