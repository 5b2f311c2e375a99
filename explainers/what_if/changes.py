"""What may be changed about an application, by the card: direction, range, step, and what moves with it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from data.card_schema import Card, FeatureBlock, Link, Unit
from data.errors import CandorError, Problem
from data.model_rows import RowShape
from data.policy import Policy

Value = float | str
"""A number, or the level of a category."""
STEPS = {
    Unit.DOLLARS: 100.0,
    Unit.NT_DOLLARS: 1000.0,
    Unit.THOUSAND_DOLLARS: 1.0,
    Unit.SHARE: 0.01,
    Unit.RATIO: 0.01,
    Unit.YEARS: 0.5,
    Unit.NONE: 0.01,
}
"""Steps of numbers for which the card gives none; 1 for all other units."""
SLACK = 1e-6
"""A typed value counts as on a step when it lies within a millionth of the step."""
MOST_CHANGES = 40
"""Signals that one question may change."""


class ChangeProblems(CandorError):
    """A change that the card does not allow; every problem is in `problems`."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        listed = " ".join(f"{p.place}: found {p.found}; allowed: {p.allowed}." for p in problems)
        super().__init__("This change cannot be tried", listed, "Mend every point, or reset the changes.")


@dataclass(frozen=True)
class Allowed:
    """How one signal of one application may be changed."""

    name: str
    """The signal's name in the model."""
    feature: FeatureBlock
    """Its block of the card."""
    value: Value
    """The value on file."""
    low: float
    """Lowest allowed value, signal units; −inf without a limit. Not used for categories."""
    high: float
    """Highest allowed value; inf without a limit."""
    step: float
    """Distance of allowed values."""
    origin: float
    """Allowed values are whole steps away from this one."""
    levels: tuple[str, ...]
    """Other levels of a category; empty for numbers."""

    @property
    def first_up(self) -> float:
        """Return the lowest allowed value above the one on file."""
        return self.on_grid(math.floor((float(self.value) - self.origin) / self.step + SLACK) + 1)

    @property
    def first_down(self) -> float:
        """Return the highest allowed value below the one on file."""
        return self.on_grid(math.ceil((float(self.value) - self.origin) / self.step - SLACK) - 1)

    def on_grid(self, steps: int) -> float:
        """Return the value so many steps from the origin, without the dust of floating point."""
        return round(self.origin + steps * self.step, 9)

    @property
    def ends(self) -> tuple[float, float]:
        """Return the lowest and the highest value that a change may reach, the one on file left out."""
        direction = self._direction
        low = self.low if direction != "up" else max(self.low, self.first_up)
        high = self.high if direction != "down" else min(self.high, self.first_down)
        return low, high

    @property
    def _direction(self) -> str:
        return "either" if self.feature.actionable is None else self.feature.actionable.direction

    @property
    def open(self) -> bool:
        """Return whether there is any other value to change to."""
        low, high = self.ends
        return bool(self.levels) if isinstance(self.value, str) or self.levels else low <= high

    def typed(self, value: Value | None) -> Value | None:
        """Return a word of a link as the number it writes; anything else as it is."""
        if self.levels or not isinstance(value, str):
            return value
        try:
            return float(value)
        except ValueError:
            return value

    def problem(self, value: object) -> Problem | None:
        """Return what is wrong with a new value; None for an allowed one."""
        if self.levels:
            allowed = f"one of {', '.join(self.feature.levels.get(x, x) for x in self.levels)}"
            return None if value in self.levels else self._say("another value", allowed)
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            return self._say("no number", "a number")
        low, high = self.ends
        if self._direction == "up" and value <= float(self.value):
            return self._say("a lower value, or the same", "a higher value than the one on file")
        if self._direction == "down" and value >= float(self.value):
            return self._say("a higher value, or the same", "a lower value than the one on file")
        if not low - SLACK * self.step <= value <= high + SLACK * self.step:
            return self._say("a value outside the range", self._range())
        steps = (value - self.origin) / self.step
        if abs(steps - round(steps)) > SLACK:
            return self._say("a value between two steps", f"steps of {self.step:g} from {self.origin:g}")
        return None

    def snap(self, value: Value) -> Value:
        """Return an allowed value exactly as the search writes it, so that equal questions are equal."""
        if isinstance(value, str):
            return value
        return self.on_grid(round((value - self.origin) / self.step))

    def _range(self) -> str:
        ends = [f"at least {self.low:g}" if self.low > -math.inf else "", f"at most {self.high:g}"]
        return " and ".join(e for e in ends if e and "inf" not in e) or "any number"

    def _say(self, found: str, allowed: str) -> Problem:
        return Problem(self.feature.label, found, allowed, "Change the value.")


def allowed_changes(card: Card, shape: RowShape, row: Mapping[str, Any], policy: Policy) -> dict[str, Allowed]:
    """Return every signal of an application that this viewer may change, by name, in the card's order.

    A signal without a value on file cannot change: which way would be up is not known. Partners change signals whose
    labels are approved for them.

    Parameters
    ----------
    card : Card
        Says what is actionable.
    shape : RowShape
        The model's categories.
    row : mapping
        Values of one application by signal.
    policy : Policy
        The viewer's row of the policy table.
    """
    found = {}
    for name, feature in card.features.items():
        hidden = policy.signals != "every signal" and feature.audience != "partner"
        if feature.actionable is None or hidden or name not in row or is_missing(row[name]):
            continue
        one = _allowed(name, feature, shape, row[name])
        if one.open:
            found[name] = one
    return found


def _allowed(name: str, feature: FeatureBlock, shape: RowShape, value: object) -> Allowed:
    act = feature.actionable
    levels: tuple[str, ...] = ()
    if isinstance(value, str) or feature.unit is Unit.CATEGORY:
        known = [str(level) for level in shape.categories.get(name, ())] or list(feature.levels)
        listed = [level for level in known if not feature.levels or level in feature.levels]
        levels = tuple(level for level in listed if level != level_key(value))
    plain = value if isinstance(value, str) else float(value)  # type: ignore[arg-type]
    low, high, step = (None, None, None) if act is None else (act.minimum, act.maximum, act.step)
    return Allowed(
        name=name,
        feature=feature,
        value=level_key(value) if levels else plain,
        low=-math.inf if low is None else low,
        high=math.inf if high is None else high,
        step=step or STEPS.get(feature.unit, 1.0),
        origin=low or 0.0,
        levels=levels,
    )


def level_key(value: object) -> str:
    """Return how the card names a level: text as it is, numbers without needless digits."""
    return value if isinstance(value, str) else f"{float(value):g}"  # type: ignore[arg-type]


def check_changes(
    card: Card, allowed: Mapping[str, Allowed], row: Mapping[str, Any], changes: Mapping[str, Value | None]
) -> dict[str, Value]:
    """Return the changes as they will be tried, or say all that is wrong with them at once.

    Parameters
    ----------
    card : Card
        Holds the links.
    allowed : mapping
        From `allowed_changes`.
    row : mapping
        Values on file by signal.
    changes : mapping of str to number or text
        New values by signal, as typed.

    Raises
    ------
    ChangeProblems
        A signal that is unknown or cannot be changed here (the two look alike on purpose), a wrong direction, a value
        outside the range, between two steps or of no known level, or a linked signal that would leave its range.
    """
    problems = []
    if len(changes) > MOST_CHANGES:
        problems.append(Problem("Changes", f"{len(changes)} of them", f"at most {MOST_CHANGES}", "Change fewer."))
    typed = {n: allowed[n].typed(v) if n in allowed else v for n, v in changes.items()}
    for position, (name, value) in enumerate(typed.items(), start=1):
        if name in allowed:
            problem = allowed[name].problem(value)
            problems += [problem] if problem else []
        else:
            problems.append(Problem(f"Change {position}", "another signal", "a signal that can be changed here", ""))
    if problems:
        raise ChangeProblems(problems)
    clean = {name: allowed[name].snap(value) for name, value in typed.items() if value is not None}
    wrong = [name for name, value in linked_moves(card, row, clean).items() if not may_move(card, name, row, value)]
    if wrong:
        found = sorted({(_cause(card, name, clean), _named(card, allowed, name)) for name in wrong})
        raise ChangeProblems([Problem(p, f"a change that takes {n} too far", _LINKED, "") for p, n in found])
    return clean


_LINKED = "changes after which every linked signal is still within its own direction and range"


def _named(card: Card, allowed: Mapping[str, Allowed], name: str) -> str:
    """Name a signal that moves along, where the viewer may change it too and so knows it."""
    return f"“{card.features[name].label}”, which is linked to it," if name in allowed else "a linked signal"


def _cause(card: Card, moved: str, changes: Mapping[str, Value]) -> str:
    drivers = [link.when for link in card.links if link.when in changes and moved in (*link.same, *link.opposite)]
    return " and ".join(card.features[name].label for name in drivers)


def link_of(card: Card, name: str) -> Link | None:
    """Return the card's link of a signal that a person changes, if it has one."""
    return next((link for link in card.links if link.when == name), None)


def linked_moves(card: Card, row: Mapping[str, Any], changes: Mapping[str, Value]) -> dict[str, float]:
    """Return the values of signals that move with changed ones.

    A signal that is changed itself keeps its own new value. Ratios need positive numbers: where the value on file is
    zero, negative or missing, nothing moves with it.

    Parameters
    ----------
    card : Card
        Holds the links.
    row : mapping
        Values on file by signal.
    changes : mapping
        New values by signal.

    Returns
    -------
    dict
        New values by signal, in signal units; infinite or negative where a link makes no sense.
    """
    moved: dict[str, float] = {}
    for name, value in changes.items():
        link, old = link_of(card, name), row[name]
        if link is None or isinstance(value, str) or is_missing(old) or old <= 0:
            continue
        for other in (*link.same, *link.opposite):
            if other in changes or is_missing(row[other]):
                continue
            now = moved.get(other, float(row[other]))
            up, down = (value, old) if other in link.same else (old, value)
            moved[other] = now * (up / down) if down else math.copysign(math.inf, now)
    return moved


def may_move(card: Card, name: str, row: Mapping[str, Any], value: float) -> bool:
    """Return whether a linked signal stays within its own direction and range."""
    act, old = card.features[name].actionable, float(row[name])
    if value == old:
        return True
    if act is None or not math.isfinite(value):
        return False
    if value > old:
        return act.direction != "down" and (act.maximum is None or value <= act.maximum)
    return act.direction != "up" and (act.minimum is None or value >= act.minimum)


def changed_row(card: Card, row: Mapping[str, Any], changes: Mapping[str, Value]) -> dict[str, Any]:
    """Return an application's values with changes and all that moves with them; the row itself stays as it is."""
    changed = dict(row)
    for name, value in {**changes, **linked_moves(card, row, changes)}.items():
        as_number = isinstance(value, str) and not isinstance(row[name], str)
        changed[name] = float(value) if as_number else value
    return changed


def is_missing(value: object) -> bool:
    """Return whether a value is not on file: None or NaN."""
    return value is None or value is pd.NA or value != value
