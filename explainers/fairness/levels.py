"""Do estimates hold for every group at every level? One mean a group can hide that low and high ones are both off."""

from __future__ import annotations

import math
from dataclasses import dataclass

from data.cohorts import EVERYONE, Cohort
from data.policy import Policy
from data.protected_values import FOLDED, NOT_KNOWN, REST
from data.reader import Reader
from data.scoped import to_records
from explainers.assurance.intervals import wilson
from explainers.fairness.intervals import LEAST_EXPECTED, LEAST_N

STEPS = 5
"""Levels of the estimate, each with as many applications of all groups together."""
SQL = (
    "SELECT value, level, count(*) AS n, avg(estimate) AS estimate, sum(outcome) AS happened FROM (SELECT g0 AS value,"
    " estimate, outcome, ntile($steps) OVER (ORDER BY estimate, row_no) - 1 AS level FROM labelled"
    " WHERE outcome IS NOT NULL AND measured AND estimate IS NOT NULL) GROUP BY 1, 2 ORDER BY 1, 2"
)


@dataclass(frozen=True)
class Level:
    """One group at one level of the estimate."""

    value: str
    """The group."""
    level: int
    """Which level, 0 for the lowest estimates."""
    n: int
    """Applications with a known outcome."""
    happened: int
    """Of these, with the outcome."""
    estimate: float
    """Their mean estimate, a share."""
    low: float
    """Lower end of the 95 % interval of the share that had the outcome."""
    high: float
    """Upper end."""

    @property
    def found(self) -> float:
        """Return the share that had the outcome."""
        return self.happened / self.n

    @property
    def surprise(self) -> float:
        """Return how many standard errors what was found lies from what was estimated."""
        return abs(self.found - self.estimate) / math.sqrt(self.estimate * (1 - self.estimate) / self.n)

    @property
    def enough(self) -> bool:
        """Return whether there are enough applications, with the outcome and without it, to judge."""
        expected = self.n * min(self.estimate, 1 - self.estimate)
        return self.n >= LEAST_N and expected >= LEAST_EXPECTED

    @property
    def holds(self) -> bool:
        """Return whether the mean estimate lies within the interval of what was found."""
        return self.low <= self.estimate <= self.high


@dataclass(frozen=True)
class LevelsResult:
    """Estimates beside outcomes by group and level."""

    snapshot_id: str
    """The snapshot."""
    label: str
    """The attribute."""
    n: int
    """Applications counted: with a known outcome and a known group."""
    n_total: int
    """Applications the viewer may see."""
    outcome_past: str
    """The outcome, of people it happened to: "did not repay"."""
    levels: tuple[Level, ...]
    """By group (the largest first) and level; empty for viewers of aggregates."""

    @property
    def judged(self) -> tuple[Level, ...]:
        """Return those with enough applications."""
        return tuple(one for one in self.levels if one.enough)

    @property
    def surest(self) -> Level | None:
        """Return the level whose miss is furthest beyond chance; None where every estimate holds."""
        off = [one for one in self.judged if not one.holds]
        return max(off, key=lambda one: (one.surprise, one.value), default=None)


def compute_levels(reader: Reader, name: str, cohort: Cohort = EVERYONE) -> LevelsResult:
    """Set estimates beside outcomes by group and level of the estimate.

    Parameters
    ----------
    reader : Reader
        The snapshot, opened for a viewer.
    name : str
        An observed attribute.
    cohort : Cohort
        Which applications.

    Raises
    ------
    CohortProblems, NotFoundForViewer
        As `compute_fairness`; or there is no such attribute.
    """
    protected, card = reader.protected_groups(), reader.room.card
    attribute, levels = protected.attribute(name), []
    if protected.whole and attribute.kind == "observed" and reader.room.model.link == "sigmoid":
        rows = protected.ask((name,), SQL, {"steps": STEPS}, cohort)
        rows = rows[~rows["value"].isin([NOT_KNOWN, FOLDED, REST])]
        sizes = rows.groupby("value")["n"].sum()
        for row in to_records(rows.sort_values(["value", "level"])):
            n, happened = int(row["n"]), int(row["happened"])
            ends = wilson(happened, n)
            levels.append(Level(str(row["value"]), int(row["level"]), n, happened, float(row["estimate"]), *ends))
        levels.sort(key=lambda one: (-sizes[one.value], one.value, one.level))
    result = LevelsResult(
        snapshot_id=reader.snapshot_id,
        label=attribute.label,
        n=sum(one.n for one in levels),
        n_total=int(reader.totals()["n"]),
        outcome_past=card.model.outcome_past,
        levels=tuple(levels),
    )
    return disclose(result, reader.viewer.policy)


def disclose(result: LevelsResult, policy: Policy) -> LevelsResult:
    """Return the result as an audience may see it: small cells are nothing for viewers of aggregates."""
    if policy.groups != "on" and result.levels:
        raise AssertionError("levels of groups reached a page that may not show them")
    return result
