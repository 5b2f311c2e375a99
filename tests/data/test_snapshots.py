"""Snapshots are found by their folders, opened once, and read through a reader only."""

from __future__ import annotations

import threading
from pathlib import Path

import duckdb
import numpy as np
import pytest

from data.errors import SnapshotError
from data.listing import list_snapshots
from data.snapshot_checks import opened, read_groups, read_rows
from data.snapshots import DATABASE, MODEL, memory_limit, open_snapshot, read_card_model, snapshot_folder
from data.sql import cursor
from tests.snapshots_for_tests import numbers_of, small_inputs, small_snapshot


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("snapshots")
    return small_snapshot(folder / "root", folder / "in")


@pytest.mark.parametrize("name", ["..", ".", "", "../small-loans", "no-such", "2026-10-27-46A91DE6", "*"])
def test_a_name_that_is_not_listed_is_never_used_as_a_path(name: str, snapshot: Path) -> None:
    root = snapshot.parents[1]
    assert snapshot_folder(root, "small-loans", snapshot.name) == snapshot
    for model_id, snapshot_id in (("small-loans", name), (name, snapshot.name)):
        with pytest.raises(SnapshotError, match="There is no such snapshot here"):
            snapshot_folder(root, model_id, snapshot_id)


def test_hidden_folders_and_plain_files_are_passed_over(snapshot: Path) -> None:
    root = snapshot.parents[1]
    (root / ".demo" / "inputs").mkdir(parents=True, exist_ok=True)
    (root / "small-loans" / ".building-abc").mkdir(exist_ok=True)
    (root / "small-loans" / "readme.txt").write_text("x")
    listing = list_snapshots(root)
    assert [m.snapshot_id for m in listing.manifests] == [snapshot.name]
    assert listing.broken == ()
    assert list_snapshots(root / "nowhere").manifests == ()


def test_one_connection_is_opened_however_many_threads_ask(snapshot: Path) -> None:
    one = open_snapshot(snapshot.parents[1], "small-loans", snapshot.name)
    found: list[duckdb.DuckDBPyConnection] = []
    threads = [threading.Thread(target=lambda: found.append(one.connection())) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({id(connection) for connection in found}) == 1
    one.close()
    one.close()


@pytest.mark.parametrize(
    ("n", "limit"), [(0, "320000000B"), (100_000, "390000000B"), (1_000_000, "1000000000B"), (10**9, "1000000000B")]
)
def test_memory_grows_with_the_applications_up_to_a_gigabyte(n: int, limit: str) -> None:
    assert memory_limit(n) == limit


def test_the_connection_keeps_to_the_memory_of_its_snapshot(snapshot: Path) -> None:
    one = open_snapshot(snapshot.parents[1], "small-loans", snapshot.name)
    with cursor(one.connection()) as own, duckdb.connect() as other:
        other.execute("SET memory_limit = ?", [memory_limit(one.manifest.n)])
        sql = "SELECT current_setting('memory_limit')"
        assert own.execute(sql).fetchone() == other.execute(sql).fetchone()
    one.close()


def test_the_connection_reads_its_file_and_nothing_else(snapshot: Path, tmp_path: Path) -> None:
    one = open_snapshot(snapshot.parents[1], "small-loans", snapshot.name)
    (tmp_path / "a.csv").write_text("x\n1\n")
    with one.connection().cursor() as cursor:
        assert cursor.execute("SELECT count(*) FROM applications").fetchone() == (3000,)
        for sql in (
            f"FROM read_csv('{tmp_path / 'a.csv'}')",
            "CREATE TABLE more (x INTEGER)",
            "DELETE FROM applications",
            "SET enable_external_access = true",
            f"ATTACH '{tmp_path / 'x.duckdb'}'",
        ):
            with pytest.raises(duckdb.Error):
                cursor.execute(sql)
    one.close()


def test_the_snapshots_own_model_is_the_cards(snapshot: Path) -> None:
    one = open_snapshot(snapshot.parents[1], "small-loans", snapshot.name)
    again = read_card_model(one.card, snapshot / MODEL)
    assert one.model.categories == again.categories == {"home": ("MORTGAGE", "OWN", "RENT")}
    assert one.model.sha256 == one.manifest.files[MODEL].sha256


def test_rows_for_checks_are_the_ones_asked_for(snapshot: Path) -> None:
    tables = numbers_of(snapshot)
    wanted = tables["snapshot.duckdb applications"].sort_values("row_no")
    with opened(snapshot / DATABASE) as connection:
        for rows in (range(5, 9), np.array([3, 700, 2999]), range(2990, 2999), np.array([0])):
            found = read_rows(connection, rows)
            assert found.row_no.tolist() == list(rows)
            assert found.raw_score.tolist() == wanted["raw_score"].iloc[list(rows)].tolist()
            assert found.contributions.shape == (len(rows), 5)
            assert len(found.signals) == len(rows)
        groups = read_groups(connection)
    assert [g.name for g in groups] == ["just_approved", "all_applicants"]
    assert groups[1].rows.tolist() == list(range(3000))


def test_a_file_that_is_no_database_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "x.duckdb").write_text("not a database")
    with pytest.raises(SnapshotError, match=r"x\.duckdb is no database of a snapshot"), opened(tmp_path / "x.duckdb"):
        pass


def test_latest_snapshots_come_first(tmp_path: Path) -> None:
    from explainers.build import build_snapshot

    root, days = tmp_path / "root", ["2026-02-01", "2026-09-01"]
    for day in days:
        inputs = small_inputs(tmp_path / day, change=lambda t, day=day: t.assign(application_date=day))
        build_snapshot(inputs.card, root)
    assert [m.as_of for m in list_snapshots(root).manifests] == days[::-1]
