"""The gap's parts add up exactly; intervals behave as the bootstrap's do; what-ifs and proxies by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explainers.fairness_drivers.decompose import BLOCKS, split_gap
from explainers.fairness_drivers.neutral import neutralise
from explainers.fairness_drivers.proxies import family_power, half, signal_power


def test_a_gap_is_split_by_hand() -> None:
    values = np.array([[1.0, 0.0], [3.0, 2.0], [0.0, 1.0], [2.0, 1.0]])
    group = np.array([1.0, 1.0, 0.0, 0.0])
    found = split_gap(values, group, 1 - group, seed=1, resamples=200)
    np.testing.assert_allclose(found.parts, [1.0, 0.0])
    assert found.gap == pytest.approx(1.0)


def test_chances_weigh_applications() -> None:
    values = np.array([[1.0], [3.0], [5.0]])
    found = split_gap(values, np.array([0.5, 0.5, 0.0]), np.array([0.0, 0.25, 0.75]), seed=1, resamples=50)
    assert found.parts[0] == pytest.approx(2.0 - (0.25 * 3 + 0.75 * 5))


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(4, 60), st.integers(1, 6))
def test_the_parts_add_up_to_the_difference_of_the_means(seed: int, n: int, k: int) -> None:
    rng = np.random.default_rng(seed)
    values, group = rng.normal(size=(n, k)) * 10, (np.arange(n) < n // 2).astype(float)
    found = split_gap(values, group, 1 - group, seed, resamples=20)
    whole = values.sum(axis=1)
    expected = whole[group == 1].mean() - whole[group == 0].mean()
    assert abs(found.parts.sum() - expected) < 1e-12
    assert found.gap == found.parts.sum()


def test_blocks_give_the_spread_of_single_applications() -> None:
    rng = np.random.default_rng(5)
    n = 6 * BLOCKS
    values, group = rng.exponential(size=(n, 2)), (rng.random(n) < 0.2).astype(float)
    found = split_gap(values, group, 1 - group, seed=3)
    for i in range(2):
        parts = [values[group == side, i] for side in (1, 0)]
        error = np.sqrt(sum(p.var(ddof=1) / len(p) for p in parts))
        assert (found.high[i] - found.low[i]) / (2 * 1.96 * error) == pytest.approx(1, abs=0.12)


def test_the_same_seed_gives_the_same_intervals() -> None:
    rng = np.random.default_rng(5)
    values, group = rng.normal(size=(300, 2)), (rng.random(300) < 0.3).astype(float)
    first, again, other = (split_gap(values, group, 1 - group, seed, 100) for seed in (3, 3, 4))
    np.testing.assert_array_equal(first.low, again.low)
    assert (first.low != other.low).any()


# -- what if a family looked as in the reference group --------------------------------------------


def score(rows: np.ndarray) -> np.ndarray:
    return rows[:, 0] + rows[:, 1]


def test_a_family_that_holds_the_whole_gap_closes_it() -> None:
    group, reference = np.column_stack([np.ones(40), np.zeros(40)]), np.zeros((30, 2))
    now, found = neutralise(group, reference, {"first": [0], "second": [1]}, score, lambda raw: raw < 0.5, seed=1)
    assert now == 0
    assert (found["first"].rate, found["first"].change) == (1.0, 1.0)
    assert (found["second"].rate, found["second"].change) == (0.0, 0.0)


def test_the_interval_of_a_change_is_paired() -> None:
    rng = np.random.default_rng(2)
    group, reference = rng.normal(size=(400, 2)), rng.normal(1.0, size=(400, 2))
    now, found = neutralise(group, reference, {"first": [0]}, score, lambda raw: raw > 0, seed=1)
    one = found["first"]
    assert one.change == pytest.approx(one.rate - now)
    assert one.low < one.change < one.high
    assert one.low > 0.05


# -- how well signals tell groups apart -----------------------------------------------------------


def test_a_signal_that_is_the_group_tells_all_and_noise_tells_nothing() -> None:
    rng = np.random.default_rng(3)
    group = rng.random(2000) < 0.4
    learns = half(2000, 1)
    told = signal_power(group.astype(float), group, learns, category=True)
    noise = signal_power(rng.normal(size=2000), group, learns, category=False)
    assert told is not None
    assert noise is not None
    assert told.auc == 1.0
    assert noise.low < 0.5 < noise.high


def test_missing_values_are_a_step_of_their_own() -> None:
    rng = np.random.default_rng(4)
    group = rng.random(2000) < 0.5
    values = np.where(group & (rng.random(2000) < 0.5), np.nan, rng.normal(size=2000))
    found = signal_power(values, group, half(2000, 1), category=False)
    assert found is not None
    assert found.auc == pytest.approx(0.75, abs=0.04)


def test_two_signals_together_may_tell_what_neither_tells_alone() -> None:
    rng = np.random.default_rng(6)
    values = rng.integers(0, 2, size=(4000, 2)).astype(float)
    group = values[:, 0] != values[:, 1]
    flipped = group ^ (rng.random(4000) < 0.1)
    learns = half(4000, 1)
    together = family_power(values, flipped, learns, [], seed=1)
    alone = signal_power(values[:, 0], flipped, learns, category=False)
    assert together is not None
    assert alone is not None
    assert together.auc > 0.8 > 0.6 > alone.auc


def test_too_few_of_a_group_cannot_be_measured() -> None:
    group = np.zeros(100, dtype=bool)
    group[0] = True
    assert family_power(np.zeros((100, 1)), group, half(100, 1), [], seed=1) is None
