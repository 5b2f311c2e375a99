"""A letter to a declined applicant: the result that page, file and test share."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from data.errors import Problem
from data.notice_schema import Language

State = Literal["ready", "stopped", "not due"]
"""ready: can be sent; stopped: something required is missing; not due: there is nothing to give notice of."""


@dataclass(frozen=True)
class Place:
    """A name with its address."""

    name: str
    """Who."""
    address: tuple[str, ...]
    """Line by line."""
    phone: str | None = None
    """Telephone number as written in the card."""


@dataclass(frozen=True)
class Item:
    """One line of a list."""

    text: str
    """What is said."""
    detail: str = ""
    """The same in a plain sentence or two; "" without one."""


@dataclass(frozen=True)
class Part:
    """One part of a letter, with the rule that wants it."""

    key: str
    """What it is: "action", "reasons", "ecoa", …"""
    source: str
    """Paragraph that requires it; "" for what the letter is kinder with."""
    language: Language
    """Language of its words."""
    heading: str = ""
    """Heading; "" without one."""
    paragraphs: tuple[str, ...] = ()
    """Before everything else."""
    facts: tuple[tuple[str, str], ...] = ()
    """Label and value of a small table."""
    items: tuple[Item, ...] = ()
    """List."""
    items_language: Language = "en"
    """Language of the list: a score provider's words stay as they are."""
    ranked: bool = False
    """Whether the list is in order of importance."""
    places: tuple[Place, ...] = ()
    """Names with addresses."""
    after: tuple[str, ...] = ()
    """After everything else."""


@dataclass(frozen=True)
class Recipient:
    """To whom a letter goes: only ever in memory, merged when a file is made."""

    name: str
    """As it should stand on the letter."""
    address: tuple[str, ...] = ()
    """Line by line."""


@dataclass(frozen=True)
class NoticeResult:
    """One letter, or why there is none."""

    snapshot_id: str
    """The snapshot."""
    n: int
    """Applications: 1."""
    n_total: int
    """Applications the viewer may see."""
    application_id: str
    """The lender's own number, or the masked one."""
    state: State
    """Whether it can be sent."""
    problems: tuple[Problem, ...]
    """Everything that stops it, or why none is due."""
    language: Language
    """Language of the letter."""
    day: str
    """Day of the letter, in its language."""
    applied: str
    """Day of the application, in its language; "" without one."""
    sender: Place | None
    """The creditor it came through; None where the card does not name it."""
    creditors: tuple[str, ...]
    """Names of the creditors that declined, as the card writes them."""
    parts: tuple[Part, ...]
    """The letter, from top to bottom; what is missing is left out, and the letter is not ready."""
    send_by: date | None
    """30 days after the application, if it was complete that day (12 CFR 1002.9(a)(1)(i)); None without a date."""
    template_hash: str
    """SHA-256 over the letter's templates and words."""
    catalogue_hash: str
    """SHA-256 of the reason catalogue."""

    @property
    def sources(self) -> dict[str, str]:
        """Return which rule wants which part; the creditor stands at the top of the letter."""
        return {"creditor": "12 CFR 1002.9(a)(2)"} | {part.key: part.source for part in self.parts}
