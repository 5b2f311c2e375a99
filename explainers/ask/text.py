"""Words of a question: cut apart, brought to a common form, compared in spite of typing errors."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import SequenceMatcher

TOKEN = re.compile(r"[$#]?[^\W_]+(?:[-/.,'][^\W_]+)*%?")
QUOTES = str.maketrans("’‘ʼ–—", "'''--")
SHORTEST = 5
"""Letters from which a word is compared in spite of typing errors."""
NEAR = 0.82
"""Likeness from which two words are taken for the same, 0 to 1."""
LENGTHS = 2
"""Letters by which the lengths of two such words may differ."""


def tokens_of(text: str) -> list[str]:
    """Return the words, numbers and dates of a text as written, without possessive endings."""
    return [token.removesuffix("'s").removesuffix("'S") for token in TOKEN.findall(text.translate(QUOTES))]


def stem(word: str) -> str:
    """Return a word in small letters without a plural's ending."""
    small = word.lower()
    if len(small) > len("ties") and small.endswith("ies"):
        return f"{small[:-3]}y"
    if small.endswith("s") and not small.endswith(("ss", "us", "is")) and len(small) > len("gas"):
        return small[:-1]
    return small


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word most like a mistyped one; None when none is like it.

    Only words that begin with the same letter are compared: few typing errors change it, and it keeps this quick.
    """
    if len(word) < SHORTEST or not word.isalpha():
        return None
    best, found = NEAR, None
    for other in known:
        if other[:1] != word[0] or len(other) < SHORTEST - 1 or abs(len(other) - len(word)) > LENGTHS:
            continue
        matcher = SequenceMatcher(a=other, b=word, autojunk=False)
        if matcher.quick_ratio() >= best and (ratio := matcher.ratio()) >= best:
            best, found = ratio, other
    return found
