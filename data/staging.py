"""Turning any table of applications into a checked staging database, in bounded memory.

The source is read once into a raw table beside the target, converted on the way. The raw table is
checked; all problems are raised together and nothing is left behind. A table without problems is
written in the order of application ids and moved into place in one step, so a killed process leaves
no file under the final name.

The staging database holds

- ``staged``: row_no (0 … n−1 in id order, ids compared by code point), application_id, partner ("all" when
  there is no such column), application_date, outcome (1, 0, NULL), recorded_decision ("approved",
  "declined", NULL), production_score, held_out;
- ``staged_signals``: row_no and one column per signal, named ``s0000``, ``s0001``, … because the names of
  signals may differ only in case; DOUBLE for numbers, VARCHAR for categories; NULL when missing;
- ``signals``: position, name, kind ("number" or "category") and stored (the column's name above);
- ``staged_extras`` and ``extras``: the same for columns that stages beside the model use (``e0000``, …).
"""

# ruff: noqa: S608 - statements hold constants and quoted names only; values are parameters
from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from data import staging_checks as checks
from data import staging_write as write
from data.staging_columns import ISO, DayForm
from data.staging_load import RAW, Progress, RawLayout, StagingRoles, load_raw
from data.staging_profile import connect, link_source, profile_columns
from data.staging_report import Report
from data.staging_source import (
    SourceSpec,
    check_source,
    match_columns,
    open_source,
    row_names,
    source_at,
    stop_on,
    title_of,
)

__all__ = ["SourceSpec", "StagedTable", "StagingRoles", "profile_columns", "source_at", "stage"]

_SORTED_SHARE = 8
"""The part of the memory limit that one sorted batch of signals may take is one in this many."""
_WRITING = "Writing applications in the order of their ids"


@dataclass(frozen=True)
class StagedTable:
    """A staging database that passed all checks."""

    database: Path
    """The DuckDB file."""
    n: int
    """Applications."""
    n_by_partner: Mapping[str, int]
    """Applications by partner, largest first."""
    first_date: date | None
    """Earliest application date; None without dates."""
    last_date: date | None
    """Latest application date; None without dates."""
    n_outcome_known: int
    """Applications whose outcome is known."""
    n_outcome_happened: int
    """Applications whose outcome is 1."""
    n_approved: int
    """Applications approved on record."""
    n_declined: int
    """Applications declined on record."""
    missing: Mapping[str, int]
    """Applications without a value, by signal."""
    notes: tuple[str, ...] = field(default=())
    """What a reader should know though nothing is wrong."""


def stage(
    source: SourceSpec,
    roles: StagingRoles,
    database: Path,
    *,
    memory_limit: str = "1GB",
    threads: int = 2,
    progress: Progress | None = None,
) -> StagedTable:
    """Check a table of applications and write it as a staging database.

    Parameters
    ----------
    source : SourceSpec
        The table.
    roles : StagingRoles
        Which column means what.
    database : Path
        The file to write; an existing one is replaced only on success.
    memory_limit : str
        Most memory DuckDB may use; larger tables spill into the target's folder.
    threads : int
        Threads DuckDB may use.
    progress : callable, optional
        Called with words for the step and the share done (0 to 1).

    Returns
    -------
    StagedTable
        Counts and notes.

    Raises
    ------
    TableError
        With every problem of the table; nothing was written.
    """
    report = Report(title_of(source.path))
    check_source(source, report)
    with tempfile.TemporaryDirectory(prefix=".staging-", dir=database.parent) as name:
        folder = Path(name)
        staged = _stage_in(folder, source, roles, report, memory_limit, threads, progress or _silent)
        os.replace(folder / "staged.duckdb", database)  # noqa: PTH105
    return StagedTable(database=database, notes=tuple(report.notes), **staged)


def _stage_in(
    folder: Path,
    source: SourceSpec,
    roles: StagingRoles,
    report: Report,
    memory_limit: str,
    threads: int,
    progress: Progress,
) -> dict[str, Any]:
    """Stage a source inside a folder; the result is its ``staged.duckdb``."""
    readable = link_source(source, folder)
    width = len(roles.columns)
    with closing(connect(source, folder, report, memory_limit, threads, width)) as connection:
        try:
            progress("Reading the table", 0.0)
            loaded, layout = _load(connection, source, roles, readable, report)
            progress("Checking the table", 0.4)
            missing, day = _check(loaded, layout, roles)
            report.raise_problems()
            budget = _bytes(connection, memory_limit) // _SORTED_SHARE
            write.write_staged(loaded, layout, roles, day, budget, lambda s: progress(_WRITING, 0.5 + 0.5 * s))
            return {**write.count_staged(connection), "missing": missing}
        except duckdb.Error as error:
            stop_on(error, source, report)
            raise  # unreachable, for the type checker


def _load(
    connection: duckdb.DuckDBPyConnection, source: SourceSpec, roles: StagingRoles, readable: Path, report: Report
) -> tuple[checks.Loaded, RawLayout]:
    opened = open_source(connection, source, readable, report)
    found = match_columns(opened, roles.columns, report)
    layout = load_raw(connection, opened, found, roles, report)
    row = connection.execute(f"SELECT count(*) FROM {RAW}").fetchone()
    n = int(row[0]) if row else 0
    names = row_names(connection, source, opened, n, report)
    if not n and not report.problems:
        report.stop("the table", "no row", "at least one application", "Export the table again.")
    return checks.Loaded(connection, RAW, n, names, report), layout


def _check(loaded: checks.Loaded, layout: RawLayout, roles: StagingRoles) -> tuple[dict[str, int], DayForm]:
    """Run every check; the order is the order of the report."""
    day = ISO
    if "application_id" in layout.roles:
        checks.check_ids(loaded, roles.id)
    if roles.partner and "partner" in layout.roles:
        checks.check_partners(loaded, roles.partner)
    if roles.date and "application_date" in layout.roles:
        day = checks.check_dates(loaded, roles.date)
    if roles.outcome and "outcome" in layout.roles:
        checks.check_outcomes(loaded, roles.outcome)
    if roles.decision and "decision" in layout.roles:
        checks.check_decisions(loaded, roles.decision, roles.approved_values, roles.declined_values)
    if roles.score and "score" in layout.roles:
        checks.check_scores(loaded, roles.score)
    if roles.held_out and "held_out" in layout.roles:
        checks.check_held_out(loaded, roles.held_out)
    missing = checks.check_numbers(loaded, layout.numbers)
    missing |= checks.check_categories(loaded, layout.categories, roles.categorical)
    return missing, day


def _bytes(connection: duckdb.DuckDBPyConnection, memory_limit: str) -> int:
    row = connection.execute("SELECT parse_formatted_bytes(?)", [memory_limit]).fetchone()
    return int(row[0]) if row else 0


def _silent(step: str, share: float) -> None:
    """Report progress to nobody."""
