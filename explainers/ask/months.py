"""Months in a question: names, "2026-03", quarters, years, "last month", with what stands before them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from explainers.ask.text import nearest

NAMES = [
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
]  # fmt: skip
SHORT = {name[:3]: number for number, name in enumerate(NAMES, 1)} | {"sept": 9}
WRITTEN = re.compile(r"(\d{4})-(\d{1,2})(?:-\d{1,2})?|(\d{1,2})/(\d{4})")
QUARTER = re.compile(r"q([1-4])", re.IGNORECASE)
YEAR = re.compile(r"(?:19|20)\d\d")
BEFORE = frozenset(
    [
        "in",
        "since",
        "of",
        "from",
        "until",
        "till",
        "during",
        "last",
        "for",
        "between",
        "and",
        "to",
        "by",
        "before",
        "after",
        "than",
        "this",
        "with",
    ]
)
RELATIVE = frozenset(("last", "this", "previous", "past", "current", "latest", "prior"))
SINCE = frozenset(["since", "after"])
UNTIL = frozenset(["until", "till", "before"])
AMBIGUOUS = frozenset(("may", "march", "mar", "sep", "dec", "jan", "jun"))
"""Names that are also words or short for others: months only after a preposition or before a year."""


@dataclass(frozen=True)
class Span:
    """Months that some words name."""

    first: str
    """Earliest: "2026-01"."""
    last: str
    """Latest, included."""


def find_months(tokens: Sequence[str], known: Sequence[str]) -> tuple[Span | None, frozenset[int]]:
    """Return the months a question asks for, and the places of the words that say it.

    Parameters
    ----------
    tokens : sequence of str
        Words of the question.
    known : sequence of str
        Months with an application, the earliest first. Without any, no month is returned.
    """
    small = [token.lower() for token in tokens]
    spans: list[tuple[int, Span | None]] = []
    used: set[int] = set()
    place = 0
    while place < len(small):
        span, length = _at(small, place, known)
        if length:
            spans.append((place, span))
            used.update(range(place, place + length))
        place += max(length, 1)
    real = [(place, span) for place, span in spans if span is not None]
    if not real or not known:
        return None, frozenset(used)
    first, last = min(span.first for _, span in real), max(span.last for _, span in real)
    word = small[real[0][0] - 1] if real[0][0] else ""
    if len(real) == 1 and word in SINCE:
        last = max(known[-1], first)
    if len(real) == 1 and word in UNTIL:
        first = min(known[0], last)
    return Span(first, last), frozenset(used)


def _at(small: Sequence[str], place: int, known: Sequence[str]) -> tuple[Span | None, int]:
    """Return the months that begin at a place, and how many words name them."""
    token, after = small[place], small[place + 1] if place + 1 < len(small) else ""
    before = small[place - 1] if place else ""
    if written := WRITTEN.fullmatch(token):
        month = int(written[2] or written[3])
        return (_months(int(written[1] or written[4]), month, month), 1) if month in range(1, 13) else (None, 0)
    if token in RELATIVE and after in {"month", "quarter", "year"}:
        return _relative(token, after, known), 2
    quarter, year = QUARTER.fullmatch(token), int(after) if YEAR.fullmatch(after) else None
    if quarter:
        end = 3 * int(quarter[1])
        return _named(end - 2, end, year, known), 2 if year else 1
    number = _number(token, before, after)
    if number:
        return _named(number, number, year, known), 2 if year else 1
    if YEAR.fullmatch(token) and before in BEFORE:
        return _months(int(token), 1, 12), 1
    return None, 0


def _number(token: str, before: str, after: str) -> int | None:
    """Return the number of the month a word names."""
    if token in AMBIGUOUS and before not in BEFORE and not YEAR.fullmatch(after):
        return None
    name = token if token in NAMES else nearest(token, NAMES)
    return NAMES.index(name) + 1 if name else SHORT.get(token)


def _named(first: int, last: int, year: int | None, known: Sequence[str]) -> Span | None:
    """Return months of a year; without a year the latest ones that there are."""
    if year is not None:
        return _months(year, first, last)
    there = [int(month[:4]) for month in known if int(month[5:]) in range(first, last + 1)]
    return _months(max(there), first, last) if there else None


def _relative(word: str, unit: str, known: Sequence[str]) -> Span | None:
    """Return the months that "last month" and the like mean, counted from the latest there is."""
    if not known:
        return None
    year, month = int(known[-1][:4]), int(known[-1][5:])
    if unit == "year":
        year -= word not in {"this", "current"}
        return _months(year, 1, 12)
    if unit == "month":
        return _months(year, month, month)
    return Span(known[-3:][0], known[-1])


def _months(year: int, first: int, last: int) -> Span:
    return Span(f"{year}-{first:02d}", f"{year}-{last:02d}")
