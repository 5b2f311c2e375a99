"""What can be said of each column of a table before any card exists."""

# ruff: noqa: S608 - statements hold constants and quoted names only; values are parameters
from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb

from data.card_match import MAX_DISTINCT, ColumnProfile
from data.policy_rules import ColumnType
from data.sql import open_scratch
from data.staging_columns import ISO, as_number, as_text, family_of, is_missing_word
from data.staging_load import RAW, storage_for
from data.staging_report import Report
from data.staging_source import (
    OpenSource,
    SourceColumn,
    SourceSpec,
    attachment_of,
    check_source,
    open_source,
    row_names,
    stop_on,
    title_of,
)

BATCH = 50
_TYPE: dict[str, ColumnType] = {"integer": "number", "float": "number", "boolean": "boolean", "date": "date"}


def profile_columns(source: SourceSpec, *, memory_limit: str = "1GB", threads: int = 2) -> dict[str, ColumnProfile]:
    """Describe every column of a table: its type, how much is missing, its distinct values when few.

    Parameters
    ----------
    source : SourceSpec
        The table.
    memory_limit : str
        Most memory DuckDB may use.
    threads : int
        Threads DuckDB may use.

    Returns
    -------
    dict of str to ColumnProfile
        By name, in the table's order. Types in a text column are those that every value fits. Counts of
        distinct values above `MAX_DISTINCT` are approximate. Columns of nested types are left out.

    Raises
    ------
    TableError
        If the table cannot be read.
    """
    report = Report(title_of(source.path))
    check_source(source, report)
    with tempfile.TemporaryDirectory(prefix="candor-") as name:
        readable = link_source(source, Path(name))
        connection = connect(source, Path(name), report, memory_limit, threads, 2000)
        try:
            return _profile(connection, source, readable, report)
        except duckdb.Error as error:
            stop_on(error, source, report)
            raise  # unreachable, for the type checker
        finally:
            connection.close()


def link_source(source: SourceSpec, folder: Path) -> Path:
    """Return a plain path to a source: DuckDB reads brackets and stars in a path as a pattern."""
    link = folder / "source"
    link.symlink_to(source.path.resolve())
    return link


def connect(
    source: SourceSpec, folder: Path, report: Report, memory_limit: str, threads: int, n_columns: int
) -> duckdb.DuckDBPyConnection:
    """Open the scratch connection that reads one source and has the databases "work" and "staged".

    Raises
    ------
    TableError
        If the source is a database that cannot be opened.
    """
    own = (
        storage_for("work", folder / "work.duckdb", n_columns),
        storage_for("staged", folder / "staged.duckdb", n_columns),
    )
    try:
        return open_scratch(
            folder / "spill",
            memory_limit=memory_limit,
            threads=threads,
            attachments=(*own, *attachment_of(source)),
            readable=[folder / "source"],
        )
    except duckdb.Error as error:
        stop_on(error, source, report)
        raise  # unreachable, for the type checker


def _profile(
    connection: duckdb.DuckDBPyConnection, source: SourceSpec, readable: Path, report: Report
) -> dict[str, ColumnProfile]:
    opened = open_source(connection, source, readable, report)
    usable = [column for column in opened.columns if column.name and family_of(column.type) is not None]
    _load(connection, opened, usable)
    row = connection.execute(f"SELECT count(*) FROM {RAW}").fetchone()
    n = int(row[0]) if row else 0
    row_names(connection, source, opened, n, report)
    report.raise_problems()
    profiles: dict[str, ColumnProfile] = {}
    for start in range(0, len(usable), BATCH):
        profiles |= _profile_batch(connection, usable[start : start + BATCH], n)
    return profiles


def _load(connection: duckdb.DuckDBPyConnection, opened: OpenSource, usable: Sequence[SourceColumn]) -> None:
    items = ", ".join(f"{_kept(column)} AS {column.alias}" for column in usable)
    connection.execute(f"CREATE TABLE {RAW} AS SELECT {items} FROM {opened.relation}", opened.parameters)


def _kept(column: SourceColumn) -> str | None:
    """Return what is profiled: text as it is, everything else in its own type, which needs no look at its words."""
    if family_of(column.type) == "text":
        return as_text(column.alias, column.type)
    if family_of(column.type) == "float":
        return as_number(column.alias, column.type)
    return column.alias


def _profile_batch(
    connection: duckdb.DuckDBPyConnection, batch: Sequence[SourceColumn], n: int
) -> dict[str, ColumnProfile]:
    words = (
        "count(*) FILTER (WHERE {0} IS NULL OR {missing}), count(*) FILTER (WHERE isnan({number})), "
        "count(*) FILTER (WHERE NOT {missing} AND {day} IS NULL), "
        "count(*) FILTER (WHERE NOT {missing} AND NOT lower({0}) IN ('true', 'false')), approx_count_distinct({0})"
    )
    plain = "count(*) - count({0}), 0, 0, 0, approx_count_distinct({0})"
    items = [
        (words if family_of(column.type) == "text" else plain).format(
            column.alias,
            missing=is_missing_word(column.alias),
            number=as_number(column.alias, "VARCHAR"),
            day=ISO.value.format(column.alias),
        )
        for column in batch
    ]
    row: tuple[Any, ...] = connection.execute(f"SELECT {', '.join(items)} FROM {RAW}").fetchone() or ()
    return {
        column.name: _profile_column(connection, column, n, row[5 * i : 5 * i + 5]) for i, column in enumerate(batch)
    }


def _profile_column(
    connection: duckdb.DuckDBPyConnection, column: SourceColumn, n: int, measured: Sequence[int]
) -> ColumnProfile:
    missing, not_number, not_day, not_truth, distinct = measured
    family = family_of(column.type)
    type_ = _TYPE.get(family or "") or _type_of_text(n - missing, not_number, not_day, not_truth)
    values: tuple[str, ...] = ()
    if distinct <= 2 * MAX_DISTINCT:  # the count is approximate: list, then count what is listed
        present = f"NOT {is_missing_word(column.alias)}" if family == "text" else f"{column.alias} IS NOT NULL"
        listed = connection.execute(
            f"SELECT DISTINCT {column.alias} FROM {RAW} WHERE {present} ORDER BY 1 LIMIT {MAX_DISTINCT + 1}"
        ).fetchall()
        if len(listed) <= MAX_DISTINCT:
            values = tuple(str(row[0]) for row in listed)
            distinct = len(values)
        else:
            distinct = max(distinct, len(listed))
    return ColumnProfile(column.name, type_, n, missing, distinct, values if type_ == "text" else ())


def _type_of_text(present: int, not_number: int, not_day: int, not_truth: int) -> ColumnType:
    """Return the type that every value of a text column fits; text when there is no value at all."""
    if not present:
        return "text"
    if not not_number:
        return "number"
    if not not_day:
        return "date"
    return "boolean" if not not_truth else "text"
