"""What the checks of a snapshot need from its database, gathered in a few queries."""

# ruff: noqa: S608 - statements hold constants, quoted names and columns of our own making only
from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pandas as pd

from data.card_schema import Card
from data.errors import SnapshotError
from data.group_patterns import count_leaves, read_parts
from data.records import PatternList
from data.sql import cursor, open_readonly, quote_identifier

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class StoredFacts:
    """What stands in a snapshot's database."""

    n: int
    """Applications."""
    worst_residual: float
    """Largest |raw score − baseline − Σ stored contributions|, raw-score units; NaN when one is missing."""
    wrong_decisions: int
    """Decisions that do not follow from rule, estimate and cut-off."""
    cutoffs: tuple[tuple[str, float], ...]
    """Every partner with a cut-off that was applied to it, estimate scale."""
    groups: int
    """Comparison groups."""
    groups_with_wrong_size: int
    """Groups whose members are not as many as they say."""
    production_known: int
    """Applications with a score on record."""
    worst_production: float | None
    """Largest difference of the score on record; None without one."""


@dataclass(frozen=True)
class StoredRows:
    """Some applications as stored, in the order of their row numbers."""

    row_no: Ints
    """Shape (n,)."""
    signals: pd.DataFrame
    """The model's inputs, (n, signals)."""
    raw_score: Floats
    """Shape (n,)."""
    estimate: Floats
    """Shape (n,)."""
    group_no: Ints
    """Shape (n,), the default comparison group."""
    contributions: Floats
    """Shape (n, families), raw-score units."""
    reasons: npt.NDArray[np.int16]
    """Shape (n, 4), positions of families; −1 where there is none."""
    signal_contributions: npt.NDArray[np.float32]
    """Shape (n, signals the model uses), raw-score units."""


@dataclass(frozen=True)
class StoredGroup:
    """A comparison group as stored."""

    group_no: int
    """Key."""
    name: str
    """"just_approved" or "all_applicants"."""
    rule: str
    """The rule in words."""
    seed: int
    """Seed of the build."""
    content_hash: str
    """SHA-256 over model and rows."""
    baseline: float
    """Mean raw score."""
    rows: Ints
    """Row numbers of its members, ascending."""


@contextmanager
def opened(database: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a snapshot's database for checks.

    Raises
    ------
    SnapshotError
        It is no database of a snapshot; also from inside.
    """
    try:
        with closing(open_readonly(database)) as connection:
            yield connection
    except duckdb.Error as e:
        found = f"{database.name} is no database of a snapshot, or tables are missing in it ({type(e).__name__})."
        raise SnapshotError("The snapshot cannot be read", found, "Build it again.") from e


def read_facts(connection: duckdb.DuckDBPyConnection, card: Card) -> StoredFacts:
    """Gather the facts of a snapshot.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        The snapshot's database; only cursors of it are used.
    card : Card
        Says which side of a cut-off is risky and what the score on record is.
    """
    with cursor(connection) as own:
        families = [str(row[0]) for row in own.execute("SELECT col FROM families ORDER BY position").fetchall()]
        total = " + ".join(f"c.{quote_identifier(col)}" for col in families)
        passes = "a.estimate <= a.cutoff" if card.model.higher_score_is == "riskier" else "a.estimate >= a.cutoff"
        recorded = "a.raw_score" if card.applications.score_scale == "raw" else "a.estimate"
        by_person = "stage = 'review' THEN recorded_decision = 'approved'"
        decided = f"CASE WHEN {by_person} ELSE rule_no IS NULL AND {passes} END"
        review = card.decision.review
        band = "false" if review is None else "a.estimate BETWEEN a.cutoff - $below AND a.cutoff + $above"
        reviewed = f"(rule_no IS NULL AND recorded_decision IS NOT NULL AND {band})"
        left = f"abs(a.raw_score - g.baseline - ({total}))"
        row = own.execute(
            # max() passes over missing values; a missing contribution must not pass the check
            f"SELECT count(*), max(coalesce({left}, 'nan'::DOUBLE)),"
            f" count(*) FILTER ((decision = 'approved') IS DISTINCT FROM ({decided}) OR"
            f" (stage = 'review') IS DISTINCT FROM {reviewed}),"
            f" count(production_score), max(abs(production_score - {recorded}))"
            " FROM applications a LEFT JOIN contributions c USING (row_no)"
            " LEFT JOIN comparison_groups g USING (group_no)",
            {} if review is None else {"below": review.below, "above": review.above},
        ).fetchone() or (0, None, 0, 0, None)
        cutoffs = own.execute("SELECT DISTINCT partner, cutoff FROM applications ORDER BY ALL").fetchall()
        groups = own.execute(
            "SELECT count(*), count(*) FILTER (g.n IS DISTINCT FROM m.members) FROM comparison_groups g LEFT JOIN"
            " (SELECT group_no, count(*) AS members FROM group_members GROUP BY group_no) m USING (group_no)"
        ).fetchone() or (0, 0)
    return StoredFacts(
        n=int(row[0]),
        worst_residual=float("nan") if row[1] is None else float(row[1]),
        wrong_decisions=int(row[2]),
        cutoffs=tuple((str(partner), float(cutoff)) for partner, cutoff in cutoffs),
        groups=int(groups[0]),
        groups_with_wrong_size=int(groups[1]),
        production_known=int(row[3]),
        worst_production=None if row[4] is None else float(row[4]),
    )


def read_rows(connection: duckdb.DuckDBPyConnection, rows: range | Ints) -> StoredRows:
    """Return some applications with their signals and contributions; a range must have step 1."""
    numbers = list(map(int, rows))
    chosen = "row_no BETWEEN $first AND $last"
    parameters: dict[str, object] = {"first": min(numbers, default=0), "last": max(numbers, default=-1)}
    if not isinstance(rows, range):
        chosen += " AND row_no IN (SELECT unnest($rows))"
        parameters["rows"] = numbers

    def select(columns: str, table: str) -> pd.DataFrame:
        with cursor(connection) as own:
            frame: pd.DataFrame = own.execute(
                f"SELECT {columns} FROM {table} WHERE {chosen} ORDER BY row_no", parameters
            ).df()
        return frame

    with cursor(connection) as own:
        names = own.execute("SELECT name, col FROM signals ORDER BY position").fetchall()
        families = own.execute("SELECT col FROM families ORDER BY position").fetchall()
        used = own.execute("SELECT contribution FROM used_signals ORDER BY contribution").fetchall()
    signals = ", ".join(f"{col} AS {quote_identifier(name)}" for name, col in names)
    scores = select("row_no, raw_score, estimate, group_no", "applications")
    return StoredRows(
        scores["row_no"].to_numpy(),
        select(signals, "signal_values"),
        scores["raw_score"].to_numpy(),
        scores["estimate"].to_numpy(),
        scores["group_no"].to_numpy(),
        select(", ".join(str(col) for (col,) in families), "contributions").to_numpy(),
        select("r1, r2, r3, r4", "reasons").to_numpy(dtype=np.int16),
        select(", ".join(["row_no", *(str(col) for (col,) in used)]), "signal_contributions")
        .drop(columns="row_no")
        .to_numpy(dtype=np.float32),
    )


def read_groups(connection: duckdb.DuckDBPyConnection) -> tuple[StoredGroup, ...]:
    """Return every comparison group with its members."""
    with cursor(connection) as own:
        found = own.execute(
            "SELECT group_no, name, rule, seed, content_hash, baseline FROM comparison_groups ORDER BY group_no"
        ).fetchall()
        return tuple(
            StoredGroup(number, name, rule, seed, content_hash, baseline, _members(own, number))
            for number, name, rule, seed, content_hash, baseline in found
        )


def read_fitted_patterns(connection: duckdb.DuckDBPyConnection, group_no: int) -> Iterator[PatternList]:
    """Yield what is stored of a fitted group, some leaves at a time; nothing in snapshots that store none."""

    def query(sql: str, parameters: dict[str, Any]) -> pd.DataFrame:
        with cursor(connection) as own:
            frame: pd.DataFrame = own.execute(sql, parameters).df()
        return frame

    yield from read_parts(query, group_no, count_leaves(query, group_no))


def _members(own: duckdb.DuckDBPyConnection, group_no: int) -> Ints:
    frame = own.execute("SELECT row_no FROM group_members WHERE group_no = ? ORDER BY row_no", [group_no]).df()
    return frame["row_no"].to_numpy(dtype=np.int64)
