"""Compiling every kernel ahead of the first viewer."""

from __future__ import annotations

import hashlib
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from data.model_links import link_of
from data.model_rows import row_shape
from data.model_text import parse_model
from data.models import CreditModel
from explainers.attribution.comparison import fit_comparison
from explainers.attribution.contributions import attribute, attribute_families, attribute_path_dependent
from explainers.attribution.engine import Engine
from explainers.attribution.interaction import interaction_matrix, interactions

ROWS = 64


def warm_up(*, everything: bool = True) -> float:
    """Compile every kernel, on a tiny model made up here, and keep the result on disk.

    Call it while a demo or a snapshot is built: compiling takes up to a minute once, then loading
    takes about a second per process. Where the result is kept is told in `jit`.

    Parameters
    ----------
    everything : bool
        False compiles only what building a snapshot and explaining a decision need.

    Returns
    -------
    float
        Seconds taken.
    """
    started = time.perf_counter()
    model, rows = _tiny_model()
    engine = Engine(model, group_states=2, leaf_states=4)  # so that there are groups, deep leaves
    comparison = fit_comparison(engine, rows, name="warm-up", rule="all made-up rows")
    attribute(replace(comparison, tables=None), rows[:1])
    names = engine.feature_names
    for some in (rows, rows[:1]):
        attribute(comparison, some)
        attribute_families(comparison, some, dict.fromkeys(names, "all"))
    if not everything:
        return time.perf_counter() - started
    attribute_path_dependent(engine, rows)
    interactions(comparison, rows, names[:1], names[1:2])
    interaction_matrix(comparison, rows[:1])
    return time.perf_counter() - started


def _tiny_model() -> tuple[CreditModel, np.ndarray[tuple[int, int], np.dtype[np.float64]]]:
    """A model with numeric and categorical splits and a few signals on each path."""
    import lightgbm  # here: over a second that pages need not wait for

    random = np.random.default_rng(0)
    rows = random.integers(0, 8, (ROWS, 5)).astype(np.float64)
    target = rows @ np.array([1.0, 2.0, 3.0, 4.0, 0.0]) + 5.0 * (rows[:, 4] % 2)
    parameters = {"objective": "regression", "min_data_in_leaf": 2, "min_data_per_group": 2, "verbose": -1}
    data = lightgbm.Dataset(rows, target, categorical_feature=[4], params={"min_data_in_bin": 1, "verbose": -1})
    booster = lightgbm.train({**parameters, "num_leaves": 12, "num_threads": 1}, data, 3)
    text = booster.model_to_string()
    parsed = parse_model(text)
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    return CreditModel(Path("warm-up"), sha256, text, parsed, row_shape(parsed), link_of(parsed)), rows
