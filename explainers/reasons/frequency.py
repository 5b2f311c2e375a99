"""How often each family is a reason: `compute_frequency` → `FrequencyResult`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pandas as pd

from data.cohorts import Cohort
from data.policy import Policy
from data.reader import Reader
from data.reason_counts import count_declines, count_reasons
from data.summaries import Summaries
from explainers.cohorts.compute import least_for


@dataclass(frozen=True)
class FamilyFrequency:
    """How often one family is a reason."""

    family: str
    """Slug."""
    label: str
    """Neutral name."""
    first: int
    """Applications where it speaks most against approval."""
    among: int
    """Applications where it is one of the principal reasons, at most four."""


@dataclass(frozen=True)
class SideFrequency:
    """How often each family is a reason for one partner or in one month."""

    name: str
    """The partner, or the month as ISO date of its first day."""
    n: int
    """Applications the model declined there."""
    among: dict[str, float]
    """Share of them for which a family is one of the reasons, 0 to 1, by slug; 0 for a family that never is."""


@dataclass(frozen=True)
class FrequencyResult:
    """How often each family is a reason, among the applications of a cohort that the model declined."""

    snapshot_id: str
    """The snapshot."""
    n: int
    """Applications that the model declined: each has reasons of its own."""
    n_rule: int
    """Applications that a policy rule declined: the rule is their reason."""
    n_review: int
    """Applications that a person declined near the cut-off: their reasons begin with the person's own."""
    n_total: int
    """Applications the viewer may see."""
    named: float
    """Mean number of reasons an application has; NaN where too few are declined."""
    explained: float
    """Mean share of what speaks against approval that the reasons make up, 0 to 1; NaN as above."""
    families: tuple[FamilyFrequency, ...]
    """The most frequent first; none where too few applications are declined."""
    partners: tuple[SideFrequency, ...]
    """By partner; only those with enough declined applications."""
    months: tuple[SideFrequency, ...]
    """By month, the same."""
    least: int
    """Fewer declined applications than this are not counted for this viewer."""

    def of(self, family: str) -> FamilyFrequency | None:
        """Return the figures of one family."""
        return next((f for f in self.families if f.family == family), None)


def compute_frequency(reader: Reader, cohort: Cohort) -> FrequencyResult:
    """Count how often each family is a reason for the applications of a cohort that the model declined.

    Reasons are the stored ones: from each application's own contributions against its default comparison group.

    Parameters
    ----------
    reader : Reader
        The snapshot, opened for a viewer.
    cohort : Cohort
        Which applications; only the declined ones are counted.

    Raises
    ------
    CohortProblems
        The viewer cannot choose these applications.
    """
    room = reader.room
    sums = room.summaries(cohort)
    counted = count_declines(sums).iloc[0]
    families = [
        FamilyFrequency(row["family"], room.card.families[row["family"]].label, row["first"], row["among"])
        for row in count_reasons(sums).to_dict("records")
    ]
    result = FrequencyResult(
        snapshot_id=reader.snapshot_id,
        n=int(counted["n"]),
        n_rule=int(counted["by_rule"]),
        n_review=int(counted["by_review"]),
        n_total=int(reader.totals()["n"]),
        named=float(counted["named"]),
        explained=float(counted["explained"]),
        families=tuple(sorted(families, key=lambda f: (-f.among, -f.first, f.family))),
        partners=_sides(sums, "partner", [f.family for f in families]),
        months=_sides(sums, "month", [f.family for f in families]),
        least=least_for(reader.viewer.policy),
    )
    return disclose(result, reader.viewer.policy)


def _sides(sums: Summaries, by: str, families: list[str]) -> tuple[SideFrequency, ...]:
    """Count apart for each partner or month."""
    given: pd.DataFrame = count_reasons(sums, by)
    counts = {(side, str(family)): int(n) for side, family, n in given[[by, "family", "among"]].itertuples(index=False)}
    found = []
    for side, n in count_declines(sums, by)[[by, "n"]].itertuples(index=False):
        if pd.isna(side) or not n:
            continue
        shares = {family: counts.get((side, family), 0) / int(n) for family in families}
        found.append(SideFrequency(_name(side), int(n), shares))
    return tuple(found)


def _name(side: Any) -> str:
    """Return a partner's name, or a month as ISO date."""
    if isinstance(side, pd.Timestamp):
        return side.date().isoformat()
    return side.isoformat() if isinstance(side, date) else str(side)


def disclose(result: FrequencyResult, policy: Policy) -> FrequencyResult:
    """Return the counts as an audience may see them: none over too few applications."""
    least, nan = least_for(policy), float("nan")
    if result.n < least:
        return replace(result, families=(), partners=(), months=(), named=nan, explained=nan)
    partners = tuple(side for side in result.partners if side.n >= least)
    return replace(result, partners=partners, months=tuple(side for side in result.months if side.n >= least))
