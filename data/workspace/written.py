"""Checks of what people type before it is kept."""

from __future__ import annotations

from datetime import UTC, date, datetime

from data.errors import CandorError
from data.workspace.tables import time_text

LONGEST_LINE = 120
LONGEST_TEXT = 4000


def one_line(name: str, text: str, *, longest: int = LONGEST_LINE, empty: bool = False) -> str:
    """Return a text on one line, without spaces around it.

    Raises
    ------
    CandorError
        It is empty where it may not be, too long, or has signs that cannot be printed.
    """
    kept = " ".join(text.split())
    if not kept.isprintable():
        raise CandorError(f"{name} cannot be kept", "It holds hidden characters.", "Type it again.")
    return _measured(name, kept, longest, empty=empty)


def paragraphs(name: str, text: str, *, longest: int = LONGEST_TEXT, empty: bool = False) -> str:
    """Return a text of one or more lines.

    Raises
    ------
    CandorError
        As for `one_line`.
    """
    lines = [line.expandtabs(2).rstrip() for line in text.strip().splitlines()]
    if not all(line.isprintable() for line in lines):
        raise CandorError(f"{name} cannot be kept", "It holds hidden characters.", "Type it again.")
    return _measured(name, "\n".join(lines), longest, empty=empty)


def day_text(day: date | None) -> str | None:
    """Return a date as the workspace keeps it."""
    return None if day is None else day.isoformat()


def now_text() -> str:
    """Return this moment as the workspace keeps it."""
    return time_text(datetime.now(UTC))


def _measured(name: str, text: str, longest: int, *, empty: bool) -> str:
    if (not text and not empty) or len(text) > longest:
        found = f"It has {len(text):,} characters; allowed are {0 if empty else 1} to {longest:,}."
        raise CandorError(f"{name} cannot be kept", found, "Write something shorter." if text else "Write something.")
    return text
