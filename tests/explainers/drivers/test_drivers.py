"""Drivers of a real small model: figures against pandas on the stored rows, and what each viewer gets."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import spearmanr

from data import prohibited
from data.cohorts import EVERYONE, read_cohort
from data.errors import NotFoundForViewer
from data.policy import POLICY, Audience
from data.reader import Reader
from data.snapshots import Snapshot
from explainers.drivers import charts, cross_words, table, words
from explainers.drivers.absence import compute_absence
from explainers.drivers.compute import (
    carry_half,
    compute_drivers,
    compute_signals,
    matching,
    sum_families,
    sum_signals,
)
from explainers.drivers.contrast import compute_contrast, sides
from explainers.drivers.cross_check import compute_cross_check, rank_agreement
from explainers.drivers.disclosure import disclose
from explainers.drivers.result import ContrastResult, CrossCheckResult, Driver, DriversResult, Pair, Shuffled
from tests.explainers.test_second_opinion_words import grade
from tests.snapshots_for_tests import numbers_of

DECLINED = read_cohort("decision:declined")


@pytest.fixture(scope="module")
def stored(snapshot: Snapshot) -> dict[str, pd.DataFrame]:
    """Return the snapshot's tables, in the order of its applications."""
    found = numbers_of(Path(snapshot.folder))
    return {
        name.removeprefix("snapshot.duckdb "): frame.sort_values("row_no") if "row_no" in frame else frame
        for name, frame in found.items()
    }


def drivers(reader: Reader, text: str = "") -> DriversResult:
    cohort = read_cohort(text)
    return compute_drivers(reader, cohort, sum_families(reader, cohort))


def moved(stored: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Return what each family moved in each application, from the stored rows."""
    families = stored["families"].set_index("col")["family"]
    parts = stored["contributions"].set_index("row_no")
    return parts[list(families.index)].mul(parts["slope"], axis=0).rename(columns=families)


def test_families_are_summed_up_as_pandas_does(reader: Reader, stored: dict[str, pd.DataFrame]) -> None:
    rows = moved(stored)
    found = {f.name: f for f in drivers(reader).families}
    assert set(found) == set(rows.columns)
    for name, family in found.items():
        own = rows[name]
        expected = [own.abs().mean(), own.mean(), own.quantile(0.1), own.quantile(0.9), (own > 0).mean()]
        got = [family.size, family.mean, family.low, family.high, family.up]
        np.testing.assert_allclose(got, expected, rtol=1e-5, atol=1e-12)


def test_the_means_of_all_families_add_up_to_the_mean_gap_of_the_estimates(
    reader: Reader, stored: dict[str, pd.DataFrame]
) -> None:
    applications, groups = stored["applications"], stored["comparison_groups"].set_index("group_no")
    baseline = applications["group_no"].map(groups["baseline"])
    gap = applications["estimate"] - reader.room.model.estimate(baseline.to_numpy())
    assert sum(f.mean for f in drivers(reader).families) == pytest.approx(gap.mean(), abs=1e-6)


def test_families_are_ranked_and_a_cohort_counts_its_own_applications(
    reader: Reader, stored: dict[str, pd.DataFrame]
) -> None:
    result = drivers(reader, "decision:declined")
    declined = stored["applications"].query("decision == 'declined'")
    assert (result.n, result.n_total) == (len(declined), 3000)
    assert result.cohort == "declined"
    sizes = [f.size for f in result.families]
    assert sizes == sorted(sizes, reverse=True)
    rows = moved(stored).loc[declined["row_no"]]
    assert result.families[0].size == pytest.approx(rows[result.families[0].name].abs().mean(), rel=1e-5)


def test_a_family_of_one_signal_moves_as_far_as_that_signal(reader: Reader) -> None:
    families = {f.name: f for f in drivers(reader).families}
    result = compute_signals(reader, EVERYONE, sum_signals(reader, EVERYONE), "income")
    (signal,) = result.rows
    assert signal.name == "income"
    assert signal.size == pytest.approx(families["income"].size, rel=1e-5)
    assert (signal.low, signal.high) == pytest.approx((families["income"].low, families["income"].high), rel=1e-5)


def test_searching_finds_by_label_meaning_and_family_in_any_order(reader: Reader) -> None:
    card, inputs = reader.room.card, reader.room.model.feature_names
    assert matching(card, inputs, None, "INCOME debt") == ["debt_share"]
    assert matching(card, inputs, None, "share card") == ["utilisation"]
    assert matching(card, inputs, None, "payment history") == ["late_payments"]
    assert matching(card, inputs, "housing", "") == ["home"]
    assert matching(card, inputs, "housing", "income") == []


def test_a_search_without_a_hit_says_so(reader: Reader) -> None:
    result = compute_signals(reader, EVERYONE, sum_signals(reader, EVERYONE), find="<b>nothing</b>")
    assert result.rows == ()
    assert words.say_signals(result) == "No signal fits “<b>nothing</b>”"


@given(st.lists(st.floats(0, 1e6), max_size=40))
def test_no_fewer_carry_half_than_told(values: list[float]) -> None:
    sizes = sorted(values, reverse=True)
    half = carry_half(sizes)
    if sum(sizes) == 0:
        assert half == 0
        return
    assert 2 * sum(sizes[:half]) >= sum(sizes) * (1 - 1e-12)
    assert 2 * sum(sizes[: half - 1]) < sum(sizes) * (1 + 1e-12)


def test_half_is_counted_by_hand() -> None:
    assert carry_half([5.0, 3.0, 1.0, 1.0]) == 1
    assert carry_half([4.0, 3.0, 2.0, 1.0]) == 2
    assert carry_half([]) == 0


# -- two sides ----------------------------------------------------------------------------------


def contrast(reader: Reader, text: str, key: str) -> ContrastResult:
    asked = sides(reader, read_cohort(text))[key]
    base, side = (sum_families(reader, one, spread=False) for one in (asked.base, asked.side))
    return compute_contrast(reader, asked, base, side)


def test_the_other_side_is_the_rest_counted_directly(reader: Reader) -> None:
    result = contrast(reader, "", "decision")
    approved = {f.label: f for f in drivers(reader, "decision:approved").families}
    declined = {f.label: f for f in drivers(reader, "decision:declined").families}
    assert result.n_first + result.n_second == result.n == 3000
    for pair in result.pairs:
        assert pair.first == pytest.approx(declined[pair.label].mean, abs=1e-9)
        assert pair.second == pytest.approx(approved[pair.label].mean, abs=1e-9)
        assert pair.second_size == pytest.approx(approved[pair.label].size, abs=1e-9)
    gaps = [abs(pair.gap) for pair in result.pairs]
    assert gaps == sorted(gaps, reverse=True)


def test_what_can_be_compared_follows_what_is_chosen(reader: Reader, partner_reader: Reader) -> None:
    assert list(sides(reader, EVERYONE)) == [
        "decision",
        "recent",
        "partner First Harbor Bank",
        "partner Prairie State Credit",
    ]
    assert next(iter(sides(reader, DECLINED))) == "others"
    assert list(sides(partner_reader, EVERYONE)) == ["decision", "recent"]
    assert list(sides(reader, read_cohort("month:2026-01..2026-02;partner:First Harbor Bank"))) == [
        "decision",
        "others",
    ]


def test_a_side_with_too_few_applications_is_refused(reader: Reader) -> None:
    highest = reader.estimate_range()[1]
    with pytest.raises(NotFoundForViewer, match="other side holds"):
        contrast(reader, f"estimate:..{np.nextafter(highest, 0):.12g}", "others")


# -- the second way of ranking ------------------------------------------------------------------


def test_shuffling_costs_most_where_contributions_are_largest(reader: Reader) -> None:
    result = compute_cross_check(reader, EVERYONE, sum_families(reader, EVERYONE))
    assert result.metric == "pairs ranked rightly"
    assert (result.n, result.n_total) == (3000, 3000)
    assert 0.5 < result.before < 1
    assert max(result.rows, key=lambda row: row.lost) in result.rows[:2]
    assert result.agreement >= 0.8
    again = compute_cross_check(reader, EVERYONE, sum_families(reader, EVERYONE))
    assert again == result


def test_without_outcomes_of_both_kinds_the_move_of_the_estimate_is_measured(reader: Reader) -> None:
    cohort = read_cohort("outcome:happened")
    result = compute_cross_check(reader, cohort, sum_families(reader, cohort))
    assert result.metric == "estimate moved"
    assert np.isnan(result.before)
    assert all(row.lost > 0 for row in result.rows)
    assert "points on average" in cross_words.say_cross_check(result)


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=3, max_size=20))
def test_agreement_is_spearmans(pairs: list[tuple[int, int]]) -> None:
    first, second = ([float(pair[side]) for pair in pairs] for side in (0, 1))
    if len(set(first)) == 1 or len(set(second)) == 1:
        assert np.isnan(rank_agreement(first, second))
    else:
        assert rank_agreement(first, second) == pytest.approx(spearmanr(first, second).statistic, abs=1e-12)


# -- what is not used ---------------------------------------------------------------------------


def test_unused_signals_are_those_no_tree_splits_on(reader: Reader) -> None:
    trees = reader.room.model.parsed.trees
    split = {reader.room.model.feature_names[i] for tree in trees for i in tree.split_feature}
    result = compute_absence(reader)
    assert {one.name for one in result.unused} == set(reader.room.model.feature_names) - split
    assert result.n_found == 0
    assert cross_words.say_absence_title(result) == "None of its 5 signals is forbidden"


def test_a_signal_on_the_cards_own_list_is_found(reader: Reader) -> None:
    room = reader.room
    room.card = room.card.model_copy(update={"prohibited": ("income", "shoe_size")})
    result = compute_absence(reader)
    assert [one.name for one in result.found] == ["income"]
    assert cross_words.say_absence_title(result) == "1 of its 5 signals must not be used"
    said = dict(cross_words.say_absence(result))["What it must not use"]
    assert said.startswith("Found: Yearly income (on this card's own list).")


def test_the_bases_told_are_those_looked_through() -> None:
    assert set(cross_words.BASES) == set(prohibited._BASES)


# -- who sees what ------------------------------------------------------------------------------


def test_a_partner_gets_families_to_a_tenth_and_no_signal(partner_reader: Reader) -> None:
    result = drivers(partner_reader)
    for family in result.families:
        for value in (family.size, family.mean, family.low, family.high):
            assert value * 1000 == pytest.approx(round(value * 1000), abs=1e-6)
    signals = compute_signals(partner_reader, EVERYONE, sum_signals(partner_reader, EVERYONE), "debt", "debt")
    assert signals.rows == signals.unused == ()
    assert signals.half == 0
    assert signals.approved == ("Debt compared with income",)
    assert compute_absence(partner_reader).model_hash == ""


def test_a_partner_is_told_only_approved_labels(partner_reader: Reader) -> None:
    card = partner_reader.room.card
    features = {
        name: block.model_copy(update={"audience": "specialist" if name == "income" else "partner"})
        for name, block in card.features.items()
    }
    partner_reader.room.card = card.model_copy(update={"features": features})
    shown = compute_signals(partner_reader, EVERYONE, None, "income")
    assert shown.approved == ()
    assert "Yearly income" not in repr(shown)


def test_a_partners_comparison_and_check_are_rounded(partner_reader: Reader) -> None:
    result = contrast(partner_reader, "", "decision")
    check = compute_cross_check(partner_reader, EVERYONE, sum_families(partner_reader, EVERYONE))
    values = [v for p in result.pairs for v in (p.first, p.second, p.first_size, p.second_size)]
    values += [v for row in check.rows for v in (row.size, row.lost)]
    np.testing.assert_allclose(np.array(values) * 1000, np.round(np.array(values) * 1000), atol=1e-6)


def test_too_few_applications_are_refused(partner_reader: Reader) -> None:
    with pytest.raises(NotFoundForViewer, match="Too few"):
        sum_families(partner_reader, read_cohort("estimate:0.001..0.01;decision:declined"))


# -- pictures and words -------------------------------------------------------------------------


def test_pictures_hold_a_row_for_each_driver_and_zero(reader: Reader) -> None:
    result = drivers(reader)
    figure = charts.chart_drivers(result)
    assert list(figure.data[0].x) == pytest.approx([f.size * 100 for f in result.families])
    assert list(figure.data[2].x) == pytest.approx([f.mean * 100 for f in result.families])
    assert len(figure.layout.annotations) == len(figure.layout.shapes) == len(result.families)
    assert figure.layout.xaxis.range[0] < 0 < figure.layout.xaxis.range[1]
    both = charts.chart_contrast(contrast(reader, "", "decision"))
    assert [len(trace.x) for trace in both.data] == [15, 5, 5]


def test_the_finding_names_the_largest_family_with_its_size(reader: Reader) -> None:
    result = drivers(reader)
    first = result.families[0]
    said = words.say_drivers(result)
    assert said.startswith(f"Estimates move most with {first.label}: by {first.size * 100:.1f} points")
    assert f"{result.half} of 5 families" in said
    assert first.label in words.say_families(result)
    assert words.say_context(result).startswith("All 3,000 applications are counted.")
    for family in result.families:
        assert family.label in words.say_alt(result)


def test_tables_hold_what_pictures_show(reader: Reader) -> None:
    result = drivers(reader)
    frame = table.table_families(result)
    assert list(frame["Family"]) == [f.label for f in result.families]
    assert frame["Share of all bars (%)"].sum() == pytest.approx(100, abs=0.3)
    np.testing.assert_allclose(frame["Average size (points)"], [f.size * 100 for f in result.families], atol=0.006)
    pairs = contrast(reader, "", "decision")
    shown = table.table_contrast(pairs)
    np.testing.assert_allclose(shown["Difference (points)"], [p.gap * 100 for p in pairs.pairs], atol=0.006)
    assert pairs.pairs[0].label in cross_words.say_contrast(pairs)


def test_what_partners_read_is_easy_to_read(partner_reader: Reader) -> None:
    result, both = drivers(partner_reader), contrast(partner_reader, "", "decision")
    check = compute_cross_check(partner_reader, EVERYONE, sum_families(partner_reader, EVERYONE))
    said = [words.say_legend(), *words.say_how_to_read(result), *words.say_limits()]
    said += [words.say_drivers(result), words.say_context(result), cross_words.say_contrast_detail(both)]
    said += [
        cross_words.say_cross_check(check),
        *dict(cross_words.say_absence(compute_absence(partner_reader))).values(),
    ]
    listed = ", ".join(cross_words.BASES)
    plain = [text.replace(listed, "what the law lists") for text in said]
    hard = {text: grade(text) for text in plain if grade(text) > 8}
    assert hard == {}


# -- results made by hand -----------------------------------------------------------------------


def by_hand(*sizes: float, is_probability: bool = True) -> DriversResult:
    families = tuple(
        Driver(f"f{i}", f"Family {i}", f"Family {i}", size, -size / 2, -2 * size, size, 0.254)
        for i, size in enumerate(sizes)
    )
    return DriversResult("s", 100, 100, "all applications", "all applications", is_probability, families, 1)


def test_an_estimate_that_is_no_probability_is_told_in_its_own_units() -> None:
    result = by_hand(1234.5, 20.0, 3.0, 0.5, is_probability=False)
    said = words.say_drivers(result)
    assert (
        said
        == "Estimates move most with Family 0: by 1,234 units on average. 1 of 4 families carries half of all movement."
    )
    assert words.unit(is_probability=False) == charts.chart_drivers(result).layout.xaxis.title.text
    assert list(table.table_families(result)["Average size (units)"]) == [1234.0, 20.0, 3.0, 0.5]
    cut = disclose(result, POLICY[Audience.PARTNER])
    assert [f.size for f in cut.families] == [1200.0, 0.0, 0.0, 0.0]
    assert [f.up for f in cut.families] == [0.25] * 4


def test_nothing_moving_is_an_answer() -> None:
    still = DriversResult("s", 100, 100, "all applications", "all applications", True, by_hand(0.0, 0.0).families, 0)
    assert words.say_drivers(still) == "Nothing moves these estimates: every family's contribution is zero."
    assert words.say_families(still) == "No family moves these estimates by a tenth of a point"
    assert charts.chart_drivers(still).layout.xaxis.range[0] < charts.chart_drivers(still).layout.xaxis.range[1]


def test_two_sides_alike_are_said_to_be_alike() -> None:
    pairs = (Pair("Debt", 0.0203, 0.0201, 0.04, 0.04),)
    result = ContrastResult("s", 90, 100, True, "declined", "approved", 40, 50, pairs)
    assert (
        cross_words.say_contrast(result) == "Declined and approved: no family differs by a tenth of a point on average"
    )
    assert "● Declined: 40 applications. ○ Approved: 50." in cross_words.say_contrast_detail(result)


@pytest.mark.parametrize(
    ("agreement", "said"),
    [(0.8999, "nearly the same order: agreement 0.90"), (0.7, "mostly the same"), (-0.2, "another order")],
)
def test_the_words_for_agreement_follow_the_number_shown(agreement: float, said: str) -> None:
    rows = (Shuffled("A", 0.3, 0.2), Shuffled("B", 0.2, 0.1), Shuffled("C", 0.1, 0.05), Shuffled("D", 0.05, 0.4))
    result = CrossCheckResult("s", 50, 100, 7, "pairs ranked rightly", 0.8, True, rows, agreement)
    assert said in cross_words.say_cross_check_title(result)
    assert cross_words.say_differences(result) == "D is number 4 by size and number 1 by shuffling."
    assert "It ranks 80.0 of 100 pairs rightly; with D shuffled 40.0." in cross_words.say_cross_check(result)
