"""What a fact of the registry is made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from explainers.style import whole
from explainers.walkthroughs.desk import Desk
from explainers.walkthroughs.result import Value


@dataclass(frozen=True)
class Found:
    """A figure, and the same as people read it."""

    value: Value
    """On its own scale, or a text."""
    text: str
    """As the page writes it."""
    n: int
    """Applications it is over."""


@dataclass(frozen=True)
class FactRule:
    """One fact that a script may name."""

    name: str
    """Its name in scripts."""
    label: str
    """What it is, in words: completes "here … is 23 %"."""
    source: str
    """The function that makes it, and where its rows are kept."""
    read: Callable[[Desk], Found | None]
    """Reads it; None where this viewer or this snapshot has none."""
    needs: tuple[str, ...] = ()
    """Inputs of the walkthrough that it is about."""


def counted(value: int, n: int) -> Found:
    """Return a count."""
    return Found(value, whole(value), n)


def said(text: str, n: int) -> Found | None:
    """Return a text; None where it is empty."""
    return Found(text, text, n) if text else None
