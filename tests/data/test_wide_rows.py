"""Rows of many signals: the same whatever way they are read, within the scope, and within little memory."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from data import wide_rows
from data.access import LOCAL_VIEWER, Audience, Viewer
from data.cohort_rows import signal_blocks
from data.cohorts import read_cohort
from data.reader import Reader
from data.scoped import ScopedDatabase
from data.sql import cursor, open_readonly
from data.staging_load import storage_for
from data.wide_rows import FEW, SignalRows, read_columns, rows_at_once
from tests.data.worlds import Book

BOOK = Book(own="Alder", own_n=60, others={"Birch": 80}, seed=3, others_seed=5)
ALDER = Viewer("anna", Audience.PARTNER, "Alder")
WIDE, LONG, LIMIT = 600, 10_000, "64MB"
"""Columns and rows of a table of 48 MB, and memory that is not enough to sort it."""


@pytest.fixture(scope="module")
def mixed() -> Iterator[duckdb.DuckDBPyConnection]:
    """Numbers and texts beside each other, values missing in some rows, all texts missing in the last; not in order."""
    connection = duckdb.connect()
    connection.execute("CREATE TABLE applications AS SELECT range AS row_no, 'A' AS partner FROM range(9)")
    connection.execute(
        "CREATE TABLE signal_values AS SELECT 8 - range AS row_no, CASE WHEN range % 3 > 0 THEN range / 7 END AS s0,"
        " CASE WHEN range % 2 = 1 THEN 'level ' || range END AS s1, NULL::DOUBLE AS s2, -range::DOUBLE AS s3,"
        " CASE WHEN range > 4 THEN 'x' END AS s4 FROM range(9)"
    )
    yield connection
    connection.close()


COLUMNS = {"Income": "s0", "state": "s1", "income": "s2", "debt": "s3", "use": "s4"}
"""Two names that differ in case only, as a model may have them."""
NUMBERS = {"Income", "income", "debt"}


def signal_rows(connection: duckdb.DuckDBPyConnection) -> SignalRows:
    return SignalRows(ScopedDatabase(connection, LOCAL_VIEWER, "all"), COLUMNS, NUMBERS)


def one_by_one(connection: duckdb.DuckDBPyConnection, asked: list[int]) -> pd.DataFrame:
    """Read with one plain statement, joined and sorted."""
    with cursor(connection) as own:
        found: pd.DataFrame = own.execute(
            "SELECT s0, s1, s2, s3, s4 FROM (SELECT unnest($rows::BIGINT[]) AS row_no,"
            " generate_subscripts($rows::BIGINT[], 1) AS asked) JOIN signal_values USING (row_no) ORDER BY asked",
            {"rows": asked},
        ).df()
    return found.set_axis(pd.Index(list(COLUMNS), dtype="str"), axis=1)


@given(st.lists(st.integers(-2, 11), max_size=12))
@example([])
@example([8])
@example([0, 0])
@example([3, 99])
@example([99, 98, 97, 96, 95])
@example([5, 2, 5, 8, 2, 0, 5])
def test_any_rows_come_as_one_statement_would_give_them(mixed: duckdb.DuckDBPyConnection, asked: list[int]) -> None:
    pd.testing.assert_frame_equal(signal_rows(mixed).read(asked), one_by_one(mixed, asked))


@pytest.mark.parametrize("at_once", [1, 2, 3])
def test_columns_read_in_blocks_are_those_read_together(
    mixed: duckdb.DuckDBPyConnection, at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wide_rows, "COLUMNS_AT_ONCE", at_once)
    for asked in ([7], [1, 4, 7, 7, 2], list(range(9))):
        pd.testing.assert_frame_equal(signal_rows(mixed).read(asked), one_by_one(mixed, asked))


def test_what_one_statement_returns_is_bounded(
    mixed: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def run(sql: str, parameters: dict[str, Any]) -> pd.DataFrame:
        asked.append(sql)
        with cursor(mixed) as own:
            found: pd.DataFrame = own.execute(sql, parameters).df()
        return found

    monkeypatch.setattr(wide_rows, "STATEMENT_BYTES", 9 * 8 * 2)
    found = read_columns(run, COLUMNS, "v.row_no < $end", {"end": 9}, 9)
    assert sorted(sql.count("v.s") for sql in asked) == [1, 2, 2]
    assert found.index.tolist() == list(range(9))
    pd.testing.assert_frame_equal(found.reset_index(drop=True), one_by_one(mixed, list(range(9))))


@pytest.mark.parametrize(("columns", "most", "rows"), [(40, 50_000, 50_000), (1_800, 50_000, 9_320), (10**9, 5, 1)])
def test_a_block_of_rows_has_no_more_numbers_than_allowed(columns: int, most: int, rows: int) -> None:
    assert rows_at_once(columns, most) == rows


@pytest.mark.parametrize("count", [1, FEW, FEW + 1, 200])
def test_rows_of_others_never_come(alder: Reader, table: pd.DataFrame, count: int) -> None:
    asked = np.random.default_rng(count).integers(0, len(table), count).tolist()
    own = table.loc[table["partner"] == "Alder"].set_index("row_no")
    wanted = [row for row in asked if row in own.index]
    for _ in range(2):  # the second time from memory
        found = alder.room.signal_values(asked)
        np.testing.assert_array_equal(found["income"], own.loc[wanted, "s0"])


def test_an_application_read_before_is_read_from_memory_and_cannot_be_changed_there(
    mixed: duckdb.DuckDBPyConnection,
) -> None:
    rows = signal_rows(mixed)
    first = rows.read([7])
    first.loc[0, "debt"] = 12.0
    pd.testing.assert_frame_equal(rows.read([7]), one_by_one(mixed, [7]))
    assert rows._found.cache_info().hits == 1


def test_blocks_of_a_group_are_its_rows_cut_by_size(whole: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    for group in whole.groups():
        together = whole.room.group_rows(group.group_no)
        monkeypatch.setattr(wide_rows, "FRAME_BYTES", 16 * 8 * together.shape[1])
        blocks = [frame for frame, _ in whole.room.group_blocks(group.group_no, 50)]
        assert max(map(len, blocks)) == min(16, len(together))
        pd.testing.assert_frame_equal(pd.concat(blocks, ignore_index=True), together)


def test_blocks_of_a_cohort_are_its_rows_cut_by_size(
    alder: Reader, whole: Reader, table: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    cases = (
        (alder, "decision:declined", (table["partner"] == "Alder") & (table["decision"] == "declined")),
        (whole, "signal.income:20000..90000", table["s0"].between(20_000, 90_000)),
    )
    for reader, text, fitting in cases:
        sums, chosen = reader.room.summaries(read_cohort(text)), table[fitting].sort_values("row_no")
        monkeypatch.setattr(wide_rows, "FRAME_BYTES", 16 * 8 * len(sums.kinds))
        blocks = list(signal_blocks(sums, 50))
        assert len(blocks) == -(-len(chosen) // 16) > 1
        np.testing.assert_array_equal(np.concatenate([frame["income"] for frame, _ in blocks]), chosen["s0"])
        np.testing.assert_array_equal(np.concatenate([raw for _, raw in blocks]), chosen["raw_score"])


def test_some_places_of_a_group_are_those_of_its_rows(whole: Reader) -> None:
    number = max(whole.groups(), key=lambda group: group.n).group_no
    together = whole.room.group_rows(number)
    found = whole.room.group_places(number, [0, 5, 6, len(together) - 1, len(together)], ["home", "income"])
    wanted = together.iloc[[0, 5, 6, len(together) - 1]][["home", "income"]].reset_index(drop=True)
    pd.testing.assert_frame_equal(found, wanted)


@pytest.fixture(scope="module")
def wide(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("wide") / "wide.duckdb"
    stored = storage_for("wide", path, 1_800)
    listed = ", ".join(f"hash(range, {i}) / 2e19 AS s{i}" for i in range(WIDE))
    with duckdb.connect() as connection:
        connection.execute(f"ATTACH '{path}' AS wide (BLOCK_SIZE {stored.block_bytes}, ROW_GROUP_SIZE 2048)")
        connection.execute(f"CREATE TABLE wide.signal_values AS SELECT range AS row_no, {listed} FROM range({LONG})")
        connection.execute("CREATE TABLE wide.applications AS SELECT row_no, 'A' AS partner FROM wide.signal_values")
    return path


def test_a_wide_table_is_read_whole_with_less_memory_than_sorting_it_takes(
    wide: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = ScopedDatabase(open_readonly(wide, memory_limit=LIMIT), LOCAL_VIEWER, "all")
    columns = {f"signal {i}": f"s{i}" for i in range(WIDE)}
    with pytest.raises(duckdb.OutOfMemoryException):
        database.frame("SELECT v.* FROM signal_values v JOIN seen USING (row_no) ORDER BY row_no")
    monkeypatch.setattr(wide_rows, "FRAME_BYTES", 4 << 20)
    where = "v.row_no BETWEEN $first AND $last AND v.row_no IN (SELECT row_no FROM seen)"
    step, sums = rows_at_once(WIDE, LONG), []
    for first in range(0, LONG, step):
        ends = {"first": first, "last": min(first + step, LONG) - 1}
        found = read_columns(database.frame, columns, where, ends, step)
        assert found.index.tolist() == list(range(first, ends["last"] + 1))
        sums.append(found.sum())
    plain = database.frame(f"SELECT {', '.join(f'sum(s{i})' for i in range(WIDE))} FROM signal_values").iloc[0]
    np.testing.assert_allclose(sum(sums), plain.to_numpy(), rtol=1e-12)
