"""Made-up applications and the models trained on them, for the measures of the attribution engine.

Models are kept in a folder of this user among the temporary files, so that parts of the benchmark that are run one by
one do not train the same model again. Their names hold a hash of this file and of LightGBM's version.
"""

from __future__ import annotations

import getpass
import hashlib
import tempfile
from dataclasses import dataclass
from pathlib import Path

import lightgbm
import numpy as np
import numpy.typing as npt

from data.models import CreditModel, read_model

Floats = npt.NDArray[np.float64]
CATEGORIES = {1: 6, 2: 12, 5: 51, 8: 120}


@dataclass(frozen=True)
class Size:
    """How much is done in a full or a quick run."""

    many: int
    large_group: int
    train_rows: int
    wide_signals: int
    wide_trees: int
    wide_train: int
    wide_rows: int
    repeats: int


def lending_rows(n: int, signals: int, categories: dict[int, int], seed: int) -> Floats:
    """Correlated signals, some skewed, about a quarter of the cells missing, some categories."""
    random = np.random.default_rng(seed)
    common = random.normal(size=(n, 5))
    rows = np.empty((n, signals))
    for j in range(signals):
        rows[:, j] = 0.6 * common[:, j % 5] + random.normal(size=n)
        if j % 7 == 3:
            rows[:, j] = np.round(np.exp(rows[:, j]) * 5)
        if j % 4:
            rows[random.random(n) < 0.17 * (j % 4), j] = np.nan
    for j, levels in categories.items():
        rows[:, j] = random.integers(0, levels, n)
    return rows


def outcome(rows: Floats, categories: dict[int, int]) -> Floats:
    """An outcome with interactions, from the first forty signals."""
    known = np.nan_to_num(rows[:, :40])
    score = np.zeros(len(rows))
    for i in range(12):
        score += 0.4 * np.tanh(known[:, (3 * i) % 40]) * (1 + 0.7 * (known[:, (3 * i + 1) % 40] > 0))
    for i in range(8):
        score += 0.5 * ((known[:, i] > 0) & (known[:, i + 11] > 0.3)) * np.sign(i - 3.5)
    for j, levels in categories.items():
        score += 0.5 * np.random.default_rng(j).normal(size=levels)[rows[:, j].astype(int)]
    return (score + np.random.default_rng(99).logistic(size=len(rows)) > 0).astype(np.float64)


def kept_models() -> Path:
    """Folder of the models trained with this file and this version of LightGBM; only its user can write to it."""
    stamp = hashlib.sha256(Path(__file__).read_bytes() + lightgbm.__version__.encode()).hexdigest()[:12]
    folder = Path(tempfile.gettempdir()) / f"candor-bench-{getpass.getuser()}" / stamp
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def train(rows: int, signals: int, trees: int, leaves: int, categories: dict[int, int]) -> CreditModel:
    """Train a model with the given shape, unless it is kept from before, and read it."""
    path = kept_models() / f"{rows}_{signals}_{trees}_{leaves}_{len(categories)}.txt"
    if not path.exists():
        fit(rows, signals, trees, leaves, categories).save_model(path)
    return read_model(path, verified_sha256=hashlib.sha256(path.read_bytes()).hexdigest())


def fit(rows: int, signals: int, trees: int, leaves: int, categories: dict[int, int]) -> lightgbm.Booster:
    """Train a model with the given shape."""
    values = lending_rows(rows, signals, categories, seed=1)
    parameters = {
        "objective": "binary",
        "num_leaves": leaves,
        "learning_rate": 0.05,
        "min_data_in_leaf": 50,
        "feature_fraction": 1.0 if signals <= 40 else 0.2,
        "verbose": -1,
        "seed": 1,
    }
    data = lightgbm.Dataset(values, outcome(values, categories), categorical_feature=list(categories))
    return lightgbm.train(parameters, data, trees)
