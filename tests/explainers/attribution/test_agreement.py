"""The engine against LightGBM's pred_contrib, against shap where shap is right, and on real model files."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pytest

from data.errors import CandorError
from data.models import read_model
from explainers.attribution import Engine, attribute, attribute_path_dependent, fit_comparison
from tests.explainers.attribution.test_exactness import BAR, KINDS, make_world
from tests.explainers.attribution.worlds import lending_rows, train
from tests.shared_data import shared_path

EXPLAINED_FILES = (
    "leaves_breast_cancer.txt",
    "lightgbm__inference__binary_classification__model.txt",
    "lightgbm__inference__regression_missing__model.txt",
    "lightgbm__inference__small_tree__model.txt",
    "lleaves_airline_model.txt",
    "lleaves_mixed_categorical_model.txt",
    "lleaves_pure_categorical_model.txt",
    "lleaves_single_tree_model.txt",
)
REFUSED_FILES = ("lightgbm__inference__linear_tree__model.txt", "lleaves_multiclass_model.txt")


@pytest.mark.parametrize("kind", KINDS)
def test_path_dependent_contributions_equal_pred_contrib(kind: str, tmp_path: Path) -> None:
    world = make_world(tmp_path, kind, 40)
    found = attribute_path_dependent(Engine(world.model), world.rows)
    expected = world.model.booster.predict(world.rows, pred_contrib=True)
    np.testing.assert_allclose(found.values, expected[:, :-1], rtol=0, atol=BAR)
    assert found.baseline == pytest.approx(expected[0, -1], abs=BAR)
    np.testing.assert_allclose(found.residual, 0.0, rtol=0, atol=BAR)


with warnings.catch_warnings():  # shap's own colours use an old name of matplotlib
    warnings.simplefilter("ignore")
    import shap


def test_contributions_equal_shap_where_shap_is_right(tmp_path: Path) -> None:
    values, target = lending_rows(seed=8, n=3_000, levels=6)
    model = train(values, target, tmp_path)
    group, rows = values[-150:], values[:20]
    masker = shap.maskers.Independent(group, max_samples=len(group))
    explainer = shap.TreeExplainer(model.booster, masker, feature_perturbation="interventional")
    assert len(explainer.data) == len(group), "shap must use the whole group"
    found = attribute(fit_comparison(model, group, name="g", rule="last rows"), rows)
    np.testing.assert_allclose(found.values, explainer.shap_values(rows), rtol=0, atol=1e-6)


def random_rows(engine: Engine, n: int) -> np.ndarray:
    """Rows over and beyond the thresholds of each signal, with zeros, missing values and odd categories."""
    random = np.random.default_rng(9)
    rows = random.normal(size=(n, len(engine.feature_names)))
    for signal, column in enumerate(engine.book.column):
        edges = engine.book.edges[engine.book.edge_start[signal] : engine.book.edge_start[signal + 1]]
        edges = edges[np.isfinite(edges)]
        if engine.book.is_category[signal]:
            rows[:, column] = random.integers(-1, engine.book.code_count[signal] + 2, n)
        else:
            rows[:, column] = random.choice(np.concatenate([edges, edges + random.normal(size=len(edges))]), n)
    rows[random.random(rows.shape) < 0.1] = np.nan
    rows[random.random(rows.shape) < 0.1] = 0.0
    return rows


@pytest.mark.shared
@pytest.mark.parametrize("name", EXPLAINED_FILES)
def test_contributions_and_baseline_add_up_to_lightgbms_own_score_on_real_files(name: str) -> None:
    engine = Engine(read_model(shared_path(f"lightgbm_models/{name}")))
    rows = random_rows(engine, 600)
    found = attribute(fit_comparison(engine, rows[:300], name="g", rule="random"), rows[300:])
    own = engine.model.booster.predict(rows, raw_score=True)
    np.testing.assert_allclose(found.baseline + found.values.sum(axis=1), own[300:], rtol=0, atol=BAR)
    path_dependent = attribute_path_dependent(engine, rows[300:])
    contributions = engine.model.booster.predict(rows[300:], pred_contrib=True)
    np.testing.assert_allclose(path_dependent.values, contributions[:, :-1], rtol=0, atol=BAR)


@pytest.mark.shared
@pytest.mark.parametrize("name", REFUSED_FILES)
def test_real_files_of_other_kinds_are_refused_in_words(name: str) -> None:
    with pytest.raises(CandorError) as caught:
        Engine(read_model(shared_path(f"lightgbm_models/{name}")))
    assert caught.value.remedy


def test_a_sum_of_one_split_trees_gives_each_signals_own_difference(tmp_path: Path) -> None:
    values, target = lending_rows(seed=10, n=3_000, levels=6)
    model = train(values, target, tmp_path, num_leaves=2, rounds=60)
    group, rows = values[-200:], values[:30]
    found = attribute(fit_comparison(model, group, name="g", rule="last rows"), rows)
    base = values[0]
    for j in range(values.shape[1]):
        own = np.repeat(base[None], len(rows) + len(group), axis=0)
        own[:, j] = np.concatenate([rows[:, j], group[:, j]])
        effect = model.predict_raw(own)
        expected = effect[: len(rows)] - effect[len(rows) :].mean()
        np.testing.assert_allclose(found.values[:, j], expected, rtol=0, atol=BAR)
