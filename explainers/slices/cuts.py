"""What applications can be cut by, in steps, and a slice's conditions in words and as a cohort."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from data.card_schema import Card
from data.cohorts import Cohort, SignalCondition
from explainers.cohorts.words import name_cohort, name_condition
from explainers.slices.search import Condition, Splitter

MOST_LEVELS = 12
"""Categories that are told apart; rarer ones are never a slice of their own."""
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Cut:
    """One thing to cut by, with what its steps stand for."""

    splitter: Splitter
    """Applications in steps."""
    kind: str
    """"number", "category", "partner", "month" or "attribute"."""
    label: str
    """For people."""
    starts: tuple[float, ...] = ()
    """Of a number: the smallest value of each step."""
    ends: tuple[float, ...] = ()
    """Of a number: the largest value of each step."""
    levels: tuple[str, ...] = ()
    """Of all others: the value of each step."""


def cut_number(name: str, label: str, values: npt.NDArray[np.float64], half: Bools, steps: int) -> Cut:
    """Cut a number into steps of about equal size, by the values of one half of the applications."""
    known = values[half & ~np.isnan(values)]
    shares = np.linspace(0, 1, steps + 1)[1:-1]
    edges = np.unique(np.quantile(known, shares, method="inverted_cdf")) if len(known) else np.empty(0)
    edges = edges[edges > known.min()] if len(known) else edges
    place = np.where(np.isnan(values), -1, np.searchsorted(edges, values, side="right")).astype(np.int64)
    count = len(edges) + 1
    inside = [values[place == step] for step in range(count)]
    starts, ends = (tuple(float(how(v)) if len(v) else 0.0 for v in inside) for how in (np.min, np.max))
    return Cut(Splitter(name, place, count, ordered=True), "number", label, starts, ends)


def cut_levels(name: str, label: str, values: pd.Series[str], kind: str) -> Cut:
    """Cut by categories, partners, months (these in order) or the values of an attribute."""
    counts = values.value_counts()
    levels = sorted(counts.index) if kind == "month" else list(counts.index[:MOST_LEVELS])
    place = pd.Categorical(values, categories=levels).codes.astype(np.int64)
    return Cut(Splitter(name, place, max(len(levels), 1), kind == "month"), kind, label, levels=tuple(map(str, levels)))


def describe(conditions: Sequence[Condition], cuts: Sequence[Cut], card: Card) -> tuple[str, str]:
    """Return a slice in words and, where there is one, the text of the cohort of the same applications."""
    by_name, cohort, told = {cut.splitter.name: cut for cut in cuts}, Cohort(), []
    for condition in conditions:
        cut = by_name[condition.name]
        if cut.kind == "attribute":
            told.append(_of_attribute(cut, condition))
        else:
            cohort = _narrow(cohort, cut, condition)
    words = [name_cohort(cohort, card, is_probability=True)] if cohort.text else []
    return ", ".join([*words, *told]), "" if told else cohort.text


def _of_attribute(cut: Cut, condition: Condition) -> str:
    level = cut.levels[condition.step] if condition.step >= 0 else ""
    return {
        "is": f"{cut.label}: {level}",
        "is not": f"{cut.label}: not {level}",
        "missing": f"{cut.label}: none on file",
        "known": f"{cut.label}: on file",
    }[condition.kind]


def _narrow(cohort: Cohort, cut: Cut, condition: Condition) -> Cohort:
    """Add a condition to a cohort."""
    if cut.kind == "partner":
        named = cohort.partners or cut.levels
        return replace(cohort, partners=tuple(p for p in named if p in _levels(cut, condition)))
    if cut.kind == "month":
        first, last = _span(cut, condition)
        months = [m for m in (cohort.first_month, cut.levels[first]) if m]
        ends = [m for m in (cohort.last_month, cut.levels[last]) if m]
        return replace(cohort, first_month=max(months), last_month=min(ends))
    others = tuple(c for c in cohort.signals if c.name != condition.name)
    before = next((c for c in cohort.signals if c.name == condition.name), SignalCondition(condition.name))
    return replace(cohort, signals=(*others, _both(before, cut, condition)))


def _both(before: SignalCondition, cut: Cut, condition: Condition) -> SignalCondition:
    """Return a signal's condition together with the one before it on the same signal."""
    if condition.kind == "missing":
        return SignalCondition(condition.name, missing=True)
    if cut.kind == "category":
        kept = before.levels or cut.levels
        return replace(before, levels=tuple(level for level in kept if level in _levels(cut, condition)))
    first, last = _span(cut, condition)
    lows = [v for v in (before.low, cut.starts[first] if first else None) if v is not None]
    highs = [v for v in (before.high, cut.ends[last] if last < cut.splitter.count - 1 else None) if v is not None]
    if not lows and not highs:  # any value on file
        lows = [cut.starts[0]]
    elif cut.starts[first] == cut.ends[last]:  # one value: "no" reads better than "up to no"
        lows, highs = [*lows, cut.starts[first]], [*highs, cut.ends[last]]
    return replace(before, low=max(lows, default=None), high=min(highs, default=None))


def _levels(cut: Cut, condition: Condition) -> tuple[str, ...]:
    if condition.kind == "is":
        return (cut.levels[condition.step],)
    if condition.kind == "is not":
        return tuple(level for i, level in enumerate(cut.levels) if i != condition.step)
    return cut.levels


def _span(cut: Cut, condition: Condition) -> tuple[int, int]:
    """Return the first and last step that a condition means."""
    last = cut.splitter.count - 1
    spans = {"from": (condition.step, last), "below": (0, condition.step - 1), "is": (condition.step, condition.step)}
    return spans.get(condition.kind, (0, last))


def steps_of(cut: Cut, card: Card) -> list[tuple[Condition, str, str]]:
    """Return every step of a cut as a slice: its condition, its words and its cohort's text."""
    found = []
    for step in range(cut.splitter.count):
        condition = Condition(cut.splitter.name, "is", step)
        found.append((condition, *_step_words(cut, condition, card)))
    if (cut.splitter.steps < 0).any() and cut.kind in ("number", "category"):
        missing = Condition(cut.splitter.name, "missing")
        found.append((missing, *describe([missing], [cut], card)))
    return found


def _step_words(cut: Cut, condition: Condition, card: Card) -> tuple[str, str]:
    if cut.kind != "number":
        return describe([condition], [cut], card)
    one = SignalCondition(condition.name, cut.starts[condition.step], cut.ends[condition.step])
    return name_condition(one, card.features.get(condition.name)), Cohort(signals=(one,)).text
