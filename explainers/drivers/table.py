"""The figures of Drivers as tables. Made from the results alone."""

from __future__ import annotations

import math
from collections.abc import Iterable

import pandas as pd

from explainers.drivers import cross_words, words
from explainers.drivers.result import (
    AbsenceResult,
    ContrastResult,
    CrossCheckResult,
    Driver,
    DriversResult,
    SignalsResult,
)
from explainers.markup import render

FIGURES = 4
"""Figures kept of a number that is no share."""


def table_families(result: DriversResult) -> pd.DataFrame:
    """Return every family with its figures; points for a probability, else the estimate's own units."""
    frame = _table(result.families, is_probability=result.is_probability)
    total = sum(family.size for family in result.families) or 1.0
    frame["Share of all bars (%)"] = [round(family.size / total * 100, 1) for family in result.families]
    return frame.rename(columns={"Signal": "Family"})


def table_signals(result: SignalsResult) -> pd.DataFrame:
    """Return the signals shown, with their families and figures."""
    frame = _table(result.rows, is_probability=result.is_probability)
    frame.insert(1, "Family", [row.family for row in result.rows])
    return frame


def _table(rows: tuple[Driver, ...], *, is_probability: bool) -> pd.DataFrame:
    unit = _unit(is_probability=is_probability)
    columns = {"Average size": "size", "Average with sign": "mean", "8 of 10 from": "low", "to": "high"}
    frame = pd.DataFrame({"Signal": [row.label for row in rows]})
    for head, name in columns.items():
        frame[f"{head} ({unit})"] = _column((getattr(row, name) for row in rows), is_probability=is_probability)
    frame["Raised (% of applications)"] = [round(row.up * 100, 1) for row in rows]
    return frame


def table_contrast(result: ContrastResult) -> pd.DataFrame:
    """Return every family on both sides; points for a probability, else the estimate's own units."""
    unit = _unit(is_probability=result.is_probability)
    columns = {
        f"Average, {result.first}": "first",
        f"Average, {result.second}": "second",
        "Difference": "gap",
        f"Average size, {result.first}": "first_size",
        f"Average size, {result.second}": "second_size",
    }
    frame = pd.DataFrame({"Family": [p.label for p in result.pairs]})
    for head, name in columns.items():
        values = (getattr(p, name) for p in result.pairs)
        frame[f"{head} ({unit})"] = _column(values, is_probability=result.is_probability)
    return frame


def table_cross_check(result: CrossCheckResult) -> pd.DataFrame:
    """Return every family in both ways of ranking."""
    unit = _unit(is_probability=result.is_probability)
    pairs = result.metric == "pairs ranked rightly"
    head = "Pairs of 100 lost by shuffling" if pairs else f"Estimate moved by shuffling ({unit})"
    return pd.DataFrame(
        {
            "Family": [row.label for row in result.rows],
            f"Average size ({unit})": _column((r.size for r in result.rows), is_probability=result.is_probability),
            head: _column((r.lost for r in result.rows), is_probability=pairs or result.is_probability),
        }
    )


def _unit(*, is_probability: bool) -> str:
    return "points" if is_probability else "units"


def _column(values: Iterable[float], *, is_probability: bool) -> list[float]:
    """Return figures as numbers, in percentage points or with a few figures; never a minus before zero."""
    if is_probability:
        return [round(value * 100, 2) + 0.0 for value in values]
    return [value if math.isnan(value) else float(f"{value:.{FIGURES}g}") + 0.0 for value in values]


def table_unused(result: AbsenceResult) -> pd.DataFrame:
    """Return the signals that no tree of the model asks for, as far as the viewer may know their names."""
    frame = pd.DataFrame({"Not used by the model": [one.label for one in result.unused]})
    names = [one.name for one in result.unused]
    return frame.assign(Name=names) if any(names) else frame


def table_absence(result: AbsenceResult) -> str:
    """Draw what the model does not use and must not use, as an HTML fragment, every value escaped."""
    return render("solid.html", title=cross_words.say_absence_title(result), checks=cross_words.say_absence(result))


def table_technical(result: DriversResult) -> str:
    """Draw how the figures are computed, as an HTML fragment, every value escaped."""
    return render("solid.html", title="How it is computed", checks=words.say_technical(result))


def table_cross_check_note(result: CrossCheckResult) -> str:
    """Draw the finding of the second way of ranking, as an HTML fragment, every value escaped."""
    checks = [("How it works", cross_words.say_cross_check(result))]
    if differs := cross_words.say_differences(result):
        checks.append(("Where they differ", differs))
    return render("solid.html", title=cross_words.say_cross_check_title(result), checks=checks)
