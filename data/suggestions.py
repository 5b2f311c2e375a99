"""Close names for a mistyped one."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from functools import lru_cache

_MOST_COMPARED = 300
"""Comparing letter by letter is slow; with more candidates only case and punctuation may differ."""


def close_name(name: str, candidates: Iterable[str]) -> str | None:
    """Return the candidate most like a name, or None when nothing is close."""
    pool = tuple(candidates)
    same = _by_letters(pool).get(_letters(name))
    if same is not None or len(pool) > _MOST_COMPARED or len(name) > 80:
        return same
    return next(iter(get_close_matches(name, pool, n=1, cutoff=0.65)), None)


def did_you_mean(name: str, candidates: Iterable[str]) -> str:
    """Return "Did you mean x? ", or nothing when no candidate is close."""
    other = close_name(name, candidates)
    return f"Did you mean {other}? " if other is not None else ""


@lru_cache(maxsize=8)
def _by_letters(pool: tuple[str, ...]) -> dict[str, str]:
    """Index candidates by their letters and digits; cached, since many names meet the same candidates."""
    return {_letters(name): name for name in reversed(pool) if _letters(name)}


def _letters(name: str) -> str:
    return "".join(letter for letter in name.casefold() if letter.isalnum())
