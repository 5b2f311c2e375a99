"""Staging tables that are wrong: one report with every problem, and nothing written."""

from __future__ import annotations

import gzip
import re
import subprocess
import sys
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data.errors import TableError
from data.staging import SourceSpec, StagedTable, StagingRoles, profile_columns, source_at, stage

SIMPLE = StagingRoles(id="id", numeric=("x",))


def problems_of(tmp_path: Path, source: SourceSpec, roles: StagingRoles = SIMPLE) -> list[str]:
    """Return the problems of a table, having checked that its failure left nothing behind."""
    before = {path.name for path in tmp_path.iterdir()}
    with pytest.raises(TableError) as caught:
        stage(source, roles, tmp_path / "out.duckdb")
    assert {path.name for path in tmp_path.iterdir()} == before
    return [f"{problem.place}: {problem.found}" for problem in caught.value.problems]


def csv_problems(tmp_path: Path, content: bytes | str, roles: StagingRoles = SIMPLE) -> list[str]:
    path = tmp_path / "t.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return problems_of(tmp_path, source_at(path), roles)


def staged_csv(tmp_path: Path, content: str, roles: StagingRoles = SIMPLE) -> StagedTable:
    path = tmp_path / "t.csv"
    path.write_text(content)
    return stage(source_at(path), roles, tmp_path / "out.duckdb")


BAD_TABLE = """id,bank,day,bad,said,score,income,home,empty
a1,N,2026-01-05,1,yes,0.1,100,RENT,
a2,,2026-01-06,0,no,0.2,secret,RENT,NA
a1,N,yesterday,2,maybe,0.3,inf,CASTLE,
,N,2026-01-08,0,no,high,1_000,OWN,
a5,N,2026-01-09,1,yes,0.5,NaN,OWN,
a6,N,2026-01-10,1,yes,0.5
"a
7",N,2026-01-11,1,yes,0.5,7,OWN,
"""


def test_ten_problems_of_one_table_stand_in_one_report(tmp_path: Path) -> None:
    roles = StagingRoles(
        id="id",
        partner="bank",
        date="day",
        outcome="bad",
        decision="said",
        score="score",
        numeric=("income", "empty", "Incom"),
        categorical={"home": ("RENT", "OWN")},
        approved_values=("yes",),
        declined_values=("no",),
    )
    assert csv_problems(tmp_path, BAD_TABLE, roles) == [
        "column of the table: no column named Incom",
        "line 7: 1 line with too few fields",
        "column id: no application id in 1 row (row 4)",
        "column id: a control character (tab, line break, NUL) in 1 row (row 6)",
        "column id: 1 row repeating 1 id of earlier rows (row 3)",
        "column bank: no partner in 1 row (row 2)",
        "column day: no date of that form in 1 row (row 3)",
        "column bad: another value in 1 row (row 3)",
        "column said: a value that is neither approved nor declined in 1 row (row 3)",
        "column score: text that is not a number in 1 row (row 4)",
        "column income: text that is not a number in 2 rows (rows 2, 4)",
        "column income: an infinite value in 1 row (row 3)",
        "column empty: no value in any row",
        "column home: a level that the model never saw (17% of all) in 1 row (row 3)",
    ]


def test_a_report_holds_no_value_of_an_applicant(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(BAD_TABLE)
    roles = StagingRoles(id="id", date="day", numeric=("income",), categorical={"home": ("RENT", "OWN")})
    with pytest.raises(TableError) as caught:
        stage(source_at(tmp_path / "t.csv"), roles, tmp_path / "out.duckdb")
    for value in ("secret", "yesterday", "CASTLE", "1_000", "a1"):
        assert value not in str(caught.value)


def test_rows_of_a_csv_file_are_named_by_their_line_also_behind_broken_lines(tmp_path: Path) -> None:
    found = csv_problems(tmp_path, "id,x\na,1\nb\nc,2,3\nd,4\ne,word\nf\ng,word\n")
    assert found == [
        "lines 3, 7: 2 lines with too few fields",
        "line 4: 1 line with too many fields",
        "column x: text that is not a number in 2 rows (lines 6, 8)",
    ]


def test_only_the_first_rows_of_a_problem_are_named_and_all_are_counted(tmp_path: Path) -> None:
    rows = "".join(f"{i},word\n" for i in range(1, 2001))
    assert csv_problems(tmp_path, "id,x\n0,1\n" + rows) == [
        "column x: text that is not a number in 2,000 rows (lines 3, 4, 5, 6, 7, …)"
    ]


def wide_csv(change: dict[int, str], n: int = 12_000) -> str:
    lines = [",".join(["id", "x", *(f"c{i}" for i in range(198))])]
    tail = ",".join(str(i) for i in range(198))
    lines += [change.get(row, f"a{row},{row},{tail}") for row in range(n)]
    return "\n".join(lines) + "\n"


def test_a_bad_line_in_a_csv_of_200_columns_is_named(tmp_path: Path) -> None:
    found = csv_problems(tmp_path, wide_csv({7000: "a,1,2", 11_000: "b,1"}))
    assert found == ["lines 7,002, 11,002: 2 lines with too few fields"]


def test_a_quotation_mark_that_is_not_closed_is_named_with_its_line(tmp_path: Path) -> None:
    broken = 'a9,"5,' + ",".join("1" for _ in range(198))
    found = csv_problems(tmp_path, wide_csv({7000: broken}))
    assert found[0] == "line 7,002: 1 line with a quotation mark that is not closed"


def test_bytes_of_another_encoding_are_named_with_their_lines(tmp_path: Path) -> None:
    rows = [b"a,1", "é,2".encode(), "é,3".encode("cp1252"), b"d,4", "ü,5".encode("cp1252")]
    found = csv_problems(tmp_path, b"id,x\n" + b"\n".join(rows) + b"\n")
    expected = "2 lines with bytes that are not UTF-8 (perhaps a second encoding such as Windows-1252)"
    assert found == [f"lines 4, 6: {expected}"]


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"", "the file: an empty file"),
        (b"id,x\n", "the table: no row"),
        (b"id,x", "the table: no row"),
        (b"\n\n", "line 1: an empty line"),
        ("id,x\na,1\n".encode("utf-16"), "the file: text encoded as UTF-16"),
        (b"\xfe\xff" + "id,x\na,1\n".encode("utf-16-be"), "the file: text encoded as UTF-16"),
        (b"id,x\na,1\nb,\x002\n", "line 3: a NUL byte, which text never holds"),
        (b"id,x,x\na,1,2\n", "line 1 (header): the same name more than once: x"),
        (b"id,x,,\na,1,2,3\n", "line 1 (header): 2 columns without a name, at position 3, 4"),
        (b"PK\x03\x04rest", "the file: a ZIP or Excel file"),
        (b"SQLite format 3\x00", "the file: an SQLite database"),
        (b"\x80\x04\x95", "the file: a Python pickle"),
        (b"PAR1" + b"\x00" * 40, "the file: a Parquet file"),
        (gzip.compress(b"id,x\n" + b"a,1\n" * 9)[:-9], "the file: a compressed file that is damaged or cut off"),
        (gzip.compress(b""), "the file: an empty file"),
        (b"id,x\r\na,1\nb,2\r\n", "the file: text that the CSV reader cannot follow"),
    ],
)
def test_a_file_that_is_no_proper_csv_is_named_for_what_it_is(tmp_path: Path, content: bytes, found: str) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(content)
    assert problems_of(tmp_path, SourceSpec(path, "csv"))[0].startswith(found)


def test_a_first_column_without_a_name_is_noted_and_left_out(tmp_path: Path) -> None:
    staged = staged_csv(tmp_path, ",id,x\n0,a,1\n1,b,2\n")
    assert staged.notes[0].startswith("The first column has no name")


@pytest.mark.parametrize(
    ("days", "found"),
    [
        (["01/02/2026", "03/04/2026"], "dates whose day and month cannot be told apart"),
        (["13/02/2026", "03/04/2026"], "dates written day first"),
        (["2026-01-02", "2026-02-30"], "no date of that form in 1 row (line 3)"),
        (["2026-01-02", "01/13/2026"], "no date of that form in 1 row (line 3)"),
        (["9999-12-31", "2026-01-02"], "no date of that form in 1 row (line 2)"),
    ],
)
def test_dates_that_cannot_be_read_for_certain_are_reported(tmp_path: Path, days: list[str], found: str) -> None:
    content = "id,x,day\n" + "".join(f"{i},{i},{day}\n" for i, day in enumerate(days))
    roles = StagingRoles(id="id", date="day", numeric=("x",))
    assert csv_problems(tmp_path, content, roles) == [f"column day: {found}"]


@pytest.mark.parametrize(("unseen", "wrong"), [(1, False), (2, True)])
def test_unseen_levels_are_a_note_up_to_five_percent_and_a_problem_above(
    tmp_path: Path, unseen: int, wrong: bool
) -> None:
    rows = [f"{i},{'Z' if i < unseen else 'A'}" for i in range(20)]
    content = "id,level\n" + "\n".join(rows) + "\n"
    roles = StagingRoles(id="id", categorical={"level": ("A", "B")})
    if wrong:
        expected = "column level: a level that the model never saw (10% of all) in 2 rows (lines 2, 3)"
        assert csv_problems(tmp_path, content, roles) == [expected]
    else:
        notes = staged_csv(tmp_path, content, roles).notes
        assert notes[0] == "Column level: 1 row holds a level that the model never saw and treats as missing."


def test_what_is_odd_but_usable_is_noted(tmp_path: Path) -> None:
    content = "id,x,day,bad,said\n a,1,2026-01-01,,approved\nb\u200b,1,,NA,approved\n"
    roles = StagingRoles(id="id", date="day", outcome="bad", decision="said", numeric=("x",))
    assert staged_csv(tmp_path, content, roles).notes == (
        "1 application id begins or ends with a space; the space is part of the id.",
        "1 application id holds characters that cannot be seen.",
        "1 row without a date in column day.",
        "No outcome is known: column bad is empty.",
        "No declined application on record: column said has none.",
        "One value only, the same in every row: column x.",
    )


def test_missing_columns_come_with_near_names(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("ID,x\na,1\n")
    with pytest.raises(TableError) as caught:
        stage(source_at(tmp_path / "t.csv"), SIMPLE, tmp_path / "out.duckdb")
    assert "Near names in the table: ID." in str(caught.value)


def test_columns_of_a_type_that_cannot_be_used_are_reported(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    day = pa.array([1, 2], pa.date32())
    pq.write_table(pa.table({"id": [[1], [2]], "x": day, "bad": [0.5, 1.0]}), path)
    roles = StagingRoles(id="id", outcome="bad", numeric=("x",))
    assert problems_of(tmp_path, source_at(path), roles) == [
        "column id: the type BIGINT[]",
        "column x: the type DATE",
        "column bad: another value in 1 row (row 1)",
    ]


def test_infinite_values_of_a_parquet_file_are_reported(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    pq.write_table(pa.table({"id": ["a", "b", "c"], "x": [float("inf"), 1.0, float("-inf")]}), path)
    assert problems_of(tmp_path, source_at(path)) == ["column x: an infinite value in 2 rows (rows 1, 3)"]


@pytest.mark.parametrize("damage", ["cut", "middle", "empty", "text"])
def test_a_damaged_parquet_file_is_one_clear_problem(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "t.parquet"
    pq.write_table(pa.table({"id": [str(i) for i in range(5000)], "x": list(range(5000))}), path)
    whole = path.read_bytes()
    content = {
        "cut": whole[: len(whole) // 2],
        "middle": whole[:200] + bytes(2000) + whole[2200:],
        "empty": b"",
        "text": b"id,x\n1,2\n",
    }[damage]
    path.write_bytes(content)
    found = problems_of(tmp_path, source_at(path))
    assert len(found) == 1
    expected = {"empty": "the file: an empty file", "text": "the file: no mark of that kind of file"}
    assert found[0].startswith(expected.get(damage, "the file: a file that is damaged or cut off"))


@pytest.fixture
def book(tmp_path: Path) -> Path:
    path = tmp_path / "book.duckdb"
    with duckdb.connect(path) as connection:
        connection.execute("CREATE TABLE apps AS SELECT 'a' || range AS id, range AS x FROM range(10)")
        connection.execute("CREATE VIEW outside AS SELECT * FROM read_csv('/etc/passwd')")
        connection.execute("CREATE TABLE gone AS FROM apps")
        connection.execute("CREATE VIEW broken AS SELECT * FROM gone")
        connection.execute("DROP TABLE gone")
    return path


@pytest.mark.parametrize(
    ("table", "sql", "found"),
    [
        (None, None, "applications: neither table nor sql"),
        ("apps", "FROM apps", "applications: both table and sql"),
        ("nope", None, "applications.table: no table or view nope"),
        ("broken", None, "the file: a query or view that fails (Catalog Error"),
        ("outside", None, "the file: a query or view that reads outside this database"),
        (None, "SELECT * FROM nope", "applications.sql: a query or view that fails (Catalog Error"),
        (None, "SELEC 1", "applications.sql: a query or view that fails (Parser Error"),
        (None, "SELECT * FROM apps; SELECT 1", "applications.sql: 2 statements"),
        (None, "DROP TABLE apps", "applications.sql: a statement that is not a SELECT"),
        (None, "SELECT * FROM read_text('/etc/passwd')", "applications.sql: a query or view that reads outside"),
        (None, "SELECT id, id::INT AS x FROM apps", "applications.sql: a query or view that fails while it runs"),
        (None, "SELECT * FROM apps WHERE x > 99", "the table: no row"),
    ],
)
def test_a_database_that_does_not_give_rows_is_one_clear_problem(
    tmp_path: Path, book: Path, table: str | None, sql: str | None, found: str
) -> None:
    problems = problems_of(tmp_path, SourceSpec(book, "duckdb", table, sql))
    assert len(problems) == 1
    assert problems[0].startswith(found)


def test_an_error_of_a_query_repeats_no_value(tmp_path: Path, book: Path) -> None:
    spec = SourceSpec(book, "duckdb", sql="SELECT id, id::INT AS x FROM apps")
    assert "a0" not in problems_of(tmp_path, spec)[0]


def test_a_database_that_another_program_writes_to_is_named_as_such(tmp_path: Path, book: Path) -> None:
    code = f"import duckdb, sys; c = duckdb.connect({str(book)!r}); print('open', flush=True); sys.stdin.read()"
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        other.stdout.readline()
        found = problems_of(tmp_path, SourceSpec(book, "duckdb", "apps"))
        other.communicate()
    assert found == ["the file: a database that another program is writing to"]


def test_a_database_of_a_newer_version_is_named_as_such(tmp_path: Path, book: Path) -> None:
    content = bytearray(book.read_bytes())
    content[12:20] = (9999).to_bytes(8, "little")
    book.write_bytes(content)
    with pytest.raises(duckdb.Error, match="checksum") as caught:
        duckdb.connect(book, read_only=True)
    right = re.search(r"computed checksum (\d+)", str(caught.value))
    assert right is not None
    content[:8] = int(right[1]).to_bytes(8, "little")
    book.write_bytes(content)
    found = problems_of(tmp_path, SourceSpec(book, "duckdb", "apps"))
    assert found == ["the file: a database written by another version of DuckDB"]


@pytest.mark.parametrize(("name", "found"), [("none.csv", "no such file"), ("folder", "a folder")])
def test_a_source_that_is_no_file_is_named_as_such(tmp_path: Path, name: str, found: str) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(TableError, match=found):
        source_at(tmp_path / name)


def test_table_and_sql_belong_to_databases_only(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("id,x\na,1\n")
    assert problems_of(tmp_path, source_at(tmp_path / "t.csv", table="t")) == ["applications: table for CSV text"]


def test_a_profile_reports_broken_lines_too(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("id,x\na,1\nb\n")
    with pytest.raises(TableError, match="too few fields"):
        profile_columns(source_at(tmp_path / "t.csv"))
