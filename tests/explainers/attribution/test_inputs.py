"""What goes in and what comes out: tables, codes, refusals, missing values, hashes, and compiling."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import lightgbm
import numpy as np
import pandas as pd
import pytest

from data.errors import AttributionError, TableError
from data.model_text import parse_model
from explainers.attribution import (
    Engine,
    attribute,
    attribute_families,
    attribute_path_dependent,
    by_family,
    explain,
    family_tables,
    fit_comparison,
    warm_up,
)
from explainers.attribution.codes import make_code_book
from explainers.attribution.jit import kept_on_disk
from explainers.attribution.trees import read_trees
from explainers.compiling import COMMAND
from tests.explainers.attribution.test_exactness import World, make_world
from tests.explainers.attribution.worlds import brute_force, lending_rows, save_and_read, train
from tests.shared_data import ROOT


@pytest.fixture
def world(tmp_path: Path) -> World:
    return make_world(tmp_path, "plain", 6)


def as_table(world: World, rows: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(world.model.feature_names))


def test_a_table_with_columns_in_another_order_gives_the_same(world: World) -> None:
    expected = attribute(fit_comparison(world.model, world.group, name="g", rule="r"), world.rows).values
    turned = list(reversed(world.model.feature_names))
    comparison = fit_comparison(world.model, as_table(world, world.group)[turned], name="g", rule="r")
    np.testing.assert_array_equal(attribute(comparison, as_table(world, world.rows)[turned]).values, expected)


def test_rows_encoded_once_can_be_used_as_group_and_as_rows(world: World) -> None:
    engine = Engine(world.model)
    comparison = fit_comparison(engine, engine.encode_rows(world.group), name="g", rule="r")
    found = attribute(comparison, engine.encode_rows(world.rows))
    again = attribute(fit_comparison(engine, world.group, name="g", rule="r"), world.rows)
    np.testing.assert_array_equal(found.values, again.values)
    assert found.comparison_sha256 == again.comparison_sha256


def test_known_raw_scores_are_used_and_show_in_the_residual(world: World) -> None:
    comparison = fit_comparison(world.model, world.group, name="g", rule="r")
    wrong = world.model.predict_raw(world.rows) + 0.25
    np.testing.assert_allclose(attribute(comparison, world.rows, raw_score=wrong).residual, 0.25, rtol=0, atol=1e-9)
    with pytest.raises(AttributionError, match="one raw score per row"):
        attribute(comparison, world.rows, raw_score=wrong[:-1])


@pytest.mark.parametrize("size", [0, 1])
def test_a_group_that_is_too_small_is_refused(world: World, size: int) -> None:
    with pytest.raises(AttributionError, match=f"It holds {size} rows; at least 2"):
        fit_comparison(world.model, world.group[:size], name="g", rule="r")


def test_infinite_values_are_refused_by_column_without_showing_a_value(world: World) -> None:
    rows = world.rows.copy()
    rows[3, 5] = np.inf
    comparison = fit_comparison(world.model, world.group, name="g", rule="r")
    with pytest.raises(AttributionError, match="infinite values: Column_5"):
        attribute(comparison, rows)


def test_wrong_columns_and_text_are_refused_by_the_models_own_check(world: World) -> None:
    comparison = fit_comparison(world.model, world.group, name="g", rule="r")
    with pytest.raises(TableError):
        attribute(comparison, world.rows[:, :5])
    with pytest.raises(TableError, match="Column_0"):
        attribute(comparison, as_table(world, world.rows).drop(columns="Column_0"))
    with pytest.raises(TableError, match="Column_5"):
        attribute(comparison, as_table(world, world.rows).assign(Column_5="much"))


def test_codes_of_another_model_are_refused(world: World, tmp_path: Path) -> None:
    other = Engine(make_world(tmp_path, "dart", 6).model)
    comparison = fit_comparison(world.model, world.group, name="g", rule="r")
    with pytest.raises(AttributionError, match="another model"):
        attribute(comparison, other.encode_rows(world.rows))


def test_no_rows_give_no_contributions(world: World) -> None:
    comparison = fit_comparison(world.model, world.group, name="g", rule="r")
    found = attribute(comparison, world.rows[:0])
    assert found.values.shape == (0, 8)
    assert found.residual.shape == (0,)


def test_missing_values_are_told_for_signals_the_model_uses(world: World) -> None:
    comparison = fit_comparison(world.model, world.group, name="g", rule="r")
    found = attribute(comparison, world.rows)
    used = comparison.engine.trees.used
    np.testing.assert_array_equal(found.missing[:, used], np.isnan(world.rows)[:, used])
    assert found.missing.any()


def test_every_signal_needs_a_family_and_all_without_are_named(world: World) -> None:
    comparison = fit_comparison(world.model, world.group, name="g", rule="r")
    families = dict.fromkeys(world.model.feature_names[2:], "all")
    with pytest.raises(AttributionError, match="Column_0, Column_1"):
        by_family(attribute(comparison, world.rows), families)
    with pytest.raises(AttributionError, match="Column_0, Column_1"):
        attribute_families(comparison, world.rows, families)


def test_family_tables_can_be_used_again_for_each_batch(world: World) -> None:
    comparison = fit_comparison(world.model, world.group, name="g", rule="r")
    families = {name: "ab"[j % 2] for j, name in enumerate(world.model.feature_names)}
    tables = family_tables(comparison, families)
    batches = [attribute_families(comparison, world.rows[i : i + 5], families, tables=tables) for i in (0, 5)]
    whole = attribute_families(comparison, world.rows[:10], families)
    np.testing.assert_array_equal(np.vstack([batch.values for batch in batches]), whole.values)


def test_the_hash_depends_on_the_rows_and_the_model_alone(world: World, tmp_path: Path) -> None:
    first = fit_comparison(world.model, world.group, name="g", rule="r")
    renamed = fit_comparison(world.model, world.group, name="other name", rule="other rule", seed=3)
    fewer = fit_comparison(world.model, world.group[1:], name="g", rule="r")
    doubled = fit_comparison(world.model, np.repeat(world.group, 2, axis=0), name="g", rule="r")
    other_model = fit_comparison(make_world(tmp_path, "dart", 6).model, world.group, name="g", rule="r")
    assert first.sha256 == renamed.sha256
    assert len({first.sha256, fewer.sha256, doubled.sha256, other_model.sha256}) == 4


def test_a_signal_split_in_two_ways_is_refused(tmp_path: Path) -> None:
    values, target = lending_rows(seed=1, n=1_000, levels=6)
    as_category = train(values, target, tmp_path, categories=(1,), rounds=3).text
    as_number = train(values, target, tmp_path, rounds=3).text
    trees = [tree for text in (as_category, as_number) for tree in parse_model(text).trees]
    header = parse_model(as_number)
    mixed = type(header)(**{**header.__dict__, "trees": tuple(trees)})
    with pytest.raises(AttributionError, match="two kinds of splits"):
        make_code_book(read_trees(mixed))


def test_splits_made_by_hand_that_part_nothing_are_harmless(tmp_path: Path) -> None:
    values, target = lending_rows(seed=2, n=1_000, levels=6)
    model = train(values, target, tmp_path, rounds=4, use_missing=False)
    lines = model.booster.model_to_string().split("\n")
    for i, line in enumerate(lines):
        if line.startswith("threshold="):
            numbers = line.removeprefix("threshold=").split(" ")
            lines[i] = "threshold=" + " ".join(["inf", *numbers[1:]])
    changed = "\n".join(lines)
    sizes = " ".join(str(len(part) + 5) for part in changed.split("end of trees")[0].split("Tree=")[1:])
    start = changed.index("tree_sizes=")
    changed = changed[:start] + f"tree_sizes={sizes}" + changed[changed.index("\n", start) :]
    other = save_and_read(lightgbm.Booster(model_str=changed), tmp_path)
    for limits in ({}, {"group_states": 1, "column_states": 1}, {"group_states": 1, "leaf_states": 1}):
        comparison = fit_comparison(Engine(other, **limits), values[-40:], name="g", rule="r")
        found = attribute(comparison, values[:12])
        np.testing.assert_allclose(found.values, brute_force(other, values[:12], values[-40:]), rtol=0, atol=1e-9)


def test_path_dependent_mode_says_when_the_file_holds_no_counts(world: World, tmp_path: Path) -> None:
    text = world.model.booster.model_to_string()
    without = "\n".join(line for line in text.split("\n") if not line.startswith(("leaf_count=", "internal_count=")))
    forest = read_trees(parse_model("\n".join(x for x in without.split("\n") if not x.startswith("tree_sizes="))))
    assert np.isnan(forest.expected_value)
    engine = Engine(world.model)
    engine.trees = forest
    with pytest.raises(AttributionError, match="no counts of training rows"):
        attribute_path_dependent(engine, world.rows)


def test_warming_up_leaves_nothing_to_compile(world: World) -> None:
    warm_up()
    before = [len(f.signatures) for f in (explain.add_contributions, explain.add_to_few_rows)]
    attribute(fit_comparison(world.model, world.group, name="g", rule="r"), np.repeat(world.rows, 3, axis=0))
    assert [len(f.signatures) for f in (explain.add_contributions, explain.add_to_few_rows)] == before == [1, 1]


@pytest.mark.slow
def test_kernels_work_when_no_folder_can_be_written_for_them(tmp_path: Path) -> None:
    script = (
        "from explainers.attribution.leaves import count_bits; "
        "print(count_bits(7), count_bits._cache.__class__.__name__)"
    )
    unusable = tmp_path / "file"
    unusable.write_text("not a folder")
    environment = {
        **os.environ,
        "NUMBA_CACHE_DIR": str(unusable),
        "NUMBA_CACHE_LOCATOR_CLASSES": "UserProvidedCacheLocator",
    }
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.stdout.strip() == "3 NullCache", done.stderr
    ahead = subprocess.run(COMMAND, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert ahead.stdout.startswith("nothing compiled"), ahead.stderr
    assert kept_on_disk()
