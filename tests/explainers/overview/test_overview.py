"""The Overview: its counts are those of the table, its sentences those of its counts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from explainers.assurance.reliability import ENOUGH
from explainers.overview import words
from explainers.overview.charts import chart_approval, chart_reliability, chart_scores, chart_volume
from explainers.overview.compute import compute_overview
from explainers.overview.tables import table_facts, table_scores, table_volume
from explainers.style import THIN
from tests.explainers.conftest import PARTNER
from tests.snapshots_for_tests import applications


@pytest.fixture
def result(reader):
    return compute_overview(reader)


def test_volume_is_the_tables_own_count(result) -> None:
    table = applications(3000)
    month = pd.to_datetime(table["application_date"]).dt.to_period("M")
    expected = table.groupby([month, "partner"]).size()
    got = result.volume.set_index([pd.to_datetime(result.volume["month"]).dt.to_period("M"), "partner"])["n"]
    assert got.sort_index().tolist() == expected.sort_index().tolist()
    assert int(result.volume["approved"].sum()) == result.approved


def test_ranking_and_reliability_are_those_of_the_scores(reader, result) -> None:
    known = reader.room.known_outcomes()
    assert result.ranking.auc == pytest.approx(roc_auc_score(known["outcome"], known["raw_score"]), abs=1e-12)
    steps = result.reliability.steps
    assert sum(s.n for s in steps) == result.reliability.n == 3000
    assert sum(s.outcomes for s in steps) == result.reliability.outcomes == int(known["outcome"].sum())
    assert [s.estimate for s in steps] == sorted(s.estimate for s in steps)
    assert all(s.n >= ENOUGH for s in steps)
    estimates = reader.room.model.estimate(known["raw_score"].to_numpy())
    assert result.reliability.mean_estimate == pytest.approx(float(np.mean(estimates)), abs=1e-12)


def test_score_steps_hold_every_application_once(result) -> None:
    assert int(result.scores["n"].sum()) == result.n == 3000
    assert int(result.scores["approved"].sum()) == result.approved


def test_a_partner_counts_its_own_applications_only(partner_reader) -> None:
    own = compute_overview(partner_reader)
    assert own.n == int((applications(3000)["partner"] == PARTNER).sum())
    assert set(own.volume["partner"]) == {PARTNER}
    assert all(c.partners == (PARTNER,) for c in own.cutoffs)


def test_every_sentence_and_picture_can_be_made(result) -> None:
    share = result.approved / result.n
    assert f"{round(share * 100)} of 100 applications pass" in words.say_overview(result).lower()
    assert "Chance alone gives 50" in words.say_ranking(result.ranking, result.outcome_past)
    assert words.say_checks(result).startswith("All")
    assert len(chart_approval(result).data) == 2
    assert chart_volume(result).data[0].y.sum() == result.n
    assert len(chart_scores(result).layout.shapes) == len(result.cutoffs)
    assert len(chart_reliability(result.reliability).data[0].x) == len(result.reliability.steps)
    assert len(table_volume(result)) == len(result.volume)
    assert len(table_scores(result)) == len(result.scores)
    assert "Small loans" not in table_facts(result)
    assert "Decides on small loans." in table_facts(result)


def test_without_outcomes_it_says_so() -> None:
    assert "too few outcomes are known" in words.say_ranking(None, "were not repaid")
    assert "too few outcomes are known" in words.say_reliability(None, "were not repaid")


def test_the_step_that_is_named_is_the_one_outside_its_range(result) -> None:
    inside, outside = result.reliability.steps[:2]
    far = replace(inside, estimate=0.30, outcomes=34, n=100, low=0.25, high=0.44)
    near = replace(outside, estimate=0.05, outcomes=20, n=1000, low=0.013, high=0.031)
    assert far.matches
    assert not near.matches
    said = words.say_reliability_detail(replace(result.reliability, steps=(far, near)), "defaulted").replace(THIN, " ")
    assert "In 1 of 2 steps" in said
    assert "Outside it: where it said 5.0 %, 2.0 % defaulted (range 1.3 % to 3.1 %)" in said
    fits = words.say_reliability_detail(replace(result.reliability, steps=(far,)), "defaulted").replace(THIN, " ")
    assert "In 1 of 1 steps" in fits
    assert "Furthest off: where it said 30.0 %" in fits


def test_half_of_all_estimates_lie_below_the_one_that_is_said(reader, result) -> None:
    estimates = reader.room.summaries().ask("SELECT estimate FROM chosen")["estimate"]
    said = words.say_scores(result).split("below ")[1].split(THIN)[0]
    assert float((estimates < float(said) / 100).mean()) == pytest.approx(0.5, abs=0.06)
