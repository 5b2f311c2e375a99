"""Opening DuckDB safely."""

from __future__ import annotations

import threading
from pathlib import Path

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.sql import Attachment, cursor, open_readonly, open_scratch, quote_identifier


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "it's a [book]*.duckdb"
    with duckdb.connect(path) as connection:
        connection.execute("CREATE TABLE book AS SELECT range AS n FROM range(1000)")
    return path


@given(name=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1, max_size=40))
def test_any_quoted_name_names_its_own_column(name: str) -> None:
    with duckdb.connect() as connection:
        described = connection.execute(f"SELECT 1 AS {quote_identifier(name)}").description
    assert described is not None
    assert described[0][0] == name


@pytest.mark.parametrize("name", ["", "a\x00b"])
def test_a_name_without_characters_or_with_nul_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="NUL"):
        quote_identifier(name)


@pytest.mark.parametrize(
    ("statement", "error"),
    [
        ("SELECT * FROM read_csv('/etc/passwd')", duckdb.PermissionException),
        ("ATTACH '/tmp/other.duckdb' AS other", duckdb.PermissionException),
        ("COPY book TO '/tmp/book.csv'", duckdb.PermissionException),
        ("INSERT INTO book VALUES (1)", duckdb.InvalidInputException),
        ("SET enable_external_access = true", duckdb.InvalidInputException),
        ("SET memory_limit = '64GB'", duckdb.InvalidInputException),
        ("SET autoload_known_extensions = true", duckdb.InvalidInputException),
        ("SET python_enable_replacements = true", duckdb.InvalidInputException),
        ("INSTALL httpfs", duckdb.Error),
    ],
)
def test_a_readonly_connection_refuses_everything_but_reading_its_own_file(
    database: Path, statement: str, error: type[Exception]
) -> None:
    parent = open_readonly(database)
    with cursor(parent) as own, pytest.raises(error):
        own.execute(statement)
    parent.close()


def test_a_readonly_connection_keeps_to_the_memory_and_threads_it_was_given(database: Path) -> None:
    parent = open_readonly(database, memory_limit="300MB", threads=1)
    with cursor(parent) as own:
        found = own.execute("SELECT current_setting('memory_limit'), current_setting('threads')").fetchone()
    parent.close()
    assert found == ("286.1 MiB", 1)


def test_a_file_that_is_open_already_is_opened_again_with_the_limits_it_has(database: Path) -> None:
    first, second = open_readonly(database, memory_limit="300MB", threads=1), open_readonly(database)
    for parent in (first, second):
        with cursor(parent) as own:
            found = own.execute("SELECT current_setting('memory_limit'), current_setting('threads')").fetchone()
        assert found == ("286.1 MiB", 1)
        with pytest.raises(duckdb.InvalidInputException, match="lock"):
            parent.cursor().execute("SET memory_limit = '64GB'")
    first.close()
    second.close()


def test_a_slow_query_draws_no_bar_into_standard_output(database: Path, tmp_path: Path) -> None:
    asked = "SELECT current_setting('enable_progress_bar')"
    parent = open_readonly(database)
    with cursor(parent) as own:
        found = [own.execute(asked).fetchone()]
    parent.close()
    with open_scratch(tmp_path / "spill") as scratch, cursor(scratch) as own:
        found += [scratch.execute(asked).fetchone(), own.execute(asked).fetchone()]
    assert found == [(False,)] * 3


def test_a_name_in_a_query_is_never_a_python_variable(database: Path) -> None:
    secret = duckdb.connect().execute("SELECT 42 AS answer").df()
    assert len(secret) == 1
    parent = open_readonly(database)
    with cursor(parent) as own, pytest.raises(duckdb.CatalogException):
        own.execute("SELECT * FROM secret")
    parent.close()


def test_threads_with_a_cursor_each_get_their_own_rows(database: Path) -> None:
    parent = open_readonly(database)
    wrong: list[int] = []

    def ask(number: int) -> None:
        for _ in range(20):
            with cursor(parent) as own:
                row = own.execute("SELECT n FROM book WHERE n = ?", [number]).fetchone()
            if row != (number,):
                wrong.append(number)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    parent.close()
    assert wrong == []


def test_a_scratch_connection_reads_the_files_it_is_given_and_no_others(tmp_path: Path, database: Path) -> None:
    given_file, other = tmp_path / "given.csv", tmp_path / "other.csv"
    for path in (given_file, other):
        path.write_text("a\n1\n")
    attached = Attachment("source", database, read_only=True)
    scratch = open_scratch(tmp_path / "spill", attachments=[attached], readable=[given_file])
    assert scratch.execute("SELECT * FROM read_csv(?)", [str(given_file)]).fetchall() == [(1,)]
    assert scratch.execute("SELECT count(*) FROM source.main.book").fetchone() == (1000,)
    with pytest.raises(duckdb.PermissionException):
        scratch.execute("SELECT * FROM read_csv(?)", [str(other)])
    with pytest.raises(duckdb.InvalidInputException):
        scratch.execute("CREATE TABLE source.main.mine (a INTEGER)")
    scratch.close()


def test_a_scratch_connection_spills_to_its_folder_when_memory_is_short(tmp_path: Path) -> None:
    spill = tmp_path / "spill"
    with open_scratch(spill, memory_limit="60MB", threads=1) as scratch:
        scratch.execute("CREATE TEMP TABLE big AS SELECT hash(range)::VARCHAR AS a FROM range(3000000)")
        assert any(spill.iterdir())
        assert scratch.execute("SELECT count(*) FROM big").fetchone() == (3_000_000,)


def test_a_file_that_cannot_be_attached_leaves_no_connection_open(tmp_path: Path, database: Path) -> None:
    missing = Attachment("source", tmp_path / "missing.duckdb", read_only=True)
    held = Attachment("held", database)
    with pytest.raises(duckdb.Error):
        open_scratch(tmp_path / "spill", attachments=[held, missing])
    with duckdb.connect(database) as free:
        assert free.execute("SELECT count(*) FROM book").fetchone() == (1000,)
