"""How well a model ranks: the area under the ROC curve with its interval, and the KS distance."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Z95 = 1.959963984540054


@dataclass(frozen=True)
class RankingResult:
    """How well scores put applications with the outcome above those without."""

    n: int
    """Applications with a known outcome."""
    outcomes: int
    """How many of them had the outcome."""
    auc: float
    """Share of pairs ranked rightly, ties counted half; 0.5 is chance, 1 is perfect."""
    low: float
    """Lower end of the 95 % interval of `auc`."""
    high: float
    """Upper end of the 95 % interval of `auc`."""
    ks: float
    """Largest distance between the two groups' cumulative shares, 0 to 1."""


def compute_ranking(scores: Floats, outcomes: npt.NDArray[np.integer]) -> RankingResult | None:
    """Measure how well scores rank outcomes.

    Parameters
    ----------
    scores : ndarray, shape (n,)
        Higher means the outcome is more likely.
    outcomes : ndarray, shape (n,)
        1 or 0.

    Returns
    -------
    RankingResult or None
        None when there are not at least two applications of each kind: nothing can be ranked.

    References
    ----------
    DeLong, DeLong & Clarke-Pearson (1988), Biometrics 44, 837–845, by the mid-rank formula of
    Sun & Xu (2014), IEEE Signal Processing Letters 21, 1389–1393.
    """
    happened = outcomes == 1
    m, k = int(happened.sum()), int((~happened).sum())
    if min(m, k) < 2:
        return None
    everyone = mid_ranks(scores)
    within_positive = (everyone[happened] - mid_ranks(scores[happened])) / k
    within_negative = 1 - (everyone[~happened] - mid_ranks(scores[~happened])) / m
    auc = float(within_positive.mean())
    variance = float(within_positive.var(ddof=1) / m + within_negative.var(ddof=1) / k)
    low, high = _logit_interval(auc, math.sqrt(variance))
    return RankingResult(m + k, m, auc, low, high, _ks(scores, happened))


def mid_ranks(values: Floats) -> Floats:
    """Return 1-based ranks, ties sharing the middle of their places."""
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    middle = last - (counts - 1) / 2
    ranks: Floats = middle[place].astype(np.float64)
    return ranks


def _logit_interval(auc: float, error: float) -> tuple[float, float]:
    """Return the 95 % interval built on the logit, which keeps it inside (0, 1)."""
    if auc in (0.0, 1.0):
        return auc, auc
    centre = math.log(auc / (1 - auc))
    half = Z95 * error / (auc * (1 - auc))
    ends = [1 / (1 + math.exp(-(centre + side * half))) for side in (-1, 1)]
    return ends[0], ends[1]


def _ks(scores: Floats, happened: npt.NDArray[np.bool_]) -> float:
    order = np.argsort(scores, kind="stable")
    ends = np.append(np.diff(scores[order]) != 0, True)
    hit = happened[order]
    share_hit = np.cumsum(hit) / hit.sum()
    share_other = np.cumsum(~hit) / (~hit).sum()
    return float(np.abs(share_hit - share_other)[ends].max())
