"""Small models and the slow, plain definitions that the engine must agree with."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
import numpy.typing as npt

from data.models import CreditModel, read_model

Floats = npt.NDArray[np.float64]
SIGNALS = 8


@dataclass(frozen=True, eq=False)
class World:
    """A model with rows to explain and a comparison group."""

    model: CreditModel
    rows: Floats
    group: Floats


def save_and_read(booster: lightgbm.Booster, folder: Path) -> CreditModel:
    """Write a booster and read it as a CreditModel, without the trial load in a child process."""
    text = booster.model_to_string()
    path = folder / f"{hashlib.sha256(text.encode()).hexdigest()[:16]}.txt"
    path.write_text(text, encoding="utf-8")
    return read_model(path, verified_sha256=hashlib.sha256(path.read_bytes()).hexdigest())


def train(
    values: Floats,
    target: Floats,
    folder: Path,
    *,
    categories: Sequence[int] = (),
    rounds: int = 25,
    **parameters: Any,
) -> CreditModel:
    """Train a small model and read it back."""
    settings = {
        "objective": "binary",
        "num_leaves": 15,
        "min_data_per_group": 20,
        "cat_smooth": 1.0,
        "verbose": -1,
        "num_threads": 1,
        "seed": 3,
        **parameters,
    }
    data = lightgbm.Dataset(values, target, categorical_feature=list(categories))
    return save_and_read(lightgbm.train(settings, data, rounds), folder)


def lending_rows(seed: int, n: int, levels: int) -> tuple[Floats, Floats]:
    """Eight signals: two are categories, one often zero, one often missing; and an outcome with interactions."""
    random = np.random.default_rng(seed)
    rows = random.normal(0.0, 1.0, (n, SIGNALS))
    rows[:, 1] = random.integers(0, levels, n)
    rows[:, 2] = random.integers(0, 4, n)
    rows[:, 3] = np.where(random.random(n) < 0.5, 0.0, rows[:, 3])
    rows[random.random(n) < 0.2, 4] = np.nan
    rows[random.random(n) < 0.05, 1] = np.nan
    level_effect = random.normal(0.0, 1.0, levels)[np.nan_to_num(rows[:, 1]).astype(int)]
    score = rows[:, 0] + level_effect + 0.7 * (rows[:, 3] == 0) * rows[:, 5]
    score += np.where(np.isnan(rows[:, 4]), 1.0, rows[:, 4]) * rows[:, 2] + 0.5 * rows[:, 6] * rows[:, 7]
    return rows, (score + random.normal(0.0, 1.0, n) > 0).astype(np.float64)


def awkward_rows(model: CreditModel, levels: int, rows: Floats) -> Floats:
    """Change rows so that they hold what trips other engines."""
    rows = rows.copy()
    rows[0, [0, 5]] = np.nan  # never missing in training
    rows[1, 1] = levels + 50  # a category never seen
    rows[2, 1] = -3.0  # a negative category
    rows[3, 1] = np.nan
    rows[4, 1] = -0.5  # LightGBM cuts it to category 0
    rows[5, 2] = 2.9  # and this to category 2
    rows[6, [0, 3, 4]] = [1e-36, -1e-36, 1e-35]  # zero, as LightGBM sees it
    rows[7, [3, 4]] = [0.0, -0.0]
    rows[8] = on_thresholds(model, rows[8])
    rows[9] = np.nextafter(on_thresholds(model, rows[9]), np.inf)
    return rows


def on_thresholds(model: CreditModel, row: Floats) -> Floats:
    """Put every numeric signal exactly on one of its thresholds."""
    row = row.copy()
    for tree in model.parsed.trees:
        numeric = (tree.decision_type & 1) == 0
        row[tree.split_feature[numeric]] = tree.threshold[numeric]
    return row


@cache
def _subsets(signals: int) -> npt.NDArray[np.bool_]:
    numbers = np.arange(1 << signals)[:, None]
    return (numbers >> np.arange(signals)) & 1 == 1


def coalition_values(score: Callable[[Floats], Floats], row: Floats, group: Floats) -> Floats:
    """Mean score over the group for each of the 2^p coalitions, signals inside taking the row's values."""
    inside = _subsets(len(row))
    hybrids = np.where(inside[:, None, :], row, group[None])
    return score(hybrids.reshape(-1, len(row))).reshape(len(inside), len(group)).mean(axis=1)


def shapley_by_definition(values: Floats, signals: int) -> Floats:
    """Sum over all coalitions without a signal: weight times what the signal adds."""
    phi = np.zeros(signals)
    for coalition in range(1 << signals):
        size = coalition.bit_count()
        for signal in range(signals):
            if not coalition >> signal & 1:
                weight = 1 / (signals * math.comb(signals - 1, size))
                phi[signal] += weight * (values[coalition | 1 << signal] - values[coalition])
    return phi


def interaction_by_definition(values: Floats, signals: int, i: int, j: int) -> float:
    """Shapley interaction index: weighted sum of what i and j add together beyond what each adds."""
    total = 0.0
    for coalition in range(1 << signals):
        if coalition >> i & 1 or coalition >> j & 1:
            continue
        weight = 1 / ((signals - 1) * math.comb(signals - 2, coalition.bit_count()))
        with_i, with_j = coalition | 1 << i, coalition | 1 << j
        total += weight * (values[with_i | with_j] - values[with_i] - values[with_j] + values[coalition])
    return total


def brute_force(model: CreditModel, rows: Floats, group: Floats) -> Floats:
    """Shapley values by definition, through LightGBM's own predict."""

    def score(hybrids: Floats) -> Floats:
        return model.predict_raw(hybrids, num_threads=1)

    return np.array([shapley_by_definition(coalition_values(score, row, group), rows.shape[1]) for row in rows])
