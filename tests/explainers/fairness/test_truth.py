"""The demonstration's truth: the planted difference is found, and so is the planted absence of one."""

from __future__ import annotations

import pytest

from explainers.fairness.compute import compute_fairness
from explainers.fairness.detail import compute_detail
from explainers.fairness.result import DetailResult, FairnessResult
from explainers.fairness.words import say_attribute, say_fairness
from tests.grouped_snapshot import N, book, planted_reader

RACE, BLACK = "race_ethnicity", "Black"


@pytest.fixture(scope="module")
def result() -> FairnessResult:
    return compute_fairness(planted_reader())


@pytest.fixture(scope="module")
def detail() -> DetailResult:
    return compute_detail(planted_reader(), RACE)


def test_the_planted_difference_by_race_is_named(result: FairnessResult) -> None:
    race = result.attribute(RACE)
    black = next(line for line in race.lines if line.value == BLACK)
    groups = book().groups[RACE]
    assert result.n == N
    assert black.n == int((groups == BLACK).sum())
    assert black.gap_high < -0.02
    assert black.adjusted < 0.001
    assert black.score_gap > 0, "a higher score is more risk"
    assert (BLACK in say_fairness(result)) == black.closer
    assert "more than chance" in say_attribute(race, result.settings) or black.closer


def test_the_planted_absence_by_sex_is_left_alone(result: FairnessResult) -> None:
    sex = result.attribute("sex")
    assert sex.compared
    assert not sex.closer
    assert all(line.adjusted > 0.05 and line.gap_low < 0 < line.gap_high for line in sex.compared)
    assert say_attribute(sex, result.settings).endswith("no difference that chance could not explain")


def test_estimates_hold_for_every_group_because_outcomes_follow_the_inputs_alone(detail: DetailResult) -> None:
    known = [line for line in detail.outcomes if line.found[0] == line.found[0]]
    assert {BLACK, "White"} <= {line.value for line in known}
    # the truth knows no group, so what a model misses may differ by inputs it reads badly, never by much
    assert all(abs(line.estimated - line.found[0]) < 0.05 for line in known)
