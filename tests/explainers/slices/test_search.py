"""Slices: planted ones are found and confirmed, noise is not; counts by hand; words that name the same applications."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import false_discovery_control

from data.cards import read_card
from explainers.slices.cuts import Cut, cut_levels, cut_number, describe, steps_of
from explainers.slices.search import (
    SURE,
    Condition,
    Confirmed,
    Splitter,
    benjamini_hochberg,
    confirm,
    find_slices,
    measure,
    two_sided,
)
from tests.snapshots_for_tests import small_inputs


def noise(seed: int, n: int = 3000) -> list[Confirmed]:
    """Look for slices where nothing depends on anything."""
    rng = np.random.default_rng(seed)
    group, approved = rng.random(n) < 0.3, (rng.random(n) < 0.7).astype(float)
    splitters = [Splitter(f"s{i}", rng.integers(-1, 8, n), 8, ordered=i % 2 == 0) for i in range(5)]
    first = rng.permutation(n) < n // 2
    return confirm(approved, group, first, splitters, find_slices(approved, group, first, splitters))


def test_noise_is_confirmed_no_more_often_than_stated() -> None:
    found = [noise(seed) for seed in range(150)]
    assert sum(len(one) > 2 for one in found) > 60, "slices are found in noise, too: that is why they are confirmed"
    share = np.mean([any(one.holds for one in slices) for slices in found])
    assert share <= SURE + 2 * math.sqrt(SURE * (1 - SURE) / len(found))


def planted() -> tuple[np.ndarray, np.ndarray, np.ndarray, list[Splitter]]:
    """Make up approvals that differ between the groups only where the third splitter is 5 or more."""
    rng = np.random.default_rng(1)
    n = 8000
    group = rng.random(n) < 0.3
    splitters = [Splitter(f"s{i}", rng.integers(-1, 8, n), 8, ordered=True) for i in range(5)]
    chance = np.where(group & (splitters[2].steps >= 5), 0.4, 0.7)
    return (rng.random(n) < chance).astype(float), group, rng.permutation(n) < n // 2, splitters


def test_a_planted_slice_is_found_and_confirmed_first() -> None:
    approved, group, first, splitters = planted()
    found = confirm(approved, group, first, splitters, find_slices(approved, group, first, splitters))
    assert found[0].conditions == (Condition("s2", "from", 5),)
    assert found[0].holds
    assert found[0].more == pytest.approx(0.3, abs=0.06)
    assert found[0].nearer > 0.2
    adjusted = [one.adjusted for one in found if one.holds]
    assert adjusted == sorted(adjusted), "by evidence, not by size"


def test_a_slice_is_measured_on_applications_it_was_not_found_on() -> None:
    approved, group, first, splitters = planted()
    slices = find_slices(approved, group, first, splitters)
    spoiled = approved.copy()
    spoiled[first] = 1 - spoiled[first]
    (one, *_) = confirm(spoiled, group, first, splitters, slices[:1])
    (whole, *_) = confirm(approved, group, first, splitters, slices[:1])
    assert one.inside == whole.inside
    assert not one.holds, "found the other way round"


def test_slices_are_never_deeper_or_smaller_than_stated() -> None:
    approved, group, first, splitters = planted()
    for conditions in find_slices(approved, group, first, splitters, least=200):
        inside = first & np.logical_and.reduce([c.holds(splitters[int(c.name[1])]) for c in conditions])
        assert len(conditions) <= 3
        assert min((inside & group).sum(), (inside & ~group).sum()) >= 200


def test_a_gap_is_counted_by_hand() -> None:
    approved = np.array([1.0, 0, 0, 0, 1, 1, 1, 0, 1])
    group = np.arange(9) < 4
    found = measure(approved, group, np.arange(9) < 8)
    assert (found.n_group, found.n_reference) == (4, 4)
    assert (found.group, found.reference, found.size) == (0.25, 0.75, 0.5)
    assert found.variance == pytest.approx((2 / 6 * 4 / 6) / 6 + (4 / 6 * 2 / 6) / 6)


def test_two_standard_errors_have_a_chance_of_one_in_twenty() -> None:
    assert two_sided(1.959964, 1.0) == pytest.approx(0.05, abs=1e-6)
    assert two_sided(0.0, 0.0) == 1.0


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_adjusting_for_many_agrees_with_scipy(p_values: list[float]) -> None:
    np.testing.assert_allclose(benjamini_hochberg(p_values), false_discovery_control(p_values), atol=1e-12)


# -- words and cohorts ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def card(tmp_path_factory: pytest.TempPathFactory):
    return read_card(small_inputs(tmp_path_factory.mktemp("slices") / "in", n=50).card).card


def income() -> tuple[np.ndarray, Cut]:
    values = np.array([10.0, 20, 30, 40, 50, 60, 70, 80, np.nan, np.nan]) * 1000
    return values, cut_number("income", "Yearly income", values, np.ones(10, dtype=bool), 4)


def test_a_number_is_cut_into_steps_of_equal_size() -> None:
    values, cut = income()
    assert cut.splitter.count == 4
    assert (cut.splitter.steps[-2:] == -1).all()
    for step in range(4):
        inside = values[cut.splitter.steps == step]
        assert (cut.starts[step], cut.ends[step]) == (inside.min(), inside.max())


def test_a_slice_and_its_cohort_are_the_same_applications(card) -> None:
    values, cut = income()
    table = pd.DataFrame({"income": values})
    for conditions in (
        [Condition("income", "from", 2)],
        [Condition("income", "below", 2)],
        [Condition("income", "from", 1), Condition("income", "below", 3)],
        [Condition("income", "missing")],
        [Condition("income", "known")],
    ):
        words, text = describe(conditions, [cut], card)
        inside = np.logical_and.reduce([c.holds(cut.splitter) for c in conditions])
        assert "income" in words.lower()
        assert (inside == chosen(table, text)).all(), text


def chosen(table: pd.DataFrame, text: str) -> np.ndarray:
    """Return the rows that a cohort of one condition on income means."""
    value = text.removeprefix("signal.income:")
    if value == "missing":
        return table["income"].isna().to_numpy()
    low, high = value.split("..")
    inside = table["income"].notna()
    inside &= table["income"] >= float(low) if low else True
    inside &= table["income"] <= float(high) if high else True
    return inside.to_numpy()


def test_a_slice_of_a_protected_attribute_has_no_cohort(card) -> None:
    cut = cut_levels("attribute.sex", "Sex", pd.Series(["F", "M", "F"]), "attribute")
    assert describe([Condition("attribute.sex", "is", 0)], [cut], card) == ("Sex: F", "")
    assert describe([Condition("attribute.sex", "is not", 0)], [cut], card) == ("Sex: not F", "")


def test_partners_and_months_become_cohorts(card) -> None:
    partner = cut_levels("partner", "Partner", pd.Series(["A", "A", "B"]), "partner")
    month = cut_levels("month", "Month", pd.Series(["2026-02", "2026-01", "2026-03"]), "month")
    conditions = [Condition("partner", "is not", 0), Condition("month", "from", 1)]
    assert describe(conditions, [partner, month], card)[1] == "partner:B;month:2026-02..2026-03"
    assert next(text for _, _, text in steps_of(month, card)) == "month:2026-01..2026-01"


def test_categories_are_taken_one_by_one(card) -> None:
    cut = cut_levels("home", "Home", pd.Series(["RENT", "OWN", "RENT", None], dtype=object), "category")
    texts = [text for _, _, text in steps_of(cut, card)]
    assert texts == ["signal.home:=RENT", "signal.home:=OWN", "signal.home:missing"]
