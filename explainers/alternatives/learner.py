"""A small LightGBM model as scikit-learn's interface wants it, so that Fairlearn can train it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import lightgbm as lgb
import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator, ClassifierMixin

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Shape:
    """How large a model may grow, and what it is held to."""

    trees: int = 100
    """Number of trees."""
    leaves: int = 15
    """Leaves of each tree, at most."""
    rate: float = 0.08
    """Learning rate."""
    smallest_leaf: int = 60
    """Fewest rows a leaf may hold."""
    l2: float = 5.0
    """Penalty on leaf values."""
    monotone: tuple[int, ...] = ()
    """Direction each signal is held to: 1, −1 or 0; empty for none."""


class Learner(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """LightGBM for two classes. The same rows, weights and seed give the same model.

    Parameters
    ----------
    shape : Shape
        Size and constraints.
    categories : sequence of int
        Columns that hold codes of categories.
    seed : int
        Seed of the training.
    """

    def __init__(self, shape: Shape = Shape(), categories: Sequence[int] = (), seed: int = 7) -> None:
        self.shape = shape
        self.categories = categories
        self.seed = seed

    def fit(self, X: Floats, y: npt.ArrayLike, sample_weight: npt.ArrayLike | None = None) -> Learner:
        """Train on encoded signals; `y` is 1 or 0."""
        labels = np.asarray(y, dtype=np.int8)
        weights = None if sample_weight is None else np.asarray(sample_weight, dtype=np.float64)
        rows = lgb.Dataset(X, labels, weight=weights, categorical_feature=list(self.categories) or "auto")
        self.booster_ = lgb.train(self._parameters(), rows, num_boost_round=self.shape.trees)
        self.classes_ = np.array([0, 1])
        return self

    def _parameters(self) -> dict[str, object]:
        chosen: dict[str, object] = {
            "objective": "binary",
            "num_leaves": self.shape.leaves,
            "learning_rate": self.shape.rate,
            "min_data_in_leaf": self.shape.smallest_leaf,
            "lambda_l2": self.shape.l2,
            "feature_fraction": 0.7,
            "max_bin": 127,
            "seed": self.seed,
            "deterministic": True,
            "force_row_wise": True,
            "num_threads": 1,
            "verbosity": -1,
        }
        if self.shape.monotone:
            chosen["monotone_constraints"] = list(self.shape.monotone)
        return chosen

    def predict_proba(self, X: Floats) -> Floats:
        """Return the chance of 0 and of 1, shape (n, 2)."""
        one = np.asarray(self.booster_.predict(X, num_threads=1), dtype=np.float64)
        return np.column_stack([1 - one, one])

    def predict(self, X: Floats) -> npt.NDArray[np.int64]:
        """Return 1 where that is likelier than 0."""
        found: npt.NDArray[np.int64] = (self.predict_proba(X)[:, 1] > 0.5).astype(np.int64)
        return found
