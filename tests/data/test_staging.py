"""Staging tables that are right: every format arrives as the same rows, unchanged."""

from __future__ import annotations

import gzip
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.errors import TableError
from data.staging import SourceSpec, StagedTable, StagingRoles, profile_columns, source_at, stage
from tests.shared_data import ROOT, shared_path

ROLES = StagingRoles(
    id="app",
    partner="bank",
    date="day",
    outcome="bad",
    decision="said",
    score="score",
    numeric=("income", "Income"),
    categorical={"home": ("RENT", "OWN")},
    extra=("note", "limit"),
)
TABLE = {
    "app": ["b 2", "a;1", 'c"3'],
    "bank": ["North", "South", "North"],
    "day": ["2026-02-01", "2026-01-31", "2026-03-15"],
    "bad": ["1", "0", ""],
    "said": ["declined", "approved", "approved"],
    "score": ["0.4", "0.1", ""],
    "income": ["1000", "NA", "3.5"],
    "Income": ["1", "2", "3"],
    "home": ["RENT", "OWN", ""],
    "note": ["x", "", "z"],
    "limit": ["5", "6", "none"],
}
STAGED = [
    (0, "a;1", "South", date(2026, 1, 31), 0, "approved", 0.1, None),
    (1, "b 2", "North", date(2026, 2, 1), 1, "declined", 0.4, None),
    (2, 'c"3', "North", date(2026, 3, 15), None, "approved", None, None),
]
SIGNALS = [(0, None, 2.0, "OWN"), (1, 1000.0, 1.0, "RENT"), (2, 3.5, 3.0, None)]


def write_csv(path: Path, table: dict[str, list[str]], mark: str = ",") -> Path:
    def quoted(text: str) -> str:
        return '"' + text.replace('"', '""') + '"' if any(c in text for c in f'{mark}"\n') else text

    lines = [mark.join(map(quoted, table)), *(mark.join(map(quoted, row)) for row in zip(*table.values(), strict=True))]
    text = "\n".join(lines) + "\n"
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())
    return path


def read(database: Path, query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(database, read_only=True) as connection:
        return connection.execute(query).fetchall()


def typed_table() -> pa.Table:
    return pa.table(
        [
            pa.array(TABLE["app"]),
            pa.array(TABLE["bank"]).dictionary_encode(),
            pa.array([date.fromisoformat(day) for day in TABLE["day"]]),
            pa.array([1.0, 0.0, None]),
            pa.array(TABLE["said"]),
            pa.array([0.4, 0.1, float("nan")]),
            pa.array([1000.0, None, 3.5]),
            pa.array([1, 2, 3], pa.int16()),
            pa.array(["RENT", "OWN", None]),
            pa.array(["x", None, "z"]),
            pa.array([5, 6, None]),
        ],
        names=list(TABLE),
    )


def check_is_the_table(staged: StagedTable) -> None:
    assert read(staged.database, "SELECT * FROM staged ORDER BY row_no") == STAGED
    assert read(staged.database, "SELECT * FROM staged_signals ORDER BY row_no") == SIGNALS
    assert read(staged.database, "SELECT * FROM signals ORDER BY position") == [
        (0, "income", "number", "s0000"),
        (1, "Income", "number", "s0001"),
        (2, "home", "category", "s0002"),
    ]
    assert read(staged.database, "SELECT * FROM extras ORDER BY position") == [
        (0, "note", "text", "e0000"),
        (1, "limit", "number", "e0001"),
    ]
    assert read(staged.database, "SELECT * FROM staged_extras ORDER BY row_no") == [
        (0, None, 6.0),
        (1, "x", 5.0),
        (2, "z", None),
    ]
    assert (staged.n, dict(staged.n_by_partner)) == (3, {"North": 2, "South": 1})
    assert (staged.first_date, staged.last_date) == (date(2026, 1, 31), date(2026, 3, 15))
    assert (staged.n_outcome_known, staged.n_outcome_happened) == (2, 1)
    assert (staged.n_approved, staged.n_declined) == (2, 1)
    assert dict(staged.missing) == {"income": 1, "Income": 0, "home": 1}
    assert any("without a production score" in note for note in staged.notes)


@pytest.mark.parametrize(("name", "mark"), [("t.csv", ","), ("t.csv.gz", ","), ("t.txt", ";"), ("it's [t]*.tsv", "\t")])
def test_a_csv_file_is_staged_whatever_its_separator_name_or_compression(tmp_path: Path, name: str, mark: str) -> None:
    path = write_csv(tmp_path / name, TABLE, mark)
    check_is_the_table(stage(source_at(path), ROLES, tmp_path / "out.duckdb"))
    assert {p.name for p in tmp_path.iterdir()} == {name, "out.duckdb"}


def test_a_csv_file_with_a_byte_order_mark_and_windows_line_ends_is_staged(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "t.csv", TABLE)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    check_is_the_table(stage(source_at(path), ROLES, tmp_path / "out.duckdb"))


def test_a_parquet_file_with_names_that_differ_only_in_case_is_staged(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    pq.write_table(typed_table(), path)
    check_is_the_table(stage(source_at(path), ROLES, tmp_path / "out.duckdb"))


@pytest.fixture
def book(tmp_path: Path) -> Path:
    path = tmp_path / "book.duckdb"
    table = typed_table().drop_columns(["Income"])
    with duckdb.connect(path) as connection:
        connection.execute("CREATE SCHEMA risk")
        connection.register("given", table)
        connection.execute('CREATE TABLE risk."my ""table""" AS SELECT * FROM given')
        connection.execute('CREATE VIEW apps AS SELECT * FROM risk."my ""table""" -- all of them')
    return path


@pytest.mark.parametrize(
    ("table", "sql"),
    [
        ("apps", None),
        ('risk.my "table"', None),
        ('my "table"', None),
        (None, "SELECT * FROM apps;  "),
        (None, "WITH a AS (FROM apps) SELECT * FROM a -- a comment at the end"),
    ],
)
def test_a_table_a_view_and_a_query_of_a_database_are_staged(
    tmp_path: Path, book: Path, table: str | None, sql: str | None
) -> None:
    before = book.read_bytes()
    roles = StagingRoles(id="app", numeric=("income",), categorical={"home": None})
    staged = stage(SourceSpec(book, "duckdb", table, sql), roles, tmp_path / "out.duckdb")
    assert read(staged.database, "SELECT * FROM staged_signals ORDER BY row_no") == [
        (0, None, "OWN"),
        (1, 1000.0, "RENT"),
        (2, 3.5, None),
    ]
    assert dict(staged.n_by_partner) == {"all": 3}
    assert (staged.first_date, staged.n_outcome_known, staged.n_approved) == (None, 0, 0)
    assert book.read_bytes() == before


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    ids=st.lists(
        st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20).filter(lambda t: t.strip()),
        min_size=1,
        max_size=30,
        unique=True,
    ),
    as_csv=st.booleans(),
)
def test_any_id_survives_unchanged_and_rows_are_in_order_of_code_points(
    tmp_path: Path, ids: list[str], as_csv: bool
) -> None:
    amounts = list(range(len(ids)))
    if as_csv:
        path = write_csv(tmp_path / "t.csv", {"id, all": ids, "x": [str(amount) for amount in amounts]})
    else:
        path = tmp_path / "t.parquet"
        pq.write_table(pa.table({"id, all": ids, "x": amounts}), path)
    staged = stage(source_at(path), StagingRoles(id="id, all", numeric=("x",)), tmp_path / "out.duckdb")
    found = read(
        staged.database, "SELECT application_id, s0000 FROM staged JOIN staged_signals USING (row_no) ORDER BY 1"
    )
    assert read(staged.database, "SELECT application_id FROM staged ORDER BY row_no") == [(i,) for i in sorted(ids)]
    assert dict(found) == {name: float(amount) for name, amount in zip(ids, amounts, strict=True)}


def test_a_nan_that_the_statistics_of_a_parquet_file_hide_is_missing(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    pq.write_table(
        pa.table({"id": ["a", "b"], "x": [float("nan"), 1.0], "y": pa.array([2.0, float("nan")], "f4")}), path
    )
    staged = stage(source_at(path), StagingRoles(id="id", numeric=("x", "y")), tmp_path / "out.duckdb")
    found = read(staged.database, "SELECT s0000, s0001 FROM staged_signals ORDER BY row_no")
    assert found == [(None, 2.0), (1.0, None)]


def test_rows_held_out_from_training_are_marked(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "t.csv", {"id": list("abc"), "x": list("123"), "test": ["1", "0", ""]})
    roles = StagingRoles(id="id", numeric=("x",), held_out="test")
    staged = stage(source_at(path), roles, tmp_path / "out.duckdb")
    assert read(staged.database, "SELECT held_out FROM staged ORDER BY row_no") == [(True,), (False,), (None,)]


def test_ids_that_a_tool_turned_into_floats_are_whole_numbers_again(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    pq.write_table(pa.table({"id": [10432.0, 7.0], "x": [1, 2]}), path)
    staged = stage(source_at(path), StagingRoles(id="id", numeric=("x",)), tmp_path / "out.duckdb")
    assert read(staged.database, "SELECT application_id FROM staged ORDER BY row_no") == [("10432",), ("7",)]


def test_levels_that_are_numbers_are_found_however_they_are_written(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "t.csv", {"id": list("abcde"), "code": ["1", "1.0", " 2", "02", "NA"]})
    roles = StagingRoles(id="id", categorical={"code": ("1", "2")})
    staged = stage(source_at(path), roles, tmp_path / "out.duckdb")
    assert read(staged.database, "SELECT s0000 FROM staged_signals ORDER BY row_no") == [
        ("1",),
        ("1",),
        ("2",),
        ("2",),
        (None,),
    ]


def test_a_missing_word_that_is_a_level_of_the_model_is_kept(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "t.csv", {"id": list("abc"), "area": ["NA", "EU", "None"], "free": ["NA", "", "x"]})
    roles = StagingRoles(id="id", categorical={"area": ("NA", "EU"), "free": None})
    staged = stage(source_at(path), roles, tmp_path / "out.duckdb")
    found = read(staged.database, "SELECT s0000, s0001 FROM staged_signals ORDER BY row_no")
    assert found == [("NA", "NA"), ("EU", None), (None, "x")]


@pytest.mark.parametrize("word", ["", "NA", "n/a", "NaN", "null", "NULL", "None", " na "])
def test_each_documented_missing_word_is_a_missing_number(tmp_path: Path, word: str) -> None:
    path = write_csv(tmp_path / "t.csv", {"id": ["a", "b"], "x": [word, "5"]})
    staged = stage(source_at(path), StagingRoles(id="id", numeric=("x",)), tmp_path / "out.duckdb")
    assert read(staged.database, "SELECT s0000 FROM staged_signals ORDER BY row_no") == [(None,), (5.0,)]
    assert dict(staged.missing) == {"x": 1}


@pytest.mark.parametrize(
    ("days", "note"),
    [
        (["2026-01-13", "2026-01-14T10:00:00"], False),
        (["20260113", "20260114"], False),
        (["1/13/2026", "01/14/2026 00:00"], True),
    ],
)
def test_dates_are_read_in_each_documented_form(tmp_path: Path, days: list[str], note: bool) -> None:
    path = write_csv(tmp_path / "t.csv", {"id": ["a", "b"], "x": ["1", "2"], "day": days})
    roles = StagingRoles(id="id", date="day", numeric=("x",))
    staged = stage(source_at(path), roles, tmp_path / "out.duckdb")
    found = read(staged.database, "SELECT application_date FROM staged ORDER BY row_no")
    assert found == [(date(2026, 1, 13),), (date(2026, 1, 14),)]
    assert any("month/day/year" in words for words in staged.notes) == note


def test_a_table_with_more_signals_than_a_row_group_takes_is_whole_and_in_order(tmp_path: Path) -> None:
    n, width = 5000, 1800
    columns = [pa.array([float(row + column) for row in range(n)]) for column in range(width)]
    ids = pa.array([f"{(row * 7919) % n:05d}" for row in range(n)])
    path = tmp_path / "t.parquet"
    pq.write_table(pa.table([ids, *columns], names=["id", *(f"f{i}" for i in range(width))]), path)
    roles = StagingRoles(id="id", numeric=tuple(f"f{i}" for i in range(width)))
    shares: list[float] = []
    staged = stage(
        source_at(path), roles, tmp_path / "out.duckdb", memory_limit="400MB", progress=lambda _, s: shares.append(s)
    )
    wrong = read(
        staged.database,
        "SELECT count(*), count(*) FILTER (WHERE (s0000 * 7919)::BIGINT % 5000 <> row_no OR s1799 <> s0000 + 1799) "
        "FROM staged_signals",
    )
    assert wrong == [(n, 0)]
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0.0, 1.0)
    assert len(shares) > 4


def test_an_older_staging_file_is_replaced_on_success_and_kept_on_failure(tmp_path: Path) -> None:
    target = tmp_path / "out.duckdb"
    target.write_bytes(b"older")
    bad = write_csv(tmp_path / "bad.csv", {"id": ["a", "a"], "x": ["1", "2"]})
    with pytest.raises(TableError):
        stage(source_at(bad), StagingRoles(id="id", numeric=("x",)), target)
    assert target.read_bytes() == b"older"
    assert {path.name for path in tmp_path.iterdir()} == {"bad.csv", "out.duckdb"}
    good = write_csv(tmp_path / "good.csv", {"id": ["a", "b"], "x": ["1", "2"]})
    stage(source_at(good), StagingRoles(id="id", numeric=("x",)), target)
    assert read(target, "SELECT count(*) FROM staged") == [(2,)]


KILLED = """
import os, signal, sys
from pathlib import Path
from data.staging import StagingRoles, source_at, stage
def die(step, share):
    if share >= 0.4:
        os.kill(os.getpid(), signal.SIGKILL)
stage(source_at(Path(sys.argv[1])), StagingRoles(id="id", numeric=("x",)), Path(sys.argv[2]), progress=die)
"""


def test_a_killed_process_leaves_nothing_under_the_final_name(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "t.csv", {"id": ["a", "b"], "x": ["1", "2"]})
    target = tmp_path / "out.duckdb"
    ended = subprocess.run([sys.executable, "-c", KILLED, path, target], cwd=ROOT, check=False)
    assert ended.returncode == -9
    assert not target.exists()
    stage(source_at(path), StagingRoles(id="id", numeric=("x",)), target)
    assert read(target, "SELECT count(*) FROM staged") == [(2,)]


def test_columns_are_profiled_before_there_is_a_card(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "t.csv", {**TABLE, "flag": ["true", "false", ""], "void": ["", "NA", ""]})
    found = profile_columns(source_at(path))
    assert list(found) == [*TABLE, "flag", "void"]
    assert {name: profile.type for name, profile in found.items()} == {
        "app": "text",
        "bank": "text",
        "day": "date",
        "bad": "number",
        "said": "text",
        "score": "number",
        "income": "number",
        "Income": "number",
        "home": "text",
        "note": "text",
        "limit": "number",
        "flag": "boolean",
        "void": "text",
    }
    assert (found["home"].n, found["home"].n_missing, found["home"].n_distinct) == (3, 1, 2)
    assert found["home"].distinct_values == ("OWN", "RENT")
    assert (found["void"].n_missing, found["void"].distinct_values) == (3, ())


def test_a_typed_file_is_profiled_by_its_types(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    table = typed_table().append_column("flag", pa.array([True, None, False]))
    pq.write_table(table.append_column("list", pa.array([[1], [2], [3]])), path)
    found = profile_columns(source_at(path))
    assert "list" not in found
    types = [found[name].type for name in ("day", "bad", "flag", "bank", "Income")]
    assert types == ["date", "number", "boolean", "text", "number"]
    assert found["score"].n_missing == 1


@pytest.mark.shared
def test_the_taiwan_file_stages_cleanly(tmp_path: Path) -> None:
    source = source_at(shared_path("taiwan_credit/taiwan_credit.csv.gz"))
    columns = list(profile_columns(source))
    roles = StagingRoles(id="ID", outcome="Default", numeric=tuple(columns[1:-1]))
    staged = stage(source, roles, tmp_path / "out.duckdb")
    assert (staged.n, staged.n_outcome_known, staged.n_outcome_happened) == (30_000, 30_000, 6_636)
    assert set(staged.missing.values()) == {0}
    assert staged.notes == ()


@pytest.mark.shared
def test_the_hmda_file_reads_na_as_missing_and_reports_text_in_numeric_columns(tmp_path: Path) -> None:
    source = source_at(shared_path("hmda_2024_small/travis_cu_2024_99col.csv.gz"))
    numeric = ("loan_amount", "rate_spread", "debt_to_income_ratio", "applicant_age")
    with pytest.raises(TableError) as caught:
        stage(source, StagingRoles(id="lei", numeric=numeric), tmp_path / "out.duckdb")
    places = [problem.place for problem in caught.value.problems]
    assert places == ["column lei", "column debt_to_income_ratio", "column applicant_age"]
    assert "text that is not a number" in caught.value.problems[1].found
    profiles = profile_columns(source)
    assert (profiles["rate_spread"].type, profiles["rate_spread"].n_missing) == ("number", 612)
    assert profiles["debt_to_income_ratio"].type == "text"
