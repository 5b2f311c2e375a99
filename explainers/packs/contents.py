"""What a pack is made of: pins, questions with their answers, steps of a walkthrough, in the order chosen."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property

from data.access import Audience
from data.workspace.approvals import Approval
from data.workspace.chain import canonical
from data.workspace.pin_parts import Pin
from data.workspace.questions import Question


@dataclass(frozen=True)
class Answer:
    """A question of a meeting, as it may stand in a pack."""

    question: str
    """The words."""
    answer: str
    """The answer; "" where there is none for the readers of this pack."""
    about: str
    """Who asked and when; for an open one who sees to it."""
    at: str
    """When it was asked, answered or approved, whichever is last: UTC, as text."""
    internal: bool = False
    """Whether only specialists may read it."""
    released: bool = False
    """Whether a second person approved the answer for these readers."""


@dataclass(frozen=True)
class Answers:
    """Questions with their answers: one chapter."""

    title: str
    """Of the chapter."""
    scope: str
    """Whom the meeting was held for."""
    answers: tuple[Answer, ...]
    """In the order asked."""


@dataclass(frozen=True)
class Kept:
    """A pin, and what a presenter may say about it."""

    pin: Pin
    """The answer as it was shown."""
    notes: tuple[str, ...] = ()
    """For the presenter only."""


@dataclass(frozen=True)
class Step:
    """One step of a walkthrough as it was gone through."""

    title: str
    """Of the step."""
    scope: str
    """The view it was gone through in."""
    claim: str
    """What it says, with the numbers as shown."""
    state: str
    """Whether the claim holds here, in words."""
    how: str
    """How it is computed."""
    recorded: str
    """Where it is recorded."""
    limits: str
    """What it does not show."""
    note: str = ""
    """What the reader wrote down."""
    signed: str = ""
    """Who signed it off and when, in words."""
    at: str = ""
    """When it was last touched: UTC, as text."""
    pin: Pin | None = None
    """The view that belongs to it, where one was kept."""


Item = Kept | Answers | Step


@dataclass(frozen=True)
class Pack:
    """What is asked for."""

    title: str
    """Of the whole."""
    subtitle: str
    """What it is: "Board pack"."""
    audience: Audience
    """Who it is for."""
    partner: str | None
    """The partner it is for; None where it is of no one partner."""
    items: tuple[Item, ...]
    """In the order of reading."""
    intro: tuple[str, ...] = ()
    """Opening words."""
    missing: tuple[str, ...] = ()
    """What it should hold and does not, one sentence each."""
    limits: tuple[str, ...] = ()
    """What it cannot say, beyond what holds for every pack."""
    technical: bool = False
    """Whether the technical detail of the pages goes in."""
    mark: str = ""
    """For whom the copy is made, where copies are marked."""

    @property
    def scope(self) -> str:
        """Return the view that everything in it must be of, like `Viewer.scope`."""
        return f"{self.audience}|{self.partner if self.partner is not None else '*'}"

    @cached_property
    def pack_id(self) -> str:
        """Return the SHA-256 of contents, order, words and readers; the mark of a copy is not part of it."""
        own = [self.title, self.subtitle, self.scope, self.intro, self.missing, self.limits, self.technical]
        return hashlib.sha256(canonical([own, [_identity(item) for item in self.items]]).encode()).hexdigest()


def pins_of(items: Sequence[Item]) -> tuple[Pin, ...]:
    """Return every pin in the order of reading."""
    found = [item.pin for item in items if isinstance(item, Kept | Step)]
    return tuple(pin for pin in found if pin is not None)


def answers_for(
    audience: Audience, questions: Sequence[Question], approved: Mapping[str, Approval], about: Mapping[str, str]
) -> tuple[Answer, ...]:
    """Return questions as the readers of a pack may have them.

    Specialists have every question with its answer. Others have no internal ones, and only answers that a second
    person approved for them, in the words that were approved; a question without one stands there without an answer.

    Parameters
    ----------
    audience : Audience
        Who the pack is for.
    questions : sequence of Question
        Of the meeting.
    approved : mapping of str to Approval
        Question's id -> the text approved for these readers.
    about : mapping of str to str
        Question's id -> who asked and when, in words.
    """
    outside = audience is not Audience.SPECIALIST
    return tuple(
        _answer(question, approved.get(question.question_id), about[question.question_id], outside=outside)
        for question in questions
        if not (outside and question.sensitivity == "internal")
    )


def _answer(question: Question, approved: Approval | None, about: str, *, outside: bool) -> Answer:
    text = approved.body if approved is not None else "" if outside else question.answer
    moments = (question.asked_at, question.answered_at or "", (approved.approved_at or "") if approved else "")
    internal = question.sensitivity == "internal"
    return Answer(question.question, text, about, max(moments), internal, released=approved is not None)


def _identity(item: Item) -> object:
    if isinstance(item, Kept):
        return ["pin", item.pin.pin_id, item.pin.content_hash, item.notes]
    if isinstance(item, Answers):
        return ["answers", asdict(item)]
    own = {name: value for name, value in vars(item).items() if name != "pin"}
    return ["step", own, [item.pin.pin_id, item.pin.content_hash] if item.pin else None]
