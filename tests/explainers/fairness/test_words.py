"""Sentences about groups on odd books: no ratio to nobody, one month, groups that are no adjectives."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import lightgbm as lgb
import numpy as np
import pandas as pd
import pytest

from explainers.fairness.charts import chart_curve
from explainers.fairness.compute import compute_fairness
from explainers.fairness.detail import compute_detail
from explainers.fairness.detail_words import nearest_points, say_curve, say_outcomes, table_outcomes
from explainers.fairness.result import CurvePoint, DetailResult, MonthPoint, Settings
from explainers.fairness.words import name_people, table_attribute
from explainers.style import THIN
from tests.explainers.fairness.worlds import group_table, grouped_snapshot, reader_of
from tests.snapshots_for_tests import SIGNALS, trained


def safest(table: pd.DataFrame) -> pd.DataFrame:
    """Put everybody of the lowest risk into race B, so that a strict cut-off passes nobody of A."""
    estimates = np.asarray(lgb.Booster(model_str=trained()).predict(table[list(SIGNALS)]))
    return group_table(table).assign(race=np.where(estimates <= np.quantile(estimates, 0.2), "B", "A"))


def test_a_cut_off_that_passes_nobody_of_the_reference_has_no_ratio(tmp_path: Path) -> None:
    detail = compute_detail(reader_of(grouped_snapshot(tmp_path / "home", make=safest, n=1500)), "race")
    rates = {(p.value, p.cutoff): p.rate for p in detail.curve}
    nobody = [p for p in detail.curve if p.value == "B" and p.rate > 0.05 and rates["A", p.cutoff] == 0]
    assert nobody
    assert all(math.isnan(p.ratio) for p in nobody)


def curve(**ratios: list[float]) -> DetailResult:
    points = [CurvePoint(g, 0.1 * (i + 1), 0.5, r) for g, found in ratios.items() for i, r in enumerate(found)]
    return DetailResult(
        "s", "race", "Race", "A", 10, 10, (), (), 0, "default", "defaulted", True, tuple(points), 0.2, Settings()
    )


def test_the_curve_speaks_of_the_group_that_is_lowest_at_the_cards_cut_off() -> None:
    result = curve(B=[0.4, 0.95, 0.9], C=[math.nan, 0.8, 0.85], D=[1.0, 1.1, 1.2], E=[1, 1, 1], F=[1, 0.99, 1])
    assert [p.value for p in nearest_points(result)] == ["C", "B", "F", "E", "D"]
    assert say_curve(result).replace(THIN, " ") == (
        "C applicants: at one cut-off for all of 20.0 % the ratio would be 0.80; "
        "over every cut-off looked at it lies between 0.80 and 0.85"
    )
    assert len([trace for trace in chart_curve(result).data if trace.mode == "lines"]) == 4


def test_one_month_is_no_development() -> None:
    points = [MonthPoint(g, "2021-12", 500, 0.9, 0.8, 1.0, enough=True) for g in "BC"]
    one = replace(curve(B=[1.0]), months=tuple(points))
    assert not one.over_time
    assert replace(one, months=(*points, replace(points[0], month="2022-01"))).over_time
    assert not replace(one, months=(points[0], replace(points[1], month="2022-01", enough=False))).over_time


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("Black", "Black applicants"),
        ("62 or older", "Applicants 62 or older"),
        ("under 25", "Applicants under 25"),
        ("30-39", "Applicants 30-39"),
        ("2 or more minority races", "2 or more minority races applicants"),
    ],
)
def test_people_are_named_by_their_group(value: str, said: str) -> None:
    assert name_people(value) == said


def test_outcomes_are_told_by_the_cards_own_word(grouped: Path) -> None:
    detail = compute_detail(reader_of(grouped), "race")
    assert detail.outcome
    said = f"{say_outcomes(detail)} {' '.join(table_outcomes(detail).columns)}"
    assert detail.outcome in said
    assert "did well" not in said.lower()


def test_differences_of_scores_have_a_true_minus(grouped: Path) -> None:
    lines = compute_fairness(reader_of(grouped)).attribute("race")
    column = table_attribute(lines)["Score apart"]
    assert any(column)
    assert not column.str.contains("-").any()
