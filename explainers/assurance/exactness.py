r"""Counting Shapley values by hand on trees of the model itself, through LightGBM's own scoring.

The engine never asks LightGBM how a tree splits a mixed row; this check does nothing else. For a
few trees it forms every combination of "this signal from the application, that one from the
comparison group", scores all of them with LightGBM, and adds them up by the definition

.. math:: \phi_i = \sum_{S \subseteq N \setminus i} \frac{|S|!\,(n-|S|-1)!}{n!}\,(v(S \cup i) - v(S))

where :math:`v(S)` is the mean raw score with the signals in :math:`S` from the application and the
others from each row of the group. Contributions of a model are the sums over its trees.

References
----------
Shapley (1953), A value for n-person games; Lundberg et al. (2020), From local explanations to
global understanding with explainable AI for trees, Nature Machine Intelligence 2, 56–67.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from data.model_links import link_of
from data.model_rows import row_shape
from data.model_text import ModelText, parse_model
from data.models import CreditModel
from explainers.attribution import Engine, attribute, fit_comparison

MOST_SIGNALS = 9
"""Trees with more signals on them have too many combinations to score in a moment."""
TREES = 3
APPLICATIONS = 2
GROUP_ROWS = 24
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class ExactnessResult:
    """The engine against counting by hand."""

    n: int
    """Applications counted by hand."""
    trees: tuple[int, ...]
    """Which trees of the model, from 0."""
    combinations: int
    """Mixed rows scored by LightGBM."""
    group_rows: int
    """Rows of the comparison group used here (counting by hand takes one pass per row)."""
    worst: float
    """Largest difference between the engine and the count, raw-score units."""


def compute_exactness(model: CreditModel, rows: Floats, group: Floats) -> ExactnessResult:
    """Count by hand and compare.

    Parameters
    ----------
    model : CreditModel
        The whole model.
    rows : ndarray, shape (n, p)
        Encoded applications; the first few are used.
    group : ndarray, shape (m, p)
        Encoded rows of the comparison group; the first few are used.
    """
    rows, group = rows[:APPLICATIONS], group[:GROUP_ROWS]
    chosen = choose_trees(model.parsed)
    worst, combinations = 0.0, 0
    for tree in chosen:
        small = single_tree(model, tree)
        by_engine = attribute(fit_comparison(Engine(small), group, name="check", rule="check"), rows).values
        by_hand, scored = count_by_hand(small, rows, group)
        worst = max(worst, float(np.abs(by_engine - by_hand).max()))
        combinations += scored
    return ExactnessResult(len(rows), chosen, combinations, len(group), worst)


def choose_trees(model: ModelText) -> tuple[int, ...]:
    """Return the trees with the most signals that can still be counted, spread over the model."""
    signals = [len(np.unique(t.split_feature)) for t in model.trees]
    fit = [i for i, k in enumerate(signals) if 1 < k <= MOST_SIGNALS]
    ranked = sorted(fit, key=lambda i: (-signals[i], i))[: TREES * 4]
    return tuple(sorted(ranked[:: max(1, len(ranked) // TREES)][:TREES]))


def single_tree(model: CreditModel, tree: int) -> CreditModel:
    """Return a model of one tree, as LightGBM itself cuts it out."""
    text = model.booster.model_to_string(num_iteration=1, start_iteration=tree)
    parsed = parse_model(text)
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    return CreditModel(Path("one-tree"), sha256, text, parsed, row_shape(parsed), link_of(parsed))


def count_by_hand(model: CreditModel, rows: Floats, group: Floats) -> tuple[Floats, int]:
    """Return Shapley values by their definition, shape (n, p), and how many mixed rows were scored."""
    used = np.unique(np.concatenate([t.split_feature for t in model.parsed.trees])).astype(int)
    values = np.zeros_like(rows)
    masks = np.array([[(s >> k) & 1 for k in range(len(used))] for s in range(1 << len(used))], dtype=bool)
    for i, row in enumerate(rows):
        worth = np.array([mixed_score(model, row, group, used[mask]) for mask in masks])
        for k, signal in enumerate(used):
            without = np.flatnonzero(~masks[:, k])
            gain = worth[without | (1 << k)] - worth[without]
            values[i, signal] = np.sum(weights(masks[without].sum(axis=1), len(used)) * gain)
    return values, len(masks) * len(rows) * len(group)


def mixed_score(model: CreditModel, row: Floats, group: Floats, signals: npt.NDArray[np.int64]) -> float:
    """Return the mean raw score of the group's rows with some signals taken from the application."""
    mixed = group.copy()
    mixed[:, signals] = row[signals]
    return float(model.predict_raw(mixed).mean())


def weights(sizes: npt.NDArray[np.int64], n: int) -> Floats:
    """Return the Shapley weight of coalitions by size: |S|! (n − |S| − 1)! / n!."""
    table = [math.factorial(s) * math.factorial(n - s - 1) / math.factorial(n) for s in range(n)]
    return np.array(table)[sizes]
