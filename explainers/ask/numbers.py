"""Application numbers in a question. They are read off its words alone: nothing is looked up."""

from __future__ import annotations

import re
from collections.abc import Sequence

CUES = frozenset(
    [
        "application",
        "applications",
        "app",
        "applicant",
        "applicants",
        "number",
        "numbers",
        "no",
        "nr",
        "case",
        "cases",
        "file",
        "id",
        "loan",
        "loans",
        "customer",
        "customers",
        "borrower",
        "client",
        "request",
        "ref",
        "reference",
        "ticket",
        "record",
    ]
)
"""Words after which any number is an application's."""
JOINS = frozenset(["and", "with", "to", "vs", "versus", "or", "from", "against", "but"])
UNITS = frozenset(
    [
        "dollar",
        "dollars",
        "usd",
        "bucks",
        "percent",
        "pct",
        "points",
        "point",
        "year",
        "years",
        "month",
        "months",
        "day",
        "days",
        "hour",
        "hours",
        "application",
        "applications",
        "people",
        "customers",
        "loans",
        "cases",
        "times",
        "decisions",
        "signals",
        "million",
        "thousand",
        "k",
    ]
)
"""Words after a number that is an amount."""
MASKED = re.compile(r"M-[0-9a-f]{16}", re.IGNORECASE)
LETTERS = re.compile(r"([a-z]{1,6})-?\d[\da-z]*(?:-[\da-z]+)*", re.IGNORECASE)
NO_NUMBERS = frozenset(["q", "fy", "v", "h", "top", "version", "sr", "reg"])
"""Letters before digits that make no application's number: quarters, years, versions."""
DIGITS = re.compile(r"\d+")
GROUPED = re.compile(r"\d{1,3}(?:,\d{3})+")
JOINED = re.compile(r"\d+(?:-\d+)+")
DATE = re.compile(r"\d{4}-\d{1,2}(?:-\d{1,2})?|\d{1,2}-\d{1,2}-\d{4}")
YEAR = re.compile(r"(?:19|20)\d\d")
LONG = 4
"""Digits from which a number without a cue is an application's."""


def find_numbers(tokens: Sequence[str]) -> dict[int, str]:
    """Return the application numbers among the words of a question.

    Returns
    -------
    dict
        Place of the word to the number, in order.
    """
    found: dict[int, str] = {}
    for place, token in enumerate(tokens):
        before = tokens[place - 1].lower() if place else ""
        after = tokens[place + 1].lower() if place + 1 < len(tokens) else ""
        follows = before in JOINS and place - 2 in found
        cue = before in CUES or follows or token.startswith("#")
        number = _number(token.lstrip("#"), cue=cue, amount=after in UNITS and before not in CUES)
        if number is not None:
            found[place] = number
    return found


def _number(token: str, *, cue: bool, amount: bool) -> str | None:
    """Return the application number that a word is, None when it is none."""
    if token[:1] == "$" or token[-1:] == "%" or amount or DATE.fullmatch(token):
        return None
    if MASKED.fullmatch(token):
        return token
    if GROUPED.fullmatch(token):
        return token.replace(",", "") if cue else None
    if DIGITS.fullmatch(token):
        return token if cue or (len(token) >= LONG and not YEAR.fullmatch(token)) else None
    if JOINED.fullmatch(token):
        return token
    letters = LETTERS.fullmatch(token)
    if letters is None or letters[1].lower() in NO_NUMBERS:
        return None
    digits = sum(letter.isdigit() for letter in token)
    return token if digits >= LONG - 1 or (cue and digits > 1) else None
