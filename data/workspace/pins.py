"""Pins: answers kept as they were shown, and what came out when they were computed again.

A pin holds what its viewer saw, and so it may hold an application's number and values. It lies in the workspace, which
is guarded like the applications; nothing of it goes to the log or into a message.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Row, delete, insert, select

from data.access import Viewer
from data.errors import CandorError, WorkspaceError
from data.workspace.database import Workspace
from data.workspace.pin_parts import Pin, Shown, read_pin_text
from data.workspace.sight import may_see, not_found, seen_by
from data.workspace.tables import PIN_CHECKS, PINS, QUESTION_PINS
from data.workspace.written import LONGEST_LINE, now_text, one_line

LARGEST = 8_000_000
"""Characters of one pin; a page shows at most some thousand marks a chart, which is far below."""
MOST_LISTED = 500
Verdict = Literal["same", "snapshot", "code", "beside", "unexpected"]
"""What came out of a check: the same, or another answer because the snapshot, the code or the snapshots beside it are
others; "unexpected" when none of them is."""


@dataclass(frozen=True)
class PinHeading:
    """A pin in a list, without what was shown."""

    pin_id: str
    """UUID."""
    session_id: str | None
    """The session it was made in."""
    scope: str
    """View it was made in."""
    who: str
    """Account that kept it."""
    title: str
    """What it is called."""
    finding: str
    """The answer."""
    page: str
    """Last part of the page's address."""
    model_id: str
    """Slug of the model."""
    snapshot_id: str
    """Snapshot it was shown from."""
    pinned_at: str
    """When, UTC with microseconds, as text."""


@dataclass(frozen=True)
class PinCheck:
    """One time a pin was computed again."""

    check_id: str
    """UUID."""
    pin_id: str
    """The pin."""
    who: str
    """Account that asked."""
    verdict: str
    """One of `Verdict`."""
    compared: int
    """How many words and numbers were compared."""
    differences: tuple[str, ...]
    """The differences in words; the first ones where there are many."""
    snapshot_id: str
    """Snapshot it was computed on this time."""
    snapshot_hash: str
    """Its fingerprint."""
    code_hash: str
    """Hash of the code that computed it."""
    checked_at: str
    """When, UTC with microseconds, as text."""


def save_pin(workspace: Workspace, viewer: Viewer, shown: Shown, title: str = "", session_id: str | None = None) -> Pin:
    """Keep what a viewer saw; on the disk when this returns.

    Parameters
    ----------
    workspace : Workspace
        Where it is kept.
    viewer : Viewer
        Who saw it and keeps it; the pin belongs to this viewer's scope.
    shown : Shown
        What was shown.
    title : str
        Up to 120 characters; the finding where it is empty.
    session_id : str, optional
        The session that runs.

    Returns
    -------
    Pin
        As kept.

    Raises
    ------
    CandorError
        The title cannot be used, or what was shown is too large.
    """
    name = one_line("This title", title, empty=True) or _short(shown.finding or shown.question)
    pin = Pin(str(uuid.uuid4()), name, viewer.who, viewer.audience, viewer.partner, session_id, now_text(), shown)
    if len(pin.text) > LARGEST:
        found = f"It takes {len(pin.text):,} characters; allowed are {LARGEST:,}."
        raise CandorError("This answer is too large to keep", found, "Choose fewer applications or signals.")
    with workspace.write() as connection:
        connection.execute(insert(PINS), _row(pin))
    return pin


def read_pin(workspace: Workspace, viewer: Viewer, pin_id: str) -> Pin:
    """Return a pin as it was kept.

    Raises
    ------
    NotFoundForViewer
        There is none of this id, or the viewer may not see it: the two look alike.
    WorkspaceError
        The database holds something else than what was kept.
    """
    c = PINS.c
    with workspace.read() as connection:
        row = connection.execute(select(c.scope, c.content_hash, c.content).where(c.pin_id == pin_id)).first()
    if row is None or not may_see(viewer, row.scope):
        raise not_found("pin")
    return _whole(row.content, row.content_hash)


def read_pins(workspace: Workspace, viewer: Viewer, pin_ids: Sequence[str]) -> tuple[Pin, ...]:
    """Return pins in the order asked for; those the viewer may not see are left out.

    Raises
    ------
    WorkspaceError
        The database holds something else than what was kept.
    """
    c = PINS.c
    wanted = select(c.pin_id, c.content_hash, c.content).where(c.pin_id.in_(pin_ids), seen_by(viewer, c.scope))
    with workspace.read() as connection:
        found = {row.pin_id: (row.content, row.content_hash) for row in connection.execute(wanted)}
    return tuple(_whole(*found[one]) for one in dict.fromkeys(pin_ids) if one in found)


def list_pins(
    workspace: Workspace, viewer: Viewer, *, session_id: str | None = None, limit: int = MOST_LISTED
) -> tuple[PinHeading, ...]:
    """Return the pins a viewer may see: of one session in the order they were made, else the newest first."""
    c = PINS.c
    columns = [c[name] for name in PinHeading.__annotations__]
    wanted = select(*columns).where(seen_by(viewer, c.scope))
    if session_id is not None:
        wanted = wanted.where(c.session_id == session_id).order_by(c.pinned_at, c.pin_id)
    else:
        wanted = wanted.order_by(c.pinned_at.desc(), c.pin_id)
    with workspace.read() as connection:
        return tuple(PinHeading(*row) for row in connection.execute(wanted.limit(limit)))


def remove_pin(workspace: Workspace, viewer: Viewer, pin_id: str) -> None:
    """Forget a pin with its checks. Only who kept it, in the same view, may.

    Raises
    ------
    NotFoundForViewer
        There is none of this id that the viewer may remove.
    """
    mine = (PINS.c.pin_id == pin_id, PINS.c.who == viewer.who, seen_by(viewer, PINS.c.scope))
    with workspace.write() as connection:
        if not connection.execute(delete(PINS).where(*mine)).rowcount:
            raise not_found("pin")
        for table in (PIN_CHECKS, QUESTION_PINS):
            connection.execute(delete(table).where(table.c.pin_id == pin_id))


def record_check(
    workspace: Workspace,
    viewer: Viewer,
    pin: Pin,
    now: Shown,
    *,
    verdict: Verdict,
    compared: int,
    differences: Sequence[str],
) -> PinCheck:
    """Keep what came out when a pin was computed again."""
    source = now.source
    check = PinCheck(
        check_id=str(uuid.uuid4()),
        pin_id=pin.pin_id,
        who=viewer.who,
        verdict=verdict,
        compared=compared,
        differences=tuple(differences),
        snapshot_id=source.snapshot_id,
        snapshot_hash=source.snapshot_hash,
        code_hash=source.code_hash,
        checked_at=now_text(),
    )
    words = json.dumps(list(check.differences), ensure_ascii=False)
    with workspace.write() as connection:
        row = {**vars(check), "differences": words, "created_at": check.checked_at}
        connection.execute(insert(PIN_CHECKS), row)
    return check


def list_checks(workspace: Workspace, viewer: Viewer, pin_id: str) -> tuple[PinCheck, ...]:
    """Return the checks of a pin, the newest first.

    Raises
    ------
    NotFoundForViewer
        There is no such pin for this viewer.
    """
    c = PIN_CHECKS.c
    wanted = select(PIN_CHECKS).where(c.pin_id == pin_id).order_by(c.checked_at.desc())
    with workspace.read() as connection:
        scope = connection.execute(select(PINS.c.scope).where(PINS.c.pin_id == pin_id)).scalar()
        rows = connection.execute(wanted).all()
    if scope is None or not may_see(viewer, scope):
        raise not_found("pin")
    return tuple(_check(row) for row in rows)


def _row(pin: Pin) -> dict[str, Any]:
    source = pin.shown.source
    return {
        "pin_id": pin.pin_id,
        "session_id": pin.session_id,
        "scope": pin.scope,
        "who": pin.who,
        "title": pin.title,
        "finding": pin.shown.finding,
        "page": pin.shown.page,
        "model_id": source.model_id,
        "snapshot_id": source.snapshot_id,
        "snapshot_hash": source.snapshot_hash,
        "code_hash": source.code_hash,
        "pinned_at": pin.pinned_at,
        "created_at": pin.pinned_at,
        "content_hash": pin.content_hash,
        "content": pin.text,
    }


def _whole(content: str, content_hash: str) -> Pin:
    if hashlib.sha256(content.encode("utf-8", "surrogateescape")).hexdigest() != content_hash:
        found = "Its content is not what was kept: the hash differs."
        raise WorkspaceError("This pin is damaged", found, "Restore the workspace from a copy.")
    try:
        return read_pin_text(content)
    except ValueError as e:
        found = "It was kept by another version of Candor."
        raise WorkspaceError("This pin cannot be read", found, "Open it with the version that kept it.") from e


def _check(row: Row[Any]) -> PinCheck:
    values = {name: getattr(row, name) for name in PinCheck.__annotations__}
    return PinCheck(**{**values, "differences": tuple(json.loads(row.differences))})


def _short(text: str) -> str:
    """Return a finding as a title."""
    return text if len(text) <= LONGEST_LINE else text[: LONGEST_LINE - 1].rstrip() + "…"
