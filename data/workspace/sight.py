"""Who finds what people wrote: the rule for pins, sessions, questions and approved answers.

What is written belongs to a scope: the audience, and for partners the partner, of the view it was written in. The
viewers of that scope find it. A specialist finds everything: no other view shows more than a specialist's. Nobody
else looks across: a partner's pin names applications that a regulator sees masked, and a specialist's or a
regulator's pin holds signals, other partners' rows and exact scores that a partner must not see. So what a partner
may have is pinned in the partner's own view, or computed again in it.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, true

from data.access import Audience, Viewer
from data.errors import CandorError, NotFoundForViewer


def may_see(viewer: Viewer, scope: str) -> bool:
    """Return whether a viewer finds what was written in a scope."""
    return viewer.audience is Audience.SPECIALIST or viewer.scope == scope


def seen_by(viewer: Viewer, scope: ColumnElement[str]) -> ColumnElement[bool]:
    """Return the condition on a column of scopes that keeps what a viewer finds."""
    return true() if viewer.audience is Audience.SPECIALIST else scope == viewer.scope


def scope_of(viewer: Viewer, audience: Audience, partner: str | None) -> str:
    """Return a scope that a viewer may write for: the own one, for a specialist any.

    Raises
    ------
    CandorError
        The audience and the partner do not fit, or it is not the viewer's to write for.
    """
    scope = Viewer(viewer.who, audience, partner).scope
    if not may_see(viewer, scope):
        found = "It would be found by people who see other things than you do."
        raise CandorError("You cannot write this for others", found, "Choose your own view.")
    return scope


def not_found(thing: str) -> NotFoundForViewer:
    """Return the one answer for what is not there and for what a viewer may not see: the two look alike."""
    told = f"There is no such {thing}, or it was kept in a view that is not yours."
    return NotFoundForViewer(f"You cannot see this {thing}", told, "Ask the person who sent you the link.")


def specialists_only(viewer: Viewer, thing: str) -> None:
    """Refuse everyone but specialists.

    Raises
    ------
    NotFoundForViewer
        The viewer is not a specialist.
    """
    if viewer.audience is not Audience.SPECIALIST:
        raise not_found(thing)
