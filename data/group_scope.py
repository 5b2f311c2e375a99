"""Which comparison groups a viewer may be compared with, and whether whole.

A comparison group holds applications of every partner, and each figure of it (its size, a typical
value, the average it starts from, every contribution against it) is a figure over them. For a viewer
who sees one partner's applications only, a group is therefore

- not there at all when it lies at a cut-off that none of the viewer's applications has;
- *whole* when the applications of others in it are none, or at least the policy's smallest count, and
  this stays true of every part that can be had by subtracting whole groups from each other;
- else *cut to the viewer's own applications*, when these are at least the smallest count. Nothing of
  anybody else is in it then;
- else not there. When nothing would be left, the group of all applications is cut to the viewer's own,
  if it has the two that comparing needs.

The parts that subtraction can reach are the sets of others' applications that lie in the same whole
groups. Checking each of them, and not only pairs, covers sums and differences of any number of groups.

Not covered: partners who put together what each may see, and what two snapshots of different months
tell when one is subtracted from the other. The budget of look-ups bounds both.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pandas as pd

LEAST = 2
"""The fewest applications that anything can be compared with."""
Query = Callable[[str, dict[str, Any]], pd.DataFrame]


@dataclass(frozen=True)
class GroupScope:
    """The comparison groups of a viewer, by their keys."""

    whole: tuple[int, ...]
    """Groups used whole."""
    own: tuple[int, ...]
    """Groups cut to the viewer's own applications."""


def find_group_scope(query: Query, partner: str, smallest: int, default: str) -> GroupScope:
    """Decide which groups a partner's viewer may be compared with.

    Parameters
    ----------
    query : callable
        Runs SQL with parameters on the snapshot.
    partner : str
        The viewer's partner.
    smallest : int
        The policy's smallest count.
    default : str
        Name of the card's default group; it is preferred where not every group can be whole.
    """
    candidates = _candidates(query, partner, default)
    whole: list[int] = []
    for group_no in candidates["group_no"].tolist():
        if _smallest_part(query, partner, [*whole, group_no]) >= smallest:
            whole.append(group_no)
    cut = candidates[~candidates["group_no"].isin(whole)]
    own = cut.loc[cut["own"] >= smallest, "group_no"].tolist()
    if not whole and not own:
        everyone = cut[cut["cutoff"].isna() & (cut["own"] >= LEAST)]
        own = everyone["group_no"].tolist()[:1]
    return GroupScope(tuple(sorted(whole)), tuple(sorted(own)))


def _candidates(query: Query, partner: str, default: str) -> pd.DataFrame:
    """Return groups at the partner's own cut-offs, and of all: `group_no`, `cutoff`, `own`; the default first."""
    return query(
        "SELECT g.group_no, g.cutoff, count(*) FILTER (a.partner = $partner) AS own FROM comparison_groups g"
        " JOIN group_members m USING (group_no) JOIN applications a USING (row_no) WHERE g.cutoff IS NULL"
        " OR g.cutoff IN (SELECT cutoff FROM applications WHERE partner = $partner)"
        " GROUP BY g.group_no, g.cutoff, g.name ORDER BY g.name <> $default, g.group_no",
        {"partner": partner, "default": default},
    )


def _smallest_part(query: Query, partner: str, groups: list[int]) -> float:
    """Return the size of the smallest set of others' applications that lie in the same of some groups."""
    found = query(
        "SELECT min(n) AS n FROM (SELECT count(*) AS n FROM (SELECT"
        " bit_or(1::UBIGINT << (list_position($groups, m.group_no) - 1)::UBIGINT) AS places FROM group_members m"
        " JOIN applications a USING (row_no) WHERE a.partner IS DISTINCT FROM $partner"
        " AND list_contains($groups, m.group_no) GROUP BY row_no) GROUP BY places)",
        {"groups": groups, "partner": partner},
    )["n"].iloc[0]
    return float("inf") if pd.isna(found) else float(found)
