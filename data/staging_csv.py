"""Reading a CSV file: its encoding, its header and its broken lines.

The bytes are scanned once before DuckDB's reader sees them, because the reader names the first
broken line only, and because UTF-16 would look to it like a strange header. The reader itself then
parses the fields; lines that it rejects are reported by their place in the file.
"""

# ruff: noqa: S608 - statements hold constants and quoted names only; values are parameters
from __future__ import annotations

import csv
import gzip
import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import BinaryIO, cast

import duckdb

from data.staging_report import SHOWN_ROWS, Report, RowNames, count, some

CHUNK = 1 << 20
DELIMITERS = ",;\t|"
REJECTS_LIMIT = 100_000
LONGEST_LINE = 32 << 20
UTF16_MARKS = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16"}
_REJECTED = {
    "MISSING COLUMNS": "too few fields",
    "TOO MANY COLUMNS": "too many fields",
    "UNQUOTED VALUE": "a quotation mark that is not closed",
    "INVALID ENCODING": "bytes that are not UTF-8",
    "LINE SIZE OVER MAXIMUM": "a line that is too long, often a quotation mark that is not closed",
}


@dataclass(frozen=True)
class CsvText:
    """What a first look at a CSV file found."""

    delimiter: str
    """The character between fields."""
    header: tuple[str, ...]
    """Column names in the order of the file."""
    lines: int
    """Physical lines of the file, with the header."""
    newline: bytes
    """What ends a line."""
    gzipped: bool
    """True when the file is compressed."""


@dataclass
class _Scan:
    lines: int = 0
    returns: int = 0
    bad_encoding: int = 0
    first_bad: tuple[int, ...] = ()
    nul_line: int | None = None
    ends_open: bool = False


def open_bytes(path: Path) -> BinaryIO:
    """Open a file for reading its bytes, through gzip when it is compressed."""
    with path.open("rb") as file:
        gzipped = file.read(2) == b"\x1f\x8b"
    return cast(BinaryIO, gzip.open(path, "rb")) if gzipped else path.open("rb")


def look_at_csv(path: Path, report: Report) -> CsvText:
    """Check the encoding of a CSV file and read its header.

    Parameters
    ----------
    path : Path
        The file, plain or gzip.
    report : Report
        Collects what is wrong.

    Returns
    -------
    CsvText
        Delimiter, header and line count.

    Raises
    ------
    TableError
        If nothing of the file can be read.
    """
    try:
        scan = _scan(path, report)
        delimiter, header = _read_header(path, report)
    except (EOFError, zlib.error, gzip.BadGzipFile):
        report.stop("the file", "a compressed file that is damaged or cut off", "a whole gzip file", "Copy it again.")
    _report_scan(scan, report)
    _check_header(header, report)
    newline = b"\n" if scan.lines else b"\r"
    lines = (scan.lines or scan.returns) + scan.ends_open
    with path.open("rb") as file:
        gzipped = file.read(2) == b"\x1f\x8b"
    return CsvText(delimiter, header, lines, newline, gzipped)


def csv_relation(path: Path, text: CsvText, names: tuple[str, ...]) -> tuple[str, list[object]]:
    """Return the reader call for a CSV file, with all fields as text, and its parameters."""
    call = (
        "SELECT * FROM read_csv(?, auto_detect=false, header=true, delim=?, quote='\"', escape='\"', columns=?, "
        "strict_mode=true, compression=?, hive_partitioning=false, filename=false, "
        f"store_rejects=true, rejects_limit={REJECTS_LIMIT}, rejects_line_size_limit=1)"
    )
    compression = "gzip" if text.gzipped else "none"
    return call, [str(path), text.delimiter, dict.fromkeys(names, "VARCHAR"), compression]


def report_rejects(
    connection: duckdb.DuckDBPyConnection, path: Path, text: CsvText, rows: int, report: Report
) -> RowNames:
    """Report the lines that the CSV reader could not use, and say how rows are named from here on.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        The connection that read the file once with `csv_relation`.
    path : Path
        The file.
    text : CsvText
        From `look_at_csv`.
    rows : int
        Rows that could be read.
    report : Report
        Collects one problem per kind of broken line.

    Returns
    -------
    RowNames
        By line where each row is one line, else by row.
    """
    rejected = connection.execute(
        "SELECT line_byte_position, min(line), first(error_type::VARCHAR) FROM reject_errors GROUP BY 1 ORDER BY 1"
    ).fetchall()
    lines = _lines_at(path, text.newline, [(position, line) for position, line, _ in rejected])
    by_kind: dict[str, list[int]] = {}
    for line, (_, _, kind) in zip(lines, rejected, strict=True):
        by_kind.setdefault(kind, []).append(line)
    recorded = connection.execute("SELECT count(*) FROM reject_errors").fetchone()
    at_least = "at least " if recorded and recorded[0] >= REJECTS_LIMIT else ""
    for kind, found in sorted(by_kind.items()):
        if kind != "INVALID ENCODING":  # the scan of the bytes has named all of these lines already
            _report_kind(kind, at_least + count(len(found), "line"), found, text, report)
    by_line = rows + len(lines) + 1 == text.lines
    return RowNames(by_line, tuple(lines)) if by_line else RowNames()


def _report_kind(kind: str, total: str, lines: list[int], text: CsvText, report: Report) -> None:
    words = _REJECTED.get(kind, "a form that the CSV reader refuses")
    shown = some((f"{line:,}" for line in lines[:SHOWN_ROWS]), len(lines))
    report.problem(
        f"line {shown}" if len(lines) == 1 else f"lines {shown}",
        f"{total} with {words}",
        f"{count(len(text.header), 'field')} on each line, as in the header; quotation marks in pairs",
        "Mend or remove these lines, or write the file again with quotation marks around text.",
    )


def _lines_at(path: Path, newline: bytes, rejected: list[tuple[int, int]]) -> list[int]:
    """Return the physical line of each rejected line, from the byte position and line number of the reader.

    Its line numbers count a row over several lines once, and start afresh after a quotation mark that is not
    closed. Its positions are right but for a byte, so that one on a line break may belong to either side; there
    the reader's own number decides.
    """
    lines: list[int] = []
    seen, line = 0, 1
    for chunk in _chunks(path):
        while len(lines) < len(rejected) and rejected[len(lines)][0] < seen + len(chunk):
            position, reported = rejected[len(lines)]
            here = line + chunk.count(newline, 0, position - seen)
            on_break = chunk[position - seen : position - seen + 1] in (b"\n", b"\r")
            lines.append(here + 1 if on_break and reported == here + 1 else here)
        line += chunk.count(newline)
        seen += len(chunk)
    return lines + [reported for _, reported in rejected[len(lines) :]]


def _chunks(path: Path) -> Iterator[bytes]:
    with open_bytes(path) as file:
        while chunk := file.read(CHUNK):
            yield chunk


def _scan(path: Path, report: Report) -> _Scan:
    scan, rest, first = _Scan(), b"", True
    for chunk in _chunks(path):
        if first and chunk[:2] in UTF16_MARKS:
            kind = UTF16_MARKS[chunk[:2]]
            report.stop("the file", f"text encoded as {kind}", "UTF-8", "Save it again as UTF-8 (“CSV UTF-8”).")
        first = False
        joined = rest + chunk
        cut = joined.rfind(b"\n") + 1
        _scan_lines(joined[:cut], scan)
        rest = joined[cut:]
        if len(rest) > LONGEST_LINE:
            report.stop("the file", "a line of more than 32 MB", "shorter lines", "Check that this is a CSV file.")
    if first:
        report.stop("the file", "an empty file", "a header line and rows", "Export the table again.")
    _scan_lines(rest, scan)
    scan.ends_open = bool(rest)
    return scan


def _scan_lines(block: bytes, scan: _Scan) -> None:
    if scan.nul_line is None and b"\x00" in block:
        scan.nul_line = scan.lines + 1 + block.count(b"\n", 0, block.index(b"\x00"))
    if not block.isascii():
        try:
            block.decode("utf-8")
        except UnicodeDecodeError:
            bad = [i for i, line in enumerate(block.split(b"\n"), scan.lines + 1) if not _is_utf8(line)]
            scan.bad_encoding += len(bad)
            scan.first_bad += tuple(islice(bad, SHOWN_ROWS - len(scan.first_bad)))
    scan.lines += block.count(b"\n")
    scan.returns += block.count(b"\r")


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _report_scan(scan: _Scan, report: Report) -> None:
    if scan.bad_encoding:
        shown = some((f"{line:,}" for line in scan.first_bad), scan.bad_encoding)
        found = f"{count(scan.bad_encoding, 'line')} with bytes that are not UTF-8"
        place = f"lines {shown}" if scan.bad_encoding > 1 else f"line {shown}"
        report.problem(
            place,
            f"{found} (perhaps a second encoding such as Windows-1252)",
            "UTF-8 throughout",
            "Save the whole file as UTF-8.",
        )
    if scan.nul_line is not None:
        report.problem(
            f"line {scan.nul_line:,}",
            "a NUL byte, which text never holds",
            "UTF-8 text",
            "Check that the file is a whole CSV file in UTF-8 (not UTF-16, not a binary file).",
        )


def _read_header(path: Path, report: Report) -> tuple[str, tuple[str, ...]]:
    with open_bytes(path) as file:
        line = io.TextIOWrapper(file, encoding="utf-8-sig", errors="replace", newline="")
        start = line.read(CHUNK * 4)
    try:
        read = {mark: next(csv.reader(io.StringIO(start, newline=""), delimiter=mark), []) for mark in DELIMITERS}
    except csv.Error:
        report.stop("line 1", "a header that cannot be read", "column names between commas", "Mend the header.")
    delimiter = max(DELIMITERS, key=lambda mark: len(read[mark]))
    return delimiter, tuple(read[delimiter])


def _check_header(header: tuple[str, ...], report: Report) -> None:
    if not any(header):
        report.stop("line 1", "an empty line", "a header with the names of the columns", "Add the header.")
    seen: dict[str, int] = {}
    for name in header:
        seen[name] = seen.get(name, 0) + 1
    twice = [name for name, times in seen.items() if times > 1 and name]
    if twice:
        report.problem(
            "line 1 (header)",
            f"the same name more than once: {some(twice, len(twice))}",
            "each column name once",
            "Rename or remove the repeated columns.",
        )
    empty = [position for position, name in enumerate(header, start=1) if not name]
    if empty == [1]:
        report.note("The first column has no name (often a row number written by another tool); it is not used.")
    elif empty:
        report.problem(
            "line 1 (header)",
            f"{count(len(empty), 'column')} without a name, at position {some(map(str, empty), len(empty))}",
            "a name for each column",
            "Name or remove these columns.",
        )
