"""Few leaves and few signals give the same numbers as the whole model, leaf by leaf and row by row."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
import pytest

from explainers.attribution import (
    Comparison,
    Engine,
    Ways,
    attribute,
    fit_comparison,
    interaction_matrix,
    interactions,
    leaves_of_sets,
    moved_by,
    pair_values,
)
from tests.explainers.attribution.test_exactness import make_world
from tests.explainers.attribution.worlds import lending_rows, save_and_read, train

LIMITS: dict[str, dict[str, Any]] = {
    "as chosen": {},
    "deep leaves": {"group_states": 1, "leaf_states": 2},
    "some deep": {"group_states": 8, "leaf_states": 16},
}
BAR = 1e-12


@pytest.fixture(params=LIMITS, scope="module")
def fitted(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Comparison, Any]:
    """A group without tables, and rows that trip other engines."""
    world = make_world(tmp_path_factory.mktemp("index"), "plain", 40)
    engine = Engine(world.model, **LIMITS[request.param])
    comparison = replace(fit_comparison(engine, world.group, name="g", rule="last rows"), tables=None)
    assert bool(len(comparison.deep.leaf)) == (request.param != "as chosen")
    return comparison, world.rows


def blind(rows: Any, engine: Engine, names: list[str]) -> Any:
    """The rows with every other signal taken out."""
    kept = [name in names for name in engine.feature_names]
    return np.where(kept, rows, np.nan)


def test_pairs_need_no_more_signals_than_those_where_they_meet(fitted: tuple[Comparison, Any]) -> None:
    comparison, rows = fitted
    engine, ways = comparison.engine, Ways(comparison.engine)
    for first, second in combinations(engine.feature_names, 2):
        names = ways.asked_at(ways.meeting([([first], [second])]))
        codes = engine.encode_rows(blind(rows, engine, names), raw_score=np.zeros(len(rows)))
        expected = interactions(comparison, rows, [first], [second]).values
        np.testing.assert_allclose(pair_values(comparison, codes, [([first], [second])])[0], expected, atol=BAR)


def test_many_pairs_at_once_are_each_the_sum_of_the_pairs_of_its_signals(
    fitted: tuple[Comparison, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    comparison, rows = fitted
    names = comparison.engine.feature_names
    sides = [(names[:3], names[4:6]), (names[:1], names[1:2]), (names[6:], names[:6])]
    codes = comparison.engine.encode_rows(rows)
    whole = pair_values(comparison, codes, sides)
    monkeypatch.setattr("explainers.attribution.interaction.ROWS_AT_ONCE", 2)
    np.testing.assert_array_equal(pair_values(comparison, codes, sides), whole)
    at = {name: place for place, name in enumerate(names)}
    matrices = [interaction_matrix(comparison, row).values for row in np.split(rows, len(rows))]
    for own, (first, second) in zip(whole, sides, strict=True):
        box = np.ix_([at[name] for name in first], [at[name] for name in second])
        np.testing.assert_allclose(own, [2 * matrix[box].sum() for matrix in matrices], atol=BAR)
    assert pair_values(comparison, codes, []).shape == (0, len(rows))


@pytest.mark.parametrize("share", [1.0, 0.0])
def test_what_few_signals_move_is_their_contributions(
    fitted: tuple[Comparison, Any], share: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("explainers.attribution.few_signals.SOME_LEAVES", share)
    comparison, rows = fitted
    engine, ways = comparison.engine, Ways(comparison.engine)
    expected = attribute(comparison, rows).values
    asked_whole = []
    for at, name in enumerate(engine.feature_names):
        sets = ([name], [engine.feature_names[at - 1]])
        leaves = leaves_of_sets(comparison, ways, sets)
        asked_whole.append(bool(leaves.all()))
        codes = engine.encode_rows(blind(rows, engine, ways.asked_at(leaves)), raw_score=np.zeros(len(rows)))
        found = moved_by(comparison, codes, sets, leaves)
        np.testing.assert_allclose(found, expected[:, [at, at - 1]].T, atol=BAR)
    assert all(asked_whole) == (share == 0.0)


def test_rows_side_by_side_stay_in_order(fitted: tuple[Comparison, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("explainers.attribution.few_signals.ROWS_AT_ONCE", 2)
    monkeypatch.setattr("explainers.attribution.few_signals.SOME_LEAVES", 1.0)
    comparison, rows = fitted
    sets = (comparison.engine.feature_names[:2],)
    leaves = leaves_of_sets(comparison, Ways(comparison.engine), sets)
    found = moved_by(comparison, comparison.engine.encode_rows(rows), sets, leaves)
    np.testing.assert_allclose(found[0], attribute(comparison, rows).values[:, :2].sum(axis=1), atol=BAR)


def test_a_group_with_tables_is_asked_by_its_tables(fitted: tuple[Comparison, Any]) -> None:
    comparison, rows = fitted
    kept = fit_comparison(comparison.engine, rows, name="g", rule="rows")
    assert leaves_of_sets(kept, Ways(kept.engine), ([kept.engine.feature_names[0]],)).all()


def test_signals_that_no_tree_asks_move_nothing(tmp_path: Path) -> None:
    values, target = lending_rows(seed=4, n=1_000, levels=6)
    model = train(values, target, tmp_path, rounds=2, num_leaves=3)
    engine = Engine(model)
    unused = [name for at, name in enumerate(model.feature_names) if at not in engine.trees.used]
    comparison = replace(fit_comparison(engine, values[:50], name="g", rule="r"), tables=None)
    codes, ways = engine.encode_rows(values[:9]), Ways(engine)
    leaves = leaves_of_sets(comparison, ways, (unused,))
    assert unused
    assert not leaves.any()
    assert ways.asked_at(leaves) == []
    assert not moved_by(comparison, codes, (unused,), leaves).any()
    assert not pair_values(comparison, codes, [(unused[:1], list(model.feature_names[:1]))]).any()


def test_splits_made_by_hand_that_part_nothing_are_explained_by_the_tables(tmp_path: Path) -> None:
    values, target = lending_rows(seed=2, n=1_000, levels=6)
    model = train(values, target, tmp_path, rounds=4, use_missing=False)
    lines = [_first_always_left(line) for line in model.booster.model_to_string().split("\n")]
    text = "\n".join(line for line in lines if not line.startswith("tree_sizes="))
    other = save_and_read(lightgbm.Booster(model_str=text), tmp_path)
    comparison = replace(fit_comparison(Engine(other), values[-40:], name="g", rule="r"), tables=None)
    names, ways = other.feature_names, Ways(comparison.engine)
    expected = attribute(comparison, values[:12]).values
    codes = comparison.engine.encode_rows(values[:12])
    asked = [leaves_of_sets(comparison, ways, ([name],)) for name in names]
    for at, (name, leaves) in enumerate(zip(names, asked, strict=True)):
        np.testing.assert_allclose(moved_by(comparison, codes, ([name],), leaves)[0], expected[:, at], atol=BAR)
    assert any(leaves.all() for leaves in asked)


def _first_always_left(line: str) -> str:
    """Let the first split of a tree send everything left."""
    if not line.startswith("threshold="):
        return line
    return "threshold=" + " ".join(["inf", *line.removeprefix("threshold=").split(" ")[1:]])
