"""Pairs that work together: the same as one by one, cells counted again, and nobody sees what is not theirs."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pandas as pd
import pytest

from data.access import Audience, Viewer
from data.cohorts import EVERYONE, Cohort, read_cohort
from data.errors import NotFoundForViewer
from data.policy import POLICY
from data.reader import Reader
from data.snapshots import Snapshot, open_reader
from explainers.attribution import Engine, fit_comparison, interaction_matrix, interactions, pair_values
from explainers.decision.compute import FittedGroup, fit_group
from explainers.decision.points import chord_slopes
from explainers.interactions import charts, words
from explainers.interactions.axes import axis_of_values
from explainers.interactions.compute import compute_group, compute_pair, compute_pairs
from explainers.interactions.disclosure import disclose
from explainers.interactions.result import PairResult, PairsResult
from explainers.interactions.table import table_pair, table_pairs, table_technical
from explainers.signals.compute import compute_choices
from tests.explainers.conftest import PARTNER
from tests.explainers.test_second_opinion_words import grade
from tests.snapshots_for_tests import SIGNALS


def group_of(reader: Reader, cohort: Cohort = EVERYONE) -> FittedGroup:
    return fit_group(reader, Engine(reader.room.model), *compute_group(reader, cohort))


def pairs_of(reader: Reader, cohort: Cohort = EVERYONE) -> PairsResult:
    return compute_pairs(reader, compute_choices(reader), group_of(reader, cohort), cohort)


def pair_of(reader: Reader, first: str, second: str) -> PairResult:
    return compute_pair(reader, compute_choices(reader), group_of(reader), EVERYONE, first, second)


@pytest.mark.parametrize("limits", [{}, {"group_states": 1, "leaf_states": 2}], ids=["tables", "deep leaves"])
def test_many_pairs_at_once_give_the_same_as_one_after_the_other(reader: Reader, limits: dict[str, int]) -> None:
    engine = Engine(reader.room.model, **limits)
    rows = reader.room.signal_values(list(range(0, 3000, 100)))
    comparison = fit_comparison(engine, reader.room.signal_values(list(range(50, 90))), name="c", rule="forty rows")
    assert bool(len(comparison.deep.leaf)) == bool(limits)
    sides = [([a], [b]) for a, b in combinations(SIGNALS, 2)] + [(["income", "home"], ["debt_share", "utilisation"])]
    found = pair_values(comparison, engine.encode_rows(rows), sides)
    for own, (first, second) in zip(found, sides, strict=True):
        assert own == pytest.approx(interactions(comparison, rows, first, second).values, abs=1e-12)
    matrix = interaction_matrix(comparison, rows.iloc[[3]]).values
    place = {name: at for at, name in enumerate(engine.feature_names)}
    for at, (first, second) in enumerate(sides[:-1]):
        assert found[at, 3] == pytest.approx(2 * matrix[place[first[0]], place[second[0]]], abs=1e-12)


def test_every_pair_of_the_strongest_is_looked_at_and_the_strongest_comes_first(reader: Reader) -> None:
    result = pairs_of(reader)
    assert len(result.pairs) == 10
    assert {name for pair in result.pairs for name in (pair.first, pair.second)} == set(SIGNALS)
    sizes = [pair.mean_abs for pair in result.pairs]
    assert sizes == sorted(sizes, reverse=True)
    assert (result.sample.n, result.sample.n_total) == (300, 3000)
    assert result.named(result.pairs[4].key) == result.pairs[4]
    assert words.say_pairs_context(result) == (
        "Looked at 10 pairs of the 5 strongest of 5 signals, on a fixed sample of 300 of 3,000 applications."
    )


def test_cells_are_means_over_applications_with_values_of_both(reader: Reader) -> None:
    result = pair_of(reader, "debt_share", "utilisation")
    group = group_of(reader).fitted
    rows = reader.room.signal_values(reader.room.summaries().sample(2000))
    index = interactions(group, rows, ["debt_share"], ["utilisation"]).values
    raw = reader.room.model.predict_raw(rows)
    index = index * chord_slopes(reader.room.model.estimate, raw, group.baseline)
    assert result.pair.mean_abs == pytest.approx(np.abs(index).mean(), abs=1e-12)
    assert sum(cell.n for row in result.cells for cell in row) == result.sample.n == 2000
    assert result.second_steps[-1] == "not on file"
    low = float(result.first_steps[-1].split("\u202f")[0])
    own = (rows["debt_share"] >= low) & rows["utilisation"].isna()
    assert result.cells[-1][-1].n == own.sum()
    assert result.cells[-1][-1].mean == pytest.approx(index[own].mean(), abs=1e-12)


def test_names_of_categories_stand_in_rows(reader: Reader) -> None:
    result = pair_of(reader, "debt_share", "home")
    assert (result.pair.first, result.pair.second) == ("home", "debt_share")
    assert set(result.first_steps) == {"RENT", "OWN", "MORTGAGE"}
    assert result.second_unit == "%"


def test_a_cell_of_too_few_applications_is_empty_and_said(reader: Reader) -> None:
    result = pair_of(reader, "debt_share", "late_payments")
    few = [cell for row in result.cells for cell in row if cell.n < result.least]
    assert few
    assert all(cell.mean is None for cell in few)
    assert all(cell.mean is not None for row in result.cells for cell in row if cell.n >= result.least)
    assert "fewer than 10 applications" in str(words.say_few(result))
    assert "too few" in words.say_pair_alt(result)


def test_a_step_of_too_few_joins_its_neighbour(reader: Reader) -> None:
    feature = reader.room.card.features["late_payments"]
    values = pd.Series([-1.0] * 3 + [0.0] * 50 + [1.0] * 40 + [2.0] * 12 + [7.0] * 4 + [np.nan] * 2)
    axis = axis_of_values(values, feature, number=True, least=10)
    assert axis.short[:-1] == ("under 1", "1", "2+")
    assert np.bincount(axis.place).tolist() == [53, 40, 16, 2]
    assert np.bincount(axis_of_values(values, feature, number=True, least=1).place).tolist() == [3, 50, 40, 12, 4, 2]
    assert axis_of_values(values[:3], feature, number=True, least=10).short == ("-1",)


def test_the_sentence_names_the_cell_with_the_largest_figure(reader: Reader) -> None:
    result = pair_of(reader, "debt_share", "late_payments")
    known = [(abs(cell.mean), i, j) for i, row in enumerate(result.cells) for j, cell in enumerate(row) if cell.mean]
    _, row, column = max(known)
    said = words.say_pair(result)
    assert f"“{result.pair.first_label}: {result.first_steps[row]}”" in said
    assert f"“{result.pair.second_label}: {result.second_steps[column]}”" in said


def test_the_pictures_hold_the_figures_of_the_result(reader: Reader) -> None:
    result, found = pair_of(reader, "debt_share", "utilisation"), pairs_of(reader)
    heat = charts.chart_pair(result).data[0]
    drawn = np.array([[np.nan if v is None else v for v in row] for row in heat.z], dtype=float)
    wanted = np.array([[np.nan if cell.mean is None else cell.mean for cell in row] for row in result.cells])
    np.testing.assert_array_equal(drawn, wanted)
    assert heat.zmin == -heat.zmax
    assert len(set(heat.x)) == len(result.second_steps)
    assert list(charts.chart_pairs(found).data[0].x) == [pair.mean_abs for pair in found.pairs]
    assert len(table_pairs(found)) == len(found.pairs)
    assert len(table_pair(result)) == len(result.first_steps) * len(result.second_steps)
    assert str(result.comparison_sha256) in table_technical(result)


def test_pairs_next_to_nothing_are_said_of_those_looked_at_only(reader: Reader) -> None:
    found = pairs_of(reader)
    small = replace(found, pairs=tuple(replace(pair, mean_abs=0.0) for pair in found.pairs))
    assert words.say_pairs(small).startswith("No two signals do anything of size together")
    wide = replace(small, strongest=12, of=1761)
    assert words.say_pairs(wide) == (
        "No two of the 12 strongest signals do anything of size together: less than 0.1 points on average."
    )


def test_long_names_of_pairs_do_not_overlap(reader: Reader) -> None:
    found = pairs_of(reader)
    label = "Debt payments compared with income, variant 51"
    long = replace(found, pairs=tuple(replace(pair, first_label=label, second_label=label) for pair in found.pairs))
    drawn = charts.chart_pairs(long)
    lines = max(name.count("<br>") + 1 for name in drawn.data[0].y)
    assert lines > 3
    assert (drawn.layout.height - 60) / len(found.pairs) >= 17 * lines
    assert charts.chart_pairs(found).layout.height == 60 + 52 * len(found.pairs)
    pair = pair_of(reader, "debt_share", "utilisation")
    above = charts.chart_pair(replace(pair, pair=replace(pair.pair, first_label=label))).layout
    assert above.annotations[0].text.count("<br>") == 1
    assert above.margin.t == charts.chart_pair(pair).layout.margin.t + 17


def test_a_partner_sees_families_rounded_and_no_signal(partner_reader: Reader, reader: Reader) -> None:
    found = pairs_of(partner_reader)
    assert found.families
    first = found.pairs[0]
    result = pair_of(partner_reader, first.first, first.second)
    figures = [first.mean_abs, first.mean, result.first_alone, *(c.mean for r in result.cells for c in r if c.mean)]
    assert all(round(figure, 3) == figure for figure in figures)
    assert result.comparison_sha256 is None
    assert result.sample.n_total == partner_reader.totals()["n"] < reader.totals()["n"]
    assert result.first_steps == ("lowers most", "in between", "raises most")
    assert all(cell.mean is None for row in result.cells for cell in row if cell.n < 30)
    assert "debt_share" not in repr((found, result))
    assert "debt_share" not in table_technical(result)


def test_a_partner_is_refused_pairs_of_signals(partner_reader: Reader, reader: Reader) -> None:
    with pytest.raises(NotFoundForViewer):
        pair_of(partner_reader, "debt_share", "income")
    with pytest.raises(NotFoundForViewer):
        disclose(pairs_of(reader), POLICY[Audience.PARTNER])
    with pytest.raises(NotFoundForViewer):
        disclose(pair_of(reader, "debt_share", "income"), POLICY[Audience.PARTNER])


@pytest.mark.parametrize(("first", "second"), [("debt_share", "debt_share"), ("debt_share", "nothing")])
def test_what_is_no_pair_is_refused(reader: Reader, first: str, second: str) -> None:
    with pytest.raises(NotFoundForViewer, match="no such pair"):
        pair_of(reader, first, second)


def test_regulators_see_the_same_as_specialists(snapshot: Snapshot, reader: Reader) -> None:
    regulator = open_reader(snapshot, Viewer("r", Audience.REGULATOR))
    assert pairs_of(regulator) == pairs_of(reader)


def test_a_cohort_is_asked_alone_and_the_same_every_time(reader: Reader) -> None:
    cohort = read_cohort(f"partner:{PARTNER.replace(' ', '%20')};decision:declined")
    once, again = pairs_of(reader, cohort), pairs_of(reader, cohort)
    assert once == again
    assert once.sample.n_total < 3000
    assert PARTNER in words.say_sample(once.sample)


def test_partners_can_read_every_sentence(partner_reader: Reader) -> None:
    found = pairs_of(partner_reader)
    result = pair_of(partner_reader, found.pairs[0].first, found.pairs[0].second)
    texts = (*words.say_how_to_read(found)[:-1], *words.say_limits(found), words.say_main(result))
    hard = {text: grade(text) for text in texts if grade(text) > 8}
    assert not hard
