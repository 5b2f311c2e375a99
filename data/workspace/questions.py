"""Questions of meetings: asked, answered or carried over to the next meeting with the same people.

Nothing is copied when a question is carried over. It is open until it is answered, and every later meeting of the same
scope finds it; `asked_in` and `answered_in` say where it began and where it ended.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, and_, insert, or_, select, update

from data.access import Audience, Viewer
from data.errors import CandorError
from data.workspace.database import Workspace
from data.workspace.pins import read_pin
from data.workspace.sessions import Session, read_session
from data.workspace.sight import may_see, not_found, seen_by
from data.workspace.tables import QUESTION_PINS, QUESTIONS
from data.workspace.written import day_text, now_text, one_line, paragraphs

SENSITIVITIES = ("everyone", "internal")
"""Who of those that find the session reads a question: all of them, or specialists only."""
LONGEST_QUESTION = 500
MOST_LISTED = 500


@dataclass(frozen=True)
class Question:
    """A question of a meeting."""

    question_id: str
    """UUID."""
    session_id: str
    """The session it was asked in."""
    scope: str
    """Whom that session was held for."""
    who: str
    """Account that wrote it down."""
    asked_by: str
    """Role of the person who asked."""
    question: str
    """The words."""
    answer: str
    """The answer; "" while it is open."""
    owner: str
    """Who sees to it."""
    due: str | None
    """By when, ISO date."""
    sensitivity: str
    """One of `SENSITIVITIES`."""
    page: str
    """The page it was asked at: last part of its address."""
    address: tuple[tuple[str, str], ...]
    """Query parameters of that page."""
    asked_at: str
    """When, UTC with microseconds, as text."""
    answered_at: str | None
    """When; None while it is open."""
    answered_by: str | None
    """Account that answered."""
    answered_in: str | None
    """The session it was answered in; None outside one."""
    pin_ids: tuple[str, ...]
    """Pins that belong to it, in the order they were linked."""

    @property
    def is_open(self) -> bool:
        """Return whether it waits for an answer."""
        return self.answered_at is None


@dataclass(frozen=True)
class View:
    """The view a question was asked at."""

    page: str = ""
    """Last part of the page's address."""
    address: tuple[tuple[str, str], ...] = ()
    """Its query parameters."""


NOWHERE = View()
"""Asked outside a page."""


@dataclass(frozen=True)
class Asked:
    """What is written down when a question is asked."""

    question: str
    """The words, up to 500 characters."""
    asked_by: str = ""
    """Role of the person who asks, no name."""
    answer: str = ""
    """The answer given at once; "" leaves the question open."""
    owner: str = ""
    """Who sees to it."""
    due: date | None = None
    """By when."""
    sensitivity: str = SENSITIVITIES[0]
    """Who reads it: one of `SENSITIVITIES`."""
    view: View = NOWHERE
    """The page it was asked at."""
    pin_ids: Sequence[str] = ()
    """Pins that belong to it; who writes the question down must see them."""


def ask_question(workspace: Workspace, viewer: Viewer, session_id: str, asked: Asked) -> Question:
    """Keep a question of a meeting, answered now or open; on the disk when this returns.

    Raises
    ------
    NotFoundForViewer
        There is no such session or pin for this viewer.
    CandorError
        A text cannot be kept.
    """
    session, now = read_session(workspace, viewer, session_id), now_text()
    pins = tuple(read_pin(workspace, viewer, pin_id).pin_id for pin_id in dict.fromkeys(asked.pin_ids))
    if asked.sensitivity not in SENSITIVITIES:
        raise CandorError("This question cannot be kept", "It does not say who reads it.", "Choose who reads it.")
    answered = paragraphs("This answer", asked.answer, empty=True)
    kept = Question(
        question_id=str(uuid.uuid4()),
        session_id=session.session_id,
        scope=session.scope,
        who=viewer.who,
        asked_by=one_line("The role", asked.asked_by, empty=True),
        question=paragraphs("This question", asked.question, longest=LONGEST_QUESTION),
        answer=answered,
        owner=one_line("The owner", asked.owner, empty=True),
        due=day_text(asked.due),
        sensitivity=asked.sensitivity,
        page=asked.view.page,
        address=asked.view.address,
        asked_at=now,
        answered_at=now if answered else None,
        answered_by=viewer.who if answered else None,
        answered_in=session.session_id if answered else None,
        pin_ids=pins,
    )
    _insert(workspace, kept)
    return kept


def answer_question(
    workspace: Workspace,
    viewer: Viewer,
    question_id: str,
    answer: str,
    session_id: str | None = None,
    *,
    instead_of: str = "",
) -> Question:
    """Answer a question, or write its answer anew.

    An answer that was approved for reuse stays as approved: what is written here has to be approved again.

    Parameters
    ----------
    workspace : Workspace
        Where it is kept.
    viewer : Viewer
        Who answers. Another person's answer is written anew by specialists only.
    question_id, answer : str
        The question and the words.
    session_id : str, optional
        The session it is answered in.
    instead_of : str
        The answer the writer had before the eyes; "" for an open question. Nobody's answer is lost because two
        people write at once: the second one is told.

    Raises
    ------
    NotFoundForViewer
        There is no such question for this viewer.
    CandorError
        The answer cannot be kept, or it is not the one any more that the writer saw.
    """
    question = read_question(workspace, viewer, question_id)
    text = paragraphs("This answer", answer)
    mine = question.is_open or question.answered_by == viewer.who
    if not mine and viewer.audience is not Audience.SPECIALIST:
        raise CandorError("This answer stays as it is", "Another person gave it.", "Write down a new question.")
    values = {
        "answer": text,
        "answered_at": now_text(),
        "answered_by": viewer.who,
        "answered_in": question.answered_in or session_id,
    }
    c = QUESTIONS.c
    with workspace.write() as connection:
        as_seen = update(QUESTIONS).where(c.question_id == question.question_id, c.answer == instead_of)
        if not connection.execute(as_seen.values(**values)).rowcount:
            found = "Somebody else answered it while you wrote."
            raise CandorError("This answer is not kept", found, "Read the answer that is there, then write yours.")
    return read_question(workspace, viewer, question_id)


def assign_question(
    workspace: Workspace, viewer: Viewer, question_id: str, *, owner: str, due: date | None
) -> Question:
    """Say who sees to a question, and by when.

    Raises
    ------
    NotFoundForViewer
        There is no such question for this viewer.
    """
    question = read_question(workspace, viewer, question_id)
    values = {"owner": one_line("The owner", owner, empty=True), "due": day_text(due)}
    return _change(workspace, viewer, question, values)


def link_pin(workspace: Workspace, viewer: Viewer, question_id: str, pin_id: str) -> Question:
    """Say that a pin belongs to a question.

    Raises
    ------
    NotFoundForViewer
        There is no such question or pin for this viewer.
    """
    question, pin = read_question(workspace, viewer, question_id), read_pin(workspace, viewer, pin_id)
    if pin.pin_id not in question.pin_ids:
        with workspace.write() as connection:
            _link(connection, question.question_id, pin.pin_id)
    return read_question(workspace, viewer, question_id)


def read_question(workspace: Workspace, viewer: Viewer, question_id: str) -> Question:
    """Return a question.

    Raises
    ------
    NotFoundForViewer
        There is none of this id, or the viewer may not see it: the two look alike.
    """
    with workspace.read() as connection:
        row = connection.execute(select(QUESTIONS).where(QUESTIONS.c.question_id == question_id)).first()
        if row is None or not may_see(viewer, row.scope) or not _may_read(viewer, row.sensitivity):
            raise not_found("question")
        return _questions(connection, [row])[0]


def list_questions(workspace: Workspace, viewer: Viewer, session_id: str) -> tuple[Question, ...]:
    """Return the questions asked in a session, in their order."""
    return _listed(workspace, viewer, QUESTIONS.c.session_id == session_id)


def carried_into(workspace: Workspace, viewer: Viewer, session: Session) -> tuple[Question, ...]:
    """Return the questions of earlier sessions with the same people that were open when a session began."""
    c, begun = QUESTIONS.c, session.started_at
    was_open = or_(c.answered_at.is_(None), c.answered_at >= begun)
    earlier = and_(c.scope == session.scope, c.session_id != session.session_id, c.asked_at < begun, was_open)
    return _listed(workspace, viewer, earlier)


def open_questions(workspace: Workspace, viewer: Viewer) -> tuple[Question, ...]:
    """Return every question a viewer may read that waits for an answer, the oldest first."""
    return _listed(workspace, viewer, QUESTIONS.c.answered_at.is_(None))


def answered_questions(workspace: Workspace, viewer: Viewer) -> tuple[Question, ...]:
    """Return every answered question a viewer may read, the oldest first."""
    return _listed(workspace, viewer, QUESTIONS.c.answered_at.is_not(None))


def _listed(workspace: Workspace, viewer: Viewer, *which: Any) -> tuple[Question, ...]:
    c = QUESTIONS.c
    wanted = select(QUESTIONS).where(*which, seen_by(viewer, c.scope))
    if viewer.audience is not Audience.SPECIALIST:
        wanted = wanted.where(c.sensitivity == SENSITIVITIES[0])
    with workspace.read() as connection:
        rows = connection.execute(wanted.order_by(c.asked_at, c.question_id).limit(MOST_LISTED)).all()
        return _questions(connection, rows)


def _may_read(viewer: Viewer, sensitivity: str) -> bool:
    return sensitivity == SENSITIVITIES[0] or viewer.audience is Audience.SPECIALIST


def _change(workspace: Workspace, viewer: Viewer, question: Question, values: dict[str, Any]) -> Question:
    with workspace.write() as connection:
        connection.execute(update(QUESTIONS).where(QUESTIONS.c.question_id == question.question_id).values(**values))
    return read_question(workspace, viewer, question.question_id)


def _insert(workspace: Workspace, question: Question) -> None:
    row = {name: value for name, value in vars(question).items() if name != "pin_ids"}
    row |= {"address": json.dumps(question.address, ensure_ascii=False), "created_at": question.asked_at}
    with workspace.write() as connection:
        connection.execute(insert(QUESTIONS), row)
        for pin_id in question.pin_ids:
            _link(connection, question.question_id, pin_id)


def _link(connection: Connection, question_id: str, pin_id: str) -> None:
    connection.execute(insert(QUESTION_PINS).values(question_id=question_id, pin_id=pin_id, created_at=now_text()))


def _questions(connection: Connection, rows: Sequence[Row[Any]]) -> tuple[Question, ...]:
    c = QUESTION_PINS.c
    ids = [row.question_id for row in rows]
    links = connection.execute(select(QUESTION_PINS).where(c.question_id.in_(ids)).order_by(c.created_at)).all()
    names = [name for name in Question.__annotations__ if name not in ("address", "pin_ids")]
    return tuple(
        Question(
            **{name: getattr(row, name) for name in names},
            address=tuple((str(key), str(value)) for key, value in json.loads(row.address)),
            pin_ids=tuple(link.pin_id for link in links if link.question_id == row.question_id),
        )
        for row in rows
    )
