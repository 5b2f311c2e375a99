"""Sharing a model's protected groups with one partner: who did it, why, and until when.

A partner sees nothing of groups unless a share is in force; then aggregates over its own applications only. Showing
such figures to anybody outside the lender is disclosure (a self-test's privilege ends with it, 12 CFR 1002.15), so a
share names a reason and its line is never removed: ending it writes who ended it, and when.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, and_, insert, select, update

from data.access import Viewer
from data.errors import CandorError
from data.workspace.database import Workspace
from data.workspace.tables import SHARED_GROUPS, time_text

LONGEST_REASON = 300
"""Characters of a reason."""
TITLE = "The groups cannot be shared"


@dataclass(frozen=True)
class GroupShare:
    """One share of a model's groups."""

    model_id: str
    """The model; every snapshot of it."""
    partner: str
    """Who may see them."""
    shared_by: str
    """Account that shared them."""
    reason: str
    """Why, in that person's words."""
    shared_at: str
    """When, UTC with microseconds, as text."""
    revoked_by: str | None
    """Account that ended it; None while it is in force."""
    revoked_at: str | None
    """When it ended; None while it is in force."""

    @property
    def in_force(self) -> bool:
        """Return whether the partner may see the groups now."""
        return self.revoked_at is None


def share_groups(workspace: Workspace, viewer: Viewer, model_id: str, partner: str, reason: str) -> None:
    """Let a partner see aggregates over the groups of its own applications.

    Parameters
    ----------
    workspace : Workspace
        Where it is kept.
    viewer : Viewer
        Who shares: only those who see groups in full.
    model_id : str
        The model.
    partner : str
        Who may look from now on.
    reason : str
        Why, up to 300 characters.

    Raises
    ------
    CandorError
        The viewer may not share, or no reason was given. A share in force already is left as it is.
    """
    _check_owner(viewer)
    kept = " ".join(reason.split())
    if not kept or len(kept) > LONGEST_REASON or not kept.isprintable():
        found = f"The reason has {len(kept)} characters."
        raise CandorError(TITLE, found, f"Say why in 1 to {LONGEST_REASON} characters.")
    if not partner:
        raise CandorError(TITLE, "No partner was named.", "Choose one.")
    now = time_text(datetime.now(UTC))
    row = {"share_id": str(uuid.uuid4()), "model_id": model_id, "partner": partner, "shared_by": viewer.who}
    with workspace.write() as connection:
        if connection.execute(select(SHARED_GROUPS.c.share_id).where(_in_force(model_id, partner))).first():
            return
        connection.execute(insert(SHARED_GROUPS), {**row, "reason": kept, "shared_at": now, "created_at": now})


def end_sharing(workspace: Workspace, viewer: Viewer, model_id: str, partner: str) -> bool:
    """End a share at once; return whether there was one in force.

    Raises
    ------
    CandorError
        The viewer may not.
    """
    _check_owner(viewer)
    ended = {"revoked_by": viewer.who, "revoked_at": time_text(datetime.now(UTC))}
    with workspace.write() as connection:
        wanted = update(SHARED_GROUPS).where(_in_force(model_id, partner)).values(**ended)
        return bool(connection.execute(wanted).rowcount)


def is_shared(workspace: Workspace, viewer: Viewer, model_id: str) -> bool:
    """Return whether a model's groups are shared with this viewer's partner now."""
    if viewer.partner is None:
        return False
    with workspace.read() as connection:
        wanted = select(SHARED_GROUPS.c.share_id).where(_in_force(model_id, viewer.partner))
        return connection.execute(wanted).first() is not None


def list_shares(workspace: Workspace, viewer: Viewer, model_id: str) -> tuple[GroupShare, ...]:
    """Return every share of a model's groups, the newest first, ended ones too.

    Raises
    ------
    CandorError
        The viewer is one partner's: whom else the lender shares with is not theirs to see.
    """
    if viewer.policy.groups == "if shared":
        raise CandorError("This list is not shown", "It names other partners.", "")
    c = SHARED_GROUPS.c
    wanted = select(SHARED_GROUPS).where(c.model_id == model_id).order_by(c.shared_at.desc(), c.partner)
    with workspace.read() as connection:
        rows = connection.execute(wanted).all()
    return tuple(
        GroupShare(r.model_id, r.partner, r.shared_by, r.reason, r.shared_at, r.revoked_by, r.revoked_at) for r in rows
    )


def _check_owner(viewer: Viewer) -> None:
    if viewer.policy.groups != "on":
        remedy = "Ask a specialist of the lender."
        raise CandorError(TITLE, f"The audience {viewer.audience} may not share groups.", remedy)


def _in_force(model_id: str, partner: str) -> ColumnElement[bool]:
    c = SHARED_GROUPS.c
    return and_(c.model_id == model_id, c.partner == partner, c.revoked_at.is_(None))
