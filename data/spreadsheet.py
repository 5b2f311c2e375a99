"""Text that a spreadsheet takes as text."""

from __future__ import annotations

RUN = ("=", "+", "-", "@", "\t", "\r", "\n")
"""A cell that begins with one of these is read as a formula, or begins a new one."""


def as_text(text: str) -> str:
    """Keep a spreadsheet from reading a text as a formula: names come from tables of other people (CSV injection)."""
    return f"'{text}" if text.startswith(RUN) else text
