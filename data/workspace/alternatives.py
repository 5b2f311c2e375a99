"""Finished searches for alternative models, and the tolerances people set over them, each with its reason.

A search is written in one transaction when it has ended, so that one that was stopped leaves nothing. Neither searches
nor tolerances are ever changed; a new opinion is a new line.
"""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Row, insert, select

from data.access import Viewer
from data.errors import CandorError, NotFoundForViewer, WorkspaceError
from data.workspace.database import Workspace
from data.workspace.tables import ALTERNATIVE_SEARCHES, ALTERNATIVE_TOLERANCES, time_text

LONGEST_RATIONALE = 2000
"""Characters of a rationale."""
SHORTEST_RATIONALE = 20
MOST_TOLERANCE = 1000
"""Ten-thousandths of AUC: a tenth."""
LISTED = 20
"""Searches that are listed, the newest first."""
TITLE = "This tolerance cannot be saved"


@dataclass(frozen=True)
class StoredSearch:
    """One finished search."""

    search_id: str
    """Its key."""
    model_id: str
    """The model that alternatives were looked for."""
    snapshot_id: str
    """The snapshot it was run on."""
    snapshot_hash: str
    """Fingerprint of that snapshot."""
    training_hash: str
    """SHA-256 over the rows that were learnt from and measured on."""
    code_hash: str
    """SHA-256 over the code and the versions of the libraries."""
    attribute: str
    """The protected attribute, by its name in the card."""
    seed: int
    """Seed of everything drawn at random."""
    who: str
    """Account that asked for it."""
    started_at: str
    """When it began, UTC as text."""
    finished_at: str
    """When it ended, UTC as text."""
    content: str
    """Canonical JSON: settings and every candidate."""
    content_hash: str
    """SHA-256 of `content`."""


@dataclass(frozen=True)
class StoredTolerance:
    """How much ranking a person would give up, and why."""

    tolerance: int
    """Loss of AUC accepted, in ten-thousandths."""
    rationale: str
    """The person's reason."""
    who: str
    """Account that wrote it."""
    written_at: str
    """When, UTC as text."""


def hash_content(content: str) -> str:
    """Return the hash that a search is kept with."""
    return hashlib.sha256(content.encode()).hexdigest()


def check_specialist(viewer: Viewer) -> None:
    """Refuse a viewer who may not look for alternatives.

    Raises
    ------
    NotFoundForViewer
        The viewer does not see groups in full.
    """
    if viewer.policy.groups != "on":
        raise NotFoundForViewer(
            "Alternatives are not part of this view", "A search reads every application and its group.", ""
        )


def save_search(workspace: Workspace, viewer: Viewer, search: StoredSearch) -> None:
    """Write a finished search.

    Parameters
    ----------
    workspace : Workspace
        Where it is kept.
    viewer : Viewer
        Who asked for it.
    search : StoredSearch
        Everything of it.

    Raises
    ------
    NotFoundForViewer
        The viewer may not look for alternatives.
    WorkspaceError
        The content is not what its hash says.
    """
    check_specialist(viewer)
    if hash_content(search.content) != search.content_hash:
        raise WorkspaceError("The search was not kept", "Its content does not have the hash it was given.", "")
    row = {name: getattr(search, name) for name in StoredSearch.__dataclass_fields__}
    with workspace.write() as connection:
        connection.execute(insert(ALTERNATIVE_SEARCHES), {**row, "created_at": time_text(datetime.now(UTC))})


def list_searches(workspace: Workspace, viewer: Viewer, snapshot_hash: str) -> tuple[StoredSearch, ...]:
    """Return the searches over a snapshot, the newest first.

    Raises
    ------
    NotFoundForViewer
        The viewer may not look for alternatives.
    WorkspaceError
        The content of one was changed after it was written.
    """
    check_specialist(viewer)
    c = ALTERNATIVE_SEARCHES.c
    wanted = select(ALTERNATIVE_SEARCHES).where(c.snapshot_hash == snapshot_hash)
    with workspace.read() as connection:
        rows = connection.execute(wanted.order_by(c.finished_at.desc()).limit(LISTED)).all()
    return tuple(_read(row) for row in rows)


def _read(row: Row[tuple[object, ...]]) -> StoredSearch:
    found = StoredSearch(**{name: row._mapping[name] for name in StoredSearch.__dataclass_fields__})
    if hash_content(found.content) != found.content_hash:
        told = "What is stored does not have the hash it was written with."
        raise WorkspaceError("A search for alternatives was changed", told, "Run it again.")
    return found


def save_tolerance(workspace: Workspace, viewer: Viewer, search_id: str, tolerance: int, rationale: str) -> None:
    """Write how much ranking a person would give up over a search, and why.

    Parameters
    ----------
    workspace : Workspace
        Where it is kept.
    viewer : Viewer
        Who writes it.
    search_id : str
        The search it is about.
    tolerance : int
        Loss of AUC accepted, in ten-thousandths.
    rationale : str
        20 to 2,000 characters.

    Raises
    ------
    CandorError
        The tolerance or the rationale cannot be used, or there is no such search.
    NotFoundForViewer
        The viewer may not look for alternatives.
    """
    check_specialist(viewer)
    text = rationale.strip()
    if not SHORTEST_RATIONALE <= len(text) <= LONGEST_RATIONALE:
        wanted = f"Write {SHORTEST_RATIONALE} to {LONGEST_RATIONALE:,} characters."
        raise CandorError(TITLE, f"Its reason has {len(text)} characters.", wanted)
    if not 0 <= tolerance <= MOST_TOLERANCE:
        raise CandorError(TITLE, f"It is {tolerance / 10_000:g}.", f"Choose 0 to {MOST_TOLERANCE / 10_000:g}.")
    now = time_text(datetime.now(UTC))
    row = {"tolerance_id": str(uuid.uuid4()), "search_id": search_id, "tolerance": tolerance, "rationale": text}
    with workspace.write() as connection:
        known = select(ALTERNATIVE_SEARCHES.c.search_id).where(ALTERNATIVE_SEARCHES.c.search_id == search_id)
        if connection.execute(known).first() is None:
            raise CandorError(TITLE, "The search it is about is not kept here.", "Open a search and try again.")
        connection.execute(
            insert(ALTERNATIVE_TOLERANCES), {**row, "who": viewer.who, "written_at": now, "created_at": now}
        )


def list_tolerances(workspace: Workspace, viewer: Viewer, search_id: str) -> tuple[StoredTolerance, ...]:
    """Return the tolerances set over a search, the newest first."""
    check_specialist(viewer)
    c = ALTERNATIVE_TOLERANCES.c
    wanted = select(c.tolerance, c.rationale, c.who, c.written_at).where(c.search_id == search_id)
    with workspace.read() as connection:
        rows = connection.execute(wanted.order_by(c.written_at.desc())).all()
    return tuple(StoredTolerance(row.tolerance, row.rationale, row.who, row.written_at) for row in rows)
