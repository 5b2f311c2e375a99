"""The same applications in two snapshots, matched by their number and partner within one viewer's scope.

Two snapshots are two files with two readers, so the match is made here, over hashes of the numbers: the numbers
themselves never leave the database. A hash of 64 bits joins two different numbers of a million each with a chance of
less than one in ten million. One application takes about 30 bytes a side.
"""

# ruff: noqa: S608 - statements hold columns of the snapshot's own list; values are parameters
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from data.summaries import Summaries

NOTHING = -1
"""Stands for "no family counts against it"."""


@dataclass(frozen=True, eq=False)
class MatchedSide:
    """The matched applications as one snapshot has them; both sides are in the same order."""

    rows: npt.NDArray[np.int64] = field(repr=False)
    """Positions in that snapshot, shape (n,)."""
    estimate: npt.NDArray[np.float64] = field(repr=False)
    """Estimates, exact, shape (n,)."""
    approved: npt.NDArray[np.bool_] = field(repr=False)
    """Decisions, shape (n,)."""
    first_reason: npt.NDArray[np.int16] = field(repr=False)
    """Place in `families` of the family that counts most against approval; -1 where none does. Shape (n,)."""


def match(
    first: Summaries, second: Summaries, families: Sequence[str], *, riskier_up: bool
) -> tuple[MatchedSide, MatchedSide]:
    """Match the applications of two snapshots by their number and partner: numbers repeat between lenders.

    Parameters
    ----------
    first, second : Summaries
        Applications of two snapshots, opened for the same viewer.
    families : sequence of str
        Families of either snapshot; reasons are places in this list.
    riskier_up : bool
        True when a higher raw score counts against approval.

    Returns
    -------
    tuple of MatchedSide
        The applications that both hold; empty arrays when there are none.
    """
    sides = [_side(one, families, riskier_up=riskier_up) for one in (first, second)]
    keys = [side.pop("key").to_numpy(dtype=np.uint64) for side in sides]
    _, left, right = np.intersect1d(keys[0], keys[1], assume_unique=True, return_indices=True)
    return _take(sides[0], left), _take(sides[1], right)


def _side(cohort: Summaries, families: Sequence[str], *, riskier_up: bool) -> pd.DataFrame:
    listed = cohort.ask("SELECT family, col FROM families ORDER BY position")
    place = {family: i for i, family in enumerate(families)}
    sign = "" if riskier_up else "-"
    terms = [(f"{sign}{col}", place[str(family)]) for family, col in zip(listed["family"], listed["col"], strict=True)]
    largest = f"greatest({', '.join(term for term, _ in terms)})"
    whens = " ".join(f"WHEN {term} THEN {number}" for term, number in terms)
    reason = f"CASE WHEN {largest} <= 0 THEN {NOTHING} ELSE CASE {largest} {whens} END END"
    return cohort.ask(
        f"SELECT hash(application_id, partner) AS key, row_no, estimate, decision = 'approved' AS approved,"
        f" ({reason})::SMALLINT AS reason FROM chosen JOIN contributions USING (row_no)"
    )


def _take(side: pd.DataFrame, places: npt.NDArray[np.signedinteger[Any]]) -> MatchedSide:
    return MatchedSide(
        rows=side["row_no"].to_numpy(dtype=np.int64)[places],
        estimate=side["estimate"].to_numpy(dtype=np.float64)[places],
        approved=side["approved"].to_numpy(dtype=np.bool_)[places],
        first_reason=side["reason"].to_numpy(dtype=np.int16)[places],
    )


def family_points(cohort: Summaries, rows: npt.NDArray[np.int64]) -> pd.DataFrame:
    """Return what each family moved for some applications of a cohort.

    Parameters
    ----------
    cohort : Summaries
        The cohort; rows outside it are left out.
    rows : ndarray of int
        Positions in the snapshot.

    Returns
    -------
    pandas.DataFrame
        Indexed by `row_no` in the order asked for, one column per family, estimate units.
    """
    listed = cohort.ask("SELECT family, col FROM families ORDER BY position")
    columns = listed["col"].astype(str).tolist()
    parts = ", ".join(f"({col} * slope)::FLOAT AS {col}" for col in columns)
    found = cohort.ask(
        f"SELECT row_no, {parts} FROM chosen JOIN contributions USING (row_no) WHERE row_no IN (SELECT unnest($rows))",
        {"rows": rows},
    ).set_index("row_no")
    return found.set_axis(listed["family"].astype(str).tolist(), axis=1).reindex(rows)
