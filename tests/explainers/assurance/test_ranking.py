"""Ranking: hand-counted pairs, agreement with scikit-learn and scipy, coverage by simulation."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import ks_2samp
from sklearn.metrics import roc_auc_score

from explainers.assurance.ranking import compute_ranking


def test_four_applications_counted_by_hand() -> None:
    # pairs (happened, not): (3, 1) right, (3, 2) right, (2, 1) right, (2, 2) tie → 3.5 of 4
    result = compute_ranking(np.array([3.0, 2.0, 1.0, 2.0]), np.array([1, 1, 0, 0]))
    assert result is not None
    assert (result.n, result.outcomes, result.auc) == (4, 2, 0.875)


@given(st.lists(st.tuples(st.integers(0, 6), st.booleans()), min_size=8, max_size=60))
def test_it_agrees_with_other_libraries_also_with_ties(rows: list[tuple[int, bool]]) -> None:
    scores = np.array([float(s) for s, _ in rows])
    outcomes = np.array([int(o) for _, o in rows])
    result = compute_ranking(scores, outcomes)
    if min(outcomes.sum(), len(rows) - outcomes.sum()) < 2:
        assert result is None
        return
    assert result is not None
    assert result.auc == pytest.approx(roc_auc_score(outcomes, scores), abs=1e-12)
    expected = ks_2samp(scores[outcomes == 1], scores[outcomes == 0], method="asymp").statistic
    assert result.ks == pytest.approx(expected, abs=1e-12)
    assert result.low <= result.auc <= result.high


def test_the_interval_covers_the_truth_about_as_often_as_it_says() -> None:
    rng = np.random.default_rng(5)
    truth, hits, tries = 0.76025, 0, 400  # Φ(1/√2) for two normals one standard deviation apart
    for _ in range(tries):
        outcomes = np.repeat([1, 0], [60, 240])
        result = compute_ranking(rng.normal(size=300) + outcomes, outcomes)
        assert result is not None
        hits += result.low <= truth <= result.high
    assert 0.92 <= hits / tries <= 0.98


def test_a_model_that_ranks_perfectly_says_so() -> None:
    result = compute_ranking(np.array([1.0, 2.0, 3.0, 4.0]), np.array([0, 0, 1, 1]))
    assert result is not None
    assert (result.auc, result.ks) == (1.0, 1.0)
