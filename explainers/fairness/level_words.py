"""Estimates beside outcomes by group and level, in words and tables. Made from the result alone."""

from __future__ import annotations

import pandas as pd
from scipy.stats import binom

from explainers.fairness.levels import Level, LevelsResult
from explainers.fairness.words import name_people
from explainers.style import percent, whole

MISSES = 0.05
"""Share of 95 % intervals that miss by chance alone; a finding is named where chance misses as often this rarely."""


def say_levels(result: LevelsResult) -> str:
    """Return whether estimates hold at every level, for every group."""
    judged = result.judged
    if not judged:
        return "Too few outcomes are known to compare groups level by level"
    off, surest = sum(not one.holds for one in judged), result.surest
    if surest is None or float(binom.sf(off - 1, len(judged), MISSES)) >= MISSES:
        return f"Level by level, estimates miss no more often than chance explains: {off} of {len(judged)}"
    return (
        f"Level by level, {off} of {len(judged)} estimates miss, more than chance explains. The surest: "
        f"{name_people(surest.value)}, estimated {percent(surest.estimate, 1)}, found {percent(surest.found, 1)}"
    )


def say_levels_note(result: LevelsResult) -> str:
    """Return how the levels are made."""
    return (
        f"{whole(result.n)} applications with a known outcome, in five levels of the estimate with as many each. Dot: "
        "what was found. Line: 95 % interval. On the dotted line, what was found is what was estimated. Levels with "
        "too few applications of a group are left out."
    )


def say_levels_alt(result: LevelsResult) -> str:
    """Describe the picture for readers who do not see it."""
    return f"{say_levels(result)}. {'; '.join(_said(one) for one in result.judged)}."


def _said(one: Level) -> str:
    return f"{one.value}: estimated {percent(one.estimate, 1)}, found {percent(one.found, 1)}"


def table_levels(result: LevelsResult) -> pd.DataFrame:
    """Return every group at every level."""
    return pd.DataFrame(
        [
            {
                "Group": one.value,
                "Known outcomes": whole(one.n),
                "Mean estimate": percent(one.estimate, 1),
                "Share found": percent(one.found, 1) if one.enough else "too few",
                "95 % interval": f"{percent(one.low, 1)} to {percent(one.high, 1)}" if one.enough else "",
                "": "" if not one.enough else "within" if one.holds else "outside",
            }
            for one in result.levels
        ]
    )
