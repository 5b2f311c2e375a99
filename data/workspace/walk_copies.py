"""Edited walkthroughs: every version is kept; outsiders see one once a second person approved it.

The text of a script is checked before it gets here (`explainers.walkthroughs.copies`): this room knows texts only.
"""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, func, insert, select

from data.access import Audience, Viewer
from data.errors import CandorError, WorkspaceError
from data.workspace.approvals import Approval, Kind, approved_texts, propose
from data.workspace.database import Workspace
from data.workspace.sight import not_found, specialists_only
from data.workspace.tables import WALK_COPIES
from data.workspace.written import now_text, one_line, paragraphs

LONGEST = 60_000
"""Characters of a script."""
KIND: Kind = "walkthrough"


@dataclass(frozen=True)
class ScriptCopy:
    """One version of an edited walkthrough."""

    copy_id: str
    """UUID; the same for all versions."""
    version: int
    """From 1."""
    made_from: str
    """Id of the script it was made from."""
    from_hash: str
    """SHA-256 of that script's text."""
    title: str
    """The script's title."""
    script_text: str
    """The script."""
    script_hash: str
    """SHA-256 of `script_text`."""
    who: str
    """Account that saved it."""
    saved_at: str
    """When, UTC with microseconds, as text."""


def save_copy(
    workspace: Workspace,
    viewer: Viewer,
    *,
    title: str,
    text: str,
    made_from: str,
    from_hash: str,
    copy_id: str | None = None,
    after: int | None = None,
) -> ScriptCopy:
    """Keep a version of an edited walkthrough; on the disk when this returns.

    Parameters
    ----------
    workspace : Workspace
        Where it is kept.
    viewer : Viewer
        A specialist.
    title, text : str
        Of the script.
    made_from, from_hash : str
        The script it was made from, and the SHA-256 of its text.
    copy_id : str, optional
        The copy it is a new version of; a new copy without.
    after : int, optional
        The version that was edited: a newer one of somebody else is not written over.

    Raises
    ------
    NotFoundForViewer
        The viewer is not a specialist, or there is no such copy.
    CandorError
        The text cannot be kept, or somebody saved a version in the meantime.
    """
    specialists_only(viewer, "walkthrough")
    kept = tidy(text)
    row: dict[str, Any] = {
        "copy_id": copy_id or str(uuid.uuid4()),
        "made_from": made_from,
        "from_hash": from_hash,
        "title": one_line("This title", title),
        "script_text": kept,
        "script_hash": hash_text(kept),
        "who": viewer.who,
        "saved_at": now_text(),
    }
    with workspace.write() as connection:
        newest = connection.execute(
            select(func.max(WALK_COPIES.c.version)).where(WALK_COPIES.c.copy_id == row["copy_id"])
        ).scalar()
        if copy_id is not None and newest is None:
            raise not_found("walkthrough")
        if after is not None and newest != after:
            found = f"Version {newest} was saved while you edited version {after}."
            raise CandorError("This walkthrough was changed by somebody else", found, "Open it again and compare.")
        row["version"] = (newest or 0) + 1  # two at once: the key lets one of them through
        connection.execute(insert(WALK_COPIES), {**row, "created_at": row["saved_at"]})
    return ScriptCopy(**row)


def read_copy(workspace: Workspace, viewer: Viewer, copy_id: str, version: int | None = None) -> ScriptCopy:
    """Return a version of an edited walkthrough, the newest by default, for specialists.

    Raises
    ------
    NotFoundForViewer
        There is none, or the viewer is not a specialist.
    WorkspaceError
        It is not the text that was saved.
    """
    specialists_only(viewer, "walkthrough")
    c = WALK_COPIES.c
    wanted = select(WALK_COPIES).where(c.copy_id == copy_id).order_by(c.version.desc()).limit(1)
    if version is not None:
        wanted = wanted.where(c.version == version)
    with workspace.read() as connection:
        row = connection.execute(wanted).first()
    if row is None:
        raise not_found("walkthrough")
    return _copy(row)


def list_copies(workspace: Workspace, viewer: Viewer) -> tuple[ScriptCopy, ...]:
    """Return the newest version of every edited walkthrough, for specialists, the last saved first.

    Raises
    ------
    NotFoundForViewer
        The viewer is not a specialist.
    """
    specialists_only(viewer, "walkthrough")
    c = WALK_COPIES.c
    newest = select(c.copy_id, func.max(c.version).label("version")).group_by(c.copy_id).subquery()
    same = (c.copy_id == newest.c.copy_id) & (c.version == newest.c.version)
    wanted = select(WALK_COPIES).join(newest, same).order_by(c.saved_at.desc(), c.copy_id)
    with workspace.read() as connection:
        return tuple(_copy(row) for row in connection.execute(wanted))


def list_versions(workspace: Workspace, viewer: Viewer, copy_id: str) -> tuple[ScriptCopy, ...]:
    """Return every version of an edited walkthrough, for specialists, the newest first."""
    specialists_only(viewer, "walkthrough")
    c = WALK_COPIES.c
    wanted = select(WALK_COPIES).where(c.copy_id == copy_id).order_by(c.version.desc())
    with workspace.read() as connection:
        return tuple(_copy(row) for row in connection.execute(wanted))


def propose_copy(
    workspace: Workspace, viewer: Viewer, copy_id: str, *, audience: Audience, partner: str | None = None
) -> Approval:
    """Propose the newest version of an edited walkthrough for an audience; a second person has to approve it.

    Raises
    ------
    NotFoundForViewer
        There is none, or the viewer is not a specialist.
    CandorError
        A partner is named for an audience that has none.
    """
    copy = read_copy(workspace, viewer, copy_id)
    title, body = copy.title, copy.script_text
    return propose(workspace, viewer, KIND, copy_id, title=title, body=body, audience=audience, partner=partner)


def approved_copies(workspace: Workspace, viewer: Viewer) -> dict[str, str]:
    """Return the approved walkthroughs that a viewer may be shown: id of the copy to the script's text.

    Raises
    ------
    WorkspaceError
        A text is not the one that was approved.
    """
    texts = approved_texts(workspace, viewer, KIND)
    return {text.subject: text.body for text in reversed(texts)}


def hash_text(text: str) -> str:
    """Return the SHA-256 of a script's text."""
    return hashlib.sha256(text.encode()).hexdigest()


def tidy(text: str) -> str:
    """Return a script's text as it is kept: without spaces at the ends of lines.

    Raises
    ------
    CandorError
        It is empty, too long, or has hidden characters.
    """
    return paragraphs("This walkthrough", text, longest=LONGEST)


def _copy(row: Row[Any]) -> ScriptCopy:
    copy = ScriptCopy(**{name: getattr(row, name) for name in ScriptCopy.__annotations__})
    if hash_text(copy.script_text) != copy.script_hash:
        told = "Its text is not the one that was saved: the hash differs."
        raise WorkspaceError("A walkthrough is damaged", told, "Restore the workspace from a copy.")
    return copy
