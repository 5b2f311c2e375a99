"""Measuring candidates: against hand-counted tables, scikit-learn and the bootstrap."""

from __future__ import annotations

import math

import numpy as np
import pytest
from fairlearn.metrics import demographic_parity_ratio
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import log_loss, roc_auc_score

from explainers.alternatives.measure import (
    People,
    compare,
    cutoff_for,
    impact_ratio,
    measure,
    on_frontier,
    passes,
)


def world(n: int = 800, seed: int = 1) -> tuple[np.ndarray, np.ndarray, People]:
    rng = np.random.default_rng(seed)
    truth = rng.normal(size=n)
    outcome = (rng.random(n) < 1 / (1 + np.exp(-truth))).astype(np.int64)
    group = rng.random(n) < 0.3
    first, second = (1 / (1 + np.exp(-(truth + rng.normal(size=n) * noise + 0.4 * group))) for noise in (0.5, 1.5))
    return first, second, People(outcome, group, ~group)


def test_an_impact_ratio_is_counted_by_hand() -> None:
    ratio, low, high = impact_ratio((45, 250), (120, 400))
    assert ratio == pytest.approx(0.60)
    assert low < 0.60 < high
    assert (low, high) == (pytest.approx(0.444, abs=0.004), pytest.approx(0.813, abs=0.004))


def test_figures_agree_with_scikit_learn_and_fairlearn() -> None:
    estimate, _, people = world()
    approved = estimate <= 0.5
    found = measure(estimate, approved, people)
    assert found.auc == pytest.approx(roc_auc_score(people.outcome, estimate), abs=1e-12)
    assert found.log_loss == pytest.approx(log_loss(people.outcome, estimate), abs=1e-12)
    ratio = demographic_parity_ratio(people.outcome, approved, sensitive_features=people.group)
    assert min(found.air, 1 / found.air) == pytest.approx(ratio, abs=1e-12)


def test_changes_are_paired_and_agree_with_the_bootstrap() -> None:
    first, second, people = world()
    approved = [scores <= np.median(scores) for scores in (first, second)]
    found = compare(first, approved[0], second, approved[1], people)
    assert found.auc == pytest.approx(roc_auc_score(people.outcome, first) - roc_auc_score(people.outcome, second))
    rng, drawn = np.random.default_rng(2), []
    for _ in range(300):
        rows = rng.integers(len(first), size=len(first))
        mine = People(people.outcome[rows], people.group[rows], people.reference[rows])
        drawn.append(compare(first[rows], approved[0][rows], second[rows], approved[1][rows], mine))
    for name in ("auc", "air"):
        values = np.array([getattr(one, name) for one in drawn])
        values = np.log(values) if name == "air" else values
        ends = [getattr(found, f"{name}_{end}") for end in ("low", "high")]
        width = math.log(ends[1] / ends[0]) if name == "air" else ends[1] - ends[0]
        assert width / (2 * 1.96 * values.std()) == pytest.approx(1, abs=0.15)


def test_a_model_does_not_differ_from_itself() -> None:
    first, _, people = world()
    found = compare(first, first < 0.4, first, first < 0.4, people)
    assert (found.auc, found.auc_low, found.auc_high) == (0, 0, 0)
    assert (found.air, found.air_low, found.air_high) == (1, 1, 1)


@given(st.integers(10, 200), st.floats(0.05, 0.95), st.booleans())
def test_a_cutoff_approves_the_share_asked_for(n: int, share: float, riskier_up: bool) -> None:
    estimate = np.random.default_rng(n).permutation(n) / n
    approved = passes(estimate, cutoff_for(estimate, share, riskier_up=riskier_up), riskier_up=riskier_up)
    assert abs(approved.mean() - share) <= 1 / n + 1e-9


def test_the_frontier_by_hand() -> None:
    points = [(0.80, 0.70), (0.79, 0.90), (0.78, 0.85), (0.75, 1.25), (0.70, 0.95), (0.45, 1.00)]
    assert on_frontier(points) == [True, True, False, False, True, False]


def test_nothing_is_said_without_anybody() -> None:
    assert all(math.isnan(figure) for figure in impact_ratio((0, 0), (3, 5)))
