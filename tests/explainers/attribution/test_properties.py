"""What must hold for any rows, whatever the model: Shapley's axioms, and independence of how the work is done."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import lightgbm
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.models import CreditModel
from explainers.attribution import Engine, attribute, fit_comparison
from explainers.attribution.threads import even_runs, weighted_runs
from tests.explainers.attribution.worlds import SIGNALS, lending_rows, save_and_read, train

BAR = 1e-9
QUICK = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
odd_numbers = st.one_of(
    st.floats(-3, 3),
    st.sampled_from([np.nan, 0.0, -0.0, 1e-36, -1e-36, 1e30, -1e30]),
    st.integers(-2, 60).map(float),
)
row_strategy = st.lists(odd_numbers, min_size=SIGNALS, max_size=SIGNALS)
rows_strategy = st.lists(row_strategy, min_size=2, max_size=12).map(lambda rows: np.array(rows, dtype=np.float64))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="module")
def model(folder: Path) -> CreditModel:
    """A model that never uses signal 6."""
    values, target = lending_rows(seed=21, n=3_000, levels=40)
    values[:, 6] = 1.0
    return train(values, target, folder, categories=(1, 2), rounds=20)


@pytest.fixture(scope="module")
def engine(model: CreditModel) -> Engine:
    return Engine(model)


def explain(engine: Engine, group: np.ndarray, rows: np.ndarray) -> np.ndarray:
    return attribute(fit_comparison(engine, group, name="g", rule="drawn"), rows).values


@given(group=rows_strategy, rows=rows_strategy)
@QUICK
def test_contributions_and_baseline_always_add_up_to_lightgbms_score(
    engine: Engine, group: np.ndarray, rows: np.ndarray
) -> None:
    found = attribute(fit_comparison(engine, group, name="g", rule="drawn"), rows)
    own = engine.model.booster.predict(rows, raw_score=True)
    own_baseline = engine.model.booster.predict(group, raw_score=True).mean()
    np.testing.assert_allclose(found.values.sum(axis=1), own - own_baseline, rtol=0, atol=BAR)


@given(group=rows_strategy, rows=rows_strategy)
@QUICK
def test_a_signal_without_effect_gets_exactly_zero(engine: Engine, group: np.ndarray, rows: np.ndarray) -> None:
    rows[:, 0] = group[:, 0] = 1.0  # every row agrees, so that it cannot matter
    values = explain(engine, group, rows)
    assert not values[:, 6].any()
    assert not values[:, 0].any()


@given(group=rows_strategy, rows=rows_strategy, random=st.randoms(use_true_random=False))
@QUICK
def test_the_order_of_rows_does_not_matter(engine: Engine, group: np.ndarray, rows: np.ndarray, random: object) -> None:
    order, group_order = list(range(len(rows))), list(range(len(group)))
    random.shuffle(order)
    random.shuffle(group_order)
    before = fit_comparison(engine, group, name="g", rule="drawn")
    after = fit_comparison(engine, group[group_order], name="g", rule="drawn")
    assert before.sha256 == after.sha256
    np.testing.assert_array_equal(attribute(before, rows).values[order], attribute(after, rows[order]).values)


@given(group=rows_strategy, rows=rows_strategy)
@QUICK
def test_swapping_the_row_and_a_group_of_its_copies_turns_the_sign(
    engine: Engine, group: np.ndarray, rows: np.ndarray
) -> None:
    one, other = rows[:1], group[:1]
    there = explain(engine, np.repeat(other, 2, axis=0), one)
    back = explain(engine, np.repeat(one, 2, axis=0), other)
    np.testing.assert_allclose(there, -back, rtol=0, atol=BAR)


@given(rows=rows_strategy)
@QUICK
def test_the_mean_contribution_over_the_group_itself_is_zero(engine: Engine, rows: np.ndarray) -> None:
    np.testing.assert_allclose(explain(engine, rows, rows).mean(axis=0), 0.0, rtol=0, atol=BAR)


def test_two_signals_that_play_the_same_part_get_the_same(folder: Path) -> None:
    random = np.random.default_rng(4)
    values = random.integers(0, 2, (2_000, 2)).astype(np.float64)
    target = values[:, 0] * values[:, 1]
    data = lightgbm.Dataset(values, target, params={"min_data_in_bin": 1, "verbose": -1})
    one_tree = {"objective": "regression", "learning_rate": 1.0, "num_leaves": 4, "verbose": -1, "seed": 1}
    engine = Engine(save_and_read(lightgbm.train(one_tree, data, 1), folder))
    group = np.array([[0.0, 0.0], [1.0, 1.0], [0.0, 1.0], [1.0, 0.0]])
    values = explain(engine, group, np.array([[1.0, 1.0], [0.0, 0.0]]))
    np.testing.assert_allclose(values[:, 0], values[:, 1], rtol=0, atol=1e-12)
    assert abs(values[0, 0]) > 0.3


def test_contributions_of_a_model_are_the_sums_over_its_trees(model: CreditModel, folder: Path) -> None:
    values, _ = lending_rows(seed=22, n=60, levels=40)
    group, rows = values[:40], values[40:]
    parts = [
        save_and_read(
            lightgbm.Booster(model_str=model.booster.model_to_string(start_iteration=first, num_iteration=count)),
            folder,
        )
        for first, count in ((0, 7), (7, 13))
    ]
    whole = explain(Engine(model), group, rows)
    np.testing.assert_allclose(whole, sum(explain(Engine(part), group, rows) for part in parts), rtol=0, atol=BAR)


def test_the_order_of_the_models_columns_does_not_matter(folder: Path) -> None:
    values, target = lending_rows(seed=23, n=2_000, levels=6)
    order = [5, 2, 7, 0, 1, 6, 4, 3]
    straight = train(values, target, folder, rounds=10)
    text = straight.booster.model_to_string()
    place = {old: new for new, old in enumerate(order)}
    text = re.sub(
        r"split_feature=([\d ]+)",
        lambda match: "split_feature=" + " ".join(str(place[int(word)]) for word in match[1].split()),
        text,
    )
    turned = Engine(save_and_read(lightgbm.Booster(model_str=text), folder))
    expected = explain(Engine(straight), values[-50:], values[:20])
    found = explain(turned, values[-50:][:, order], values[:20][:, order])
    np.testing.assert_allclose(found, expected[:, order], rtol=0, atol=BAR)


def test_threads_batches_and_single_rows_give_the_same_bits(model: CreditModel) -> None:
    values, _ = lending_rows(seed=24, n=10_000, levels=40)
    one, three = Engine(model, threads=1), Engine(model, threads=3)
    first = fit_comparison(one, values[:3_000], name="g", rule="first rows")
    second = fit_comparison(three, values[:3_000], name="g", rule="first rows")
    whole = attribute(first, values).values
    np.testing.assert_array_equal(attribute(second, values).values, whole)
    np.testing.assert_array_equal(np.vstack([attribute(second, values[i : i + 1]).values for i in range(5)]), whole[:5])
    np.testing.assert_array_equal(attribute(second, values[50:1_000]).values, whole[50:1_000])


def test_several_threads_can_explain_against_one_group_at_once(model: CreditModel) -> None:
    values, _ = lending_rows(seed=25, n=6_000, levels=40)
    comparison = fit_comparison(Engine(model, threads=2), values[:500], name="g", rule="first rows")
    expected = attribute(comparison, values).values
    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(lambda _: attribute(comparison, values).values, range(12)))
    assert all(np.array_equal(each, expected) for each in found)


@given(total=st.integers(0, 10_000), most=st.integers(1, 500), threads=st.integers(1, 9))
@QUICK
def test_runs_cover_everything_once(total: int, most: int, threads: int) -> None:
    runs = even_runs(total, most, threads)
    assert [i for first, end in runs for i in range(first, end)] == list(range(total))
    assert all(end - first <= most for first, end in runs)


@given(weights=st.lists(st.integers(0, 50), max_size=60), count=st.integers(1, 9))
@QUICK
def test_weighted_runs_cover_everything_that_has_weight(weights: list[int], count: int) -> None:
    covered = [i for first, end in weighted_runs(np.array(weights, np.int64), count) for i in range(first, end)]
    assert covered == list(range(len(covered)))
    assert not any(weights[len(covered) :])
