"""Close names for a mistyped one."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

_MOST_CANDIDATES = 3000
"""Comparing is quadratic; past this only spelling that differs in case and punctuation is looked for."""


def close_name(name: str, candidates: Iterable[str]) -> str | None:
    """Return the candidate most like a name, or None when nothing is close."""
    pool = list(candidates)
    plain = _plain(name)
    same = next((other for other in pool if _plain(other) == plain), None)
    if same is not None or len(pool) > _MOST_CANDIDATES or len(name) > 80:
        return same
    return next(iter(get_close_matches(name, pool, n=1, cutoff=0.72)), None)


def did_you_mean(name: str, candidates: Iterable[str]) -> str:
    """Return "Did you mean x? ", or nothing when no candidate is close."""
    other = close_name(name, candidates)
    return f"Did you mean {other}? " if other is not None else ""


def _plain(name: str) -> str:
    return "".join(letter for letter in name.casefold() if letter.isalnum())
