"""The log of what was shown: who saw which page, from which snapshot, and how much lay behind it.

What an entry holds
    The account, audience and partner of the viewer, the page, its inputs, the snapshot with its hash, the number
    of rows behind the answer, and two times: when it was shown (by the app) and when it was written. Never an
    applicant's values or names. Each page declares which inputs may stand in the log (`LoggedInputs`): `plain`
    ones as they are, `hidden` ones (application ids) as HMAC-SHA256 under the workspace's salt. Anything else is
    an error, so that a new input cannot slip in. "Was 10432 shown?" hashes 10432 again and compares. A reader of
    a list or an export cannot go back from a hash to the id. A reader of the *database* has the salt and can try
    all ids: guard the database like the applications.

What the chain shows
    Each entry is hashed together with the hash of the one before, and the head (length and last hash) changes in
    the same transaction. `verify_log` therefore finds an entry that was changed, removed, moved or put in, and
    entries cut off at the end.

What it cannot show
    Someone with full rights on the database can compute everything again: change an entry, hash all later ones
    anew and mend the head; or cut the end and mend the head; or exchange the whole log. The chain alone then looks
    sound. An *anchor* (`anchor_log`) kept where that person cannot write finds it: every entry up to the anchor is
    fixed by it. So take anchors often; what came after the last one is only as safe as the database. Nothing can
    show what was never logged, or prove that the app told the truth.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from data.access import Viewer
from data.errors import WorkspaceError
from data.workspace.chain import canonical, entry_hash
from data.workspace.database import Workspace
from data.workspace.tables import SHOWN_ENTRIES, SHOWN_HEADS, time_text

TITLE = "This cannot stand in the log"
LONGEST = 200
"""Characters of a plain input: settings of a page are short, and people's words do not belong here."""


@dataclass(frozen=True)
class LoggedInputs:
    """The inputs of one page that may stand in the log."""

    plain: frozenset[str] = frozenset()
    """Names whose values are settings of the page (a cut-off, a tab, a signal), never an applicant's."""
    hidden: frozenset[str] = frozenset()
    """Names whose values point to a person (an application's id): logged as keyed hashes."""


@dataclass(frozen=True)
class ShownEntry:
    """One entry of the log, as it was written."""

    number: int
    """Place in the log, from 1, without gaps."""
    entry_id: str
    """UUID."""
    shown_at: str
    """When it was shown, UTC with microseconds, as text."""
    who: str
    """Account of the viewer."""
    audience: str
    """"partner", "specialist" or "regulator"."""
    partner: str | None
    """Partner whose applications the viewer may see; None means every partner."""
    page: str
    """Page that was shown."""
    inputs: str
    """Canonical JSON of the inputs; hidden ones as ``{"hidden": hash}``."""
    snapshot_id: str
    """Snapshot the figures came from."""
    snapshot_hash: str
    """Its hash."""
    rows_behind: int
    """Applications behind the answer."""
    created_at: str
    """When it was written, UTC with microseconds, as text."""
    previous_hash: str
    """`entry_hash` of the entry before."""
    entry_hash: str
    """SHA-256 over everything above."""


def record(
    workspace: Workspace,
    viewer: Viewer,
    page: str,
    inputs: Mapping[str, str | int | float],
    *,
    allowed: LoggedInputs,
    snapshot_id: str,
    snapshot_hash: str,
    rows_behind: int,
    at: datetime,
) -> ShownEntry:
    """Write to the log that something is being shown; on the disk when this returns.

    Processes and threads may write at the same time: they take turns at the head of the log.

    Parameters
    ----------
    workspace : Workspace
        Where the log is.
    viewer : Viewer
        Who looks.
    page : str
        What is shown.
    inputs : mapping
        The inputs of the page in force.
    allowed : LoggedInputs
        Which of them the page declared for the log.
    snapshot_id, snapshot_hash : str
        Where the figures come from.
    rows_behind : int
        Applications behind the answer, 0 or more.
    at : datetime
        When it is shown, with a time zone.

    Returns
    -------
    ShownEntry
        The confirmed entry.

    Raises
    ------
    WorkspaceError
        An input is not declared, a value cannot stand in the log, or the database did not confirm. Show nothing then.
    """
    fields: dict[str, Any] = {
        "entry_id": str(uuid.uuid4()),
        "shown_at": time_text(at),
        "who": _words("who", viewer.who),
        "audience": str(viewer.audience),
        "partner": None if viewer.partner is None else _words("partner", viewer.partner),
        "page": _words("page", page),
        "inputs": logged_inputs(workspace, inputs, allowed),
        "snapshot_id": _words("snapshot_id", snapshot_id),
        "snapshot_hash": _words("snapshot_hash", snapshot_hash),
        "rows_behind": _count(rows_behind),
    }
    with workspace.write() as connection:
        return _append(connection, fields)


def logged_inputs(workspace: Workspace, inputs: Mapping[str, str | int | float], allowed: LoggedInputs) -> str:
    """Return the inputs of a page as they stand in the log.

    Raises
    ------
    WorkspaceError
        An input is not declared, or a value is not a short text or a finite number.
    """
    undeclared = sorted(set(inputs) - allowed.plain - allowed.hidden)
    if undeclared:
        found = f"The page did not declare the inputs {', '.join(undeclared)} for the log."
        raise WorkspaceError(TITLE, found, "Declare them as plain or hidden, or leave them out.")
    shown = {
        name: hidden_input(workspace, name, value) if name in allowed.hidden else _setting(name, value)
        for name, value in inputs.items()
    }
    try:
        return canonical(shown)
    except ValueError as e:
        raise WorkspaceError(TITLE, "An input is not a finite number.", "Leave it out.") from e


def hidden_input(workspace: Workspace, name: str, value: object) -> dict[str, str]:
    """Return what stands in the log in the place of an identifier."""
    return {"hidden": workspace.token(name, value)}


def _append(connection: Connection, fields: dict[str, Any]) -> ShownEntry:
    """Add an entry behind the head, of which there is one, and move the head, in the transaction of the caller."""
    # PostgreSQL: whoever holds this row is next. SQLite: the transaction holds the lock of writers already.
    head = connection.execute(select(SHOWN_HEADS).with_for_update()).first()
    if head is None:
        found = "Its head is gone, so the next entry has no place."
        raise WorkspaceError("The log of what was shown is damaged", found, "Run python -m explainers check.")
    now = time_text(datetime.now(UTC))
    entry = {"number": head.entries + 1, **fields, "created_at": now, "previous_hash": head.head_hash}
    entry["entry_hash"] = entry_hash(entry)
    write = insert(SHOWN_ENTRIES).values(entry)
    move = update(SHOWN_HEADS).values(entries=entry["number"], head_hash=entry["entry_hash"], updated_at=now)
    if connection.dialect.name == "postgresql":
        # in one statement: each costs the driver three journeys to the server, which may be on another machine
        connection.execute(write.add_cte(move.cte("moved")))
    else:
        connection.execute(write)
        connection.execute(move)
    return ShownEntry(**entry)


def _words(name: str, text: str) -> str:
    """Return text that both databases keep exactly as it is."""
    if not isinstance(text, str) or not text.isprintable() or len(text) > LONGEST:
        found = f"{name} has signs that cannot be printed, or more than {LONGEST} of them."
        raise WorkspaceError(TITLE, found, "Pass a short plain text.")
    return text


def _setting(name: str, value: object) -> str | int | float:
    if isinstance(value, str):
        return _words(f"The input {name}", value)
    if isinstance(value, int | float):
        return value
    raise WorkspaceError(TITLE, f"The input {name} is neither text nor a number.", "Pass text or a number.")


def _count(rows: int) -> int:
    if isinstance(rows, bool) or not isinstance(rows, int) or not 0 <= rows < 2**63:
        raise WorkspaceError(TITLE, "The number of rows is not a whole number from 0.", "Count the rows shown.")
    return rows
