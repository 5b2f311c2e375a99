"""The engine against the definition: all 2^8 coalitions through LightGBM's own predict."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from explainers.attribution import Engine, attribute, attribute_families, by_family, fit_comparison
from tests.explainers.attribution.worlds import (
    SIGNALS,
    World,
    awkward_rows,
    brute_force,
    lending_rows,
    train,
)

BAR = 1e-9
KINDS: dict[str, dict[str, Any]] = {
    "plain": {},
    "zero as missing": {"zero_as_missing": True},
    "missing not used": {"use_missing": False},
    "random forest": {"boosting": "rf", "bagging_fraction": 0.7, "bagging_freq": 1},
    "dart": {"boosting": "dart", "drop_rate": 0.3},
    "regression": {"objective": "regression"},
    "one against many categories": {"max_cat_to_onehot": 400},
    "early trees only": {"num_leaves": 4, "rounds": 3},
}


def make_world(folder: Path, kind: str, levels: int, categories: tuple[int, ...] = (1, 2)) -> World:
    values, target = lending_rows(seed=levels, n=3_000, levels=levels)
    model = train(values, target, folder, categories=categories, **KINDS[kind])
    return World(model, awkward_rows(model, levels, values[:12]), awkward_rows(model, levels, values[-40:]))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("levels", [6, 40, 300])
def test_contributions_equal_the_definition_over_all_coalitions(kind: str, levels: int, tmp_path: Path) -> None:
    world = make_world(tmp_path, kind, levels)
    found = attribute(fit_comparison(world.model, world.group, name="g", rule="last rows"), world.rows)
    expected = brute_force(world.model, world.rows, world.group)
    np.testing.assert_allclose(found.values, expected, rtol=0, atol=BAR)
    np.testing.assert_allclose(found.residual, 0.0, rtol=0, atol=BAR)
    assert found.baseline == pytest.approx(world.model.predict_raw(world.group).mean(), abs=BAR)
    assert np.ptp(expected) > 0.01, "the case must not be trivial"


@pytest.mark.parametrize("kind", ["plain", "zero as missing", "missing not used"])
def test_contributions_are_exact_when_the_categories_are_read_as_numbers(kind: str, tmp_path: Path) -> None:
    world = make_world(tmp_path, kind, 40, categories=())
    found = attribute(fit_comparison(world.model, world.group, name="g", rule="last rows"), world.rows)
    np.testing.assert_allclose(found.values, brute_force(world.model, world.rows, world.group), rtol=0, atol=BAR)


@pytest.mark.parametrize("column_states", [1, 65_536])
@pytest.mark.parametrize(
    ("group_states", "leaf_states", "kinds"),
    [
        (1, 2, {"deep"}),
        (1, 65_536, {"leaves"}),
        (8, 16, {"subtrees", "leaves", "deep"}),
        (64, 65_536, {"subtrees", "leaves"}),
        (65_536, 65_536, {"subtrees"}),
    ],
)
def test_the_limits_on_tables_do_not_change_the_result(
    group_states: int, leaf_states: int, kinds: set[str], column_states: int, tmp_path: Path
) -> None:
    world = make_world(tmp_path, "plain", 40)
    engine = Engine(world.model, group_states=group_states, leaf_states=leaf_states, column_states=column_states)
    assert engine.groups.outer_count.any() == (column_states == 1 and kinds != {"deep"})
    roots = engine.groups.root
    found_kinds = {"subtrees": roots[roots >= 0], "leaves": roots[roots < 0], "deep": engine.deep_leaves}
    assert {kind for kind, members in found_kinds.items() if len(members)} == kinds
    comparison = fit_comparison(engine, world.group, name="g", rule="last rows")
    expected = brute_force(world.model, world.rows, world.group)
    np.testing.assert_allclose(attribute(comparison, world.rows).values, expected, rtol=0, atol=BAR)
    one_by_one = np.vstack([attribute(comparison, row[None]).values for row in world.rows])
    np.testing.assert_allclose(one_by_one, expected, rtol=0, atol=BAR)
    families = {name: "ab"[j % 2] for j, name in enumerate(world.model.feature_names)}
    sums = np.column_stack([expected[:, ::2].sum(axis=1), expected[:, 1::2].sum(axis=1)])
    np.testing.assert_allclose(attribute_families(comparison, world.rows, families).values, sums, rtol=0, atol=BAR)


@pytest.mark.parametrize("leaf_states", [8, 16_384])
def test_families_are_the_sums_of_their_signals_by_both_ways(leaf_states: int, tmp_path: Path) -> None:
    world = make_world(tmp_path, "plain", 40)
    families = {name: ("income", "debt", "history")[j % 3] for j, name in enumerate(world.model.feature_names)}
    engine = Engine(world.model, leaf_states=leaf_states, group_states=64)
    comparison = fit_comparison(engine, world.group, name="g", rule="last rows")
    summed = by_family(attribute(comparison, world.rows), families)
    direct = attribute_families(comparison, world.rows, families)
    expected = brute_force(world.model, world.rows, world.group)
    by_hand = np.column_stack([expected[:, j::3].sum(axis=1) for j in range(3)])
    assert summed.families == direct.families == ("income", "debt", "history")
    np.testing.assert_allclose(summed.values, by_hand, rtol=0, atol=BAR)
    np.testing.assert_allclose(direct.values, by_hand, rtol=0, atol=BAR)
    np.testing.assert_allclose(direct.residual, 0.0, rtol=0, atol=BAR)


def test_more_thresholds_than_a_byte_can_number_are_exact(tmp_path: Path) -> None:
    values, target = lending_rows(seed=5, n=8_000, levels=6)
    target = np.sin(values[:, 0] * 40) + values[:, 5]
    model = train(
        values, target, tmp_path, objective="regression", max_bin=4_000, num_leaves=60, rounds=60, min_data_in_leaf=5
    )
    engine = Engine(model)
    assert engine.book.code_count.max() > 600
    found = attribute(fit_comparison(engine, values[-40:], name="g", rule="last rows"), values[:6])
    np.testing.assert_allclose(found.values, brute_force(model, values[:6], values[-40:]), rtol=0, atol=BAR)


def test_a_signal_many_times_on_one_path_is_exact(tmp_path: Path) -> None:
    values, _ = lending_rows(seed=6, n=4_000, levels=6)
    target = np.sin(values[:, 0] * 12) + 0.1 * values[:, 5]
    model = train(values, target, tmp_path, objective="regression", num_leaves=120, rounds=4, min_data_in_leaf=5)
    engine = Engine(model)
    assert engine.forest.subtree_nodes.max() > 100
    found = attribute(fit_comparison(engine, values[-40:], name="g", rule="last rows"), values[:6])
    np.testing.assert_allclose(found.values, brute_force(model, values[:6], values[-40:]), rtol=0, atol=BAR)


def test_a_model_that_never_splits_gives_zeros_and_its_constant(tmp_path: Path) -> None:
    values, target = lending_rows(seed=7, n=500, levels=6)
    model = train(values, target, tmp_path, min_data_in_leaf=400, rounds=3)
    found = attribute(fit_comparison(model, values[:50], name="g", rule="first rows"), values[50:60])
    assert not found.values.any()
    assert found.values.shape == (10, SIGNALS)
    np.testing.assert_allclose(found.residual, 0.0, rtol=0, atol=BAR)
