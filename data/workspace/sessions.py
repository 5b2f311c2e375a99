"""Sessions: meetings in which answers are shown, and the presenter's own notes for them.

A session keeps roles, not names, of who took part. It is found by the people it is held for and by specialists. The
notes are for specialists: no page of the shared screen reads them.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Row, delete, insert, select, update

from data.access import Audience, Viewer
from data.errors import CandorError
from data.workspace.database import Workspace
from data.workspace.sight import may_see, not_found, scope_of, seen_by, specialists_only
from data.workspace.tables import SESSION_NOTES, SESSIONS
from data.workspace.written import now_text, one_line, paragraphs

MOST_PARTICIPANTS = 20
MOST_LISTED = 200


@dataclass(frozen=True)
class Session:
    """A meeting."""

    session_id: str
    """UUID."""
    scope: str
    """Audience and partner it is held for."""
    who: str
    """Account that started it."""
    name: str
    """What people call it."""
    presenter: str
    """Role or name of the person who presents, as typed."""
    participants: tuple[str, ...]
    """Roles of those who take part: "credit officer", no names."""
    held_on: str
    """Date, ISO."""
    started_at: str
    """UTC with microseconds, as text."""
    ended_at: str | None
    """The same; None while it runs."""

    @property
    def running(self) -> bool:
        """Return whether it has not ended."""
        return self.ended_at is None

    @property
    def partner(self) -> str | None:
        """Return the partner it is held for; None where it is of no one partner."""
        return self.scope.partition("|")[2] if self.audience is Audience.PARTNER else None

    @property
    def audience(self) -> Audience:
        """Return the audience it is held for."""
        return Audience(self.scope.partition("|")[0])


@dataclass(frozen=True)
class SessionNote:
    """A line that the presenter wrote for himself or herself."""

    note_id: str
    """UUID."""
    page: str
    """The page it is for; "" for the whole meeting."""
    note: str
    """The words."""
    who: str
    """Account that wrote it."""
    created_at: str
    """When, UTC with microseconds, as text."""


def start_session(
    workspace: Workspace,
    viewer: Viewer,
    name: str,
    *,
    audience: Audience,
    partner: str | None,
    presenter: str,
    participants: Sequence[str],
    held_on: date,
) -> Session:
    """Begin a meeting.

    Parameters
    ----------
    workspace : Workspace
        Where it is kept.
    viewer : Viewer
        Who begins it: for the own view, a specialist for any.
    name : str
        Up to 120 characters.
    audience, partner : Audience, str or None
        Whom it is held for.
    presenter : str
        Who presents.
    participants : sequence of str
        Roles, at most 20.
    held_on : date
        The day.

    Raises
    ------
    CandorError
        A text cannot be kept, or the viewer may not write for these people.
    """
    roles = tuple(dict.fromkeys(filter(None, (one_line("This role", role, empty=True) for role in participants))))
    if len(roles) > MOST_PARTICIPANTS:
        found = f"{len(roles)} roles are named; allowed are {MOST_PARTICIPANTS}."
        raise CandorError("This session cannot be kept", found, "Name fewer roles.")
    session = Session(
        session_id=str(uuid.uuid4()),
        scope=scope_of(viewer, audience, partner),
        who=viewer.who,
        name=one_line("This name", name),
        presenter=one_line("The presenter", presenter, empty=True),
        participants=roles,
        held_on=held_on.isoformat(),
        started_at=now_text(),
        ended_at=None,
    )
    row = {**vars(session), "participants": json.dumps(roles, ensure_ascii=False), "created_at": session.started_at}
    with workspace.write() as connection:
        connection.execute(insert(SESSIONS), row)
    return session


def end_session(workspace: Workspace, viewer: Viewer, session_id: str) -> Session:
    """End a meeting; one that has ended stays as it is.

    Raises
    ------
    NotFoundForViewer
        There is no such session for this viewer.
    CandorError
        Another account began it, and the viewer is no specialist.
    """
    session = read_session(workspace, viewer, session_id)
    if not may_end(viewer, session):
        found = "Another account began it."
        raise CandorError("You cannot end this session", found, "Ask the person who presents.")
    c = SESSIONS.c
    with workspace.write() as connection:
        ended = update(SESSIONS).where(c.session_id == session.session_id, c.ended_at.is_(None))
        connection.execute(ended.values(ended_at=now_text()))
    return read_session(workspace, viewer, session_id)


def may_end(viewer: Viewer, session: Session) -> bool:
    """Return whether a viewer who sees a meeting may end it: its own account, and specialists."""
    return viewer.audience is Audience.SPECIALIST or viewer.who == session.who


def read_session(workspace: Workspace, viewer: Viewer, session_id: str) -> Session:
    """Return a meeting.

    Raises
    ------
    NotFoundForViewer
        There is none of this id, or the viewer may not see it: the two look alike.
    """
    with workspace.read() as connection:
        row = connection.execute(select(SESSIONS).where(SESSIONS.c.session_id == session_id)).first()
    if row is None or not may_see(viewer, row.scope):
        raise not_found("session")
    return _session(row)


def list_sessions(workspace: Workspace, viewer: Viewer, limit: int = MOST_LISTED) -> tuple[Session, ...]:
    """Return the meetings a viewer may see, the newest first."""
    c = SESSIONS.c
    wanted = select(SESSIONS).where(seen_by(viewer, c.scope)).order_by(c.started_at.desc(), c.session_id)
    with workspace.read() as connection:
        return tuple(_session(row) for row in connection.execute(wanted.limit(limit)))


def running_sessions(workspace: Workspace, viewer: Viewer) -> tuple[Session, ...]:
    """Return the meetings that this account began, may see in this view and has not ended, the newest first.

    They are found by the account and not by the browser: so a meeting goes on after a restart, and in a new window.
    """
    c = SESSIONS.c
    mine = (c.who == viewer.who, c.ended_at.is_(None), seen_by(viewer, c.scope))
    with workspace.read() as connection:
        rows = connection.execute(select(SESSIONS).where(*mine).order_by(c.started_at.desc())).all()
    return tuple(_session(row) for row in rows)


def before(workspace: Workspace, viewer: Viewer, session: Session) -> Session | None:
    """Return the last meeting with the same people before a meeting; None for the first."""
    c = SESSIONS.c
    earlier = select(SESSIONS).where(c.scope == session.scope, c.started_at < session.started_at)
    with workspace.read() as connection:
        row = connection.execute(earlier.order_by(c.started_at.desc()).limit(1)).first()
    return _session(row) if row is not None and may_see(viewer, row.scope) else None


def add_note(workspace: Workspace, viewer: Viewer, session_id: str, note: str, page: str = "") -> SessionNote:
    """Keep a line for the presenter's eyes.

    Raises
    ------
    NotFoundForViewer
        There is no such session, or the viewer is not a specialist.
    CandorError
        The note cannot be kept.
    """
    specialists_only(viewer, "session")
    session = read_session(workspace, viewer, session_id)
    kept = SessionNote(
        note_id=str(uuid.uuid4()),
        page=one_line("The page", page, empty=True),
        note=paragraphs("This note", note),
        who=viewer.who,
        created_at=now_text(),
    )
    with workspace.write() as connection:
        connection.execute(insert(SESSION_NOTES), {**vars(kept), "session_id": session.session_id})
    return kept


def list_notes(workspace: Workspace, viewer: Viewer, session_id: str) -> tuple[SessionNote, ...]:
    """Return the notes of a meeting in the order they were written.

    Raises
    ------
    NotFoundForViewer
        The viewer is not a specialist.
    """
    specialists_only(viewer, "session")
    c = SESSION_NOTES.c
    columns = [c[name] for name in SessionNote.__annotations__]
    wanted = select(*columns).where(c.session_id == session_id).order_by(c.created_at, c.note_id)
    with workspace.read() as connection:
        return tuple(SessionNote(*row) for row in connection.execute(wanted))


def remove_note(workspace: Workspace, viewer: Viewer, note_id: str) -> None:
    """Forget a note.

    Raises
    ------
    NotFoundForViewer
        The viewer is not a specialist.
    """
    specialists_only(viewer, "session")
    with workspace.write() as connection:
        connection.execute(delete(SESSION_NOTES).where(SESSION_NOTES.c.note_id == note_id))


def _session(row: Row[Any]) -> Session:
    values = {name: getattr(row, name) for name in Session.__annotations__}
    return Session(**{**values, "participants": tuple(json.loads(row.participants))})
