"""Ratios of shares: counted by hand, held against the test they invert, and covered as they say."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar
from scipy.stats import chi2, contingency

from explainers.fairness.intervals import find_chance, katz_interval, needed_for, ratio_interval, z_statistic


def interval(k: float, n: float, k0: float, n0: float) -> tuple[float, float]:
    low, high = ratio_interval(*(np.array([float(x)]) for x in (k, n, k0, n0)))
    return float(low[0]), float(high[0])


def test_the_table_counted_by_hand_gives_its_ratio_and_its_z() -> None:
    assert pytest.approx(0.60) == (45 / 250) / (120 / 400)
    assert z_statistic(45, 250, 120, 400) == pytest.approx(-3.42, abs=0.005)


def test_both_ends_are_where_the_test_of_the_ratio_just_rejects() -> None:
    for end in interval(45, 250, 120, 400):
        found = minimize_scalar(
            lambda p, r=end: (
                -(45 * math.log(r * p) + 205 * math.log(1 - r * p) + 120 * math.log(p) + 280 * math.log(1 - p))
            ),
            bounds=(1e-6, min(1, 1 / end) - 1e-6),
            method="bounded",
            options={"xatol": 1e-12},
        )
        p0, p1 = found.x, end * found.x
        statistic = (45 - 250 * p1) ** 2 / (250 * p1 * (1 - p1)) + (120 - 400 * p0) ** 2 / (400 * p0 * (1 - p0))
        assert statistic == pytest.approx(chi2.ppf(0.95, 1), rel=1e-6)


def test_the_z_test_is_the_chi_squared_test_without_correction() -> None:
    chance = contingency.chi2_contingency([[45, 205], [120, 280]], correction=False).pvalue
    assert find_chance(45, 250, 120, 400) == ("z", pytest.approx(float(chance), rel=1e-12))


def test_fishers_test_stands_in_where_few_approvals_are_expected() -> None:
    test, chance = find_chance(2, 40, 8, 60)
    assert test == "Fisher"
    assert chance == pytest.approx(0.306, abs=0.01)


def test_the_interval_lies_near_the_plain_one_in_large_groups() -> None:
    plain = katz_interval(*(np.array([float(x)]) for x in (3000, 5000, 4000, 5000)))
    assert interval(3000, 5000, 4000, 5000) == pytest.approx([float(end[0]) for end in plain], rel=2e-3)


@given(st.integers(1, 60), st.integers(1, 60), st.data())
def test_the_interval_holds_the_estimate_and_turns_over_with_the_sides(n: int, n0: int, data: st.DataObject) -> None:
    k, k0 = data.draw(st.integers(1, n)), data.draw(st.integers(1, n0))
    low, high = interval(k, n, k0, n0)
    assert low <= (k / n) / (k0 / n0) * (1 + 1e-9)
    assert high >= (k / n) / (k0 / n0) * (1 - 1e-9)
    back_low, back_high = interval(k0, n0, k, n)
    assert low == pytest.approx(1 / back_high, rel=1e-4)
    assert high == pytest.approx(1 / back_low, rel=1e-4)


def test_no_approval_and_no_application_have_honest_ends() -> None:
    assert interval(0, 50, 20, 50)[0] == 0.0
    assert 0 < interval(0, 50, 20, 50)[1] < 1
    assert interval(20, 50, 0, 50)[1] == math.inf
    assert interval(0, 50, 0, 50) == (0.0, math.inf)
    assert all(math.isnan(end) for end in interval(0, 0, 10, 50))


@pytest.mark.parametrize(("n", "rate", "ratio"), [(50, 0.1, 1.0), (50, 0.9, 0.8), (200, 0.3, 0.8)])
def test_the_interval_covers_the_truth_as_often_as_it_says(n: int, rate: float, ratio: float) -> None:
    rng, runs = np.random.default_rng(1), 4000
    sizes = np.full(runs, float(n))
    k, k0 = (rng.binomial(n, p, runs).astype(float) for p in (rate * ratio, rate))
    low, high = ratio_interval(k, sizes, k0, sizes)
    assert 0.93 <= float(np.mean((low <= ratio) & (ratio <= high))) <= 0.97


def test_fewer_approvals_need_more_applications() -> None:
    assert needed_for(2, 40, 10, 400) > needed_for(20, 40, 200, 400) >= 30
    assert needed_for(0, 40, 0, 400) == 0
