"""Comparisons of groups, held against Fairlearn, hand-counted tables and what is planted."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from fairlearn.metrics import MetricFrame, count, false_positive_rate, selection_rate

from data.access import LOCAL_VIEWER, Audience, Viewer
from data.cohorts import Cohort
from data.errors import NotFoundForViewer
from explainers.fairness.compute import APART, compute_fairness, disclose
from explainers.fairness.detail import compute_detail
from explainers.fairness.detail_words import (
    say_curve,
    say_months,
    say_outcomes,
    say_outcomes_notes,
    table_curve,
    table_months,
    table_outcomes,
)
from explainers.fairness.rates import compare_lines, judge
from explainers.fairness.result import AttributeResult, Settings
from explainers.fairness.words import (
    say_alt,
    say_attribute,
    say_context,
    say_fairness,
    say_how_to_read,
    say_limits,
    say_notes,
    table_attribute,
    table_proxy,
)
from tests.explainers.fairness.worlds import grouped_snapshot, reader_of

FORBIDDEN = ("compliant", "unbiased", "fair model", "legal test", "discriminat", "caused")


def counted(**groups: tuple[int, int]) -> pd.DataFrame:
    """Return counts by group from (approved, applications)."""
    rows = {name: {"n": n, "approved": k, "raw": 0.0, "raw_squares": 0.0} for name, (k, n) in groups.items()}
    return pd.DataFrame.from_dict(rows, orient="index")


def result_of(counts: pd.DataFrame, reference: str) -> AttributeResult:
    lines = compare_lines(counts, reference, counts.sum(), scores=False)
    return AttributeResult("x", "X", "observed", reference, reference, lines)


def rows_of(snapshot: Path) -> pd.DataFrame:
    """Return every application with its groups, straight from the two files."""
    reader = reader_of(snapshot)
    protected = reader.protected_groups()
    return protected.ask(("sex", "race"), "FROM labelled ORDER BY row_no", {}, Cohort())


def test_the_hand_counted_table_is_worth_a_closer_look() -> None:
    judged, comparisons = judge([result_of(counted(ref=(120, 400), small=(45, 250)), "ref")], Settings())
    line = judged[0].lines[1]
    assert comparisons == 1
    assert (line.ratio, line.gap) == (pytest.approx(0.60), pytest.approx(-0.12))
    assert line.chance == pytest.approx(0.00063, abs=2e-5)
    assert line.closer


@pytest.mark.parametrize(
    ("groups", "settings"),
    [
        ({"ref": (180, 400), "small": (18, 50)}, Settings()),  # chance could explain it
        ({"ref": (9000, 10000), "small": (8500, 10000)}, Settings()),  # a small ratio gap, whatever the chance
        ({"ref": (300, 20000), "small": (200, 20000)}, Settings()),  # half a point only
        ({"ref": (120, 400), "small": (45, 250)}, Settings(chance=0.0001)),
    ],
)
def test_all_three_parts_must_hold(groups: dict[str, tuple[int, int]], settings: Settings) -> None:
    judged, _ = judge([result_of(counted(**groups), "ref")], settings)
    assert not judged[0].closer


def test_chance_is_adjusted_over_everything_on_the_page() -> None:
    one = result_of(counted(ref=(200, 400), a=(170, 400)), "ref")
    alone, _ = judge([one], Settings())
    among, comparisons = judge([one, *[result_of(counted(ref=(200, 400), b=(200, 400)), "ref")] * 9], Settings())
    assert comparisons == 10
    assert among[0].lines[1].adjusted == pytest.approx(10 * alone[0].lines[1].adjusted)


def test_too_few_expected_approvals_is_too_few_however_many_apply() -> None:
    lines = {x.value: x for x in result_of(counted(ref=(40, 4000), a=(1, 300), b=(2, 900)), "ref").lines}
    assert not lines["a"].enough
    assert lines["a"].needed > 300
    assert lines["b"].enough


def test_counts_and_rates_agree_with_fairlearn(grouped: Path) -> None:
    rows = rows_of(grouped)
    approved = (rows["decision"] == "approved").astype(int)
    frame = MetricFrame(
        metrics={"rate": selection_rate, "n": count},
        y_true=approved,
        y_pred=approved,
        sensitive_features=rows[["g0", "g1"]],
    )
    result = compute_fairness(reader_of(grouped), pair=("sex", "race"))
    assert result.pair is not None
    for line in result.pair.lines:
        first, second = line.value.split(APART)
        assert line.rate == pytest.approx(frame.by_group.loc[(first, second), "rate"], abs=1e-12)
        assert line.n == frame.by_group.loc[(first, second), "n"]
    race = MetricFrame(metrics=selection_rate, y_true=approved, y_pred=approved, sensitive_features=rows["g1"])
    lines = {x.value: x for x in result.attribute("race").lines}
    for value, line in lines.items():
        assert line.ratio == pytest.approx(race.by_group[value] / race.by_group["A"], abs=1e-12)
        assert line.gap == pytest.approx(race.by_group[value] - race.by_group["A"], abs=1e-12)


def test_error_rates_agree_with_fairlearn(grouped: Path) -> None:
    rows = rows_of(grouped)
    rows = rows[rows["outcome"].notna()]
    declined = (rows["decision"] == "declined").astype(int)
    frame = MetricFrame(
        metrics=false_positive_rate, y_true=rows["outcome"].astype(int), y_pred=declined, sensitive_features=rows["g0"]
    )
    for line in compute_detail(reader_of(grouped), "sex").outcomes:
        assert line.missed[0] == pytest.approx(frame.by_group[line.value], abs=1e-12)


def test_the_mean_score_gap_is_in_standard_deviations_of_all(grouped: Path) -> None:
    rows = rows_of(grouped)
    means = rows.groupby("g1")["raw_score"].mean()
    line = {x.value: x for x in compute_fairness(reader_of(grouped)).attribute("race").lines}["B"]
    assert line.score_gap == pytest.approx((means["B"] - means["A"]) / rows["raw_score"].std(ddof=0), abs=1e-9)


def test_planted_differences_are_found_and_planted_equality_is_left_alone(tmp_path: Path) -> None:
    def planted(table: pd.DataFrame) -> pd.DataFrame:
        rng, n = np.random.default_rng(8), len(table)
        risky = (table["debt_share"] > 35).to_numpy()
        groups = {
            "application_id": table["application_id"],
            "sex": np.where(rng.random(n) < 0.5, "M", "F"),
            "race": np.where(rng.random(n) < np.where(risky, 0.6, 0.25), "B", "A"),
            "age": "50",
            "p_a": 0.5,
            "p_b": 0.5,
        }
        return pd.DataFrame(groups)

    result = compute_fairness(reader_of(grouped_snapshot(tmp_path / "home", make=planted, n=4000)))
    assert [line.value for line in result.attribute("race").closer] == ["B"]
    assert result.attribute("sex").closer == ()
    assert say_fairness(result).startswith("B applicants are approved less often than A")


def test_older_people_are_compared_with_the_younger_group_approved_most(grouped: Path) -> None:
    age = compute_fairness(reader_of(grouped)).attribute("age")
    rates = {line.value: line.rate for line in age.lines}
    assert age.elderly == ("62 or older",)
    assert set(rates) == {"under 25", "25 to 39", "40 to 61", "62 or older"}
    assert rates[age.reference] == max(rate for value, rate in rates.items() if value != "62 or older")
    assert age.coverage == pytest.approx(0.95, abs=0.02)


def test_a_proxy_is_counted_in_both_ways(grouped: Path) -> None:
    reader = reader_of(grouped)
    rows = reader.protected_groups().ask_chosen("FROM chosen", {}, Cohort())
    weights = rows["a004"].to_numpy(float)
    line = next(x for x in compute_fairness(reader).attribute("guess").proxy if x.value == "B")
    approved = (rows["decision"] == "approved").to_numpy(float)
    assert line.weighted.rate == pytest.approx(float(np.average(approved, weights=weights)), abs=1e-12)
    assert line.weighted.effective == pytest.approx(float(weights.sum() ** 2 / (weights**2).sum()))
    assert line.over.n == int((weights >= 0.8).sum())
    assert line.weighted.n < line.weighted.effective < len(rows)


def test_cohorts_by_decision_are_refused_and_others_counted(grouped: Path) -> None:
    with pytest.raises(NotFoundForViewer, match="cannot be compared"):
        compute_fairness(reader_of(grouped), Cohort(decision="declined"))
    some = compute_fairness(reader_of(grouped), Cohort(last_month="2026-03"))
    assert 0 < some.n < some.n_total


def test_every_sentence_assesses_and_none_accuses(grouped: Path) -> None:
    for viewer in (LOCAL_VIEWER, Viewer("r", Audience.REGULATOR)):
        result = compute_fairness(reader_of(grouped, viewer), pair=("sex", "race"))
        detail = compute_detail(reader_of(grouped, viewer), "race")
        said = [say_fairness(result), say_context(result), *say_how_to_read(result), *say_limits(result)]
        for one in (*result.attributes, result.pair):
            assert one is not None
            said += [say_attribute(one, result.settings), say_alt(one), *say_notes(result, one)]
            said += [table_attribute(one).to_csv(), table_proxy(one).to_csv()]
        said += [say_months(detail), say_outcomes(detail), say_curve(detail), *say_outcomes_notes(detail)]
        said += [table_months(detail).to_csv(), table_outcomes(detail).to_csv(), table_curve(detail).to_csv()]
        text = " ".join(said)
        assert "nan" not in text.replace("finance", "").lower().split()
        assert not [word for word in FORBIDDEN if word in text.lower()]


def test_a_group_below_the_smallest_count_never_leaves(grouped: Path) -> None:
    viewer = Viewer("r", Audience.REGULATOR)
    result = compute_fairness(reader_of(grouped, viewer))
    assert all(line.n >= result.least for one in result.attributes for line in one.lines)
    cut = disclose(replace(result, least=100_000), viewer.policy)
    assert not any(one.lines for one in cut.attributes)


def test_the_curve_passes_through_the_rates_at_the_cut_off(grouped: Path) -> None:
    detail = compute_detail(reader_of(grouped), "race")
    rates = {x.value: x.rate for x in compute_fairness(reader_of(grouped)).attribute("race").lines}
    near = [p for p in detail.curve if p.value == "B" and abs(p.cutoff - detail.cutoff) < 0.01]
    assert min(abs(p.rate - rates["B"]) for p in near) < 0.03
    assert all(math.isnan(p.ratio) or p.ratio > 0 for p in detail.curve)
