"""Reading the columns that matter out of a source into the raw table, converted on the way."""

# ruff: noqa: S608 - statements hold constants and quoted names only; values are parameters
from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from data.sql import Attachment
from data.staging_columns import (
    Expression,
    as_category,
    as_day,
    as_number,
    as_text,
    family_of,
    without_missing_words,
)
from data.staging_report import Report
from data.staging_source import OpenSource, SourceColumn

Progress = Callable[[str, float], None]
"""Called with words for a step and the share of the work that is done (0 to 1)."""
RAW = "work.main.raw"

_ROW_GROUP_BYTES = 64 << 20
_VECTOR = 2048
_DEFAULT_ROW_GROUP = 122_880
_WIDE = 200


@dataclass(frozen=True)
class StagingRoles:
    """Which column of a table means what."""

    id: str
    """Application id."""
    partner: str | None = None
    """Partner the application came through."""
    date: str | None = None
    """Date of the application."""
    outcome: str | None = None
    """1 happened, 0 did not, empty not known."""
    decision: str | None = None
    """Decision on record."""
    score: str | None = None
    """Production score."""
    held_out: str | None = None
    """1 the model was not trained on it, 0 it was, empty not known."""
    numeric: tuple[str, ...] = ()
    """Signals that are numbers."""
    categorical: Mapping[str, tuple[str, ...] | None] = field(default_factory=dict)
    """Signals that are categories, with the levels the model knows (None when not known)."""
    approved_values: tuple[str, ...] = ("approved",)
    """Recorded decisions that mean approved."""
    declined_values: tuple[str, ...] = ("declined",)
    """Recorded decisions that mean declined."""
    extra: tuple[str, ...] = ()
    """Other columns that policy rules use."""

    @property
    def signals(self) -> tuple[str, ...]:
        """Return all signals in the order they are stored: numbers, then categories."""
        return (*self.numeric, *self.categorical)

    @property
    def columns(self) -> tuple[str, ...]:
        """Return every column needed of the table."""
        single = (self.id, self.partner, self.date, self.outcome, self.decision, self.score, self.held_out)
        return (*(name for name in single if name is not None), *self.signals, *self.extra)


@dataclass(frozen=True)
class RawLayout:
    """Which columns of the raw table were filled."""

    roles: frozenset[str]
    """Raw columns with a role that the source has: "application_id", "partner", …"""
    numbers: dict[str, str]
    """Stored column to name, of numeric signals."""
    categories: dict[str, str]
    """Stored column to name, of signals that are categories."""
    extras: dict[str, str]
    """Stored column to name, of columns that policy rules use."""


def storage_for(name: str, path: Path, n_columns: int) -> Attachment:
    """Return a database file whose row groups and blocks suit a table of this width.

    DuckDB holds one block per column and thread while it writes, and whole row groups; with a
    thousand columns its defaults ask for more memory than the tables have.
    """
    block = 16384 if n_columns > _WIDE else 262144
    return Attachment(name, path, block_bytes=block, row_group_rows=row_group_rows(n_columns))


def row_group_rows(n_columns: int) -> int:
    """Return how many rows make a row group in a table of this width: 64 MB of numbers, whole vectors."""
    rows = _ROW_GROUP_BYTES // (8 * max(n_columns, 1)) // _VECTOR * _VECTOR
    return min(max(rows, _VECTOR), _DEFAULT_ROW_GROUP)


def load_raw(
    connection: duckdb.DuckDBPyConnection,
    opened: OpenSource,
    found: Mapping[str, SourceColumn],
    roles: StagingRoles,
    report: Report,
) -> RawLayout:
    """Fill the raw table from a source.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        A scratch connection with a database "work" attached.
    opened : OpenSource
        The source.
    found : mapping of str to SourceColumn
        The columns that exist, by name; missing ones have been reported.
    roles : StagingRoles
        What each column means.
    report : Report
        Collects columns of a type that cannot be used.

    Returns
    -------
    RawLayout
        What the raw table holds.

    Raises
    ------
    duckdb.Error
        If the source fails while it is read.
    """
    selected = _Selection(found, report)
    _select_roles(selected, roles)
    layout = RawLayout(
        roles=frozenset(selected.stored),
        numbers=_select_numbers(selected, roles.numeric),
        categories=_select_categories(selected, roles.categorical, len(roles.numeric)),
        extras=_select_extras(selected, roles.extra),
    )
    items = [f"{expression.sql} AS {stored}" for stored, expression in selected.stored.items()]
    parameters = [value for expression in selected.stored.values() for value in expression.parameters]
    # without any usable column the rows are read all the same, for their number and their broken lines
    listed = ", ".join(items) or "1 AS nothing"
    connection.execute(
        f"CREATE TABLE {RAW} AS SELECT {listed} FROM {opened.relation}", [*parameters, *opened.parameters]
    )
    return layout


@dataclass
class _Selection:
    found: Mapping[str, SourceColumn]
    report: Report
    stored: dict[str, Expression] = field(default_factory=dict)

    def add(
        self,
        stored: str,
        name: str | None,
        convert: Callable[[str, str], str | None],
        allowed: str,
        finish: Callable[[str], Expression] = Expression,
    ) -> bool:
        """Select a column under its stored name; report it when its type has no conversion."""
        column = self.found.get(name) if name is not None else None
        if column is None:
            return False
        sql = convert(column.alias, column.type)
        if sql is None:
            remedy = "Convert the column, or name another one."
            self.report.problem(f"column {name}", f"the type {column.type}", allowed, remedy)
            return False
        self.stored[stored] = finish(sql)
        return True


def _select_roles(selected: _Selection, roles: StagingRoles) -> None:
    def words(text: str) -> Expression:
        return Expression(without_missing_words(text))

    selected.add("application_id", roles.id, as_text, "text or whole numbers")
    selected.add("partner", roles.partner, as_text, "text")
    selected.add("application_date", roles.date, as_day, "dates")
    selected.add("outcome", roles.outcome, as_text, "1, 0 or empty", words)
    selected.add("decision", roles.decision, as_text, "text", words)
    selected.add("score", roles.score, as_number, "numbers")
    selected.add("held_out", roles.held_out, as_text, "1, 0 or empty", words)


def _select_numbers(selected: _Selection, names: Sequence[str]) -> dict[str, str]:
    stored = {f"s{i:04d}": name for i, name in enumerate(names)}
    return {key: name for key, name in stored.items() if selected.add(key, name, as_number, "numbers")}


def _select_categories(
    selected: _Selection, levels: Mapping[str, tuple[str, ...] | None], start: int
) -> dict[str, str]:
    chosen: dict[str, str] = {}
    for i, (name, known) in enumerate(levels.items(), start=start):

        def finish(text: str, known: tuple[str, ...] | None = known) -> Expression:
            return as_category(text, known)

        if selected.add(f"s{i:04d}", name, as_text, "text, whole numbers or truth values", finish):
            chosen[f"s{i:04d}"] = name
    return chosen


def _select_extras(selected: _Selection, names: Sequence[str]) -> dict[str, str]:
    def convert(column: str, type_name: str) -> str | None:
        family = family_of(type_name)
        return as_number(column, type_name) if family in ("integer", "float") else as_text(column, type_name)

    stored = {f"e{i:04d}": name for i, name in enumerate(names)}
    return {key: name for key, name in stored.items() if selected.add(key, name, convert, "text or numbers")}
