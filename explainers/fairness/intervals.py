"""Intervals and tests for two shares: the approval rates of a group and of the one it is compared with.

References
----------
Koopman, "Confidence intervals for the ratio of two binomial proportions", Biometrics 40 (1984) 513-517.
Miettinen and Nurminen, "Comparative analysis of two rates", Statistics in Medicine 4 (1985) 213-226.
Katz et al., "Obtaining confidence intervals for the risk ratio in cohort studies", Biometrics 34 (1978) 469-474.
Newcombe, "Interval estimation for the difference between independent proportions", Statistics in Medicine 17 (1998)
873-890, method 10.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from scipy.stats import chi2, fisher_exact, norm

from explainers.fairness.result import Test

Numbers = npt.NDArray[np.float64]
LEVEL = 0.95
FISHER_BELOW = 30.0
"""With fewer expected approvals or denials in either group, Fisher's exact test stands in for the z test."""
LEAST_EXPECTED = 5.0
"""Fewest expected approvals and expected denials in either group; below, nothing is judged."""
LEAST_N = 30
"""Fewest applications in either group, whatever the rate."""
STEPS = 45
"""Halvings of an end's logarithm, down to 1e-12."""
WIDEST = 30.0
"""Ends of an interval of the ratio's logarithm; nothing a book of any size could tell lies beyond."""


def ratio_interval(k: Numbers, n: Numbers, k0: Numbers, n0: Numbers, level: float = LEVEL) -> tuple[Numbers, Numbers]:
    """Return the score interval of the ratio of two shares.

    Parameters
    ----------
    k, n : numpy.ndarray
        (m,) approvals and applications of each group; fractions may occur (effective counts of a proxy).
    k0, n0 : numpy.ndarray
        (m,) the same of the group each is compared with.
    level : float
        Confidence, 0 to 1.

    Returns
    -------
    tuple of numpy.ndarray
        (m,) lower and upper ends: 0 without approvals in the group, infinity without approvals in the other, and NaN
        where a group has no application.

    References
    ----------
    Koopman (1984): the ratios that a chi-squared test does not reject.
    """
    k, n, k0, n0 = (np.asarray(x, dtype=np.float64) for x in np.broadcast_arrays(k, n, k0, n0))
    limit = float(chi2.ppf(level, 1))
    usable = (n > 0) & (n0 > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        found = np.log(k / n) - np.log(k0 / n0)
    start = np.where(np.isfinite(found), found, np.where(k > 0, WIDEST, -WIDEST))
    side = np.repeat([-1.0, 1.0], len(start))
    start, *counts = (np.tile(x, 2) for x in (start, k, n, k0, n0))
    low, high = np.split(_search(side, start, counts[0], counts[1], counts[2], counts[3], limit), 2)
    # without a single approval every ratio fits
    none = (k <= 0) & (k0 <= 0)
    low = np.where((k <= 0) | none, 0.0, np.exp(low))
    high = np.where((k0 <= 0) | none, np.inf, np.exp(high))
    return np.where(usable, low, np.nan), np.where(usable, high, np.nan)


def _search(side: Numbers, start: Numbers, k: Numbers, n: Numbers, k0: Numbers, n0: Numbers, limit: float) -> Numbers:
    """Halve the way from the estimate to the widest end until the test's limit is met."""
    inside, outside = start.copy(), side * WIDEST
    for _ in range(STEPS):
        middle = (inside + outside) / 2
        kept = _statistic(np.exp(middle), k, n, k0, n0) <= limit
        inside, outside = np.where(kept, middle, inside), np.where(kept, outside, middle)
    return inside


def _statistic(ratio: Numbers, k: Numbers, n: Numbers, k0: Numbers, n0: Numbers) -> Numbers:
    """Return the score statistic of a ratio: both shares at their likeliest values that have exactly this ratio."""
    a = ratio * (n + n0)
    b = -(ratio * (n + k0) + k + n0)
    root = np.sqrt(np.maximum(b * b - 4 * a * (k + k0), 0.0))
    with np.errstate(divide="ignore", invalid="ignore"):
        # the smaller root, written so that nothing large is subtracted from something as large
        share0 = np.where(root - b > 0, 2 * (k + k0) / (root - b), 0.0)
        share = ratio * share0
        spread = share * (1 - share) / n + ratio * ratio * share0 * (1 - share0) / n0
        found = (k / n - ratio * k0 / n0) ** 2 / spread
        exact = np.isclose(k / n, ratio * k0 / n0)
    return np.where(spread > 0, found, np.where(exact, 0.0, np.inf))


def katz_interval(
    k: Numbers, n: Numbers, k0: Numbers, n0: Numbers, *, add: float = 0.0, level: float = LEVEL
) -> tuple[Numbers, Numbers]:
    """Return the plain interval on the ratio's logarithm, for comparison; `add` goes to every count (Walter: a half).

    References
    ----------
    Katz et al. (1978): variance 1/k - 1/n + 1/k0 - 1/n0.
    """
    z = float(norm.ppf((1 + level) / 2))
    k, n, k0, n0 = (np.asarray(x, dtype=np.float64) + add for x in (k, n, k0, n0))
    with np.errstate(divide="ignore", invalid="ignore"):
        middle = np.log(k / n) - np.log(k0 / n0)
        half = z * np.sqrt(np.maximum(1 / k - 1 / n + 1 / k0 - 1 / n0, 0.0))
    return np.exp(middle - half), np.exp(middle + half)


def z_statistic(k: float, n: float, k0: float, n0: float) -> float:
    """Return the z statistic of two shares with their pooled rate; 0 where both are 0 or 1."""
    pooled = (k + k0) / (n + n0)
    error = math.sqrt(pooled * (1 - pooled) * (1 / n + 1 / n0))
    return (k / n - k0 / n0) / error if error > 0 else 0.0


def find_chance(k: int, n: int, k0: int, n0: int) -> tuple[Test, float]:
    """Return which test is used and the probability of a difference as large if both rates were equal.

    The two-proportion z test (pooled) where each group has 30 expected approvals and denials, else Fisher's exact test.
    """
    rate = (k + k0) / (n + n0)
    if min(n, n0) * min(rate, 1 - rate) >= FISHER_BELOW:
        return "z", float(2 * norm.sf(abs(z_statistic(k, n, k0, n0))))
    return "Fisher", float(fisher_exact([[k, n - k], [k0, n0 - k0]]).pvalue)


def needed_for(k: float, n: float, k0: float, n0: float) -> int:
    """Return the applications a group needs to be judged, at the rate of both together; 0 where that is unknown."""
    rate = (k + k0) / (n + n0) if n + n0 else 0.0
    rarer = min(rate, 1 - rate)
    return max(LEAST_N, math.ceil(LEAST_EXPECTED / rarer)) if rarer > 0 else 0
