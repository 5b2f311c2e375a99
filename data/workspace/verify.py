"""Checking the log of what was shown from its first entry to its head, and against an anchor kept elsewhere."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, RowMapping, func, select

from data.errors import WorkspaceError
from data.workspace.chain import canonical, entry_hash, first_hash
from data.workspace.database import Workspace, open_workspace
from data.workspace.tables import SHOWN_ENTRIES, SHOWN_HEADS, time_text

BLOCK = 5_000
"""Entries in memory at a time."""


@dataclass(frozen=True)
class LogCheck:
    """What checking the log found."""

    entries: int
    """Entries found in the log; 0 when nothing was checked."""
    ok: bool
    """Every entry is as written, and none is missing."""
    first_bad: int | None
    """Number of the first entry that is wrong or missing; None when none is."""
    finding: str
    """What was found, in one or two sentences."""
    head_hash: str
    """Hash of the last entry that could be followed from the start, 64 hexadecimal digits."""


@dataclass(frozen=True)
class LogAnchor:
    """The state of the log at one moment, to be kept where the owner of the database cannot write."""

    workspace_id: str
    """Which workspace."""
    entries: int
    """Length of the log then."""
    head_hash: str
    """Hash of its last entry then; it fixes every entry before."""
    taken_at: str
    """When, UTC, as text."""

    def to_json(self) -> str:
        """Return the anchor as one line of JSON."""
        return canonical(asdict(self))


def verify_log(workspace: Workspace, anchor: LogAnchor | None = None) -> LogCheck:
    """Check every entry of the log, its order, its end, and an anchor.

    Parameters
    ----------
    workspace : Workspace
        Where the log is. It may be written meanwhile: one state of it is checked.
    anchor : LogAnchor, optional
        An earlier state of this log, kept elsewhere.

    Returns
    -------
    LogCheck
        Stops at the first thing that is wrong.

    Raises
    ------
    WorkspaceError
        The database cannot be read.
    """
    previous, number = first_hash(workspace.workspace_id, workspace.salt), 0
    if anchor and anchor.workspace_id != workspace.workspace_id:
        return LogCheck(0, False, None, "The anchor is of another workspace; nothing was checked.", previous)
    with workspace.read() as connection:
        count = connection.execute(select(func.count()).select_from(SHOWN_ENTRIES)).scalar_one()
        for row in _entries(connection):
            number += 1
            wrong = _wrong_entry(row, number, previous)
            if wrong:
                return LogCheck(count, False, number, wrong, previous)
            previous = row["entry_hash"]
            if anchor and anchor.entries == number and anchor.head_hash != previous:
                return LogCheck(count, False, None, _rewritten(anchor), previous)
        wrong, bad = _wrong_end(connection, workspace, count, previous)
    if not wrong and anchor:
        wrong, bad = _wrong_anchor(workspace, anchor, count)
    if wrong:
        return LogCheck(count, False, bad, wrong, previous)
    return LogCheck(count, True, None, f"All {count:,} entries are as written; none is missing.", previous)


def check_workspace(url: str | None = None, anchor: LogAnchor | None = None) -> LogCheck:
    """Check the log of a workspace without changing the database, for `python -m explainers check`.

    Raises
    ------
    WorkspaceError
        There is no workspace, it is of another schema, or it cannot be read.
    """
    return verify_log(open_workspace(url, upgrade=False), anchor)


def anchor_log(workspace: Workspace) -> LogAnchor:
    """Return the state of the log, checked, to be printed, mailed or kept in write-once storage.

    Raises
    ------
    WorkspaceError
        The log is not sound: an anchor would confirm the damage.
    """
    found = verify_log(workspace)
    if not found.ok:
        raise WorkspaceError("The log cannot be anchored", found.finding, "Find out what happened to it first.")
    return LogAnchor(workspace.workspace_id, found.entries, found.head_hash, time_text(datetime.now(UTC)))


def read_anchor(text: str) -> LogAnchor:
    """Return an anchor from its JSON.

    Raises
    ------
    WorkspaceError
        The text is not an anchor.
    """
    try:
        found = json.loads(text)
        anchor = LogAnchor(**found)
    except (ValueError, TypeError) as e:
        raise _no_anchor() from e
    texts = (anchor.workspace_id, anchor.head_hash, anchor.taken_at)
    if type(anchor.entries) is not int or not all(isinstance(part, str) for part in texts):
        raise _no_anchor()
    return anchor


def _no_anchor() -> WorkspaceError:
    remedy = "Pass the line as it was exported."
    return WorkspaceError("The anchor cannot be read", "It is not a line of JSON with the four parts.", remedy)


def _entries(connection: Connection) -> Iterator[RowMapping]:
    """Yield the log in its order, a block at a time: the driver of PostgreSQL holds a whole answer in memory."""
    last: int | None = None
    while True:
        query = select(SHOWN_ENTRIES).order_by(SHOWN_ENTRIES.c.number).limit(BLOCK)
        if last is not None:
            query = query.where(SHOWN_ENTRIES.c.number > last)
        block = connection.execute(query).mappings().all()
        yield from block
        if len(block) < BLOCK:
            return
        last = block[-1]["number"]


def _wrong_entry(row: RowMapping, number: int, previous: str) -> str:
    """Return what is wrong with an entry that should have a number and follow a hash; empty when nothing."""
    if row["number"] > number:
        return f"Entry {number} is missing: the next one found is entry {row['number']}."
    if row["number"] < number:
        return f"Entry {row['number']} does not belong to the log, which begins with entry 1."
    try:
        computed = entry_hash(row)
    except (TypeError, ValueError):
        computed = ""  # a value of a kind that is never written
    if computed != row["entry_hash"]:
        return f"Entry {number} was changed after it was written: its hash does not fit what it says."
    if row["previous_hash"] != previous:
        return f"Entry {number} does not follow the entry before it: one was put in, removed or exchanged."
    return ""


def _wrong_end(connection: Connection, workspace: Workspace, count: int, last: str) -> tuple[str, int | None]:
    """Return what is wrong between the end of the log and its head, and the entry it begins with."""
    head = connection.execute(select(SHOWN_HEADS).where(SHOWN_HEADS.c.workspace_id == workspace.workspace_id)).first()
    if head is None:
        return "The head of the log is missing, so nobody can say whether entries are missing at the end.", None
    if head.entries > count:
        return f"Entries are missing at the end: the head names {head.entries:,}, the log has {count:,}.", count + 1
    if head.entries < count:
        return f"Entries follow that the head does not know: it names {head.entries:,} of {count:,}.", head.entries + 1
    if head.head_hash != last:
        return "The head does not fit the last entry.", count or None
    return "", None


def _wrong_anchor(workspace: Workspace, anchor: LogAnchor, count: int) -> tuple[str, int | None]:
    """Return what is wrong between a log that is sound in itself and an anchor; its entry was compared before."""
    if anchor.entries > count:
        return f"Entries are missing: the anchor knew {anchor.entries:,}, the log has {count:,}.", count + 1
    if anchor.entries == 0 and anchor.head_hash != first_hash(workspace.workspace_id, workspace.salt):
        return _rewritten(anchor), None
    return "", None


def _rewritten(anchor: LogAnchor) -> str:
    return (
        f"The log was written anew: its entry {anchor.entries:,} is not the one anchored at {anchor.taken_at}. "
        "An entry up to there was changed, and those after it were hashed again."
    )
