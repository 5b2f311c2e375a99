"""The sentences of similar applications. Made from the result alone."""

from __future__ import annotations

import pandas as pd

from explainers.compare.similar import Similar, SimilarResult
from explainers.style import MINUS, amount, percent, points, whole

SAID = 3
"""Differences told of one application."""


def say_estimate(result: SimilarResult, value: float) -> str:
    """Write an estimate on its scale."""
    return percent(value, 1) if result.is_probability else f"{value:,.2f}".replace("-", MINUS)


def say_points(result: SimilarResult, value: float) -> str:
    """Write a signed difference of estimates."""
    return points(value) if result.is_probability else amount(value, 2)


def say_similar(result: SimilarResult) -> str:
    """Return the headline: how the most similar applications were decided."""
    same = sum(one.decision == result.decision for one in result.others)
    if same == result.n == 1:
        return f"The most similar application was {result.decision} too."
    if same == result.n:
        return f"The {result.n} most similar applications were {result.decision} too."
    other = "approved" if result.decision == "declined" else "declined"
    verb, rest = "was" if same == 1 else "were", result.n - same
    return f"Of the {result.n} most similar applications {same} {verb} {result.decision} too and {rest} {other}."


def say_similar_context(result: SimilarResult) -> str:
    """Return the sentence under the headline."""
    return (
        f"Application {result.application_id} was {result.decision} at an estimate of"
        f" {say_estimate(result, result.estimate)}. These are the closest of the"
        f" {whole(result.n_total)} others that are set against the same group."
    )


def say_one(result: SimilarResult, one: Similar) -> tuple[str, ...]:
    """Say what differs between the application asked for and a similar one, the largest first."""
    rows = []
    for gap in one.gaps[:SAID]:
        if say_points(result, gap.apart) == say_points(result, 0.0):
            continue
        way = "higher" if gap.apart > 0 else "lower"
        size = say_points(result, abs(gap.apart)).lstrip("+")
        rows.append(f"“{gap.label}” puts it {size} {_unit(result)} {way}.")
    return tuple(rows) or ("Every family moved it the same, as far as can be shown.",)


def say_title(result: SimilarResult, one: Similar) -> str:
    """Return the title of a similar application."""
    return f"{one.application_id}: {one.decision}, estimate {say_estimate(result, one.estimate)}"


def table_similar(result: SimilarResult) -> pd.DataFrame:
    """Return one row per family: what it moved here and in each similar application."""
    factor, unit = (100.0, "points") if result.is_probability else (1.0, "units")
    first = sorted(result.others[0].gaps, key=lambda g: g.label) if result.others else []
    columns: dict[str, list[object]] = {
        "Family": [g.label for g in first],
        f"{result.application_id} ({unit})": [round(g.here * factor, 1) for g in first],
    }
    for one in result.others:
        gaps = sorted(one.gaps, key=lambda g: g.label)
        columns[f"{one.application_id} ({unit})"] = [round(g.there * factor, 1) for g in gaps]
    return pd.DataFrame(columns)


def _unit(result: SimilarResult) -> str:
    return "percentage points" if result.is_probability else "units"


def say_how_to_read(*, counted: bool) -> tuple[str, ...]:
    """Return the paragraphs of "How to read this"; `counted` says whether look-ups are limited."""
    return (*HOW_TO_READ, "Each application shown here counts as a look-up.") if counted else HOW_TO_READ


HOW_TO_READ = (
    "Two applications are alike when the families of signals moved their scores alike. The distance is the sum of the"
    " differences over all families.",
    "Only applications that were compared with the same group are looked at, whatever was decided about them.",
    "Each difference says how much higher or lower a family puts the estimate there than here.",
)
LIMITS = (
    "Alike for the model is not alike in life. Two people can get the same estimate for different values.",
    "A similar application that was decided otherwise is no error by itself: estimates near the cut-off fall on both"
    " sides, and rules outside the model count too.",
)
