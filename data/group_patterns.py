"""Comparison groups as they were fitted when the snapshot was built: applications by leaf and pattern.

Nothing here names an application, but every count is a figure over a whole group. A viewer whose groups are cut to
applications of his own (`data.group_scope`) gets none of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from data.records import PatternList
from data.scoped import ScopedDatabase

LEAVES_AT_A_TIME = 4_096
"""Leaves whose patterns are read at a time: a million rows or so."""
Query = Callable[[str, dict[str, Any]], pd.DataFrame]


@dataclass(frozen=True, eq=False)
class GroupFit:
    """A whole comparison group as it was fitted."""

    n: int
    """Applications in it."""
    baseline: float
    """Mean raw score."""
    content_hash: str
    """SHA-256 over the model and the encoded rows."""
    parts: Callable[[], Iterator[PatternList]] = field(repr=False)
    """Reads its patterns, some leaves at a time, in order."""


def read_group_fit(database: ScopedDatabase, group_no: int) -> GroupFit | None:
    """Return what was stored of a fitted group.

    Parameters
    ----------
    database : ScopedDatabase
        The snapshot in the viewer's scope.
    group_no : int
        Key of the group.

    Returns
    -------
    GroupFit or None
        None where nothing was stored, or the viewer may not have the whole group.
    """
    scope = database.group_scope
    if scope is not None and group_no not in scope.whole:
        return None
    leaves = count_leaves(database.frame, group_no)
    if not leaves:
        return None
    found = database.group_frame(
        "SELECT n, baseline, content_hash FROM visible_groups WHERE group_no = $group", {"group": group_no}
    )
    row = found.iloc[0]
    return GroupFit(
        n=int(row["n"]),
        baseline=float(row["baseline"]),
        content_hash=str(row["content_hash"]),
        parts=lambda: read_parts(database.frame, group_no, leaves),
    )


def count_leaves(query: Query, group_no: int) -> int:
    """Return up to which leaf patterns of a group are stored; 0 where none are."""
    known = query("SELECT count(*) AS n FROM information_schema.tables WHERE table_name = 'group_patterns'", {})
    if not known["n"].iloc[0]:  # a snapshot built before they were stored
        return 0
    found = query(
        "SELECT coalesce(max(leaf) + 1, 0) AS n FROM group_patterns WHERE group_no = $group", {"group": group_no}
    )
    return int(found["n"].iloc[0])


def read_parts(query: Query, group_no: int, leaves: int) -> Iterator[PatternList]:
    """Yield the patterns of a group at its leaves, of which `count_leaves` told the number, in order."""
    for first in range(0, leaves, LEAVES_AT_A_TIME):
        rows = query(
            "SELECT leaf, pattern, n FROM group_patterns WHERE group_no = $group AND leaf >= $first AND leaf < $end",
            {"group": group_no, "first": first, "end": first + LEAVES_AT_A_TIME},
        )
        if not rows["leaf"].is_monotonic_increasing:  # they are stored in order; asking for it would cost a sort
            rows = rows.sort_values(["leaf", "pattern"])
        yield PatternList(
            rows["leaf"].to_numpy(np.int32), rows["pattern"].to_numpy(np.int64), rows["n"].to_numpy(np.uint32)
        )
