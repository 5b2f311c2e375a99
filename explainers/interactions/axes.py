"""Sorting a sample into steps of a signal's values, or of what a family moved."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from data.card_schema import FeatureBlock, Unit
from explainers.signals.steps import FINE, range_words, step_edges, value_words

UNITS = {
    Unit.DOLLARS: "dollars",
    Unit.NT_DOLLARS: "NT dollars",
    Unit.THOUSAND_DOLLARS: "thousand dollars",
    Unit.PERCENT: "%",
    Unit.SHARE: "%",
    Unit.DAYS: "days",
    Unit.MONTHS: "months",
    Unit.YEARS: "years",
    Unit.POINTS: "points",
}
"""Units of the short words of steps; other units have none."""
STEPS = 6
"""Steps of values at most; applications without a value are one more."""
MOVES = ("lowers most", "in between", "raises most")
"""Thirds of what a family moved, for people."""
Ints = npt.NDArray[np.int64]
OTHERS = -1
"""Place of applications that are in no step."""


@dataclass(frozen=True, eq=False)
class Axis:
    """Steps, and where each application of a sample stands."""

    words: tuple[str, ...]
    """Steps for people, ascending; categories by how common they are."""
    short: tuple[str, ...]
    """The same in a few letters, without units, for narrow cells."""
    place: npt.NDArray[np.int64] = field(repr=False)
    """Step of each application, (n,); −1 for none."""


def axis_of_values(values: pd.Series[Any], feature: FeatureBlock, *, number: bool, least: int) -> Axis:
    """Sort applications by the values of a signal; those without a value are the last step.

    A step of a number with fewer than `least` applications would have empty cells only: it is joined to its neighbour.
    """
    known = values.notna().to_numpy()
    words, short, place = _numbers(values[known], feature, least) if number else _levels(values[known], feature)
    whole = np.full(len(values), len(words), dtype=np.int64)
    whole[known] = place
    if known.all():
        return Axis(words, short, whole)
    return Axis((*words, feature.missing_means), (*short, "no value"), whole)


def _numbers(
    values: pd.Series[Any], feature: FeatureBlock, least: int
) -> tuple[tuple[str, ...], tuple[str, ...], Ints]:
    numbers = values.to_numpy(dtype=np.float64)
    if not len(numbers):
        return (), (), np.zeros(0, dtype=np.int64)
    edges = _joined(step_edges(np.quantile(numbers, FINE, method="inverted_cdf").tolist(), STEPS), numbers, least)
    found = np.searchsorted(np.array(edges), numbers, side="right")
    steps = np.unique(found)
    place: Ints = np.asarray(np.searchsorted(steps, found), dtype=np.int64)
    ends = [None, *edges, None]
    ranges = [(ends[step], ends[step + 1], float(numbers[found == step].mean())) for step in steps]
    words = tuple(range_words(low, high, feature, only=only) for low, high, only in ranges)
    return words, tuple(_short(low, high, only, feature) for low, high, only in ranges), place


def _joined(edges: Sequence[float], numbers: npt.NDArray[np.float64], least: int) -> list[float]:
    """Drop edges until every step between them holds `least` values or none, or one step is left."""
    kept = list(edges)
    while kept:
        sizes = np.bincount(np.searchsorted(np.array(kept), numbers, side="right"), minlength=len(kept) + 1)
        small = np.flatnonzero((sizes > 0) & (sizes < least))
        if not len(small) or np.count_nonzero(sizes) == 1:
            break
        kept.pop(max(int(small[-1]) - 1, 0))
    return kept


def _short(low: float | None, high: float | None, only: float, feature: FeatureBlock) -> str:
    """Write a range in a few letters: "16–20"; a value with words of its own keeps them."""
    if low is not None and math.isclose(low, only, rel_tol=1e-9, abs_tol=1e-12):
        codes = bool(feature.levels) or feature.unit in {Unit.YES_NO, Unit.CATEGORY}
        return value_words(low, feature) if codes else _brief(low, feature.unit)
    if low is None:
        return "all" if high is None else f"under {_brief(high, feature.unit)}"
    return f"{_brief(low, feature.unit)}+" if high is None else "–".join(_brief(v, feature.unit) for v in (low, high))


def _brief(value: float, unit: Unit) -> str:
    value = value * 100 if unit is Unit.SHARE else value
    return f"{value / 1000:.4g}k" if abs(value) >= 10_000 else f"{value:.4g}"


def _levels(values: pd.Series[Any], feature: FeatureBlock) -> tuple[tuple[str, ...], tuple[str, ...], Ints]:
    said = values.astype(str)
    common = [str(level) for level in said.value_counts().index[:STEPS]]
    order = {level: at for at, level in enumerate(common)}
    place: Ints = np.array([order.get(level, OTHERS) for level in said], dtype=np.int64)
    words = tuple(feature.levels.get(level, level) for level in common)
    return words, words, place


def axis_of_moves(moved: npt.NDArray[np.float64]) -> Axis:
    """Sort applications into thirds by what a family moved: no value of any signal can be read from these steps."""
    place = np.searchsorted(np.quantile(moved, (1 / 3, 2 / 3)), moved, side="right").astype(np.int64)
    return Axis(MOVES, MOVES, place)
