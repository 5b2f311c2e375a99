"""Finding out what a source is, and offering its columns to DuckDB under safe names.

Whatever the source, its columns are reached as ``c0000``, ``c0001``, … by position: names may repeat,
differ only in case, or hold any character, and never become part of a statement.
"""

# ruff: noqa: S608 - statements hold constants and quoted names only; values are parameters
from __future__ import annotations

import difflib
import gzip
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import duckdb

from data.sql import Attachment, quote_identifier
from data.staging_csv import CsvText, csv_relation, look_at_csv, open_bytes, report_rejects
from data.staging_report import Report, RowNames, some

Kind = Literal["csv", "parquet", "duckdb"]
KIND_WORDS: dict[str, str] = {"csv": "CSV text", "parquet": "a Parquet file", "duckdb": "a DuckDB file"}
_BY_ENDING: dict[str, Kind] = {
    ".csv": "csv",
    ".tsv": "csv",
    ".txt": "csv",
    ".parquet": "parquet",
    ".pq": "parquet",
    ".duckdb": "duckdb",
    ".db": "duckdb",
    ".ddb": "duckdb",
}
_FOREIGN = (
    (b"SQLite format 3", "an SQLite database"),
    (b"PK\x03\x04", "a ZIP or Excel file"),
    (b"\xd0\xcf\x11\xe0", "an old Excel file"),
    (b"%PDF", "a PDF file"),
    (b"\x80\x04", "a Python pickle"),
    (b"\x80\x05", "a Python pickle"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard file"),
    (b"\xfd7zXZ", "an XZ file"),
    (b"ARROW1", "an Arrow file"),
    (b"Obj\x01", "an Avro file"),
)


@dataclass(frozen=True)
class SourceSpec:
    """A table of applications somewhere on disk."""

    path: Path
    """The file."""
    kind: Kind
    """How it is read."""
    table: str | None = None
    """Table or view of a DuckDB file, optionally with its schema: "book" or "main.book"."""
    sql: str | None = None
    """One SELECT over a DuckDB file, in place of `table`."""


@dataclass(frozen=True)
class SourceColumn:
    """A column as the source has it."""

    name: str
    """Its own name."""
    type: str
    """DuckDB's name of its type."""
    alias: str
    """The name by which statements reach it."""


@dataclass(frozen=True)
class OpenSource:
    """A source whose columns are known and whose rows can be selected."""

    columns: tuple[SourceColumn, ...]
    """All columns in their order."""
    relation: str
    """A sub-query with its alias list, to stand behind FROM."""
    parameters: list[object] = field(default_factory=list)
    """Values of the sub-query's parameters."""
    csv: CsvText | None = None
    """What is known about the text of a CSV file."""


def source_at(path: Path, table: str | None = None, sql: str | None = None) -> SourceSpec:
    """Describe a source by what its file holds, else by how its name ends.

    Parameters
    ----------
    path : Path
        A CSV (also .csv.gz), Parquet or DuckDB file.
    table, sql : str, optional
        What to read of a DuckDB file.

    Returns
    -------
    SourceSpec
        A file without a known mark is taken to be CSV.

    Raises
    ------
    TableError
        If there is no such file.
    """
    report = Report(title_of(path))
    _check_is_file(path, report)
    held = _held_kind(path)
    kind: Kind = held if held in ("parquet", "duckdb") else _kind_by_ending(path)  # type: ignore[assignment]
    return SourceSpec(path, kind, table, sql)


def title_of(path: Path) -> str:
    """Return the title of a report about a source."""
    return f"The table {path.name} cannot be used"


def check_source(source: SourceSpec, report: Report) -> None:
    """Check that a source is a file of its kind, before anything is opened.

    Raises
    ------
    TableError
        If it is not.
    """
    _check_is_file(source.path, report)
    held = _held_kind(source.path)
    expected = KIND_WORDS[source.kind]
    foreign = held is not None and held != source.kind
    if foreign and not (source.kind == "duckdb" and held == "empty"):
        words = KIND_WORDS.get(held or "", held or "")
        report.stop(
            "the file",
            "an empty file" if held == "empty" else words,
            f"{expected}, as its name says",
            "Give the file the ending of what it is, or export the table again.",
        )
    if source.kind in ("parquet", "duckdb") and held != source.kind:
        remedy = "Export the table again, or correct the ending of the name."
        report.stop("the file", "no mark of that kind of file", expected, remedy)
    _check_selection(source, report)


def attachment_of(source: SourceSpec) -> tuple[Attachment, ...]:
    """Return how a DuckDB source is joined to a scratch connection (nothing for other kinds)."""
    return (Attachment("source", source.path, read_only=True),) if source.kind == "duckdb" else ()


def open_source(
    connection: duckdb.DuckDBPyConnection, source: SourceSpec, readable: Path, report: Report
) -> OpenSource:
    """Find a source's columns and how to select from it.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        A scratch connection that may read `readable` and has a DuckDB source attached as "source".
    source : SourceSpec
        The source.
    readable : Path
        The path under which the connection may read a CSV or Parquet file.
    report : Report
        Collects problems.

    Raises
    ------
    TableError
        If the source cannot be read at all.
    """
    if source.kind == "csv":
        return _open_csv(source.path, readable, report)
    try:
        if source.kind == "parquet":
            return _open_parquet(connection, readable)
        return _open_duckdb(connection, source, report)
    except duckdb.Error as error:
        stop_on(error, source, report)
        raise  # unreachable, for the type checker


def row_names(
    connection: duckdb.DuckDBPyConnection, source: SourceSpec, opened: OpenSource, rows: int, report: Report
) -> RowNames:
    """Report the rows that could not be read, and say how the others are named in problems."""
    if opened.csv is None:
        return RowNames()
    return report_rejects(connection, source.path, opened.csv, rows, report)


def match_columns(opened: OpenSource, names: Sequence[str], report: Report) -> dict[str, SourceColumn]:
    """Find columns by their exact names; report the missing ones together.

    Returns
    -------
    dict of str to SourceColumn
        The columns that exist, by name.
    """
    by_name = {column.name: column for column in reversed(opened.columns)}
    wanted = list(dict.fromkeys(names))
    missing = [name for name in wanted if name not in by_name]
    if missing:
        hints = [hint for name in missing[:50] if (hint := _near(name, list(by_name)))]
        near = f" Near names in the table: {some(hints, len(hints))}." if hints else ""
        report.problem(
            "columns of the table" if len(missing) > 1 else "column of the table",
            f"no column named {', '.join(missing)}",
            "every column that the card and the model name, spelled exactly so",
            f"Add or rename the columns, or correct the card.{near}",
        )
    return {name: by_name[name] for name in wanted if name in by_name}


def stop_on(error: duckdb.Error, source: SourceSpec, report: Report) -> None:
    """Report an error of DuckDB while a source is opened or read, in words and without values.

    Raises
    ------
    TableError
        Always.
    """
    place = "applications.sql" if source.sql else "the file"
    found, remedy = _explain(error, source)
    try:
        report.stop(place, found, f"{KIND_WORDS[source.kind]} that can be read", remedy)
    except Exception as stopped:
        raise stopped from error


def _explain(error: duckdb.Error, source: SourceSpec) -> tuple[str, str]:
    text = str(error)
    first_line = text.splitlines()[0] if text else ""
    if isinstance(error, duckdb.OutOfMemoryException):
        return "more data than the memory limit allows", "Raise the memory limit and run it again."
    if "lock on file" in text or "already attached" in text or "Unique file handle" in text:
        return "a database that another program is writing to", "Close the other program, or copy the file."
    if "newer version" in text or "version number" in text:
        return "a database written by another version of DuckDB", "Export the table as Parquet with that version."
    if isinstance(error, duckdb.PermissionException):
        return "a query or view that reads outside this database", "Store the rows in a table of the database."
    if isinstance(error, duckdb.CatalogException | duckdb.BinderException | duckdb.ParserException):
        return f"a query or view that fails ({first_line})", "Correct the query, the view or the table."
    if source.kind == "csv":
        remedy = "Write the file again with one kind of line ending and quotation marks around text."
        return "text that the CSV reader cannot follow, often two kinds of line endings in one file", remedy
    if source.sql or isinstance(error, duckdb.ConversionException | duckdb.OutOfRangeException):
        return f"a query or view that fails while it runs ({type(error).__name__})", "Correct the query or view."
    return f"a file that is damaged or cut off ({type(error).__name__})", "Copy or export the file again."


def _open_csv(path: Path, readable: Path, report: Report) -> OpenSource:
    text = look_at_csv(path, report)
    columns = tuple(SourceColumn(name, "VARCHAR", _alias(i)) for i, name in enumerate(text.header))
    call, parameters = csv_relation(readable, text, tuple(column.alias for column in columns))
    return OpenSource(columns, f"({call}) AS source_rows", parameters, text)


def _open_parquet(connection: duckdb.DuckDBPyConnection, readable: Path) -> OpenSource:
    call = "SELECT * FROM read_parquet(?, hive_partitioning=false)"
    described = connection.execute(f"DESCRIBE {call}", [str(readable)]).fetchall()
    # DuckDB renames what differs only in case; the file's own schema has the names as written
    schema = connection.execute("SELECT name, num_children FROM parquet_schema(?)", [str(readable)]).fetchall()
    names = _top_level(schema)
    if len(names) != len(described):
        names = [row[0] for row in described]
    return _aliased(names, [row[1] for row in described], call, [str(readable)])


def _top_level(schema: Sequence[tuple[str, int | None]]) -> list[str]:
    names: list[str] = []
    position = 1
    while position < len(schema):
        names.append(schema[position][0])
        position = _after(schema, position)
    return names


def _after(schema: Sequence[tuple[str, int | None]], position: int) -> int:
    open_nodes = 1
    while open_nodes:
        open_nodes += (schema[position][1] or 0) - 1
        position += 1
    return position


def _open_duckdb(connection: duckdb.DuckDBPyConnection, source: SourceSpec, report: Report) -> OpenSource:
    connection.execute("USE source")
    query = _one_select(connection, source.sql, report) if source.sql else _select_table(connection, source, report)
    described = connection.execute(f"SELECT * FROM (\n{query}\n) LIMIT 0").description or []
    return _aliased([str(row[0]) for row in described], [str(row[1]) for row in described], query, [])


def _one_select(connection: duckdb.DuckDBPyConnection, sql: str, report: Report) -> str:
    statements = connection.extract_statements(sql)
    if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
        found = f"{len(statements)} statements" if len(statements) != 1 else "a statement that is not a SELECT"
        report.stop("applications.sql", found, "exactly one SELECT", "Write one SELECT.")
    return statements[0].query.strip().rstrip(";")


def _select_table(connection: duckdb.DuckDBPyConnection, source: SourceSpec, report: Report) -> str:
    found = connection.execute(
        "SELECT table_schema, table_name FROM information_schema.tables WHERE table_catalog = 'source' ORDER BY ALL"
    ).fetchall()
    matches = [row for row in found if source.table in (row[1], f"{row[0]}.{row[1]}")]
    if not matches:
        listed = some((f"{schema}.{name}" for schema, name in found), len(found)) or "no table at all"
        report.stop(
            "applications.table", f"no table or view {source.table}", listed, "Name one of these tables in the card."
        )
    schema, name = next((row for row in matches if row[0] == "main"), matches[0])
    return f"SELECT * FROM source.{quote_identifier(schema)}.{quote_identifier(name)}"


def _aliased(names: Sequence[str], types: Sequence[str], query: str, parameters: list[object]) -> OpenSource:
    columns = tuple(
        SourceColumn(name, kind.upper(), _alias(i)) for i, (name, kind) in enumerate(zip(names, types, strict=True))
    )
    aliases = ", ".join(column.alias for column in columns)
    return OpenSource(columns, f"(\n{query}\n) AS source_rows({aliases})", parameters)


def _alias(position: int) -> str:
    return f"c{position:04d}"


def _near(name: str, known: Sequence[str]) -> str | None:
    folded = {column.strip().casefold(): column for column in known}
    close = difflib.get_close_matches(name.strip().casefold(), list(folded), n=1, cutoff=0.85)
    return folded[close[0]] if close else None


def _check_is_file(path: Path, report: Report) -> None:
    if not path.is_file():
        found = "a folder" if path.is_dir() else "no such file"
        report.stop(f"the file {path.name}", found, "a CSV, Parquet or DuckDB file", "Correct applications.source.")
    try:
        with path.open("rb") as file:
            file.read(1)
    except OSError as error:
        report.stop("the file", f"a file that cannot be opened ({error.strerror})", "a readable file", "Allow reading.")


def _check_selection(source: SourceSpec, report: Report) -> None:
    given = [name for name, value in (("table", source.table), ("sql", source.sql)) if value]
    if source.kind == "duckdb" and len(given) != 1:
        found = "neither table nor sql" if not given else "both table and sql"
        report.stop("applications", found, "one of table and sql for a DuckDB file", "Say which table to read.")
    if source.kind != "duckdb" and given:
        found = f"{' and '.join(given)} for {KIND_WORDS[source.kind]}"
        report.stop("applications", found, "table or sql for a DuckDB file only", "Remove it from the card.")


def _kind_by_ending(path: Path) -> Kind:
    name = path.name.lower().removesuffix(".gz")
    return next((kind for ending, kind in _BY_ENDING.items() if name.endswith(ending)), "csv")


def _held_kind(path: Path) -> str | None:
    """Return a kind, "empty", words for a foreign format, or None where nothing tells."""
    try:
        with open_bytes(path) as file:
            head = file.read(32)
    except (EOFError, zlib.error, gzip.BadGzipFile):
        return None
    if not head:
        return "empty"
    if head[:4] in (b"PAR1", b"PARE"):
        return "parquet"
    if head[8:12] == b"DUCK":
        return "duckdb"
    return next((words for mark, words in _FOREIGN if head.startswith(mark)), None)
