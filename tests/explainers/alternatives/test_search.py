"""A search: repeatable, blind to the group, kept whole or not at all."""

from __future__ import annotations

import json
import os
import signal
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from data.access import LOCAL_VIEWER
from data.alternatives_process import SearchProcess, only_one
from data.alternatives_rows import read_training
from data.alternatives_schema import AlternativesBlock
from data.errors import CandorError, NotFoundForViewer, TableError
from data.files import HOME_VARIABLE
from data.workspace import Workspace, open_workspace
from data.workspace.alternatives import list_searches, list_tolerances, save_tolerance
from explainers.__main__ import main
from explainers.alternatives import charts, table, words
from explainers.alternatives.candidates import reweigh
from explainers.alternatives.command import run_search
from explainers.alternatives.compute import compute_search
from explainers.alternatives.result import SearchResult, read_result
from explainers.alternatives.rows import load_rows, split
from explainers.alternatives.settings import Settings
from tests.grouped_snapshot import REGULATOR, planted_folder, planted_reader

RACE, BLACK = "race_ethnicity", "Black"
SMALL = Settings(candidates=6, rows=2_700, trees=8, drops=1, grid=1, rounds=1)


def silent(_doing: str, _done: float) -> None:
    """Say nothing."""


@pytest.fixture(scope="module")
def result() -> SearchResult:
    return compute_search(planted_reader(), RACE, BLACK, SMALL, silent)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of its own with an empty workspace."""
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path))
    return tmp_path


@pytest.fixture
def workspace(home: Path):
    found = open_workspace()
    yield found
    found.close()


def kept(workspace: Workspace) -> int:
    return len(list_searches(workspace, LOCAL_VIEWER, planted_reader().manifest.fingerprint))


def test_the_same_seed_gives_the_same_search(result: SearchResult) -> None:
    again = compute_search(planted_reader(), RACE, BLACK, SMALL, silent)
    assert again.to_json() == result.to_json()
    other = compute_search(planted_reader(), RACE, BLACK, replace(SMALL, seed=8, candidates=3), silent)
    assert other.candidates[1].reported.auc != result.candidates[1].reported.auc


def test_a_result_can_be_written_and_read(result: SearchResult) -> None:
    assert read_result(result.to_json()) == result


def test_every_part_is_measured_apart(result: SearchResult) -> None:
    parts = split(result.n_train + result.n_choose + result.n_report, SMALL.seed)
    assert not (parts.train & parts.choose).any()
    assert not (parts.report & (parts.train | parts.choose)).any()
    assert (parts.train | parts.choose | parts.report).all()
    assert {one.reported.n for one in result.candidates} == {result.n_report}
    assert {one.chosen.n for one in result.candidates} == {result.n_choose}


def test_candidates_are_of_every_kind_and_none_is_picked(result: SearchResult) -> None:
    kinds = [one.kind for one in result.candidates]
    assert kinds[:2] == ["current", "anew"]
    assert len(kinds) <= SMALL.candidates
    assert {"weights", "shape"} <= set(kinds)
    assert result.candidates[0].reported.auc > 0.7
    for one in result.candidates:
        assert one.reported.approved == pytest.approx(result.share, abs=0.1)


def test_the_group_is_never_among_the_inputs(monkeypatch: pytest.MonkeyPatch) -> None:
    reader = planted_reader()
    names = reader.room.model.feature_names
    rows = load_rows(reader.room, reader.protected_groups(), RACE, 2_700)
    assert rows.values.shape[1] == len(names)
    assert not set(names) & {"sex", RACE, "age_band", "p_black"}
    for place in range(rows.values.shape[1]):
        codes = pd.factorize(rows.group)[0]
        assert abs(np.corrcoef(np.nan_to_num(rows.values[:, place]), codes == codes[0])[0, 1]) < 0.9 or (
            np.nanstd(rows.values[:, place]) == 0
        )


def test_what_needs_the_group_to_decide_is_left_out_with_its_reason(result: SearchResult) -> None:
    text = table.table_excluded(result)
    assert "ThresholdOptimizer" in text
    assert text.count("asks for the group at the moment of the decision") == 3
    assert "decide by lot" in text


def test_weights_make_outcome_and_group_independent() -> None:
    rng = np.random.default_rng(1)
    group = np.where(rng.random(500) < 0.3, "a", "b").astype(object)
    outcome = (rng.random(500) < np.where(group == "a", 0.5, 0.2)).astype(np.int64)
    weights = reweigh(outcome, group)
    rates = [np.average(outcome[group == name], weights=weights[group == name]) for name in ("a", "b")]
    assert rates[0] == pytest.approx(rates[1])
    assert weights.sum() == pytest.approx(500)


def test_words_and_pictures_name_no_winner(result: SearchResult) -> None:
    texts = [
        words.say_search(result, 0.01),
        words.say_context(result),
        words.say_shrinks(result),
        words.say_frontier_alt(result),
        *words.LIMITS,
    ]
    everything = " ".join(texts).lower()
    assert "were tried" in everything
    assert not any(word in everything for word in ("winner", "should use", "fair model", "compliant", "unbiased"))
    figure = charts.chart_frontier(result, 0.01)
    assert sum(len(trace.x) for trace in figure.data if trace.mode == "markers") <= len(result.candidates)
    assert len(table.table_candidates(result, 0.01)) == len(result.candidates)
    assert result.training_hash in table.table_technical(result)


def test_a_tolerance_decides_only_what_its_interval_says(result: SearchResult) -> None:
    one = result.candidates[2]
    change = replace(one.change, auc=-0.01, auc_low=-0.02, auc_high=0.0)
    case = replace(one, change=change)
    assert [words.within(case, t) for t in (0.03, 0.01)] == ["yes", "maybe"]
    assert words.within(replace(one, change=replace(change, auc_high=-0.015)), 0.01) == "no"


# -- kept whole or not at all ---------------------------------------------------------------------


@pytest.fixture
def in_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the priority and the limits of the process of the tests as they are."""
    monkeypatch.setattr("explainers.alternatives.command.bound_this_process", lambda: None)


def test_a_finished_search_is_kept_with_its_hashes(
    workspace: Workspace, in_process: None, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = [f"--attribute={RACE}", "--candidates=3", "--rows=2700", "--trees=4", "--json", "--group=Black"]
    assert main(["alternatives", str(planted_folder()), *asked]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert lines[0]["done"] == 0
    (search,) = list_searches(workspace, LOCAL_VIEWER, planted_reader().manifest.fingerprint)
    assert lines[-1] == {"search": search.search_id}
    found = read_result(search.content)
    assert (found.training_hash, found.code_hash) == (search.training_hash, search.code_hash)
    assert (found.group, search.seed) == (BLACK, 7)
    save_tolerance(workspace, LOCAL_VIEWER, search.search_id, 100, "A tenth of what a new vintage costs us.")
    with pytest.raises(CandorError, match="characters"):
        save_tolerance(workspace, LOCAL_VIEWER, search.search_id, 100, "because")
    with pytest.raises(CandorError, match="not kept here"):
        save_tolerance(workspace, LOCAL_VIEWER, "no such", 100, "A tenth of what a new vintage costs us.")
    (one,) = list_tolerances(workspace, LOCAL_VIEWER, search.search_id)
    assert (one.tolerance, one.who) == (100, "local")


def test_a_search_is_one_at_a_time_and_can_be_stopped_or_killed_without_a_trace(workspace: Workspace) -> None:
    process, asked = SearchProcess(), [f"--attribute={RACE}", "--rows=2700", "--trees=500"]
    process.start(planted_folder(), asked, "s", "Race: Black")
    wait_for(lambda: process.progress().done > 0 or process.progress().state == "failed")
    assert (process.progress().state, process.progress().about) == ("running", "Race: Black")
    with pytest.raises(CandorError, match="running already"):
        process.start(planted_folder(), asked, "s", "Race: Black")
    with pytest.raises(CandorError, match="running already"), only_one():
        pytest.fail("two at once")
    assert process._child is not None
    assert os.getpriority(os.PRIO_PROCESS, process._child.pid) >= 10
    process._child.send_signal(signal.SIGKILL)
    wait_for(lambda: process.progress().state == "failed")
    assert "before it was done" in process.progress().found
    process.start(planted_folder(), asked, "s", "again")
    process.cancel()
    assert process.progress().state == "stopped"
    process.cancel()
    assert kept(workspace) == 0
    with only_one():
        pass


def test_a_search_that_cannot_be_done_says_why(workspace: Workspace, in_process: None) -> None:
    with pytest.raises(NotFoundForViewer, match="There is no such attribute"):
        run_search(planted_folder(), "no_such", None, SMALL, None, silent)
    with pytest.raises(CandorError, match="no such group"):
        run_search(planted_folder(), RACE, "White", SMALL, None, silent)
    assert kept(workspace) == 0


def wait_for(done) -> None:
    end = time.monotonic() + 60
    while not done():
        assert time.monotonic() < end
        time.sleep(0.05)


# -- who, and from which rows ---------------------------------------------------------------------


def test_only_those_who_see_groups_in_full_may_search(workspace: Workspace) -> None:
    with pytest.raises(NotFoundForViewer):
        compute_search(planted_reader(REGULATOR), RACE, BLACK, SMALL, silent)
    with pytest.raises(NotFoundForViewer):
        list_searches(workspace, REGULATOR, "x")


@pytest.mark.parametrize("settings", [replace(SMALL, candidates=2), replace(SMALL, rows=10**7)])
def test_a_search_stays_bounded(settings: Settings) -> None:
    with pytest.raises(CandorError, match="out of bounds"):
        compute_search(planted_reader(), RACE, BLACK, settings, silent)


def test_too_few_rows_are_refused_with_the_number_needed() -> None:
    with pytest.raises(CandorError, match="at least 50 are needed"):
        compute_search(planted_reader(), RACE, BLACK, replace(SMALL, rows=300), silent)


def test_stopping_ends_it_at_the_next_step() -> None:
    def stop(_doing: str, done: float) -> None:
        if done > 0.3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        compute_search(planted_reader(), RACE, BLACK, SMALL, stop)


def test_a_training_file_of_the_card_is_read_and_checked(home: Path) -> None:
    folder = home / "training"
    folder.mkdir()
    table = pd.DataFrame({"a": [1.0, 2, 3], "b": ["x", "y", "z"], "bad": [0, 1, None], "race": ["W", None, "B"]})
    table.to_parquet(folder / "t.parquet")
    block = AlternativesBlock(training="t.parquet", outcome="bad", groups={RACE: "race"})
    rows, sha256 = read_training(block, ["a", "b"], RACE)
    assert list(rows["group"]) == ["W", ""]
    assert len(sha256) == 64
    with pytest.raises(TableError) as caught:
        read_training(block, ["a", "race", "c"], "sex")
    assert len(caught.value.problems) == 2
    with pytest.raises(TableError, match="an input of the model"):
        read_training(block, ["a", "race"], RACE)
    with pytest.raises(CandorError, match="There is no file"):
        read_training(AlternativesBlock(training="no.csv", outcome="bad", groups={RACE: "race"}), ["a"], RACE)


def test_a_card_that_names_a_file_names_its_columns() -> None:
    with pytest.raises(ValueError, match="needs `outcome` and `groups`"):
        AlternativesBlock(training="t.parquet")
    assert AlternativesBlock().training == "applications"


def test_the_command_keeps_who_asked(workspace: Workspace, in_process: None) -> None:
    key, result = run_search(planted_folder(), "sex", None, replace(SMALL, candidates=3), "ann", silent)
    (search,) = list_searches(workspace, LOCAL_VIEWER, result.snapshot_hash)
    assert (search.search_id, search.who) == (key, "ann")
