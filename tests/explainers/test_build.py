"""A snapshot is built from any table, with the same numbers each time, and keeps what a reader must know."""

from __future__ import annotations

import stat
import threading
from collections.abc import Callable
from pathlib import Path

import lightgbm as lgb
import numpy as np
import pandas as pd
import pytest

from data.access import LOCAL_VIEWER
from data.errors import SnapshotError
from data.listing import list_snapshots
from data.manifest import read_manifest
from data.snapshots import open_reader, open_snapshot
from explainers.build import build_snapshot
from explainers.check import check_snapshot
from tests.snapshots_for_tests import (
    SIGNALS,
    applications,
    change_published,
    numbers_of,
    small_inputs,
    small_snapshot,
    to_csv,
    to_duckdb,
    tree,
)

BOTH = {"high": "It is high compared with others", "low": "It is low compared with others", "missing": "Not on file"}


def reader_of(snapshot: Path):
    opened = open_snapshot(snapshot.parents[1], snapshot.parent.name, snapshot.name)
    return open_reader(opened, LOCAL_VIEWER)


def failed_checks(snapshot: Path) -> list[str]:
    return [check.name for check in check_snapshot(snapshot) if not check.passed]


def other_model(objective: str, **settings: object) -> str:
    table = applications(3000)
    target = np.log(table["income"]) + table["debt_share"] if objective == "regression" else table["outcome"]
    params = {"objective": objective, "num_leaves": 7, "verbose": -1, "num_threads": 2, "seed": 1, **settings}
    return lgb.train(params, lgb.Dataset(table[list(SIGNALS)], target), 20).model_to_string()


def any_reason(card: dict) -> None:
    """Give every signal the reasons it needs whatever side is risky."""
    for feature in card["features"].values():
        if feature["unit"] != "category":
            feature["reason"] = BOTH


def test_building_twice_in_two_places_gives_the_same_numbers(tmp_path: Path) -> None:
    inputs = small_inputs(tmp_path / "in")
    one, two = (build_snapshot(inputs.card, tmp_path / root) for root in ("one", "two"))
    assert one.name == two.name
    first, second = numbers_of(one), numbers_of(two)
    assert len(first) >= 9
    assert first.keys() == second.keys()
    for name, table in first.items():
        pd.testing.assert_frame_equal(table, second[name], check_exact=True)
    assert read_manifest(one).fingerprint == read_manifest(two).fingerprint


def test_another_seed_is_another_snapshot_and_building_again_returns_the_one_that_is_there(tmp_path: Path) -> None:
    inputs = small_inputs(tmp_path / "in")
    first = build_snapshot(inputs.card, tmp_path / "root")
    before = tree(tmp_path / "root")
    changed = (first / "snapshot.duckdb").stat().st_mtime_ns
    assert build_snapshot(inputs.card, tmp_path / "root") == first
    assert tree(tmp_path / "root") == before
    assert (first / "snapshot.duckdb").stat().st_mtime_ns == changed
    assert build_snapshot(inputs.card, tmp_path / "root", seed=8) != first


def test_files_are_read_only_and_no_log_of_changes_lies_beside_a_database(tmp_path: Path) -> None:
    folder = small_snapshot(tmp_path / "root", tmp_path / "in")
    names = ["card.yaml", "manifest.json", "model.txt", "reasons.yaml", "snapshot.duckdb"]
    assert sorted(p.name for p in folder.iterdir()) == names
    assert {stat.S_IMODE(p.stat().st_mode) for p in folder.iterdir()} == {0o440}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o750
    assert tree(tmp_path / "root") == ["small-loans", *sorted(tree_under(tmp_path / "root", folder))]


def tree_under(root: Path, folder: Path) -> list[str]:
    name = folder.relative_to(root).as_posix()
    return [name, *(f"{name}/{inner}" for inner in tree(folder))]


CASES: dict[str, dict] = {
    "everyone is declined": {"decision": {"cutoffs": {"default": 0.0001}}},
    "no partner, date or outcome": {"applications": {"partner": None, "date": None, "outcome": None}},
    "CSV": {"write": to_csv, "applications": {"source": "apps.csv"}},
    "packed CSV": {"write": to_csv, "applications": {"source": "apps.csv.gz"}},
    "a table of a DuckDB file": {"write": to_duckdb, "applications": {"source": "a.duckdb", "table": "book"}},
    "two applications": {"change": lambda t: t.head(2), "decision": {"cutoffs": {"default": 0.001}}},
    "a random forest": {"model": lambda: other_model("binary", boosting="rf", bagging_freq=1, bagging_fraction=0.7)},
    "a Poisson model": {"model": lambda: other_model("poisson"), "card": any_reason},
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_snapshot_is_built_and_passes_every_check(case: dict, tmp_path: Path) -> None:
    made = {name: value() if name == "model" else value for name, value in case.items()}
    folder = small_snapshot(tmp_path / "root", tmp_path / "in", **made)
    assert failed_checks(folder) == []
    assert reader_of(folder).application("A-00001").application_id == "A-00001"


def test_the_same_table_gives_the_same_numbers_from_every_kind_of_file(tmp_path: Path) -> None:
    kinds = {"a.parquet": {}, "a.csv": {"write": to_csv}, "a.duckdb": {"write": to_duckdb}}
    found = {}
    for source, more in kinds.items():
        own = {"source": source} | ({"table": "book"} if source == "a.duckdb" else {})
        found[source] = numbers_of(
            small_snapshot(tmp_path / source, tmp_path / "in" / source, applications=own, **more)
        )
    for source in ("a.csv", "a.duckdb"):
        for name, table in found["a.parquet"].items():
            pd.testing.assert_frame_equal(table, found[source][name], check_exact=True)


def test_a_query_chooses_the_applications(tmp_path: Path) -> None:
    query = {"source": "a.duckdb", "sql": "SELECT * FROM book WHERE debt_share < 30"}
    folder = small_snapshot(tmp_path / "root", tmp_path / "in", write=to_duckdb, applications=query)
    assert read_manifest(folder).n == int((applications(3000)["debt_share"] < 30).sum())


def test_a_regression_where_higher_is_safer_is_decided_on_its_own_scale(tmp_path: Path) -> None:
    def card(content: dict) -> None:
        content["model"]["higher_score_is"] = "safer"
        content["decision"] = {"cutoffs": {"default": 40.0}}
        any_reason(content)

    folder = small_snapshot(tmp_path / "root", tmp_path / "in", model=other_model("regression"), card=card)
    table = numbers_of(folder)["snapshot.duckdb applications"]
    assert (table["estimate"] == table["raw_score"]).all()
    assert ((table["decision"] == "approved") == (table["estimate"] >= 40)).all()
    group = reader_of(folder).groups()[0]
    assert group.rule.startswith("approved applications with an estimate at or above the cut-off of 40")
    assert group.band_low is not None
    assert group.band_low >= 40
    assert failed_checks(folder) == []


def test_partners_rules_and_columns_no_model_reads_decide_as_counted_from_the_table(tmp_path: Path) -> None:
    def change(table: pd.DataFrame) -> pd.DataFrame:
        place = np.arange(len(table))
        return table.assign(region=np.where(place % 10 == 0, "closed", None), visits=place % 97)

    rules = [
        {"when": "region = closed", "reason": "The region is closed"},
        {"when": "visits < 3", "reason": "Too few visits"},
        {"when": "utilisation > 99", "reason": "Card limits are full"},
    ]
    decision = {"cutoffs": {"default": 0.18, "partners": {"Prairie State Credit": 0.1}}, "policy_rules": rules}
    folder = small_snapshot(tmp_path / "root", tmp_path / "in", change=change, decision=decision)
    table = change(applications(3000))
    stored = numbers_of(folder)["snapshot.duckdb applications"]
    caught = [table["region"] == "closed", table["visits"] < 3, table["utilisation"] > 99]
    first = np.select(caught, [0, 1, 2], default=-1)
    assert stored["rule_no"].fillna(-1).tolist() == first.tolist()
    cutoff = np.where(table["partner"] == "Prairie State Credit", 0.1, 0.18)
    assert ((stored["decision"] == "approved") == (stored["estimate"] <= cutoff) & (first < 0)).all()
    assert [g.cutoff for g in reader_of(folder).groups()] == [0.1, 0.18, None]
    assert failed_checks(folder) == []


def test_notes_of_card_table_and_groups_are_kept_in_the_manifest(tmp_path: Path) -> None:
    def change(table: pd.DataFrame) -> pd.DataFrame:
        home = table["home"].astype(str).where(np.arange(len(table)) != 5, "TENT")
        groups = pd.DataFrame({"id": table["application_id"][2:], "sex": "F", "Sex": "f"})
        groups.to_csv(tmp_path / "in" / "groups.csv", index=False)
        return table.assign(home=home)

    attributes = [{"name": name, "label": "Sex", "kind": "observed", "reference": "F"} for name in ("sex", "Sex")]
    block = {"source": "groups.csv", "id": "id", "attributes": attributes}
    folder = small_snapshot(tmp_path / "root", tmp_path / "in", change=change, groups=block)
    unseen, without = read_manifest(folder).notes
    assert unseen == "Column home: 1 row holds a level that the model never saw and treats as missing."
    assert without == "2 applications of 3,000 have no row in the table of protected attributes."
    tables = numbers_of(folder)
    assert len(tables["groups.duckdb groups"]) == 3000
    assert tables["groups.duckdb groups"].head(3).iloc[:, 1:].isna().all(axis=1).tolist() == [True, True, False]
    assert tables["groups.duckdb attributes"]["name"].tolist() == ["sex", "Sex"]
    assert not {"sex", "Sex"} & set(tables["snapshot.duckdb signals"]["name"])
    assert failed_checks(folder) == []


def test_ids_of_groups_are_text_with_their_leading_zeros(tmp_path: Path) -> None:
    def change(table: pd.DataFrame) -> pd.DataFrame:
        table = table.assign(application_id=[f"{i:07d}" for i in range(len(table))])
        groups = pd.DataFrame({"id": table["application_id"], "sex": np.where(np.arange(len(table)) % 2, "F", "M")})
        groups.iloc[::-1].to_csv(tmp_path / "in" / "groups.csv", index=False)
        return table

    block = {
        "source": "groups.csv",
        "id": "id",
        "attributes": [{"name": "sex", "label": "Sex", "kind": "observed", "reference": "M"}],
    }
    folder = small_snapshot(tmp_path / "root", tmp_path / "in", change=change, groups=block)
    assert numbers_of(folder)["groups.duckdb groups"].iloc[:4, 1].tolist() == ["M", "F", "M", "F"]
    assert read_manifest(folder).notes == ()


def test_further_files_are_kept_hashed_and_part_of_the_snapshots_identity(tmp_path: Path) -> None:
    inputs = small_inputs(tmp_path / "in")
    extra = tmp_path / "reported.parquet"
    pd.DataFrame({"application_id": ["A-00001"], "reason": ["1"]}).to_parquet(extra)
    folder = build_snapshot(inputs.card, tmp_path / "root", extras={"reported_reasons.parquet": extra})
    assert (folder / "reported_reasons.parquet").read_bytes() == extra.read_bytes()
    assert "reported_reasons.parquet" in read_manifest(folder).files
    assert failed_checks(folder) == []
    assert build_snapshot(inputs.card, tmp_path / "root") != folder
    for name in ("snapshot.duckdb", "../x", ".hidden", "a/b"):
        with pytest.raises(ValueError, match="cannot be named"):
            build_snapshot(inputs.card, tmp_path / "root", extras={name: extra})


def test_the_second_of_two_builds_at_once_gets_a_sentence(tmp_path: Path) -> None:
    inputs = small_inputs(tmp_path / "in")
    inside, go_on = threading.Event(), threading.Event()

    def wait(doing: str, _done: float) -> None:
        if doing == "Scoring every application":
            inside.set()
            go_on.wait(60)

    first = threading.Thread(target=lambda: build_snapshot(inputs.card, tmp_path / "root", progress=wait))
    first.start()
    try:
        assert inside.wait(60)
        (sentence,) = list_snapshots(tmp_path / "root").unfinished
        with pytest.raises(SnapshotError, match="This snapshot is being built already"):
            build_snapshot(inputs.card, tmp_path / "root")
    finally:
        go_on.set()
        first.join()
    assert sentence == "A snapshot of small-loans is being built now."
    listing = list_snapshots(tmp_path / "root")
    assert (len(listing.manifests), listing.unfinished) == (1, ())


def test_a_table_that_changes_while_it_is_read_is_not_published(tmp_path: Path) -> None:
    inputs = small_inputs(tmp_path / "in")

    def meddle(doing: str, _done: float) -> None:
        if doing == "Checking the table":
            applications(2000).astype({"home": str}).to_parquet(inputs.folder / "apps.parquet", index=False)

    with pytest.raises(SnapshotError, match=r"Changed while the snapshot was being built: apps\.parquet"):
        build_snapshot(inputs.card, tmp_path / "root", progress=meddle)
    assert list_snapshots(tmp_path / "root").manifests == ()
    assert read_manifest(build_snapshot(inputs.card, tmp_path / "root")).n == 2000


def test_a_damaged_folder_of_the_same_snapshot_is_named_before_the_work(tmp_path: Path) -> None:
    inputs = small_inputs(tmp_path / "in")
    folder = build_snapshot(inputs.card, tmp_path / "root")
    (folder / "manifest.json").unlink()
    with pytest.raises(SnapshotError, match="is there already and cannot be opened") as caught:
        build_snapshot(inputs.card, tmp_path / "root")
    assert caught.value.remedy == "Remove that folder and run it again."


@pytest.mark.parametrize(
    "spoil", ["contribution", "reason", "signal", "score", "decision", "cutoff", "member", "pattern", "estimate"]
)
def test_check_finds_what_was_changed_in_a_database_even_when_the_hashes_fit(
    spoil: str, tmp_path: Path, spoiled: Callable[[str], Path]
) -> None:
    found = failed_checks(spoiled(spoil))
    expected = {
        "contribution": {"Explanations computed again are the same"},
        "reason": {"Principal reasons are the same"},
        "signal": {"Contributions of signals are the same"},
        "score": {"The model gives the same scores again"},
        "decision": {"Decisions follow the cut-off"},
        "cutoff": {"Decisions follow the cut-off"},
        "member": {"Comparison groups are the ones named"},
        "pattern": {"Comparison groups are the ones named"},
        "estimate": {"Estimates follow from raw scores"},
    }[spoil]
    assert expected <= set(found)


@pytest.fixture
def spoiled(tmp_path: Path) -> Callable[[str], Path]:
    """Build a snapshot, change one number in it, and make the manifest fit again."""
    changes = {
        # additivity still holds: only computing it again finds that two families were swapped in one row
        "contribution": "UPDATE contributions SET f000 = f001, f001 = f000 WHERE row_no = 17",
        "reason": "UPDATE reasons SET r1 = r1 + 1 WHERE row_no = 17",
        "signal": "UPDATE signal_contributions SET c0000 = c0000 + 0.001 WHERE row_no = 17",
        "score": "UPDATE applications SET raw_score = raw_score + 1e-6 WHERE row_no = 2999",
        "decision": "UPDATE applications SET decision = 'approved' WHERE row_no ="
        " (SELECT row_no FROM applications WHERE decision = 'declined' LIMIT 1)",
        "cutoff": "UPDATE applications SET cutoff = cutoff - 1e-9",
        "member": "UPDATE group_members SET row_no = (SELECT min(row_no) FROM applications WHERE decision = 'declined')"
        " WHERE group_no = 0 AND row_no = (SELECT max(row_no) FROM group_members WHERE group_no = 0)",
        # as many applications at the leaf as before, two of them with another pattern
        "pattern": "UPDATE group_pattern_parts SET n = CASE WHEN low = 0 THEN n + 2 ELSE n - 2 END WHERE group_no = 0"
        " AND leaf = 0 AND low IN (SELECT 0 UNION ALL"
        " SELECT arg_max(low, n) FROM group_pattern_parts WHERE group_no = 0 AND leaf = 0 AND low > 0)",
        "estimate": "UPDATE applications SET estimate = estimate * (1 - 1e-8)",
    }

    def make(kind: str) -> Path:
        folder = small_snapshot(tmp_path / "root", tmp_path / "in")
        assert change_published(folder, changes[kind]) > 0
        return folder

    return make
