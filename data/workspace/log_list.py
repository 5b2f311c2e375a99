"""Reading the log of what was shown: filters, pages of a table, and a file for a spreadsheet. For specialists."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any

import pandas as pd
from sqlalchemy import ColumnElement, func, select

from data.access import Audience, Viewer
from data.errors import NotFoundForViewer
from data.workspace.chain import canonical
from data.workspace.database import Workspace
from data.workspace.shown_log import hidden_input
from data.workspace.tables import SHOWN_ENTRIES, time_text

BLOCK = 5_000
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""A cell that begins so is run by spreadsheets."""


@dataclass(frozen=True)
class LogFilter:
    """Which entries are asked for; every part that is set must fit."""

    who: str | None = None
    """Account, exactly."""
    page: str | None = None
    """Page, exactly."""
    since: datetime | None = None
    """Shown at this moment or later; with a time zone."""
    until: datetime | None = None
    """Shown before this moment; with a time zone."""
    audience: Audience | None = None
    """Audience of the viewer."""
    partner: str | None = None
    """Partner of the viewer."""
    hidden: tuple[str, str] | None = None
    """A hidden input and its value, as in ("application", "10432"): was it shown?"""


EVERYTHING = LogFilter()


@dataclass(frozen=True)
class LogPage:
    """Some entries of the log, newest first."""

    rows: pd.DataFrame
    """One row per entry, the columns of `ShownEntry`; `shown_at` and `created_at` are moments in UTC."""
    n: int
    """Entries in `rows`."""
    n_total: int
    """Entries that fit the filter."""
    first: int
    """How many newer entries were passed over."""


def list_log(
    workspace: Workspace, viewer: Viewer, asked: LogFilter = EVERYTHING, *, first: int = 0, size: int = 100
) -> LogPage:
    """Return a page of the log, newest first.

    Parameters
    ----------
    workspace : Workspace
        Where the log is.
    viewer : Viewer
        A specialist.
    asked : LogFilter
        Which entries.
    first : int
        Newer entries to pass over.
    size : int
        Entries at most.

    Returns
    -------
    LogPage
        The rows and how many there are in all.

    Raises
    ------
    NotFoundForViewer
        The viewer is not a specialist.
    WorkspaceError
        The database cannot be read.
    """
    conditions = _conditions(workspace, viewer, asked)
    query = select(SHOWN_ENTRIES).where(*conditions).order_by(SHOWN_ENTRIES.c.number.desc()).limit(size).offset(first)
    with workspace.read() as connection:
        total = connection.execute(select(func.count()).select_from(SHOWN_ENTRIES).where(*conditions)).scalar_one()
        found = connection.execute(query)
        frame = pd.DataFrame(found.all(), columns=list(found.keys()))
    for name in ("shown_at", "created_at"):
        frame[name] = pd.to_datetime(frame[name], format="ISO8601", utc=True, errors="coerce")
    return LogPage(frame, len(frame), total, first)


def export_log(workspace: Workspace, viewer: Viewer, target: IO[str], asked: LogFilter = EVERYTHING) -> int:
    """Write entries of the log as CSV, oldest first, with their hashes.

    A text that a spreadsheet would run begins with an apostrophe in the file.

    Parameters
    ----------
    workspace, viewer, asked
        As in `list_log`.
    target : text file
        Opened with ``newline=""``.

    Returns
    -------
    int
        Entries written.

    Raises
    ------
    NotFoundForViewer
        The viewer is not a specialist.
    WorkspaceError
        The database cannot be read.
    """
    writer = csv.writer(target, lineterminator="\n")
    conditions = _conditions(workspace, viewer, asked)
    writer.writerow([column.name for column in SHOWN_ENTRIES.columns])
    written = 0
    for row in _rows(workspace, conditions):
        writer.writerow([_cell(value) for value in row])
        written += 1
    return written


def _rows(workspace: Workspace, conditions: list[ColumnElement[bool]]) -> Iterator[Any]:
    last = 0
    with workspace.read() as connection:
        while True:
            after = SHOWN_ENTRIES.c.number > last
            query = select(SHOWN_ENTRIES).where(after, *conditions).order_by(SHOWN_ENTRIES.c.number).limit(BLOCK)
            block = connection.execute(query).all()
            yield from block
            if len(block) < BLOCK:
                return
            last = block[-1].number


def _conditions(workspace: Workspace, viewer: Viewer, asked: LogFilter) -> list[ColumnElement[bool]]:
    """Return what an entry must fulfil to be asked for and to be this viewer's to see."""
    if viewer.audience != Audience.SPECIALIST:
        raise NotFoundForViewer("There is nothing here", "The log is not part of this view.", "Ask a specialist.")
    c = SHOWN_ENTRIES.c
    equal = {"who": asked.who, "page": asked.page, "audience": asked.audience, "partner": asked.partner}
    conditions = [c[name] == str(value) for name, value in equal.items() if value is not None]
    if asked.since is not None:
        conditions.append(c.shown_at >= time_text(asked.since))
    if asked.until is not None:
        conditions.append(c.shown_at < time_text(asked.until))
    if asked.hidden is not None:
        name, value = asked.hidden
        piece = canonical({name: hidden_input(workspace, name, value)})[1:-1]
        conditions.append(c.inputs.contains(piece, autoescape=True))
    return conditions


def _cell(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value
