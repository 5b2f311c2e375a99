"""What a question is matched with, and what comes of it: `Vocabulary`, `Slots`, `AskResult`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Topic:
    """A signal or a family that a question can name."""

    label: str
    """Words for people."""
    page: str
    """Last part of the address of the page that shows it."""
    key: str
    """Query parameter of that page."""
    value: str
    """What the parameter says: a signal's name in the model, a family's label."""
    family: bool
    """Whether it is a family of signals."""


@dataclass(frozen=True)
class Vocabulary:
    """What a viewer's questions can name: nothing that the viewer may not see."""

    snapshot_id: str
    """The snapshot."""
    pages: tuple[str, ...]
    """Last parts of the addresses of the pages the viewer can open."""
    topics: tuple[Topic, ...]
    """Signals and families, in the order of the card."""
    partners: tuple[str, ...]
    """Partners whose applications the viewer may see."""
    months: tuple[str, ...]
    """Months with an application, the earliest first: "2026-01"."""
    attributes: tuple[tuple[str, str], ...]
    """Attributes of groups, name and label; empty where the viewer may not know of them."""


@dataclass(frozen=True)
class Slots:
    """What a question names."""

    numbers: tuple[str, ...]
    """Application numbers as typed. Whether there is such an application is not looked up."""
    partners: tuple[str, ...]
    """Partners, in the order of the question."""
    first_month: str | None
    """Earliest month asked for; None without one."""
    last_month: str | None
    """Latest month asked for, included."""
    topics: tuple[Topic, ...]
    """Signals and families, at most two."""
    rivals: tuple[Topic, ...]
    """Topics that fit the words as well as the first one does."""
    groups: tuple[str, ...]
    """Kinds of groups of people: "sex", "race", "age", "other"."""
    decision: str | None
    """"approved" or "declined", where applications with this decision are meant."""
    masked: str
    """The question with a placeholder for each of these, small letters."""
    unknown: float
    """Share of the remaining words that no training phrase has, 0 to 1."""


@dataclass(frozen=True)
class AskLink:
    """A page that may answer, with its inputs."""

    intent: str
    """What is asked for: a key of `assets/ask/phrases.yaml`."""
    page: str
    """Last part of the page's address."""
    query: tuple[tuple[str, str], ...]
    """Query parameters."""
    words: str
    """What the page will show."""
    confidence: float
    """How likely it is what was meant, 0 to 1."""


@dataclass(frozen=True)
class AskResult:
    """Where a question leads."""

    snapshot_id: str
    """The snapshot."""
    question: str
    """The question as typed; stands in no log."""
    state: Literal["sure", "list", "cannot"]
    """"sure": the first link answers it; "list": one of the links may; "cannot": no page answers it."""
    intent: str
    """The likeliest intent; "none" for a question Candor has no page for."""
    links: tuple[AskLink, ...]
    """Likeliest first, at most three; for "cannot" the nearest there is."""
