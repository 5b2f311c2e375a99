"""One signal summed up: the steps agree with contributions computed anew, and nobody sees what is not theirs."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as some

from data.access import Audience, Viewer
from data.card_schema import FeatureBlock
from data.cohorts import EVERYONE, Cohort, read_cohort
from data.errors import NotFoundForViewer
from data.policy import POLICY
from data.reader import Reader
from data.snapshots import Snapshot, open_reader
from explainers.attribution import Engine, attribute
from explainers.decision.compute import fit_group
from explainers.decision.points import chord_slopes
from explainers.signals import charts, words
from explainers.signals.compute import compute_choices, compute_signal
from explainers.signals.disclosure import disclose, rounded
from explainers.signals.family import compute_family
from explainers.signals.response import compute_response
from explainers.signals.result import SignalResult
from explainers.signals.steps import FINE, range_words, step_edges
from explainers.signals.table import table_cut, table_response, table_steps
from tests.explainers.conftest import PARTNER
from tests.explainers.test_second_opinion_words import grade
from tests.snapshots_for_tests import SIGNALS

STORED = 1e-7
"""Contributions are stored with about seven digits."""


@pytest.fixture
def regulator(snapshot: Snapshot) -> Reader:
    return open_reader(snapshot, Viewer("r", Audience.REGULATOR))


def shown(reader: Reader, name: str, second: str | None = None, cohort: Cohort = EVERYONE) -> SignalResult:
    return compute_signal(reader, compute_choices(reader), name, cohort, second)


def moves(reader: Reader) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return values of every application, and what each signal moved, computed anew in estimate units."""
    rows = reader.room.signal_values(list(range(reader.totals()["n"])))
    group = reader.groups()[0]
    fitted = fit_group(reader, Engine(reader.room.model), group.name, group.group_no).fitted
    found = attribute(fitted, rows)
    slopes = chord_slopes(reader.room.model.estimate, found.raw_score, found.baseline)
    return rows, pd.DataFrame(found.values * slopes[:, None], columns=list(found.feature_names))


@pytest.mark.parametrize("name", ["debt_share", "utilisation", "late_payments"])
def test_steps_of_a_number_agree_with_contributions_computed_anew(reader: Reader, name: str) -> None:
    result = shown(reader, name)
    rows, moved = moves(reader)
    for step in result.steps:
        low, high = (-math.inf if step.low is None else step.low), (math.inf if step.high is None else step.high)
        own = moved[name][(rows[name] >= low) & (rows[name] < high)]
        assert step.n == len(own)
        assert step.mean == pytest.approx(own.mean(), abs=STORED)
        assert (step.p10, step.p90) == pytest.approx(tuple(own.quantile([0.1, 0.9])), abs=STORED)
    missing = rows[name].isna()
    assert (result.missing.n if result.missing else 0) == missing.sum()
    if result.missing is not None:
        assert result.missing.mean == pytest.approx(moved[name][missing].mean(), abs=STORED)
    drawn = sum(step.n for step in result.steps) + (result.missing.n if result.missing else 0)
    assert drawn + result.left_out == result.n == result.n_total == 3000
    if result.bins:
        assert sum(one.n for one in result.bins) == (~missing).sum()


def test_categories_are_sorted_by_what_they_moved(reader: Reader) -> None:
    result = shown(reader, "home")
    rows, moved = moves(reader)
    assert not result.ordered
    assert result.trend is None
    assert [step.mean for step in result.steps] == sorted(step.mean for step in result.steps)
    for step in result.steps:
        assert step.mean == pytest.approx(moved["home"][rows["home"] == step.words].mean(), abs=STORED)
    assert words.say_signal(result).startswith("Home: highest estimates with “RENT”")


def test_lines_of_a_cut_add_up_to_the_steps(reader: Reader) -> None:
    result = shown(reader, "debt_share", "home")
    assert result.cut is not None
    assert {line.words for line in result.cut.lines} == {"RENT", "OWN", "MORTGAGE"}
    rows, moved = moves(reader)
    line, step = result.cut.lines[0], result.steps[3]
    own = (rows["home"] == line.words) & (rows["debt_share"] >= step.low) & (rows["debt_share"] < step.high)
    assert line.means[3] == pytest.approx(moved["debt_share"][own].mean(), abs=STORED)
    assert len(table_cut(result)) == len(result.steps)
    assert len(charts.chart_cut(result).data) == 3
    assert "estimate" in str(words.say_cut(result))


def test_a_number_can_cut_a_category(reader: Reader) -> None:
    result = shown(reader, "home", "debt_share")
    assert result.cut is not None
    assert len(result.cut.lines) == 3
    assert all(mean is not None for line in result.cut.lines for mean in line.means)
    assert charts.chart_cut(result).data[0].mode == "markers"


def test_a_cohort_is_counted_alone_and_named(reader: Reader) -> None:
    cohort = read_cohort("decision:declined")
    result = shown(reader, "debt_share", cohort=cohort)
    assert result.n < result.n_total
    assert f"of {result.n_total:,} applications (declined)" in words.say_context(result)


def test_every_figure_of_the_picture_is_in_the_table(reader: Reader) -> None:
    result = shown(reader, "utilisation")
    table = table_steps(result)
    assert list(table["Value"])[-1] == result.missing_words
    assert len(table) == len(result.steps) + 1
    figure = charts.chart_signal(result)
    assert list(figure.data[2].y) == [step.mean for step in result.steps]
    assert figure.data[-1].y[0] == result.missing.n  # type: ignore[union-attr]
    assert len(charts.chart_signal(shown(reader, "home")).data[0].y) == 3


def test_the_finding_says_the_direction(reader: Reader) -> None:
    assert words.say_signal(shown(reader, "debt_share")).startswith("The estimate moves up with debt compared with")
    income = shown(reader, "income")
    assert words.say_signal(income) == "The estimate moves mostly down with yearly income, but not everywhere."
    assert income.trend is not None
    assert 0 < income.trend.departs < 0.2
    assert "applications with a value they do not: " in str(words.say_direction(income))
    assert "raise the estimate. Measured, they do so everywhere" in str(
        words.say_direction(shown(reader, "debt_share"))
    )


def test_the_strongest_signal_comes_first_and_labels_differ(reader: Reader) -> None:
    choices = compute_choices(reader)
    sizes = [option.mean_abs for option in choices.options]
    assert sizes == sorted(sizes, reverse=True)
    assert {option.name for option in choices.options} == set(SIGNALS)
    whole = reader.room.summaries().signals()["mean_abs"].sort_values(ascending=False)
    assert [option.name for option in choices.options] == whole.index.tolist()
    assert sizes == pytest.approx(whole.tolist(), rel=1e-6)
    assert words.offered(choices, "LIMITS share") == ("Share of card limits used",)
    assert words.offered(choices, "nothing like it") == ()
    many = replace(choices, options=tuple(replace(choices.options[0], label=f"Signal {i}") for i in range(1800)))
    assert len(words.offered(many, "")) == words.MOST
    assert len(words.offered(many, "", "Signal 1700")) == words.MOST + 1


def test_a_partner_sees_families_and_no_signal(partner_reader: Reader, reader: Reader) -> None:
    choices = compute_choices(partner_reader)
    assert choices.families
    assert not any(option.mean_abs for option in choices.options)
    with pytest.raises(NotFoundForViewer):
        compute_signal(partner_reader, choices, "debt_share", EVERYONE, None)
    with pytest.raises(NotFoundForViewer):
        compute_signal(partner_reader, compute_choices(reader), "debt_share", EVERYONE, None)
    with pytest.raises(NotFoundForViewer):
        compute_response(partner_reader, "debt_share", EVERYONE)
    with pytest.raises(NotFoundForViewer):
        disclose(shown(reader, "debt_share"), POLICY[Audience.PARTNER])


def test_a_signal_that_does_not_exist_and_one_that_is_hidden_are_refused_alike(
    reader: Reader, partner_reader: Reader
) -> None:
    with pytest.raises(NotFoundForViewer) as nowhere:
        shown(reader, "no such thing")
    with pytest.raises(NotFoundForViewer) as hidden:
        compute_response(partner_reader, "debt_share", EVERYONE)
    assert str(nowhere.value) == str(hidden.value)


def test_a_partner_s_family_is_rounded_and_counts_own_applications_only(partner_reader: Reader, reader: Reader) -> None:
    choices = compute_choices(partner_reader)
    exact = open_reader_sums(reader)
    for option in choices.options:
        result = compute_family(partner_reader, choices, option.name, EVERYONE, "estimate")
        assert result.n == result.n_total < reader.totals()["n"]
        assert result.mean_abs == pytest.approx(exact[option.name], abs=0.0006)
        assert rounded(result.mean_abs, is_probability=True) == result.mean_abs
        assert "point" in words.say_family(result)
        assert len(charts.chart_family(result).data[2].y) == len(result.steps) == len(table_steps(result))
    with pytest.raises(NotFoundForViewer):
        compute_family(partner_reader, choices, "no such family", EVERYONE, "month")


def open_reader_sums(reader: Reader) -> dict[str, float]:
    """Return the exact mean sizes over the partner's applications."""
    found = reader.room.summaries(Cohort(partners=(PARTNER,))).families()["mean_abs"]
    return {str(name): float(value) for name, value in found.items()}


def test_regulators_see_the_same_as_specialists(reader: Reader, regulator: Reader) -> None:
    assert shown(reader, "debt_share") == shown(regulator, "debt_share")


def test_partial_dependence_is_the_mean_over_the_sample(reader: Reader) -> None:
    result = compute_response(reader, "debt_share", EVERYONE)
    model = reader.room.model
    rows = reader.room.signal_values(reader.room.summaries().sample(1000))
    own = model.estimate(model.predict_raw(rows))
    place = len(result.grid) // 2
    changed = model.estimate(model.predict_raw(rows.assign(debt_share=result.grid[place])))
    assert result.mean[place] == pytest.approx((changed - own).mean(), abs=1e-12)
    assert result.p90[place] == pytest.approx(np.quantile(changed - own, 0.9), abs=1e-12)
    assert result.ale is not None
    assert np.corrcoef(result.ale, result.mean)[0, 1] > 0.95
    assert (result.n, result.n_total) == (1000, 3000)
    assert len(table_response(result)) == len(result.grid) == len(charts.chart_response(result).data[2].y)


def test_every_category_is_asked(reader: Reader) -> None:
    result = compute_response(reader, "home", EVERYONE)
    model = reader.room.model
    rows = reader.room.signal_values(reader.room.summaries().sample(1000))
    own = model.estimate(model.predict_raw(rows))
    for level, mean in zip(result.words, result.mean, strict=True):
        changed = model.estimate(model.predict_raw(rows.assign(home=level)))
        assert mean == pytest.approx((changed - own).mean(), abs=1e-12)
    assert result.ale is None
    assert [trace.mode for trace in charts.chart_response(result).data] == ["markers"]


def test_what_partners_read_is_easy_to_read(partner_reader: Reader) -> None:
    choices = compute_choices(partner_reader)
    for by in ("estimate", "month"):
        result = compute_family(partner_reader, choices, choices.options[0].name, EVERYONE, by)
        said = [*words.say_family_how(result), *words.say_limits(result), words.say_context(result)]
        hard = {text: grade(text) for text in (*said, words.say_family(result)) if grade(text) > 8}
        assert not hard


def test_too_few_applications_are_refused_politely(reader: Reader) -> None:
    rare = read_cohort("signal.debt_share:59.999..60.001;decision:approved;month:2026-01..2026-01")
    with pytest.raises(NotFoundForViewer, match="Too few"):
        shown(reader, "income", cohort=rare)


@given(some.lists(some.floats(-1e6, 1e6), min_size=199, max_size=199), some.integers(2, 20))
def test_limits_of_steps_ascend_and_are_not_too_many(values: list[float], most: int) -> None:
    edges = step_edges(sorted(values), most)
    assert list(edges) == sorted(set(edges))
    assert 1 <= len(edges) <= most
    assert len(FINE) == 199


def test_ranges_are_written_for_people() -> None:
    feature = FeatureBlock.model_validate(
        {
            "label": "Income",
            "definition": "Income.",
            "unit": "dollars",
            "family": "income",
            "direction": "lowers",
            "reason": {},
        }
    )
    assert range_words(None, 20000, feature) == "under $20,000"
    assert range_words(20000, 30000, feature) == "$20,000 to under $30,000"
    assert range_words(30000, None, feature) == "$30,000 or more"
    assert range_words(30000, None, feature, only=30000) == "$30,000"
    assert range_words(None, None, feature) == "any value"
