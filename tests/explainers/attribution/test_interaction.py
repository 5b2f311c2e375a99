"""Interactions against their definition, and the sums they must obey."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from data.errors import AttributionError
from explainers.attribution import Engine, attribute, fit_comparison, interaction_matrix, interactions
from tests.explainers.attribution.test_exactness import BAR, KINDS, make_world
from tests.explainers.attribution.worlds import (
    SIGNALS,
    coalition_values,
    interaction_by_definition,
    lending_rows,
    train,
)

LIMITS = {
    "subtrees": {},
    "single leaves": {"group_states": 1, "column_states": 1},
    "deep leaves": {"group_states": 1, "leaf_states": 2},
}


@pytest.mark.parametrize("limits", LIMITS)
@pytest.mark.parametrize("kind", ["plain", "zero as missing", "missing not used", "random forest"])
def test_interactions_equal_the_definition_over_all_coalitions(kind: str, limits: str, tmp_path: Path) -> None:
    assert kind in KINDS
    world = make_world(tmp_path, kind, 40)
    engine = Engine(world.model, **LIMITS[limits])
    comparison = fit_comparison(engine, world.group, name="g", rule="last rows")
    names, rows = world.model.feature_names, world.rows[:6]
    values = [coalition_values(world.model.predict_raw, row, world.group) for row in rows]
    largest = 0.0
    for i, j in ((0, 1), (3, 5), (4, 2), (6, 7)):
        found = interactions(comparison, rows, [names[i]], [names[j]])
        expected = np.array([interaction_by_definition(value, SIGNALS, i, j) for value in values])
        np.testing.assert_allclose(found.values, expected, rtol=0, atol=BAR)
        largest = max(largest, np.abs(expected).max())
    assert largest > 0.01, "the case must not be trivial"


@pytest.mark.parametrize("limits", LIMITS)
def test_each_row_of_the_matrix_sums_to_the_contribution_and_agrees_with_the_pairs(limits: str, tmp_path: Path) -> None:
    world = make_world(tmp_path, "plain", 40)
    engine = Engine(world.model, **LIMITS[limits])
    comparison = fit_comparison(engine, world.group, name="g", rule="last rows")
    names, row = world.model.feature_names, world.rows[4:5]
    matrix = interaction_matrix(comparison, row).values
    np.testing.assert_allclose(matrix, matrix.T, rtol=0, atol=BAR)
    np.testing.assert_allclose(matrix.sum(axis=1), attribute(comparison, row).values[0], rtol=0, atol=BAR)
    for i in range(SIGNALS):
        for j in range(SIGNALS):
            if i != j:
                pair = interactions(comparison, row, [names[i]], [names[j]]).values[0]
                assert 2.0 * matrix[i, j] == pytest.approx(pair, abs=BAR)
    off_diagonal = matrix - np.diag(np.diag(matrix))
    values = coalition_values(world.model.predict_raw, row[0], world.group)
    half = sum(interaction_by_definition(values, SIGNALS, 3, j) for j in range(SIGNALS) if j != 3) / 2.0
    assert off_diagonal[3].sum() == pytest.approx(half, abs=BAR)


def test_the_interaction_of_families_is_the_sum_over_their_pairs(tmp_path: Path) -> None:
    world = make_world(tmp_path, "plain", 40)
    comparison = fit_comparison(world.model, world.group, name="g", rule="last rows")
    names = world.model.feature_names
    first, second = names[:3], names[4:7]
    found = interactions(comparison, world.rows, first, second)
    expected = sum(interactions(comparison, world.rows, [a], [b]).values for a in first for b in second)
    np.testing.assert_allclose(found.values, expected, rtol=0, atol=BAR)


def test_signals_that_only_add_up_have_no_interaction(tmp_path: Path) -> None:
    values, target = lending_rows(seed=10, n=3_000, levels=6)
    model = train(values, target, tmp_path, num_leaves=2, rounds=60)
    comparison = fit_comparison(model, values[-200:], name="g", rule="last rows")
    matrix = interaction_matrix(comparison, values[:1]).values
    assert not (matrix - np.diag(np.diag(matrix))).any()


@pytest.mark.parametrize(
    ("first", "second"), [([], ["Column_1"]), (["Column_1"], ["Column_1"]), (["income"], ["Column_1"])]
)
def test_sets_that_cannot_be_compared_are_refused_in_words(first: list[str], second: list[str], tmp_path: Path) -> None:
    world = make_world(tmp_path, "early trees only", 6)
    comparison = fit_comparison(world.model, world.group, name="g", rule="last rows")
    with pytest.raises(AttributionError, match="Name at least one signal"):
        interactions(comparison, world.rows, first, second)
    with pytest.raises(AttributionError, match="exactly one row"):
        interaction_matrix(comparison, world.rows)
