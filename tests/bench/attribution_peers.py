"""The attribution engine against other engines, in the same run, on 10,000 rows."""

from __future__ import annotations

import importlib.metadata
import warnings
from collections.abc import Iterator
from typing import Any

import pandas as pd

from data.models import CreditModel
from explainers.attribution import Engine, attribute, fit_comparison
from explainers.attribution.threads import available_threads
from tests.bench.attribution_models import CATEGORIES, Floats, Size, lending_rows, train
from tests.bench.attribution_timing import best, record, seconds


def peer_measures(size: Size) -> Iterator[dict[str, Any]]:
    """LightGBM's pred_contrib, shap and woodelf on 10,000 rows; slow peers on fewer, scaled by rows."""
    model = train(size.train_rows, 40, 300, 31, CATEGORIES)
    rows = lending_rows(10_000, 40, CATEGORIES, seed=3)
    own = own_seconds(model, rows)
    some = rows[:1_000]
    peer = best(lambda: model.booster.predict(some, pred_contrib=True, num_threads=available_threads()), 2) * 10
    note = f"pred_contrib on 1,000 rows: {peer / 10:.2f} s, scaled; ours on 10,000: {own:.4f} s"
    yield record("times faster than pred_contrib, 10,000 rows", peer / own, "x", 100, 10_000, note, at_least=True)
    numeric = train(size.train_rows // 2, 40, 300, 31, {})  # the other two know no categories
    rows = lending_rows(10_000, 40, {}, seed=3)
    own = own_seconds(numeric, rows)
    yield from shap_measure(numeric, rows, own)
    yield from woodelf_measure(numeric, rows, own)


def own_seconds(model: CreditModel, rows: Floats) -> float:
    """Seconds the engine takes for the rows against the first 1,000 of them, their raw scores being known."""
    raw = model.predict_raw(rows)
    comparison = fit_comparison(Engine(model), rows[:1_000], name="g", rule="r")
    return best(lambda: attribute(comparison, rows, raw_score=raw), 5)


def shap_measure(model: CreditModel, rows: Floats, own: float) -> Iterator[dict[str, Any]]:
    """The interventional explainer of shap with 100 background rows, which is what it silently uses."""
    measure = "times faster than shap.TreeExplainer, 10,000 rows"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            import shap
        except ImportError:
            yield not_installed(measure, "shap")
            return
        masker = shap.maskers.Independent(rows[:100], max_samples=100)
        explainer = shap.TreeExplainer(model.booster, masker, feature_perturbation="interventional")
        peer = seconds(lambda: explainer.shap_values(rows[:100], check_additivity=False)) * 100
    note = f"shap on 100 rows against 100: {peer / 100:.2f} s, scaled; ours against 1,000: {own:.4f} s; no categories"
    yield record(measure, peer / own, "x", 1_000, 10_000, note, at_least=True)


def woodelf_measure(model: CreditModel, rows: Floats, own: float) -> Iterator[dict[str, Any]]:
    """woodelf-explainer if it is installed; it is not among our requirements."""
    measure = "times faster than woodelf-explainer, 10,000 rows"
    try:
        from woodelf.explainer import WoodelfExplainer
    except ImportError:
        yield not_installed(measure, "woodelf-explainer")
        return
    table = pd.DataFrame(rows, columns=list(model.feature_names))
    peer = seconds(lambda: WoodelfExplainer(model.booster, table[:1_000]).shap_values(table, verbose=False))
    version = importlib.metadata.version("woodelf-explainer")
    note = f"woodelf {version}: {peer:.2f} s for 10,000 rows against 1,000; ours {own:.4f} s; no categories"
    yield record(measure, peer / own, "x", 50, 10_000, note, at_least=True)


def not_installed(measure: str, peer: str) -> dict[str, Any]:
    """A line that says why there is no figure."""
    return record(measure, float("nan"), "x", None, 0, f"not measured: {peer} is not installed")
