"""Approvals: texts for outsiders go from draft to approved by a second person, with the record of who and when.

One table serves answers of meetings, edited walkthroughs and texts of reasons. A row is one text: it is drafted,
approved and perhaps withdrawn; its words never change. A new wording is a new row. The database itself refuses a row
approved by the person who drafted it. On a machine without sign-in everybody is one person, so nothing can be approved.
"""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import ColumnElement, Row, and_, insert, or_, select, true, update

from data.access import LOCAL_VIEWER, Audience, Viewer
from data.errors import CandorError, WorkspaceError
from data.workspace.chain import canonical
from data.workspace.database import Workspace
from data.workspace.sight import not_found, specialists_only
from data.workspace.tables import APPROVALS
from data.workspace.written import now_text, one_line, paragraphs

Kind = Literal["answer", "walkthrough", "reason"]
LONGEST_TITLE = 500
LONGEST_BODY = 200_000
TITLE = "This text cannot be approved"


@dataclass(frozen=True)
class Approval:
    """A text for outsiders and its state."""

    approval_id: str
    """UUID."""
    kind: str
    """What the text is: "answer", "walkthrough" or "reason"."""
    subject: str
    """Id of the thing it belongs to: a question's, a walkthrough's, a reason's."""
    title: str
    """The question, or the walkthrough's title."""
    body: str
    """The text."""
    text_hash: str
    """SHA-256 of title and body."""
    audience: Audience
    """Who may be shown it."""
    partner: str | None
    """The one partner it is for; None for every viewer of the audience."""
    drafted_by: str
    """Account that proposed it."""
    drafted_at: str
    """When, UTC with microseconds, as text."""
    approved_by: str | None
    """Account of the second person; None while it is a draft."""
    approved_at: str | None
    """When."""
    withdrawn_by: str | None
    """Account that took it back."""
    withdrawn_at: str | None
    """When."""

    @property
    def state(self) -> str:
        """Return "draft", "approved" or "withdrawn"."""
        if self.withdrawn_at is not None:
            return "withdrawn"
        return "approved" if self.approved_at is not None else "draft"


def propose(
    workspace: Workspace,
    viewer: Viewer,
    kind: Kind,
    subject: str,
    *,
    title: str,
    body: str,
    audience: Audience,
    partner: str | None = None,
) -> Approval:
    """Propose a text for an audience; a second person has to approve it.

    Parameters
    ----------
    workspace : Workspace
        Where it is kept.
    viewer : Viewer
        A specialist.
    kind, subject : str
        What the text is and what it belongs to.
    title, body : str
        The text.
    audience : Audience
        Who may be shown it once it is approved.
    partner : str, optional
        Only this partner.

    Raises
    ------
    NotFoundForViewer
        The viewer is not a specialist.
    CandorError
        The text cannot be kept, or a partner is named for an audience that has none.
    """
    specialists_only(viewer, "text")
    if partner is not None and audience is not Audience.PARTNER:
        raise CandorError(TITLE, "It names a partner, but is not for partners.", "Leave the partner out.")
    name = paragraphs("This title", title, longest=LONGEST_TITLE)
    text = paragraphs("This text", body, longest=LONGEST_BODY)
    row: dict[str, Any] = {
        "approval_id": str(uuid.uuid4()),
        "kind": kind,
        "subject": one_line("The subject", subject, longest=200),
        "title": name,
        "body": text,
        "text_hash": _hash(name, text),
        "audience": str(audience),
        "partner": partner,
        "drafted_by": viewer.who,
        "drafted_at": now_text(),
        "approved_by": None,
        "approved_at": None,
        "withdrawn_by": None,
        "withdrawn_at": None,
    }
    with workspace.write() as connection:
        connection.execute(insert(APPROVALS), {**row, "created_at": row["drafted_at"]})
    return Approval(**{**row, "audience": audience})


def approve(workspace: Workspace, viewer: Viewer, approval_id: str) -> Approval:
    """Approve a draft, as the second person.

    What was approved before for the same subject and readers is withdrawn in the same step.

    Raises
    ------
    NotFoundForViewer
        There is no such draft, or the viewer is not a specialist.
    CandorError
        The viewer drafted it, it is no draft any more, or there is no sign-in.
    """
    draft = read_approval(workspace, viewer, approval_id)
    _second_person(viewer, draft)
    c, now = APPROVALS.c, now_text()
    same = (c.kind == draft.kind, c.subject == draft.subject, c.audience == str(draft.audience))
    readers = c.partner.is_(None) if draft.partner is None else c.partner == draft.partner
    with workspace.write() as connection:
        waiting = and_(c.approval_id == approval_id, c.approved_at.is_(None), c.withdrawn_at.is_(None))
        older = and_(*same, readers, c.approved_at.is_not(None), c.withdrawn_at.is_(None))
        connection.execute(update(APPROVALS).where(older).values(withdrawn_by=viewer.who, withdrawn_at=now))
        changed = connection.execute(update(APPROVALS).where(waiting).values(approved_by=viewer.who, approved_at=now))
        if not changed.rowcount:
            raise CandorError(TITLE, "It is not a draft any more.", "Open the list again.")
    return read_approval(workspace, viewer, approval_id)


def withdraw(workspace: Workspace, viewer: Viewer, approval_id: str) -> Approval:
    """Take a text back: it is shown to nobody outside any more. The record stays.

    Raises
    ------
    NotFoundForViewer
        There is no such text, or the viewer is not a specialist.
    """
    found = read_approval(workspace, viewer, approval_id)
    c = APPROVALS.c
    with workspace.write() as connection:
        standing = update(APPROVALS).where(c.approval_id == found.approval_id, c.withdrawn_at.is_(None))
        connection.execute(standing.values(withdrawn_by=viewer.who, withdrawn_at=now_text()))
    return read_approval(workspace, viewer, approval_id)


def read_approval(workspace: Workspace, viewer: Viewer, approval_id: str) -> Approval:
    """Return a text with its record, for specialists.

    Raises
    ------
    NotFoundForViewer
        There is none of this id, or the viewer is not a specialist.
    """
    specialists_only(viewer, "text")
    with workspace.read() as connection:
        row = connection.execute(select(APPROVALS).where(APPROVALS.c.approval_id == approval_id)).first()
    if row is None:
        raise not_found("text")
    return _approval(row)


def list_approvals(
    workspace: Workspace, viewer: Viewer, kind: Kind | None = None, subject: str | None = None
) -> tuple[Approval, ...]:
    """Return every text with its record, for specialists, the newest first.

    Raises
    ------
    NotFoundForViewer
        The viewer is not a specialist.
    """
    specialists_only(viewer, "text")
    c = APPROVALS.c
    wanted = select(APPROVALS).order_by(c.drafted_at.desc(), c.approval_id)
    if kind is not None:
        wanted = wanted.where(c.kind == kind)
    if subject is not None:
        wanted = wanted.where(c.subject == subject)
    with workspace.read() as connection:
        return tuple(_approval(row) for row in connection.execute(wanted))


def approved_texts(
    workspace: Workspace, viewer: Viewer, kind: Kind, subject: str | None = None
) -> tuple[Approval, ...]:
    """Return the approved texts of a kind that a viewer may be shown, the newest first.

    Raises
    ------
    WorkspaceError
        A text is not the one that was approved.
    """
    c = APPROVALS.c
    standing = (c.kind == kind, c.approved_at.is_not(None), c.withdrawn_at.is_(None), _shown_to(viewer))
    wanted = select(APPROVALS).where(*standing).order_by(c.approved_at.desc(), c.approval_id)
    if subject is not None:
        wanted = wanted.where(c.subject == subject)
    with workspace.read() as connection:
        found = tuple(_approval(row) for row in connection.execute(wanted))
    if any(text.text_hash != _hash(text.title, text.body) for text in found):
        changed = "Its words are not those that were approved: the hash differs."
        raise WorkspaceError("An approved text is damaged", changed, "Withdraw it and have it approved again.")
    return found


def _shown_to(viewer: Viewer) -> ColumnElement[bool]:
    c = APPROVALS.c
    if viewer.audience is Audience.SPECIALIST:
        return true()
    return and_(c.audience == str(viewer.audience), or_(c.partner.is_(None), c.partner == (viewer.partner or "")))


def _second_person(viewer: Viewer, draft: Approval) -> None:
    if draft.drafted_by == viewer.who:
        alone = viewer.who == LOCAL_VIEWER.who
        remedy = "Set up sign-in: here everybody is one person." if alone else "Ask a colleague to read and approve it."
        raise CandorError(TITLE, "A second person has to approve it, not the one who wrote it.", remedy)


def _hash(title: str, body: str) -> str:
    return hashlib.sha256(canonical([title, body]).encode()).hexdigest()


def _approval(row: Row[Any]) -> Approval:
    values = {name: getattr(row, name) for name in Approval.__annotations__}
    return Approval(**{**values, "audience": Audience(row.audience)})
