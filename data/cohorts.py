"""Cohorts: some of the applications, by conditions a person can name, and their short text for links.

A cohort is a rule, never a list of applications: it means the same on the next snapshot. Its text is what stands
in links and in the workspace, for example ``decision:declined;month:2026-01..2026-03;signal.income:..40000``. Only
`data.summaries` turns a cohort into a query; every value goes in as a parameter.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from urllib.parse import quote, unquote

from data.errors import InputProblems, Problem

LONGEST = 2000
"""Characters of a cohort's text."""
MONTH = re.compile(r"^(\d{4})-(0[1-9]|1[0-2])$")
MISSING = "missing"
OUTCOMES = {"happened": 1, "did not": 0}
DECISIONS = ("approved", "declined")


@dataclass(frozen=True)
class SignalCondition:
    """What holds of one signal: a range of numbers, some categories, or that it has no value."""

    name: str
    """The signal."""
    low: float | None = None
    """Smallest value, included; None without one."""
    high: float | None = None
    """Largest value, included; None without one."""
    levels: tuple[str, ...] = ()
    """Categories, any of which may hold."""
    missing: bool = False
    """True: the signal has no value."""


@dataclass(frozen=True)
class GroupCondition:
    """What holds of one protected attribute."""

    name: str
    """The attribute, as the card names it."""
    values: tuple[str, ...]
    """Any of these."""


@dataclass(frozen=True)
class Cohort:
    """Conditions that all hold of the applications of a cohort; the empty one is every application."""

    partners: tuple[str, ...] = ()
    """Any of these partners."""
    decision: str | None = None
    """"approved" or "declined"."""
    first_month: str | None = None
    """Earliest month of application, "2026-01"."""
    last_month: str | None = None
    """Latest month of application, included."""
    low: float | None = None
    """Lowest estimate, included; the estimate's own scale."""
    high: float | None = None
    """Highest estimate, included."""
    outcome: str | None = None
    """"happened" or "did not": only applications with a known outcome."""
    signals: tuple[SignalCondition, ...] = ()
    """Conditions on signals, one for each."""
    groups: tuple[GroupCondition, ...] = ()
    """Conditions on protected attributes, one for each; for viewers who may see every group."""

    @property
    def text(self) -> str:
        """Return the cohort's short text; equal cohorts have equal texts, every application has ""."""
        return write_cohort(self)


class CohortProblems(InputProblems):
    """A cohort that cannot be used, with every reason."""


EVERYONE = Cohort()


def write_cohort(cohort: Cohort) -> str:
    """Return the short text of a cohort.

    Parameters
    ----------
    cohort : Cohort
        Any.

    Returns
    -------
    str
        Parts of the form ``what:value``, joined by semicolons, in a fixed order.
    """
    parts = [
        ("partner", "|".join(_quoted(name) for name in sorted(set(cohort.partners)))),
        ("decision", cohort.decision or ""),
        ("month", _range(cohort.first_month, cohort.last_month, str)),
        ("estimate", _range(cohort.low, cohort.high, _number)),
        ("outcome", cohort.outcome or ""),
    ]
    parts += [(f"signal.{_quoted(c.name)}", _condition(c)) for c in sorted(cohort.signals, key=lambda c: c.name)]
    parts += [
        (f"group.{_quoted(c.name)}", "|".join(_quoted(value) for value in sorted(set(c.values))))
        for c in sorted(cohort.groups, key=lambda c: c.name)
    ]
    return ";".join(f"{what}:{value}" for what, value in parts if value)


def read_cohort(text: str) -> Cohort:
    """Return the cohort of a short text.

    Parameters
    ----------
    text : str
        As from `write_cohort`; "" is every application.

    Raises
    ------
    CohortProblems
        With every part that cannot be read.
    """
    if len(text) > LONGEST:
        raise _problems([("the cohort", f"{len(text):,} characters", f"at most {LONGEST:,}")])
    cohort, wrong, seen = EVERYONE, [], set()
    for part in filter(None, text.split(";")):
        what, _, value = part.partition(":")
        kind, _, name = what.partition(".")
        if what in seen:
            wrong.append((f"{what[:40]}", "given twice", "once"))
        seen.add(what)
        try:
            cohort = _READ[kind](cohort, unquote(name), value)
        except (KeyError, ValueError):
            wrong.append((f"the part “{what[:40]}”", "something that cannot be read", "a part that Candor writes"))
    wrong += _contradictions(cohort)
    if wrong:
        raise _problems(wrong)
    return cohort


def _contradictions(cohort: Cohort) -> list[tuple[str, str, str]]:
    """Return ranges that run backwards."""
    ranges: list[tuple[str, object, object]] = [
        ("month", cohort.first_month, cohort.last_month),
        ("estimate", cohort.low, cohort.high),
        *((c.name, c.low, c.high) for c in cohort.signals),
    ]
    return [
        (what, "a range whose end lies before its start", "a start that is not after the end")
        for what, low, high in ranges
        if low is not None and high is not None and low > high  # type: ignore[operator]
    ]


def _problems(wrong: Sequence[tuple[str, str, str]]) -> CohortProblems:
    remedy = "Choose the cohort again."
    return CohortProblems("These applications cannot be chosen", [Problem(*what, remedy) for what in wrong])


def _quoted(word: str) -> str:
    return quote(word, safe="")


def _number(value: float) -> str:
    return f"{value:.12g}"


def _range(low: object, high: object, write: Callable[..., str]) -> str:
    if low is None and high is None:
        return ""
    return f"{'' if low is None else write(low)}..{'' if high is None else write(high)}"


def _condition(condition: SignalCondition) -> str:
    if condition.missing:
        return MISSING
    if condition.levels:
        return "=" + "|".join(_quoted(level) for level in sorted(set(condition.levels)))
    return _range(condition.low, condition.high, _number)


def _ends(value: str) -> tuple[str, str]:
    low, dots, high = value.partition("..")
    if not dots or not (low or high):
        raise ValueError(value)
    return low, high


def _finite(word: str) -> float | None:
    if not word:
        return None
    number = float(word)
    if not math.isfinite(number):
        raise ValueError(word)
    return number


def _month(word: str) -> str | None:
    if word and not MONTH.match(word):
        raise ValueError(word)
    return word or None


def _one_of(value: str, allowed: Sequence[str]) -> str:
    if value not in allowed:
        raise ValueError(value)
    return value


def _words(value: str) -> tuple[str, ...]:
    found = tuple(sorted({unquote(word) for word in value.split("|") if word}))
    if not found:
        raise ValueError(value)
    return found


def _read_signal(cohort: Cohort, name: str, value: str) -> Cohort:
    if not name:
        raise ValueError(name)
    if value == MISSING:
        condition = SignalCondition(name, missing=True)
    elif value.startswith("="):
        condition = SignalCondition(name, levels=_words(value[1:]))
    else:
        low, high = _ends(value)
        condition = SignalCondition(name, _finite(low), _finite(high))
    return replace(cohort, signals=(*cohort.signals, condition))


def _read_group(cohort: Cohort, name: str, value: str) -> Cohort:
    if not name:
        raise ValueError(name)
    return replace(cohort, groups=(*cohort.groups, GroupCondition(name, _words(value))))


def _read_months(cohort: Cohort, _name: str, value: str) -> Cohort:
    low, high = _ends(value)
    return replace(cohort, first_month=_month(low), last_month=_month(high))


def _read_estimates(cohort: Cohort, _name: str, value: str) -> Cohort:
    low, high = _ends(value)
    return replace(cohort, low=_finite(low), high=_finite(high))


_READ: dict[str, Callable[[Cohort, str, str], Cohort]] = {
    "partner": lambda cohort, _, value: replace(cohort, partners=_words(value)),
    "decision": lambda cohort, _, value: replace(cohort, decision=_one_of(value, DECISIONS)),
    "month": _read_months,
    "estimate": _read_estimates,
    "outcome": lambda cohort, _, value: replace(cohort, outcome=_one_of(value, tuple(OUTCOMES))),
    "signal": _read_signal,
    "group": _read_group,
}


def month_starts(cohort: Cohort) -> tuple[date | None, date | None]:
    """Return the first day of the first month, and the first day after the last month."""
    first = None if cohort.first_month is None else date.fromisoformat(f"{cohort.first_month}-01")
    if cohort.last_month is None:
        return first, None
    year, month = map(int, cohort.last_month.split("-"))
    return first, date(year + month // 12, month % 12 + 1, 1)
