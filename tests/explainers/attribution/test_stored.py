"""Groups without tables, and groups stored and read again, explain exactly as freshly fitted ones."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

from data.errors import AttributionError
from data.records import PatternList
from explainers.attribution import (
    Comparison,
    Engine,
    attribute,
    attribute_families,
    fit_comparison,
    interaction_matrix,
    interactions,
    list_comparison,
    restore_comparison,
)
from explainers.attribution.contributions import FEW_DIRECT
from tests.explainers.attribution.test_exactness import BAR, KINDS, make_world
from tests.explainers.attribution.test_properties import rows_strategy

PARTS: dict[str, dict[str, Any]] = {
    "as chosen": {},
    "deep leaves": {"leaf_states": 4, "group_states": 8},
    "single leaves": {"group_states": 1},
}


def without_tables(comparison: Comparison) -> Comparison:
    return replace(comparison, tables=None)


def restored(comparison: Comparison, stored: PatternList, pieces: int = 3, **other: Any) -> Comparison:
    """The comparison made again of its list, cut between leaves."""
    leaves = np.unique(stored.leaf)
    cuts = np.searchsorted(stored.leaf, [leaves[len(leaves) * i // pieces] for i in range(1, pieces)])
    bounds = [0, *cuts.tolist(), len(stored.leaf)]
    parts = [PatternList(stored.leaf[a:b], stored.pattern[a:b], stored.n[a:b]) for a, b in pairwise(bounds)]
    told: dict[str, Any] = {
        "name": comparison.name,
        "rule": comparison.rule,
        "seed": comparison.seed,
        "n": comparison.n,
        "baseline": comparison.baseline,
        "sha256": comparison.sha256,
        **other,
    }
    return restore_comparison(comparison.engine, parts, **told)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("limits", PARTS.values(), ids=PARTS)
def test_without_tables_the_contributions_are_the_same(kind: str, limits: dict[str, Any], tmp_path: Path) -> None:
    world = make_world(tmp_path, kind, 40)
    full = fit_comparison(Engine(world.model, **limits), world.group, name="g", rule="last rows")
    light = fit_comparison(full.engine, world.group, name="g", rule="last rows", tables=False)
    assert light.tables is None
    few = world.rows[: FEW_DIRECT - 1]
    found, expected = attribute(light, few), attribute(full, few)
    np.testing.assert_allclose(found.values, expected.values, rtol=0, atol=1e-12)
    assert np.abs(found.residual).max() < BAR
    families = {name: name[-1] for name in full.engine.feature_names}
    sums = attribute_families(light, few, families)
    np.testing.assert_allclose(sums.values, attribute_families(full, few, families).values, rtol=0, atol=1e-12)
    many = np.repeat(world.rows, 1 + FEW_DIRECT // len(world.rows), axis=0)
    assert len(many) > FEW_DIRECT
    np.testing.assert_array_equal(attribute(light, many).values, attribute(full, many).values)


@given(group=rows_strategy, rows=rows_strategy)
@settings(max_examples=25, deadline=None)
def test_rows_explained_from_patterns_add_up_also_at_thresholds(world_engine: Engine, group: Any, rows: Any) -> None:
    light = fit_comparison(world_engine, group, name="g", rule="drawn", tables=False)
    full = fit_comparison(world_engine, group, name="g", rule="drawn")
    np.testing.assert_allclose(attribute(light, rows).values, attribute(full, rows).values, rtol=0, atol=1e-12)


@pytest.fixture(scope="module")
def world_engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    return Engine(make_world(tmp_path_factory.mktemp("world"), "plain", 6).model)


@pytest.mark.parametrize("limits", PARTS.values(), ids=PARTS)
def test_a_stored_group_is_the_fitted_one(limits: dict[str, Any], tmp_path: Path) -> None:
    world = make_world(tmp_path, "plain", 40)
    fitted = fit_comparison(Engine(world.model, **limits), world.group, name="g", rule="last rows", seed=4)
    stored = list_comparison(fitted)
    again = restored(fitted, stored)
    twice = list_comparison(again)
    for name in ("leaf", "pattern", "n"):
        np.testing.assert_array_equal(getattr(twice, name), getattr(stored, name))
    rows = world.rows[:6]
    assert (again.name, again.rule, again.seed, again.n, again.sha256) == ("g", "last rows", 4, fitted.n, fitted.sha256)
    np.testing.assert_array_equal(attribute(again, rows).values, attribute(fitted, rows).values)
    light = restored(fitted, stored, tables=False)
    assert light.tables is None
    np.testing.assert_array_equal(attribute(light, rows).values, attribute(without_tables(fitted), rows).values)
    names = fitted.engine.feature_names
    pair = [interactions(one, rows, names[:1], names[2:3]).values for one in (again, fitted)]
    np.testing.assert_array_equal(*pair)
    matrix = [interaction_matrix(one, rows[:1]).values for one in (light, without_tables(fitted))]
    np.testing.assert_array_equal(*matrix)


def test_every_leaf_that_can_be_reached_holds_the_whole_group(tmp_path: Path) -> None:
    world = make_world(tmp_path, "plain", 40)
    fitted = fit_comparison(Engine(world.model, leaf_states=8), world.group, name="g", rule="r")
    stored = list_comparison(fitted)
    assert set(np.bincount(stored.leaf, stored.n)) <= {0.0, float(fitted.n)}
    own = [np.flatnonzero(world.model.booster.predict(world.group, pred_leaf=True)[:, 0] == leaf) for leaf in range(2)]
    for leaf, rows in enumerate(own):  # the pattern with every bit set: the rows that arrive at the leaf
        at = stored.leaf == leaf
        full = (1 << int(fitted.engine.conditions.signals[leaf])) - 1
        assert stored.n[at][stored.pattern[at] == full].sum() == len(rows)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda s: PatternList(s.leaf, s.pattern, s.n + np.uint32(1)),
        lambda s: PatternList(s.leaf[::-1].copy(), s.pattern, s.n),
        lambda s: PatternList(s.leaf[1:], s.pattern[1:], s.n[1:]),
        lambda s: PatternList(s.leaf + np.int32(10_000), s.pattern, s.n),
    ],
    ids=["one row more", "another order", "one missing", "leaves of another model"],
)
def test_patterns_that_do_not_fit_are_refused(spoil: Any, tmp_path: Path) -> None:
    world = make_world(tmp_path, "plain", 40)
    fitted = fit_comparison(world.model, world.group, name="g", rule="r")
    with pytest.raises(AttributionError, match="does not fit the model"):
        restored(fitted, spoil(list_comparison(fitted)), pieces=1)
