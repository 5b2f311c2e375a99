"""Cutting a signal's values into steps, and naming them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from data.card_schema import FeatureBlock, Unit
from data.summaries import Summaries
from explainers.signals.result import Bin, Step
from explainers.style import percent, with_unit

FINE = tuple(i / 200 for i in range(1, 200))
"""Shares of the applications that lie below the values asked for."""
STEPS = 20
"""Steps of a number at most; a number with no more different values has one step for each."""
LEVELS = 20
"""Categories shown at most, the most common ones."""
BINS = 30
"""Stretches of the picture of where the applications are."""


def fine_values(sums: Summaries, name: str) -> tuple[float, ...]:
    """Return the values of a number at every half percent of the applications; empty without any value."""
    return tuple(sums.quantiles(name, FINE))


def step_edges(fine: Sequence[float], most: int = STEPS, *, ends: bool = False) -> tuple[float, ...]:
    """Return the limits between steps that hold about the same number of applications.

    Parameters
    ----------
    fine : sequence of float
        From `fine_values`.
    most : int
        Steps at most.
    ends : bool
        Whether one percent at either end gets a step of its own, as ends reach far out.

    Returns
    -------
    tuple of float
        Ascending. Of a number with few different values, every value. Else rounded to what a person reads.
    """
    values = sorted(set(fine))
    if len(values) <= most:
        return tuple(values)
    places = [round(k * (len(fine) + 1) / most) - 1 for k in range(1, most)]
    if ends:
        places = [1, *places, len(fine) - 2]
    unit = 10.0 ** math.floor(math.log10((values[-1] - values[0]) / (2 * most)))
    rounded = {round(round(fine[place] / unit) * unit, 12) for place in places}
    return tuple(sorted(rounded)) if len(rounded) > 1 else tuple(sorted({fine[place] for place in places}))


def read_steps(
    frame: pd.DataFrame, edges: Sequence[float], feature: FeatureBlock, *, number: bool, least: int
) -> tuple[tuple[Step, ...], Step | None, int]:
    """Return the steps of a summary by value, the missing ones, and how many applications lie in too small ones.

    Parameters
    ----------
    frame : DataFrame
        From `Summaries.by_value`.
    edges : sequence of float
        The limits it was asked with.
    feature : FeatureBlock
        Unit and words of the signal.
    number : bool
        Whether the values are numbers.
    least : int
        A step of fewer applications is left out.
    """
    steps, missing, left_out = [], None, 0
    for row in frame.to_dict("records"):
        none = pd.isna(row["step"])
        step = _missing(row, feature) if none else _of_number(row, edges, feature) if number else _level(row, feature)
        if step.n < least:
            left_out += step.n
        elif none:
            missing = step
        else:
            steps.append(step)
    if not number and len(steps) > LEVELS:
        common = sorted(steps, key=lambda s: -s.n)
        steps, rest = common[:LEVELS], common[LEVELS:]
        left_out += sum(step.n for step in rest)
    if not number:
        steps.sort(key=lambda s: (s.mean, s.words))
    return tuple(steps), missing, left_out


def _figures(row: dict[Any, Any]) -> dict[str, Any]:
    figures = {"n": int(row["n"]), "approved": int(row["approved"]), "mean": float(row["mean"])}
    figures |= {"raw": float(row["raw"]), "raw_error": float(row["raw_error"])}
    return figures | {"p10": float(row["low"]), "p90": float(row["high"])}


def _missing(row: dict[Any, Any], feature: FeatureBlock) -> Step:
    return Step(words=feature.missing_means, low=None, high=None, value=None, **_figures(row))


def _level(row: dict[Any, Any], feature: FeatureBlock) -> Step:
    level = str(row["step"])
    return Step(words=feature.levels.get(level, level), low=None, high=None, value=None, **_figures(row))


def _of_number(row: dict[Any, Any], edges: Sequence[float], feature: FeatureBlock) -> Step:
    place, value = int(row["step"]), float(row["value"])
    low = edges[place - 1] if place > 0 else None
    high = edges[place] if place < len(edges) else None
    words = range_words(low, high, feature, only=value)
    return Step(words=words, low=low, high=high, value=value, **_figures(row))


def range_words(low: float | None, high: float | None, feature: FeatureBlock, *, only: float | None = None) -> str:
    """Write a range of values; `only` is their mean: where it is the lower end, there is no other value."""
    if low is not None and only is not None and math.isclose(low, only, rel_tol=1e-9, abs_tol=1e-12):
        return value_words(low, feature)
    if low is None:
        return "any value" if high is None else f"under {value_words(high, feature)}"
    if high is None:
        return f"{value_words(low, feature)} or more"
    return f"{value_words(low, feature)} to under {value_words(high, feature)}"


def value_words(value: float, feature: FeatureBlock) -> str:
    """Write a value of a number with its unit."""
    return with_unit(value, feature.unit, levels=feature.levels, missing=feature.missing_means)


def is_ordered(feature: FeatureBlock, *, number: bool) -> bool:
    """Return whether a signal's values lie on a line for people: numbers that are no codes."""
    return number and not feature.levels and feature.unit not in {Unit.CATEGORY, Unit.YES_NO}


def read_bins(sums: Summaries, name: str, fine: Sequence[float]) -> tuple[Bin, ...]:
    """Count the applications in equal stretches between the half percent at either end; none of few values."""
    if len(set(fine)) <= STEPS:
        return ()
    low, high = fine[0], fine[-1]
    counts = sums.count_evenly(name, low, high, BINS)
    return tuple(
        Bin(float(a), float(b), n) for (a, b), n in zip(pairwise(np.linspace(low, high, BINS + 1)), counts, strict=True)
    )


def band_words(low: float | None, high: float | None, *, is_probability: bool) -> str:
    """Write a band of the estimate."""
    ends = [None if end is None else percent(end) if is_probability else f"{end:g}" for end in (low, high)]
    if ends[0] is None:
        return "any estimate" if ends[1] is None else f"under {ends[1]}"
    return f"{ends[0]} or more" if ends[1] is None else f"{ends[0]} to under {ends[1]}"
