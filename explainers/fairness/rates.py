"""From counts to comparisons: rates, ratios, gaps, tests, and what is worth a closer look."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from scipy.stats import false_discovery_control

from explainers.assurance.intervals import newcombe
from explainers.fairness.intervals import LEAST_EXPECTED, LEAST_N, find_chance, needed_for, ratio_interval
from explainers.fairness.result import AttributeResult, Line, Settings


def compare_lines(counts: pd.DataFrame, reference: str, total: pd.Series[float], *, scores: bool) -> tuple[Line, ...]:
    """Return each group beside the one it is compared with.

    Parameters
    ----------
    counts : pandas.DataFrame
        Indexed by group: `n`, `approved`, `raw`, `raw_squares` (`data.protected_counts.FIGURES`).
    reference : str
        The group that others are compared with.
    total : pandas.Series
        The same figures over the whole cohort.
    scores : bool
        Whether differences of scores are wanted.

    Returns
    -------
    tuple of Line
        The reference first, then by size; nothing is judged worth a look yet.
    """
    if reference not in counts.index:
        return ()
    k, n = counts["approved"].to_numpy(float), counts["n"].to_numpy(float)
    place = int(np.flatnonzero(counts.index == reference)[0])
    k0, n0 = float(k[place]), float(n[place])
    low, high = ratio_interval(k, n, np.full_like(k, k0), np.full_like(n, n0))
    spread = _spread(total)
    mean0 = float(counts["raw"].iloc[place]) / max(n0, 1.0)
    lines = []
    for i, value in enumerate(map(str, counts.index)):
        line = compare_line(value, int(k[i]), int(n[i]), int(k0), int(n0), is_reference=value == reference)
        mean = float(counts["raw"].iloc[i]) / max(n[i], 1.0)
        gap = (mean - mean0) / spread if scores and spread > 0 and n[i] else math.nan
        lines.append(replace(line, ratio_low=float(low[i]), ratio_high=float(high[i]), score_gap=gap))
    return tuple(sorted(lines, key=lambda line: (not line.is_reference, -line.n, line.value)))


def judge(results: Sequence[AttributeResult], settings: Settings) -> tuple[tuple[AttributeResult, ...], int]:
    """Mark what is worth a closer look: large enough, more than chance over everything shown, and enough points.

    Parameters
    ----------
    results : sequence of AttributeResult
        Everything that is on the page.
    settings : Settings
        Screening values.

    Returns
    -------
    tuple
        The same with adjusted probabilities and marks, and how many comparisons there are.

    References
    ----------
    Benjamini and Hochberg, "Controlling the false discovery rate", JRSS B 57 (1995) 289-300.
    """
    chances = [line.chance for result in results for line in result.compared]
    adjusted = iter(false_discovery_control(chances) if chances else [])
    judged = []
    for result in results:
        lines = tuple(_judged(line, float(next(adjusted)), settings) if line.known else line for line in result.lines)
        judged.append(replace(result, lines=lines))
    return tuple(judged), len(chances)


def _judged(line: Line, adjusted: float, settings: Settings) -> Line:
    large = not settings.ratio_below <= line.ratio <= 1 / settings.ratio_below
    closer = large and adjusted < settings.chance and abs(line.gap) >= settings.least_points
    return replace(line, adjusted=adjusted, closer=bool(closer))


def compare_line(value: str, k: int, n: int, k0: int, n0: int, *, is_reference: bool) -> Line:
    """Compare one group with its reference; of the reference itself only rate and size are known."""
    rate, rate0 = (k / n if n else math.nan), (k0 / n0 if n0 else math.nan)
    enough, needed = is_enough(k, n, k0, n0), needed_for(k, n, k0, n0)
    gap_low, gap_high = newcombe((k, n), (k0, n0)) if n and n0 else (math.nan, math.nan)
    test, chance = find_chance(k, n, k0, n0) if enough and not is_reference else ("", math.nan)
    return Line(
        value=value,
        n=n,
        approved=k,
        rate=rate,
        is_reference=is_reference,
        enough=enough,
        needed=0 if enough else needed,
        ratio=rate / rate0 if n and k0 else math.nan,
        ratio_low=math.nan,
        ratio_high=math.nan,
        gap=rate - rate0,
        gap_low=gap_low,
        gap_high=gap_high,
        score_gap=math.nan,
        test=test,
        chance=chance,
        adjusted=math.nan,
        closer=False,
    )


def is_enough(k: float, n: float, k0: float, n0: float) -> bool:
    """Return whether both groups have enough applications, expected approvals and expected denials.

    Expected means: if both were approved at the rate of both together. A hundred applications say little about
    approval where two of a hundred are approved.
    """
    if min(n, n0) < LEAST_N:
        return False
    rate = (k + k0) / (n + n0)
    return min(n, n0) * min(rate, 1 - rate) >= LEAST_EXPECTED


def _spread(total: pd.Series[float]) -> float:
    """Return the standard deviation of the raw score over all applications (over all, as screening tools do)."""
    n = float(total["n"])
    if n < 2:
        return 0.0
    return math.sqrt(max(float(total["raw_squares"]) / n - (float(total["raw"]) / n) ** 2, 0.0))
