"""Measuring candidates: how well they rank, and how alike two groups are approved; differences are paired."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from explainers.alternatives.result import Change, Measures
from explainers.assurance.intervals import Z95
from explainers.assurance.ranking import compute_ranking, mid_ranks
from explainers.slices.search import two_sided

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]
CHANCE = 0.5
TINY = 1e-6
"""Estimates are kept this far from 0 and 1 in the log loss."""


@dataclass(frozen=True)
class People:
    """Rows to measure on."""

    outcome: Ints
    """Shape (n,): 1 where it happened."""
    group: Bools
    """Shape (n,): of the group."""
    reference: Bools
    """Shape (n,): of the reference group."""


def cutoff_for(estimate: Floats, share: float, *, riskier_up: bool) -> float:
    """Return the cut-off at which a share of these estimates is approved.

    Parameters
    ----------
    estimate : ndarray, shape (n,)
        Estimates of the rows to choose on.
    share : float
        Share to approve, 0 to 1.
    riskier_up : bool
        Whether low estimates are approved.
    """
    return float(np.quantile(estimate, share if riskier_up else 1 - share, method="inverted_cdf"))


def passes(estimate: Floats, cutoff: float, *, riskier_up: bool) -> Bools:
    """Return which estimates are approved; the cut-off itself passes."""
    return estimate <= cutoff if riskier_up else estimate >= cutoff


def measure(estimate: Floats, approved: Bools, people: People) -> Measures:
    """Measure one candidate.

    Parameters
    ----------
    estimate : ndarray, shape (n,)
        Chance of the outcome.
    approved : ndarray, shape (n,)
        Who is approved.
    people : People
        Outcomes and groups.
    """
    ranking = compute_ranking(estimate, people.outcome)
    auc = (math.nan,) * 3 if ranking is None else (ranking.auc, ranking.low, ranking.high)
    kept = np.clip(estimate, TINY, 1 - TINY)
    loss = -np.where(people.outcome == 1, np.log(kept), np.log(1 - kept)).mean()
    counts = [(int(approved[side].sum()), int(side.sum())) for side in (people.group, people.reference)]
    air, low, high = impact_ratio(*counts)
    shares = [k / n if n else math.nan for k, n in counts]
    return Measures(
        n=len(estimate),
        n_group=counts[0][1],
        n_reference=counts[1][1],
        auc=auc[0],
        auc_low=auc[1],
        auc_high=auc[2],
        log_loss=float(loss),
        approved=float(approved.mean()),
        approved_group=shares[0],
        approved_reference=shares[1],
        air=air,
        air_low=low,
        air_high=high,
        outcome_approved=float(people.outcome[approved].mean()) if approved.any() else math.nan,
    )


def impact_ratio(group: tuple[int, int], reference: tuple[int, int]) -> tuple[float, float, float]:
    """Return the adverse impact ratio with its 95 % interval.

    Parameters
    ----------
    group, reference : tuple of int
        Approved, and all.

    References
    ----------
    Katz, Baptista, Azen & Pike (1978), Biometrics 34, 469–474; one half is added to each count for the interval.
    """
    (k, n), (m, of) = group, reference
    if not n or not of or not m:
        return math.nan, math.nan, math.nan
    centre = math.log((k + 0.5) / (n + 0.5)) - math.log((m + 0.5) / (of + 0.5))
    variance = 1 / (k + 0.5) - 1 / (n + 0.5) + 1 / (m + 0.5) - 1 / (of + 0.5)
    half = Z95 * math.sqrt(max(variance, 0.0))
    return (k / n) / (m / of), math.exp(centre - half), math.exp(centre + half)


def compare(estimate: Floats, approved: Bools, base_estimate: Floats, base_approved: Bools, people: People) -> Change:
    """Compare a candidate with another on the same rows; both intervals are of paired differences.

    References
    ----------
    DeLong, DeLong & Clarke-Pearson (1988), Biometrics 44, 837–845, for the difference of two areas.
    """
    auc, error = _auc_difference(estimate, base_estimate, people.outcome == 1)
    ratio, spread = _ratio_of_ratios(approved, base_approved, people)
    return Change(
        auc,
        auc - Z95 * error,
        auc + Z95 * error,
        math.exp(ratio),
        math.exp(ratio - Z95 * spread),
        math.exp(ratio + Z95 * spread),
        two_sided(ratio, spread * spread),
    )


def _auc_difference(first: Floats, second: Floats, happened: Bools) -> tuple[float, float]:
    m, k = int(happened.sum()), int((~happened).sum())
    if min(m, k) < 2:
        return math.nan, math.nan
    placed = []
    for scores in (first, second):
        everyone = mid_ranks(scores)
        ones = (everyone[happened] - mid_ranks(scores[happened])) / k
        zeros = 1 - (everyone[~happened] - mid_ranks(scores[~happened])) / m
        placed.append((ones, zeros))
    ones, zeros = placed[0][0] - placed[1][0], placed[0][1] - placed[1][1]
    return float(ones.mean()), math.sqrt(ones.var(ddof=1) / m + zeros.var(ddof=1) / k)


def _ratio_of_ratios(first: Bools, second: Bools, people: People) -> tuple[float, float]:
    """Return the log of one ratio over another, and its standard error from each row's share in it."""
    total, variance = 0.0, 0.0
    for side, sign in ((people.group, 1), (people.reference, -1)):
        a, b, n = first[side].astype(np.float64), second[side].astype(np.float64), int(side.sum())
        if n < 2 or not a.any() or not b.any():
            return math.nan, math.nan
        total += sign * (math.log(a.mean()) - math.log(b.mean()))
        variance += float((a / a.mean() - b / b.mean()).var(ddof=1)) / n
    return total, math.sqrt(variance)


def on_frontier(points: list[tuple[float, float]]) -> list[bool]:
    """Return which points no other beats on both: accuracy, and how alike the groups are approved.

    Parameters
    ----------
    points : list of tuple
        AUC and adverse impact ratio. A ratio above 1 counts as far from alike as one below it. Models that rank no
        better than chance are never on it.
    """
    placed = [(auc, min(air, 1 / air) if air > 0 else 0.0) for auc, air in points]
    return [
        p[0] > CHANCE and not math.isnan(p[1]) and not any(o[0] >= p[0] and o[1] >= p[1] and o != p for o in placed)
        for p in placed
    ]
