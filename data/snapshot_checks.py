"""Facts about a snapshot's database that its checks need, gathered in a few queries."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb
import numpy as np
import numpy.typing as npt
import pandas as pd

from data.sql import cursor, quote_identifier


@dataclass(frozen=True)
class StoredFacts:
    """What stands in a snapshot's database."""

    n: int
    """Applications."""
    worst_residual: float
    """Largest |raw score − baseline − Σ stored contributions|, raw-score units."""
    wrong_decisions: int
    """Decisions that do not follow from rule, estimate and cut-off."""
    groups: int
    """Comparison groups."""
    groups_with_wrong_size: int
    """Groups whose members are not as many as they say."""
    production_known: int
    """Applications with a score on record."""
    worst_production: float | None
    """Largest difference of the score on record; None without one."""


def read_facts(connection: duckdb.DuckDBPyConnection, *, riskier_up: bool, production_column: str) -> StoredFacts:
    """Gather the facts of a snapshot.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        The snapshot's database; only cursors of it are used.
    riskier_up : bool
        True when a higher estimate speaks against approval.
    production_column : {"estimate", "raw_score"}
        What the score on record is compared with.
    """
    with cursor(connection) as own:
        families = [str(row[0]) for row in own.execute("SELECT col FROM families ORDER BY position").fetchall()]
        total = " + ".join(f"c.{col}" for col in families)
        passes = "a.estimate <= a.cutoff" if riskier_up else "a.estimate >= a.cutoff"
        row = own.execute(
            f"SELECT count(*), max(abs(a.raw_score - g.baseline - ({total}))),"  # noqa: S608 - columns of our own making
            f" count(*) FILTER ((decision = 'approved') != (rule_no IS NULL AND {passes})),"
            f" count(production_score), max(abs(production_score - a.{quote_identifier(production_column)}))"
            " FROM applications a JOIN contributions c USING (row_no) JOIN comparison_groups g USING (group_no)"
        ).fetchone()
        groups = own.execute(
            "SELECT count(*), count(*) FILTER (g.n IS DISTINCT FROM m.members) FROM comparison_groups g LEFT JOIN"
            " (SELECT group_no, count(*) AS members FROM group_members GROUP BY group_no) m USING (group_no)"
        ).fetchone()
    if row is None or groups is None:
        return StoredFacts(0, float("nan"), 0, 0, 0, 0, None)
    worst = None if row[4] is None else float(row[4])
    return StoredFacts(int(row[0]), float(row[1]), int(row[2]), int(groups[0]), int(groups[1]), int(row[3]), worst)


def read_block(
    connection: duckdb.DuckDBPyConnection, first: int, end: int
) -> tuple[pd.DataFrame, npt.NDArray[np.float64], npt.NDArray[np.int64]]:
    """Return the signals, stored raw scores and group numbers of rows `first` to `end` (exclusive)."""
    bounds = {"first": first, "end": end}
    with cursor(connection) as own:
        names = own.execute("SELECT name, col FROM signals ORDER BY position").fetchall()
        columns = ", ".join(f"v.{col} AS {quote_identifier(name)}" for name, col in names)
        frame = own.execute(
            f"SELECT {columns} FROM signal_values v WHERE row_no >= $first AND row_no < $end ORDER BY row_no",  # noqa: S608
            bounds,
        ).df()
        scores = own.execute(
            "SELECT raw_score, group_no FROM applications WHERE row_no >= $first AND row_no < $end ORDER BY row_no",
            bounds,
        ).df()
    return frame, scores["raw_score"].to_numpy(), scores["group_no"].to_numpy()
