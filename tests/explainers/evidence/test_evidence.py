"""From a published snapshot to the result, its words and its picture: for every viewer, by hand."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from data.access import LOCAL_VIEWER, Audience, Viewer
from data.reader import Reader
from data.snapshots import Snapshot, open_reader, open_snapshot
from data.sql import cursor
from explainers.assurance.intervals import wilson
from explainers.evidence import people_words, words
from explainers.evidence.charts import chart_swap
from explainers.evidence.checks import CHECKS, shown_checks
from explainers.evidence.compute import OUTSIDE, compute_evidence, mean, median, share
from explainers.evidence.result import EvidenceResult, Figure
from explainers.evidence.world import World
from explainers.evidence.write import collect_evidence
from tests.snapshots_for_tests import small_snapshot

PARTNER = "First Harbor Bank"


@pytest.fixture(scope="module")
def snapshot(evidence_folder: Path) -> Snapshot:
    folder = evidence_folder
    return open_snapshot(folder.parents[1], folder.parent.name, folder.name)


@pytest.fixture(scope="module")
def reader(snapshot: Snapshot) -> Reader:
    return open_reader(snapshot, LOCAL_VIEWER)


@pytest.fixture(scope="module")
def result(reader: Reader) -> EvidenceResult:
    return compute_evidence(reader)


def state_of(result: EvidenceResult, key: str) -> str:
    return next(check.state(result) for check in CHECKS if check.key == key)


def with_figure(result: EvidenceResult, **figures: float) -> EvidenceResult:
    changed = {name: Figure(value, None, None, 500) for name, value in figures.items()}
    return replace(result, figures={**result.figures, **changed})


def test_every_figure_of_the_swap_test_is_the_count_of_stored_rows(snapshot: Snapshot, result: EvidenceResult) -> None:
    with cursor(snapshot.connection()) as own:
        row = own.execute("SELECT count(*), count(*) FILTER (named2), count(*) FILTER (random2) FROM evidence_rows")
        n, named, random = row.fetchone() or (0, 0, 0)
    assert result.n == n
    assert result.figures["named2"] == Figure(named / n, *wilson(named, n), n)
    assert result.figures["random2"].value == random / n
    assert result.n_total >= n


def test_a_partner_gets_figures_over_its_own_applications_and_only_three_checks(snapshot: Snapshot) -> None:
    own = compute_evidence(open_reader(snapshot, Viewer("p", Audience.PARTNER, PARTNER)))
    with cursor(snapshot.connection()) as connection:
        found = connection.execute(
            "SELECT count(*), avg(named4::INTEGER) FROM evidence_rows JOIN applications USING (row_no)"
            " WHERE partner = ?",
            [PARTNER],
        ).fetchone()
    assert found is not None
    assert own.n == found[0]
    assert own.figures["named4"].value == round(found[1], 2)
    assert set(own.figures) <= OUTSIDE
    assert (own.held, own.groups, own.reported) == ((), (), ())
    assert [check.key for check in shown_checks(own)] == ["additivity", "swap", "method"]
    assert own.figures["residual"] == Figure(0.0, None, None, 0)


def test_a_partner_with_few_applications_gets_no_figure(tmp_path: Path) -> None:
    def few(table: pd.DataFrame) -> pd.DataFrame:
        table.loc[:20, "partner"] = "Tiny Bank"
        return table

    folder = small_snapshot(tmp_path / "s", tmp_path / "i", n=1200, change=few)
    with closing(open_snapshot(tmp_path / "s", folder.parent.name, folder.name)) as snapshot:
        result = compute_evidence(open_reader(snapshot, Viewer("p", Audience.PARTNER, "Tiny Bank")))
    assert set(result.figures) <= {"residual", "baseline"}
    assert "too few" in words.say_evidence(result)
    assert "At least 30" in words.say_context(result)


def test_building_again_gives_the_same_evidence(whole_world: World, snapshot: Snapshot) -> None:
    world = whole_world
    again = collect_evidence(
        world.source, world.card, snapshot.catalogue, world.engine, world.everyone, snapshot.manifest.seed
    )
    for name, table in again.tables:
        with cursor(snapshot.connection()) as own:
            stored = own.execute(f"FROM {name}").df()
        pd.testing.assert_frame_equal(stored, table.astype(stored.dtypes.to_dict()), check_exact=True)


def test_a_mean_has_the_interval_of_the_normal_approximation() -> None:
    found = mean(np.array([0.0, 1.0, 1.0, 0.0]))
    half = 1.959963984540054 * np.sqrt(1 / 3) / 2
    assert (found.value, found.low, found.high) == pytest.approx((0.5, 0.5 - half, 0.5 + half))
    assert mean(np.array([0.3])).low is None


def test_a_median_lies_between_its_order_statistics() -> None:
    found = median(np.arange(101.0))
    assert (found.value, found.n) == (50.0, 101)
    assert (found.low, found.high) == (40.0, 61.0)
    assert median(np.arange(3.0)).low is None


def test_a_share_has_wilsons_interval() -> None:
    assert share(np.array([1.0, 1.0, 0.0])) == Figure(2 / 3, *wilson(2, 3), 3)


def test_a_wrong_baseline_shows_in_additivity(result: EvidenceResult) -> None:
    assert state_of(result, "additivity") == "met"
    assert state_of(with_figure(result, baseline=0.16), "additivity") == "not met"
    assert state_of(with_figure(result, residual=float("nan")), "additivity") == "not met"


def test_reasons_no_better_than_random_ones_do_not_meet_the_swap_test(result: EvidenceResult) -> None:
    assert state_of(with_figure(result, apart=0.30), "swap") == "met"
    assert state_of(with_figure(result, apart=0.02), "swap") == "not met"


def test_unstable_reasons_do_not_meet_their_check(result: EvidenceResult) -> None:
    assert state_of(with_figure(result, noise_first=0.95, noise_overlap=0.95), "noise") == "met"
    assert state_of(with_figure(result, noise_first=0.95, noise_overlap=0.5), "noise") == "not met"
    assert state_of(with_figure(result, halves_overlap=0.89), "draw") == "not met"


def test_what_was_not_tested_is_said_to_be_not_tested(result: EvidenceResult) -> None:
    for key in ("retrain", "placebo"):
        assert state_of(result, key) == "not tested"
    bare = replace(result, figures={})
    assert {check.state(bare) for check in CHECKS if check.key != "additivity"} == {"not tested"}
    assert all(words.say_finding(bare, check) for check in CHECKS if check.key != "additivity")


def test_every_check_says_a_finding_with_figures(result: EvidenceResult) -> None:
    for check in CHECKS:
        said = words.say_finding(result, check)
        assert said.endswith(".")
        if check.state(result) != "not tested":
            assert any(c.isdigit() for c in said), check.key


@pytest.mark.parametrize("never", ["compliant", "unbiased", "fair model", "caused"])
def test_nothing_is_claimed_that_cannot_be(result: EvidenceResult, never: str) -> None:
    said = [words.table_checks(result), words.table_methods(result), *words.LIMITS, *words.say_how_to_read(result)]
    assert all(never not in text.casefold() for text in said)


def test_the_picture_holds_three_lines_of_four_points(result: EvidenceResult) -> None:
    figure = chart_swap(result)
    assert [len(line.y) for line in figure.data] == [4, 4, 4]
    assert figure.data[0].y[3] == result.figures["named4"].value
    assert all(name in words.say_swap_alt(result) for name in ("named reasons", "random families"))


def test_the_headline_says_what_the_swap_test_found(result: EvidenceResult) -> None:
    named, random = result.figures["named4"].value, result.figures["random4"].value
    said = words.say_evidence(with_figure(result, named4=0.83, random4=0.2))
    assert "83 of 100" in said
    assert "20 of 100" in said
    assert named > random


def test_checks_are_counted_in_the_context(result: EvidenceResult) -> None:
    states = [check.state(result) for check in CHECKS]
    assert f"{states.count('met')} checks are met, {states.count('not met')} not met" in words.say_context(result)


def test_held_reasons_are_listed_with_how_often_they_are_named(result: EvidenceResult) -> None:
    for family in result.held:
        assert 0 < family.held <= family.named


Make = Callable[[dict], None]


def with_people(folder: Path) -> Snapshot:
    """Build a snapshot with a protected attribute, of which one value is rare."""
    (folder / "i").mkdir(parents=True)
    n = 1500
    values = np.where(np.arange(n) % 3 == 0, "A", "B")
    values[:40] = "C"
    people = pd.DataFrame({"application_id": [f"A-{i:05d}" for i in range(n)], "sex": values})
    people.to_parquet(folder / "i" / "groups.parquet", index=False)

    def card(content: dict) -> None:
        attribute = {"name": "sex", "label": "Sex", "kind": "observed", "reference": "B"}
        content["groups"] = {"source": "groups.parquet", "id": "application_id", "attributes": [attribute]}

    built = small_snapshot(folder / "s", folder / "i", n=n, card=card)
    return open_snapshot(folder / "s", built.parent.name, built.name)


def test_quality_is_counted_by_group_for_those_who_may_see_groups(tmp_path: Path) -> None:
    with closing(with_people(tmp_path)) as snapshot:
        result = compute_evidence(open_reader(snapshot, LOCAL_VIEWER))
        partner = compute_evidence(open_reader(snapshot, Viewer("p", Audience.PARTNER, PARTNER)))
        with cursor(snapshot.connection()) as own:
            rows = own.execute("FROM evidence_rows").df()
            ids = own.execute("SELECT row_no, application_id FROM applications").df()
    rows = rows.merge(ids, on="row_no")
    place = rows["application_id"].str[2:].astype(int)
    in_a = (place % 3 == 0) & (place >= 40)
    found = {g.value: g for g in result.groups}
    assert set(found) == {"A", "B"}
    assert found["A"].swapped == share(rows.loc[in_a, "named4"].to_numpy(float))
    assert found["B"].reference
    assert partner.groups == ()
    assert people_words.say_groups(result)
    assert len(people_words.table_groups(result)) == 2
    assert people_words.say_groups(partner) is None
