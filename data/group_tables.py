"""Protected attributes and proxies: a database of their own beside the snapshot's.

They are joined to applications by row number only, never to the model's inputs, and the file is
opened only for viewers who may see groups.
"""

# ruff: noqa: S608 - statements hold constants, quoted names and aliases of our own making only
from __future__ import annotations

import tempfile
from contextlib import closing
from pathlib import Path

import duckdb

from data.card_schema import GroupAttribute, GroupsBlock
from data.sql import Attachment, cursor, open_readonly, open_scratch
from data.staging import SourceSpec
from data.staging_columns import as_text
from data.staging_profile import link_source
from data.staging_report import Report, count
from data.staging_source import (
    OpenSource,
    attachment_of,
    check_source,
    match_columns,
    open_source,
    row_names,
    stop_on,
)
from data.work_folder import WorkFolder

TITLE = "The table of protected attributes cannot be used"
SUM_TOLERANCE = 0.001
"""By how much probabilities of one person may add up to more than 1: what rounding leaves."""


def write_groups_database(block: GroupsBlock, source: SourceSpec, work: WorkFolder, target: Path) -> tuple[str, ...]:
    """Write the protected attributes of every staged application.

    Parameters
    ----------
    block : GroupsBlock
        Which columns are attributes.
    source : SourceSpec
        The table of attributes: CSV, Parquet or a table of a DuckDB file.
    work : WorkFolder
        Holds the staging database with the applications.
    target : Path
        The database to make. Table `groups` holds `row_no`, one text column per attribute and one number per
        probability of a proxy; table `attributes` says which: `position`, `name`, `value` (of a probability), `col`.

    Returns
    -------
    tuple of str
        What a reader should know: applications without a line there have no attributes.

    Raises
    ------
    TableError
        With every problem: the file cannot be read, columns are missing, or an id stands there twice.
    """
    report = Report(TITLE)
    check_source(source, report)
    with tempfile.TemporaryDirectory(prefix="groups-", dir=work.path) as name:
        readable = link_source(source, Path(name))
        with closing(_connect(source, work, target, readable, report)) as scratch, cursor(scratch) as own:
            try:
                opened = open_source(own, source, readable, report)
                _read(own, block, source, opened, report)
                return _write(own, block, report)
            except duckdb.Error as error:
                stop_on(error, source, report)
                raise  # unreachable, for the type checker


def check_groups_source(block: GroupsBlock, source: SourceSpec) -> None:
    """Check that a table of attributes can be opened and has its columns; no row is read.

    Raises
    ------
    TableError
        With every problem.
    """
    report = Report(TITLE)
    check_source(source, report)
    with tempfile.TemporaryDirectory(prefix="candor-") as name:
        readable = link_source(source, Path(name))
        try:
            with closing(open_scratch(Path(name), attachments=attachment_of(source), readable=[readable])) as scratch:
                _columns(block, open_source(scratch, source, readable, report), report)
        except duckdb.Error as error:
            stop_on(error, source, report)


def count_groups(database: Path) -> tuple[int, int]:
    """Return the rows of a groups database, and how many different row numbers they have."""
    with closing(open_readonly(database)) as connection, cursor(connection) as own:
        row = own.execute("SELECT count(*), count(DISTINCT row_no) FROM groups").fetchone()
    return (int(row[0]), int(row[1])) if row else (0, 0)


def _connect(
    source: SourceSpec, work: WorkFolder, target: Path, readable: Path, report: Report
) -> duckdb.DuckDBPyConnection:
    own = (Attachment("staging", work.staging, read_only=True), Attachment("kept", target))
    try:
        return open_scratch(work.spill, attachments=(*own, *attachment_of(source)), readable=[readable])
    except duckdb.Error as error:
        stop_on(error, source, report)
        raise  # unreachable, for the type checker


def _columns(block: GroupsBlock, opened: OpenSource, report: Report) -> dict[str, str]:
    """Return the conversion to text of every column that is needed, by its name."""
    found = match_columns(opened, list(dict.fromkeys([block.id, *(name for _, _, name in _parts(block))])), report)
    texts: dict[str, str] = {}
    for name, column in found.items():
        text = as_text(column.alias, column.type)
        if text is None:
            remedy = "Convert the column, or name another one."
            report.problem(f"column {name}", f"the type {column.type}", "text, numbers, dates, yes or no", remedy)
        else:
            texts[name] = text
    report.raise_problems()
    return texts


def _read(
    own: duckdb.DuckDBPyConnection, block: GroupsBlock, source: SourceSpec, opened: OpenSource, report: Report
) -> None:
    """Read id and attributes as text, and report everything that is wrong with them."""
    texts = _columns(block, opened, report)
    columns = {"id": texts[block.id], **{_stored(i): texts[name] for i, (_, _, name) in enumerate(_parts(block))}}
    listed = ", ".join(f"nullif({text}, '') AS {stored}" for stored, text in columns.items())
    own.execute(f"CREATE TEMP TABLE known AS SELECT {listed} FROM {opened.relation}", opened.parameters)
    rows, ids = own.execute("SELECT count(id), count(DISTINCT id) FROM known").fetchone() or (0, 0)
    row_names(own, source, opened, int(rows), report)
    if rows > ids:
        found_rows = f"{count(rows - ids, 'row')} whose id stands there already"
        report.problem(f"column {block.id}", found_rows, "one row for each application", "Remove the doubled rows.")
    _check_probabilities(own, block, report)
    report.raise_problems()


def _check_probabilities(own: duckdb.DuckDBPyConnection, block: GroupsBlock, report: Report) -> None:
    """Report probabilities that are none, and values whose probabilities together are more than certain."""
    remedy = "Write probabilities from 0 to 1, empty where they are not known."
    for attribute in block.attributes:
        numbers = []
        for i, (owner, _, name) in enumerate(_parts(block)):
            if owner is not attribute or not attribute.probabilities:
                continue
            number = f"TRY_CAST({_stored(i)} AS DOUBLE)"
            bad = own.execute(
                f"SELECT count(*) FILTER ({_stored(i)} IS NOT NULL AND NOT coalesce({number} BETWEEN 0 AND 1, false))"
                " FROM known"
            ).fetchone() or (0,)
            if bad[0]:
                report.problem(f"column {name}", count(bad[0], "row") + " with something else", "0 to 1", remedy)
            numbers.append(f"coalesce({number}, 0)")
        if numbers:
            total = " + ".join(numbers)
            over = own.execute(f"SELECT count(*) FILTER ({total} > 1 + {SUM_TOLERANCE}) FROM known").fetchone() or (0,)
            if over[0]:
                found = f"{count(over[0], 'row')} whose probabilities add up to more than 1"
                report.problem(f"attribute {attribute.name}", found, "a sum of 1 at most", remedy)


def _write(own: duckdb.DuckDBPyConnection, block: GroupsBlock, report: Report) -> tuple[str, ...]:
    """Write the attributes in the order of row numbers."""
    parts = _parts(block)
    columns = ", ".join(
        _stored(i) if value is None else f"TRY_CAST({_stored(i)} AS DOUBLE) AS {_stored(i)}"
        for i, (_, value, _) in enumerate(parts)
    )
    own.execute(
        f"CREATE TABLE kept.main.groups AS SELECT a.row_no, {columns} FROM staging.main.staged a"
        " LEFT JOIN known g ON a.application_id = g.id ORDER BY a.row_no"
    )
    own.execute("CREATE TABLE kept.main.attributes (position INTEGER, name VARCHAR, value VARCHAR, col VARCHAR)")
    rows = [(i, attribute.name, value, _stored(i)) for i, (attribute, value, _) in enumerate(parts)]
    own.executemany("INSERT INTO kept.main.attributes VALUES (?, ?, ?, ?)", rows)
    n, known = own.execute(
        "SELECT count(*), count(*) FILTER (application_id IN (SELECT id FROM known)) FROM staging.main.staged"
    ).fetchone() or (0, 0)
    if not known:
        remedy = "Check that both tables write their ids in the same way."
        found = f"none of the {count(n, 'application')}"
        report.problem(f"column {block.id}", found, "the ids of the table of applications", remedy)
        report.raise_problems()
    own.execute("CHECKPOINT kept")
    if n == known:
        return ()
    return (f"{count(n - known, 'application')} of {n:,} have no row in the table of protected attributes.",)


def _parts(block: GroupsBlock) -> list[tuple[GroupAttribute, str | None, str]]:
    """Return every column that is kept: its attribute, the value whose probability it is (or None), and its name."""
    found: list[tuple[GroupAttribute, str | None, str]] = []
    for attribute in block.attributes:
        found += [(attribute, value, column) for value, column in attribute.probabilities.items()]
        if not attribute.probabilities:
            found.append((attribute, None, attribute.name))
    return found


def _stored(position: int) -> str:
    """Return the column of an attribute: names may differ only in case, or hold any character."""
    return f"a{position:03d}"
