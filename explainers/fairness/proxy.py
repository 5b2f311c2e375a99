"""Groups known by probability only: counted with every person's probability, and with those above a threshold.

Neither is the truth. Weighting tends to make a difference look smaller than it is, because everybody counts a little in
every group; a threshold tends to make it look larger, because the people it is sure of live in places where their
group lives apart. Where both agree, the finding is firmer.

References
----------
Chen, Kallus, Mao, Svacha and Udell, "Fairness under unawareness", FAT* 2019, arXiv 1811.11154.
Kish, "Survey sampling", 1965: the effective size of a weighted sample.
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from explainers.fairness.intervals import ratio_interval
from explainers.fairness.rates import is_enough
from explainers.fairness.result import ProxyLine, ProxyReading


def compare_proxy(sums: pd.DataFrame, reference: str) -> tuple[ProxyLine, ...]:
    """Return each value of a proxy beside the one it is compared with, counted in both ways.

    Parameters
    ----------
    sums : pandas.DataFrame
        From `data.protected_counts.Counted.proxy`.
    reference : str
        The value that others are compared with.

    Returns
    -------
    tuple of ProxyLine
        The reference first, then by weight; empty where the reference is not shown.
    """
    if reference not in sums.index or sums.loc[reference].isna().any():
        return ()
    shown = sums.dropna()
    weight, squares = shown["weight"].to_numpy(float), shown["squares"].to_numpy(float)
    effective = np.divide(weight**2, squares, out=np.zeros_like(weight), where=squares > 0)
    rate = np.divide(shown["approved_weight"].to_numpy(float), weight, out=np.zeros_like(weight), where=weight > 0)
    place = int(np.flatnonzero(shown.index == reference)[0])
    weighted = _readings(weight, effective, rate * effective, place)
    over, over_approved = shown["over"].to_numpy(float), shown["over_approved"].to_numpy(float)
    thresholded = _readings(over, over, over_approved, place)
    lines = [
        ProxyLine(str(value), value == reference, weighted[i], thresholded[i]) for i, value in enumerate(shown.index)
    ]
    return tuple(sorted(lines, key=lambda line: (not line.is_reference, -line.weighted.n)))


def _readings(
    size: np.ndarray[tuple[int], np.dtype[np.float64]],
    n: np.ndarray[tuple[int], np.dtype[np.float64]],
    k: np.ndarray[tuple[int], np.dtype[np.float64]],
    place: int,
) -> list[ProxyReading]:
    """Compare effective counts with those of the reference."""
    low, high = ratio_interval(k, n, np.full_like(k, k[place]), np.full_like(n, n[place]))
    rate0 = k[place] / n[place] if n[place] > 0 else math.nan
    found = []
    for i in range(len(n)):
        rate = float(k[i] / n[i]) if n[i] > 0 else math.nan
        enough = is_enough(float(k[i]), float(n[i]), float(k[place]), float(n[place]))
        ratio = rate / rate0 if rate0 > 0 else math.nan
        found.append(
            ProxyReading(float(size[i]), float(n[i]), rate, float(ratio), float(low[i]), float(high[i]), enough)
        )
    return found
