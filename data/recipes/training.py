"""Training a LightGBM model the same way for the demonstration and for the recipes.

Same rows and seed give the same model text: LightGBM runs in its deterministic mode on one thread.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import lightgbm as lgb
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

Progress = Callable[[str, float], None]
"""Called with what is being done, and how much of the whole is done (0 to 1)."""

THREADS = 1
"""The order of additions, and so the last digit, may depend on it. One thread also keeps its pace on a
busy machine, where LightGBM's threads wait for each other in a busy loop; models train side by side instead."""


@dataclass(frozen=True)
class TrainingPlan:
    """How a model is trained."""

    rounds: int
    """Number of trees."""
    leaves: int
    """Leaves of each tree, at most."""
    learning_rate: float = 0.05
    smallest_leaf: int = 100
    """Fewest training rows a leaf may hold."""
    feature_fraction: float = 0.7
    """Share of signals each tree may look at."""
    monotone: Mapping[str, int] = field(default_factory=dict)
    """Signals held to a direction: +1 raises the estimate, -1 lowers it."""
    seed: int = 7

    def parameters(self, names: Sequence[str]) -> dict[str, object]:
        """Return LightGBM's parameters for inputs in the order of `names`."""
        chosen: dict[str, object] = {
            "objective": "binary",
            "num_leaves": self.leaves,
            "learning_rate": self.learning_rate,
            "min_data_in_leaf": self.smallest_leaf,
            "feature_fraction": self.feature_fraction,
            "lambda_l2": 5.0,
            "min_gain_to_split": 0.5,
            "max_bin": 127,
            "max_cat_to_onehot": 1,
            "seed": self.seed,
            "deterministic": True,
            "force_row_wise": True,
            "num_threads": THREADS,
            "verbosity": -1,
        }
        if self.monotone:
            chosen["monotone_constraints"] = [self.monotone.get(name, 0) for name in names]
        return chosen


def train(
    signals: pd.DataFrame,
    outcome: npt.NDArray[np.int8],
    plan: TrainingPlan,
    progress: Callable[[float], None] | None = None,
) -> lgb.Booster:
    """Train a binary LightGBM model.

    Parameters
    ----------
    signals : DataFrame, shape (n, p)
        Model inputs; columns of pandas categories become native categories.
    outcome : ndarray of 0 and 1, shape (n,)
        What is estimated.
    plan : TrainingPlan
        Size, constraints and seed.
    progress : callable, optional
        Called with the share of trees grown.

    Returns
    -------
    lightgbm.Booster
        The trained model.
    """

    def report(state: lgb.callback.CallbackEnv) -> None:
        if progress is not None and state.iteration % 20 == 0:
            progress((state.iteration + 1) / plan.rounds)

    names = list(signals.columns)
    rows = lgb.Dataset(signals, label=outcome, free_raw_data=True)
    return lgb.train(plan.parameters(names), rows, num_boost_round=plan.rounds, callbacks=[report])


def auc(outcome: npt.NDArray[np.int8], estimate: npt.NDArray[np.float64]) -> float:
    """Return the chance that a random 1 has a higher estimate than a random 0 (ties count half).

    Returns NaN when only one outcome occurs.
    """
    ones = outcome == 1
    n_ones, n_zeros = int(ones.sum()), int((~ones).sum())
    if n_ones == 0 or n_zeros == 0:
        return float("nan")
    ranks = pd.Series(estimate).rank().to_numpy()
    return float((ranks[ones].sum() - n_ones * (n_ones + 1) / 2) / (n_ones * n_zeros))


def write_parquet(table: pd.DataFrame, path: Path) -> None:
    """Write a table as Parquet: dates as days, categories as text, no index."""
    pq.write_table(arrow_table(table), path, compression="zstd")


def arrow_table(table: pd.DataFrame) -> pa.Table:
    """Return the table as Arrow: dates as days, categories as text, no index."""
    columns = {}
    for name in table.columns:
        column = table[name]
        if isinstance(column.dtype, pd.CategoricalDtype):
            columns[name] = pa.Array.from_pandas(column).cast(pa.string())
        elif pd.api.types.is_datetime64_dtype(column):
            columns[name] = pa.array(column.to_numpy().astype("datetime64[D]"))
        elif column.dtype == object:
            columns[name] = pa.array(column, type=pa.string())
        else:
            columns[name] = pa.Array.from_pandas(column)
    return pa.table(columns)
