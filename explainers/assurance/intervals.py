"""Intervals of shares."""

from __future__ import annotations

import math

Z95 = 1.959963984540054


def wilson(k: int, n: int, z: float = Z95) -> tuple[float, float]:
    """Return the Wilson score interval of a share.

    Parameters
    ----------
    k, n : int
        Hits and tries; `n` is at least 1.
    z : float
        Standard normal quantile; the default gives 95 %.

    Returns
    -------
    tuple of float
        Lower and upper end, within 0 and 1.

    References
    ----------
    Wilson, E. B. (1927). Probable inference, the law of succession, and statistical inference.
    Journal of the American Statistical Association 22, 209–212.
    """
    share = k / n
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return max(0.0, centre - half), min(1.0, centre + half)


def newcombe(first: tuple[int, int], second: tuple[int, int], z: float = Z95) -> tuple[float, float]:
    """Return Newcombe's interval of the difference of two shares from separate samples, first less second.

    Parameters
    ----------
    first, second : tuple of int
        Hits and tries of each sample; at least one try.
    z : float
        Standard normal quantile; the default gives 95 %.

    Returns
    -------
    tuple of float
        Lower and upper end, within −1 and 1.

    References
    ----------
    Newcombe, R. G. (1998). Interval estimation for the difference between independent proportions: comparison of
    eleven methods. Statistics in Medicine 17, 873–890 (method 10).
    """
    (low_1, high_1), (low_2, high_2) = wilson(*first, z), wilson(*second, z)
    share_1, share_2 = first[0] / first[1], second[0] / second[1]
    gap = share_1 - share_2
    down = math.sqrt((share_1 - low_1) ** 2 + (high_2 - share_2) ** 2)
    up = math.sqrt((high_1 - share_1) ** 2 + (share_2 - low_2) ** 2)
    return max(-1.0, gap - down), min(1.0, gap + up)
