"""One decision: its parts add up, say what is there, and hold nothing a viewer may not see."""

from __future__ import annotations

import json
import math
import re
from dataclasses import asdict, replace
from functools import cache
from html import escape

import numpy as np
import pandas as pd
import pytest

from data.card_schema import FeatureBlock, Reason, Unit
from data.models import CreditModel
from explainers.attribution import Engine
from explainers.decision import table, words
from explainers.decision.charts import chart_decision
from explainers.decision.compute import (
    agree_on_file,
    compute_agreement,
    compute_decision,
    decide_on_file,
    fit_group,
    group_for,
    group_names,
    read_on_file,
)
from explainers.decision.result import SignalShare, shown_rows
from explainers.decision.shares import reason_words, value_side
from explainers.decision.table import csv_decision, table_decision, table_solid, table_technical

NUMBERS = ("A-00020", "A-00021", "A-00500", "A-02999")


@cache
def engine_of_model(model: CreditModel) -> Engine:
    return Engine(model)


def engine_of(reader) -> Engine:
    return engine_of_model(reader.room.model)


def explain(reader, number: str, group: str | None = None):
    return compute_decision(reader, number, fit_group(reader, engine_of(reader), *group_for(reader, number, group)))


@pytest.fixture
def result(reader):
    declined = reader.pick("declined", 0.3)
    return explain(reader, declined)


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("group", ["just_approved", "all_applicants"])
def test_points_add_up_to_the_difference_of_the_two_estimates(reader, number: str, group: str) -> None:
    result = explain(reader, number, group)
    assert math.fsum(f.points for f in result.families) == pytest.approx(result.total_points, abs=1e-12)
    assert abs(result.residual) < 1e-12
    assert result.explained == pytest.approx(1.0, abs=1e-9)
    for family in result.families:
        assert math.fsum(s.points for s in family.signals) == pytest.approx(family.points, abs=1e-14)


@pytest.mark.parametrize("number", NUMBERS)
def test_the_shown_bars_and_the_rest_are_everything(reader, number: str) -> None:
    result = explain(reader, number)
    shown = shown_rows(result)
    total = math.fsum(f.points for f in shown.against + shown.helped) + shown.rest_points
    assert total == pytest.approx(result.total_points, abs=1e-12)
    assert len(shown.against) <= 4
    assert all(result.against(f) for f in shown.against)
    assert not any(result.against(f) for f in shown.helped)


def test_the_estimate_is_the_boosters_own(reader, result) -> None:
    record = reader.application(result.application_id)
    values = reader.room.signal_values([record.row_no])
    assert result.estimate == reader.room.model.estimate(reader.room.model.predict_raw(values))[0]


def test_families_are_ranked_by_what_counts_most_against_approval(result) -> None:
    contributions = [f.contribution for f in result.families]
    assert contributions == sorted(contributions, reverse=True)


def test_another_group_moves_the_baseline_and_not_the_estimate(reader, result) -> None:
    other = explain(reader, result.application_id, "all_applicants")
    assert other.estimate == result.estimate
    assert other.comparison.baseline != result.comparison.baseline
    assert other.comparison.n == 3000
    agreement = compute_agreement(result, other)
    assert agreement.kept + len(agreement.gone) == agreement.listed


@pytest.mark.parametrize("number", NUMBERS)
def test_an_application_read_once_gives_what_reading_it_for_each_group_gives(reader, number: str) -> None:
    own, other = (fit_group(reader, engine_of(reader), *group_for(reader, number, n)) for n in group_names(reader))
    asked = read_on_file(reader, engine_of(reader), number)
    result = decide_on_file(reader, asked, own)
    assert result == compute_decision(reader, number, own)
    assert agree_on_file(reader, asked, result, other) == compute_agreement(
        result, compute_decision(reader, number, other)
    )


def test_the_picture_of_a_group_is_counted_once_for_each_range(reader, monkeypatch) -> None:
    counted = []
    count = reader.group_density
    monkeypatch.setattr(reader, "group_density", lambda *asked: counted.append(asked) or count(*asked))
    fitted = fit_group(reader, engine_of(reader), *group_for(reader, NUMBERS[0], "all_applicants"))
    results = [compute_decision(reader, number, fitted) for number in NUMBERS]
    assert len(counted) == len({(r.comparison.low, r.comparison.high) for r in results})
    for result in results:
        low, high = result.comparison.low, result.comparison.high
        counts = count(fitted.record.group_no, low, high, len(result.comparison.density))
        assert result.comparison.density == tuple(counts / counts.sum())


def test_the_just_approved_group_is_at_or_below_the_cut_off(reader, result) -> None:
    group = next(g for g in reader.groups() if g.name == "just_approved")
    assert group.band_high <= result.cutoff
    assert group.n >= 1000
    assert list(group_names(reader)) == ["just_approved", "all_applicants"]


def test_a_partner_gets_points_and_approved_words_only(partner_reader) -> None:
    number = partner_reader.pick("declined", 0.5)
    cut = explain(partner_reader, number)
    assert (cut.raw_score, cut.residual, cut.comparison.baseline) == (None, None, None)
    assert all(f.contribution is None for f in cut.families)
    assert all(s.exact is None and s.contribution is None and s.points is None for f in cut.families for s in f.signals)
    assert cut.estimate == round(cut.estimate, 3)
    assert all(f.points == round(f.points, 3) for f in cut.families)
    assert table_technical(cut) is None
    assert words.say_technical(cut) == ()


def test_a_signal_that_is_not_approved_leaves_no_trace_for_a_partner(snapshot, partner_reader, monkeypatch) -> None:
    features = dict(partner_reader.room.card.features)
    features["debt_share"] = features["debt_share"].model_copy(
        update={"audience": "specialist", "label": "Secret ratio", "definition": "Secret definition"}
    )
    card = partner_reader.room.card.model_copy(update={"features": features})
    monkeypatch.setattr(partner_reader.room, "card", card)
    cut = explain(partner_reader, partner_reader.pick("declined", 0.5))
    everything = (
        json.dumps(asdict(cut), default=str) + table_decision(cut) + csv_decision(cut) + str(chart_decision(cut))
    )
    assert "Secret" not in everything
    assert "debt_share" not in everything
    assert any(f.family == "debt" and f.n_signals == 1 and f.leading is None for f in cut.families)


def feature(direction: str = "raises", unit: Unit = Unit.PERCENT, **reason: str) -> FeatureBlock:
    return FeatureBlock(
        label="Debt", definition="Debt.", unit=unit, family="debt", direction=direction, reason=Reason(**reason)
    )


def share(side: str) -> SignalShare:
    return SignalShare("debt", "Debt", 0.4, 0.05, "46 %", "31 %", "46", side)


@pytest.mark.parametrize(
    ("direction", "sign", "side", "said"),
    [
        ("raises", 1, "above", "HIGH"),
        ("raises", 1, "below", None),
        ("raises", 1, "same", None),
        ("raises", 1, "present", "HIGH"),
        ("raises", 1, "missing", "NONE ON FILE"),
        ("lowers", 1, "below", "LOW"),
        ("lowers", 1, "above", None),
        ("raises", -1, "below", "LOW"),
        ("lowers", -1, "above", "HIGH"),
        ("either", 1, "above", "HIGH"),
        ("either", 1, "below", "LOW"),
        ("either", 1, "same", None),
    ],
)
def test_a_reason_never_contradicts_the_values_beside_it(
    direction: str, sign: int, side: str, said: str | None
) -> None:
    block = feature(direction, high="HIGH", low="LOW", missing="NONE ON FILE")
    assert reason_words(block, share(side), float(sign)) == said


def test_a_category_has_one_reason_for_all_its_values() -> None:
    block = feature("either", Unit.CATEGORY, value="KIND OF HOME")
    assert reason_words(block, share("category"), 1.0) == "KIND OF HOME"


@pytest.mark.parametrize(
    ("value", "median", "missing_share", "side"),
    [
        (46.0, 31.0, 0.0, "above"),
        (31.0, 31.0, 0.0, "same"),
        (np.nan, 31.0, 0.0, "missing"),
        (0.0, 31.0, 0.0, "below"),
        (3.0, 9.0, 0.6, "present"),
        (3.0, np.nan, 1.0, "present"),
        (None, 31.0, 0.0, "missing"),
        (pd.NA, 31.0, 0.0, "missing"),
    ],
)
def test_where_a_value_lies_beside_the_typical_one(value, median, missing_share, side) -> None:
    block = feature(high="HIGH")
    assert value_side(block, value, {"median": median, "mode": None, "missing_share": missing_share}) == side


@pytest.mark.parametrize(("value", "side"), [("RENT", "same"), ("OWN", "category"), (None, "missing")])
def test_a_category_that_most_of_the_group_share_is_no_reason(value: str | None, side: str) -> None:
    block = feature("either", Unit.CATEGORY, value="KIND OF HOME")
    assert value_side(block, value, {"median": np.nan, "mode": "RENT", "missing_share": 0.1}) == side


def test_the_headline_says_decision_estimate_and_cut_off(result) -> None:
    said = words.say_decision(replace(result, estimate=0.2268, cutoff=0.18, decision="declined"))
    thin = "\u202f"
    assert said == (
        f"Declined: the model estimates a 23{thin}% chance of charge-off within 12 months. The cut-off is 18{thin}%."
    )


def test_near_the_cut_off_the_headline_has_one_more_digit(result) -> None:
    said = words.say_decision(replace(result, estimate=0.1795, cutoff=0.18, decision="approved"))
    thin = "\u202f"
    assert f"an 18.0{thin}%" in said or f"a 17.9{thin}%" in said or f"an 17.9{thin}%" in said


@pytest.mark.parametrize(
    ("value", "start"), [(0.08, "an 8"), (0.11, "an 11"), (0.18, "an 18"), (0.23, "a 23"), (0.8, "an 80")]
)
def test_the_article_fits_the_number(result, value: float, start: str) -> None:
    assert f"estimates {start}\u202f%" in words.say_decision(replace(result, estimate=value, cutoff=0.5))


def test_a_policy_rule_is_named_before_the_model(result) -> None:
    said = words.say_decision(replace(result, stage="policy rule", rule_reason="Bankruptcy in the last two years"))
    assert said.startswith("Declined by a policy rule: Bankruptcy in the last two years.")


def test_markup_in_labels_and_values_is_only_text(result) -> None:
    family = replace(result.families[0], statement="<img src=x onerror=alert(1)>", label="<b>x</b>")
    marked = replace(result, families=(family, *result.families[1:]))
    drawn = table_decision(marked) + table_solid(marked) + (table_technical(marked) or "")
    assert "<img" not in drawn
    assert "<b>x</b>" not in drawn


def test_of_very_many_signals_the_technical_table_names_the_largest_and_still_adds_up(result, monkeypatch) -> None:
    everything = table_technical(result)
    assert everything is not None
    assert "other signal" not in everything
    monkeypatch.setattr(table, "MOST_TECHNICAL", 3)
    drawn = table_technical(result)
    assert drawn is not None
    signals = [s for family in result.families for s in family.signals]
    strongest = sorted(signals, key=lambda s: -abs(s.contribution))
    assert f"The 3 signals that moved the estimate most, of {len(signals)}." in drawn
    cells = [row for row in drawn.split("<tr") if '<th scope="row">' in row and "candor-family" not in row]
    named = {re.search(r'scope="row">([^<]*)<', row)[1] for row in cells if "other signal" not in row}
    assert named == {escape(s.label) for s in strongest[:3]}
    numbers = [float(re.findall(r"<td>([+\u2212][\d.]+)</td>", row)[0].replace("\u2212", "-")) for row in cells]
    assert math.fsum(numbers) == pytest.approx(math.fsum(s.contribution for s in signals), abs=1e-5)


def test_a_spreadsheet_does_not_run_a_label(result) -> None:
    family = replace(result.families[0], label='=HYPERLINK("http://x")')
    lines = csv_decision(replace(result, families=(family, *result.families[1:]))).splitlines()
    assert not any(line.startswith(("=", '"=')) for line in lines)


def test_the_picture_marks_cut_off_and_application(result) -> None:
    figure = chart_decision(result)
    assert figure.layout.shapes[1].x0 == result.cutoff
    assert list(figure.data[1].x) == [result.estimate]
    assert "cut-off" in str(figure.layout.annotations)
    assert words.say_scale(result).startswith("A scale of the estimate from")
