"""Changes as a short text in a link: ``annual_income:65000,housing:OWN``. Only typed values, checked as any."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote, unquote

from explainers.what_if.changes import Value

LONGEST = 2000
"""Characters of a link's changes that are read."""


def write_changes(changes: Mapping[str, Value]) -> str:
    """Return changes as text, in the order of their names, so that equal questions have equal texts."""
    return ",".join(f"{quote(name, safe='')}:{quote(_word(changes[name]), safe='.-')}" for name in sorted(changes))


def _word(value: Value) -> str:
    """Write a number without needless digits, whether it comes as a number or as a word; other words as they are."""
    try:
        return f"{float(value):.12g}"
    except ValueError:
        return str(value)


def read_changes(text: str) -> dict[str, str]:
    """Return the changes of a link as typed words; checking comes later, and complains of what is no pair."""
    pairs = [part.partition(":") for part in text[:LONGEST].split(",") if part]
    return {unquote(name): unquote(word) for name, _, word in pairs}
