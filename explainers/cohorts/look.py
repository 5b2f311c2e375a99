"""Looking at a cohort beside everyone: `compute_look` → `LookResult`."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from data.cohort_rows import by_estimate, by_month, estimate_ends
from data.cohorts import Cohort
from data.policy import Policy
from data.reader import Reader
from explainers.cohorts.compute import compute_cohort, sums_of
from explainers.cohorts.result import CohortResult
from explainers.precision import step_for, to_step

BINS = 40
EDGE = 0.002
"""Share of the applications at each end of the estimates that is drawn in the last step."""
DIGITS = 4
"""Digits of the drawn scale that figures are rounded to where estimates are no probabilities."""


@dataclass(frozen=True)
class FamilyApart:
    """What a family moved in a cohort, beside what it moved in all applications."""

    family: str
    """The family's id in the card."""
    label: str
    """Its neutral name."""
    cohort: float
    """Mean contribution in the cohort, estimate scale (1 = 100 percentage points for a probability)."""
    everyone: float
    """Mean contribution in all applications the viewer may see, estimate scale."""

    @property
    def apart(self) -> float:
        """Return by how much the cohort differs, estimate scale."""
        return self.cohort - self.everyone


@dataclass(frozen=True)
class LookResult:
    """A cohort beside everyone."""

    snapshot_id: str
    """The snapshot."""
    counted: CohortResult
    """The cohort with its counts."""
    everyone: CohortResult
    """All applications with their counts."""
    outcome: str
    """What is estimated: "charge-off within 12 months"."""
    volume: pd.DataFrame
    """The cohort by month and partner: `month` (missing where no date is known), `partner`, `n`, `approved`."""
    low: float
    """Left end of the drawn estimates, estimate scale."""
    high: float
    """Right end of the drawn estimates, estimate scale."""
    shares: tuple[float, ...]
    """Share of the cohort in each step from `low` to `high`."""
    all_shares: tuple[float, ...]
    """Share of all applications in each step."""
    families: tuple[FamilyApart, ...]
    """Every family, the one that differs most first."""

    @property
    def n(self) -> int:
        """Return the applications in the cohort."""
        return self.counted.n

    @property
    def n_total(self) -> int:
        """Return the applications the viewer may see."""
        return self.counted.n_total

    @property
    def is_everyone(self) -> bool:
        """Return whether the cohort leaves nobody out."""
        return self.counted.n == self.everyone.n


def compute_look(reader: Reader, cohort: Cohort) -> LookResult:
    """Put a cohort beside all applications.

    Parameters
    ----------
    reader : Reader
        The snapshot, opened for a viewer.
    cohort : Cohort
        Which applications.

    Raises
    ------
    CohortProblems
        The viewer cannot choose these applications.
    NotFoundForViewer
        There are too few of them.
    """
    sums, everyone, card = sums_of(reader, cohort), sums_of(reader), reader.room.card
    low, high = _ends(estimate_ends(everyone, EDGE), is_probability=reader.room.model.link == "sigmoid")
    mine, all_means = (s.families(spread=False)["mean"] for s in (sums, everyone))
    families = [
        FamilyApart(str(f), card.families[str(f)].label, float(mine[f]), float(all_means[f])) for f in mine.index
    ]
    result = LookResult(
        snapshot_id=reader.snapshot_id,
        counted=compute_cohort(reader, cohort),
        everyone=compute_cohort(reader, Cohort()),
        outcome=card.model.outcome,
        volume=by_month(sums),
        low=low,
        high=high,
        shares=_shares(by_estimate(sums, low, high, BINS)),
        all_shares=_shares(by_estimate(everyone, low, high, BINS)),
        families=tuple(families),
    )
    return disclose(result, reader.viewer.policy)


def _ends(ends: tuple[float, float], *, is_probability: bool) -> tuple[float, float]:
    """Return the ends of the drawn scale; those of a probability in whole percent, from zero."""
    low, high = ends
    if is_probability:
        return 0.0, max(0.05, float(np.ceil(high * 100)) / 100)
    room = max(high - low, 1e-9) * 0.02
    return float(f"{low - room:.3g}"), float(f"{high + room:.3g}")


def _shares(counts: np.ndarray[tuple[int], np.dtype[np.int64]]) -> tuple[float, ...]:
    return tuple((counts / max(int(counts.sum()), 1)).tolist())


def disclose(result: LookResult, policy: Policy) -> LookResult:
    """Return what an audience may see: points to a tenth where scores are not exact."""
    families = result.families
    if not policy.exact_scores:
        step = step_for(result.counted.is_probability, result.high - result.low, DIGITS)
        families = tuple(
            replace(f, cohort=to_step(f.cohort, step), everyone=to_step(f.everyone, step)) for f in families
        )
    return replace(result, families=tuple(sorted(families, key=lambda f: (-abs(f.apart), f.family))))
