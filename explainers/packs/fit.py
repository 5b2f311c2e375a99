"""Where text is broken into lines on a slide and how much room it takes: measured, as nobody looks at it first."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from explainers.style import THIN

POINTS = 72.0
"""Points in an inch."""
LINE = 1.2
"""Height of a line, as a share of the size of its text."""
SANS, SERIF, BOLD = 1.04, 1.27, 1.08
"""How much wider than the measured letters those of the slides are at most."""
MEASURED = 100
"""Size in which letters are measured."""


def lines(text: str, width: float, size: float, wide: float = SANS) -> list[str]:
    """Break a text into lines.

    Parameters
    ----------
    text : str
        With spaces; a line break in it begins a line.
    width : float
        Room in inches.
    size : float
        Of the letters, in points.
    wide : float
        How much wider than the measured letters these are.
    """
    room = width * POINTS / (size * wide)
    found: list[str] = []
    for paragraph in text.split("\n"):
        line = ""
        for word in _words(paragraph, room):
            longer = f"{line} {word}" if line else word
            if line and length(longer) > room:
                found.append(line)
                longer = word
            line = longer
        found.append(line)
    return found


def height(count: int, size: float) -> float:
    """Return the inches that lines of a size take."""
    return count * size * LINE / POINTS


def longest_word(texts: Sequence[str], size: float, wide: float = SANS) -> float:
    """Return the inches of the longest word."""
    return max((length(word) for text in texts for word in text.split(" ")), default=0.0) * size * wide / POINTS


@lru_cache(maxsize=20_000)
def length(text: str) -> float:
    """Return how long a text is, in multiples of its size."""
    return float(_font().getlength(text.replace(THIN, " "))) / MEASURED


@lru_cache(maxsize=1)
def _font() -> Any:
    """Return letters that come with the library, so that every machine measures the same."""
    from PIL import ImageFont

    return ImageFont.load_default(MEASURED)


def _words(paragraph: str, room: float) -> list[str]:
    """Return the words of a paragraph, those longer than a line in pieces."""
    found = []
    for word in paragraph.split(" "):
        while length(word) > room and len(word) > 1:
            cut = next(i for i in range(len(word) - 1, 0, -1) if i == 1 or length(word[:i]) <= room)
            found.append(word[:cut])
            word = word[cut:]
        found.append(word)
    return found
