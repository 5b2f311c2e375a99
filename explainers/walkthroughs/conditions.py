"""Conditions of a claim: declared comparisons of facts. Nothing is evaluated."""

from __future__ import annotations

from collections.abc import Mapping

from explainers.walkthroughs.result import Fact, Value
from explainers.walkthroughs.script import Condition

WORDS = {
    "equals": "must be",
    "at_least": "must be at least",
    "at_most": "must be at most",
    "above": "must be above",
    "below": "must be below",
    "is_in": "must be one of",
}


def holds(condition: Condition, facts: Mapping[str, Fact]) -> bool:
    """Return whether a condition holds; a comparison of a number with a text never does.

    Parameters
    ----------
    condition : Condition
        Of a script that was checked.
    facts : mapping
        Name to fact; holds every fact of the condition.
    """
    value = facts[condition.fact].value
    if condition.rule == "is_true":
        return value is True
    if condition.rule == "is_in":
        return any(value == _like(value, one) for one in condition.values)
    other = facts[condition.other].value if condition.other is not None else _like(value, condition.value or "")
    if condition.rule == "equals":
        return value == other
    if isinstance(value, str) or isinstance(other, str) or other is None:
        return False
    return {
        "at_least": value >= other,
        "at_most": value <= other,
        "above": value > other,
        "below": value < other,
    }[condition.rule]


def _like(value: Value, text: str) -> Value | None:
    """Return a constant of a script as the kind of value it is compared with; None where it is none."""
    if isinstance(value, str):
        return text
    if isinstance(value, bool):
        return {"true": True, "false": False}.get(text.casefold())
    try:
        return float(text)
    except ValueError:
        return None


def say_failed(condition: Condition, facts: Mapping[str, Fact]) -> str:
    """Say which condition does not hold, with what was found."""
    fact = facts[condition.fact]
    if condition.rule == "is_true":
        return f"The claim needs {fact.label}; that is not so here."
    if condition.other is not None:
        allowed = f"{facts[condition.other].label} ({facts[condition.other].text})"
    else:
        allowed = " or ".join(condition.values) if condition.rule == "is_in" else str(condition.value)
    return f"Here {fact.label} is {fact.text}; for this claim it {WORDS[condition.rule]} {allowed}."
