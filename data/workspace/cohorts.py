"""Saved cohorts: names for choices of applications, kept for each audience (of one partner) and model.

What is kept is the cohort's text, a rule; never a list of applications. A name is seen only by viewers of the same
scope: no partner sees another's names, and no lender's words reach a partner.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, and_, delete, func, insert, select, update

from data.access import Viewer
from data.cohorts import Cohort
from data.errors import CandorError
from data.workspace.database import Workspace
from data.workspace.tables import SAVED_COHORTS, time_text

LONGEST_NAME = 60
"""Characters of a name."""
MOST = 100
"""Names that one scope keeps for one model."""
TITLE = "This cohort cannot be saved"


@dataclass(frozen=True)
class SavedCohort:
    """A cohort with a name."""

    name: str
    """What people call it; unique for a scope and model, in any case of letters."""
    text: str
    """The cohort's short text."""
    who: str
    """Account that saved it last."""
    saved_at: str
    """When, UTC with microseconds, as text."""


def list_cohorts(workspace: Workspace, viewer: Viewer, model_id: str) -> tuple[SavedCohort, ...]:
    """Return the cohorts that the viewers of this scope saved for a model, by name."""
    c = SAVED_COHORTS.c
    wanted = select(c.name, c.cohort, c.who, c.saved_at).where(_mine(viewer, model_id)).order_by(c.folded_name)
    with workspace.read() as connection:
        rows = connection.execute(wanted).all()
    return tuple(SavedCohort(row.name, row.cohort, row.who, row.saved_at) for row in rows)


def save_cohort(workspace: Workspace, viewer: Viewer, model_id: str, name: str, cohort: Cohort) -> str:
    """Keep a cohort under a name; what the name meant before is replaced.

    Parameters
    ----------
    workspace : Workspace
        Where it is kept.
    viewer : Viewer
        Who saves it; viewers of the same scope will find it.
    model_id : str
        The model it belongs to.
    name : str
        Up to 60 characters.
    cohort : Cohort
        Any but every application.

    Returns
    -------
    str
        The name as kept, without spaces around it.

    Raises
    ------
    CandorError
        The name cannot be used, the cohort has no condition, or too many are kept already.
    """
    kept = " ".join(name.split())
    if not kept or len(kept) > LONGEST_NAME or not kept.isprintable():
        found = f"The name has {len(kept)} characters." if kept.isprintable() else "The name holds hidden characters."
        raise CandorError(TITLE, found, f"Give it a name of 1 to {LONGEST_NAME} characters.")
    if not cohort.text:
        raise CandorError(TITLE, "It has no condition: it is every application.", "Choose a condition first.")
    row = {"name": kept, "cohort": cohort.text, "who": viewer.who, "saved_at": time_text(datetime.now(UTC))}
    c, mine = SAVED_COHORTS.c, _mine(viewer, model_id)
    with workspace.write() as connection:
        same = and_(mine, c.folded_name == kept.casefold())
        if connection.execute(update(SAVED_COHORTS).where(same).values(**row)).rowcount:
            return kept
        if connection.execute(select(func.count()).select_from(SAVED_COHORTS).where(mine)).scalar_one() >= MOST:
            raise CandorError(TITLE, f"{MOST} are kept already.", "Delete one that is no longer used.")
        key = {"cohort_id": str(uuid.uuid4()), "scope": viewer.scope, "model_id": model_id}
        connection.execute(
            insert(SAVED_COHORTS), {**key, **row, "folded_name": kept.casefold(), "created_at": row["saved_at"]}
        )
    return kept


def delete_cohort(workspace: Workspace, viewer: Viewer, model_id: str, name: str) -> bool:
    """Forget a name of the viewer's scope; return whether there was one."""
    same = and_(_mine(viewer, model_id), SAVED_COHORTS.c.folded_name == " ".join(name.split()).casefold())
    with workspace.write() as connection:
        return bool(connection.execute(delete(SAVED_COHORTS).where(same)).rowcount)


def _mine(viewer: Viewer, model_id: str) -> ColumnElement[bool]:
    return and_(SAVED_COHORTS.c.scope == viewer.scope, SAVED_COHORTS.c.model_id == model_id)
