"""How well signals tell two groups apart: the check for signals that stand in for a protected attribute.

A small model learns on one half of the applications to tell the group from the reference group, and is measured on
the other half: 0.5 is chance, 1 tells them apart without a mistake.
"""

from __future__ import annotations

import lightgbm as lgb
import numpy as np
import numpy.typing as npt

from explainers.assurance.ranking import RankingResult, compute_ranking

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

STEPS = 20
"""Steps that a signal is cut into, of equal size."""
PLAN = {
    "objective": "binary",
    "num_leaves": 8,
    "learning_rate": 0.1,
    "min_data_in_leaf": 50,
    "lambda_l2": 5.0,
    "max_bin": 63,
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": 1,
    "verbosity": -1,
}
ROUNDS = 40


def signal_power(values: Floats, group: Bools, learns: Bools, *, category: bool) -> RankingResult | None:
    """Measure how well one signal alone tells the group apart.

    Parameters
    ----------
    values : ndarray, shape (n,)
        Encoded values; NaN where there is none.
    group : ndarray, shape (n,)
        Whether each application is of the group; else it is of the reference group.
    learns : ndarray, shape (n,)
        The half that the share of the group in each step of the signal is counted on.
    category : bool
        Whether values are codes of categories: each is a step of its own.

    Returns
    -------
    RankingResult or None
        On the other half; None where it does not hold two of each.
    """
    steps = _steps(values, learns, category=category)
    n = int(steps.max()) + 1
    inside = np.bincount(steps[learns & group], minlength=n)
    everyone = np.bincount(steps[learns], minlength=n)
    # a step with few applications says little: it is drawn towards the overall share, as if ten more had it
    share = (inside + 10 * group[learns].mean()) / (everyone + 10)
    return compute_ranking(share[steps[~learns]], group[~learns].astype(np.int64))


def _steps(values: Floats, learns: Bools, *, category: bool) -> npt.NDArray[np.int64]:
    """Return the step of each value; those without one have the last."""
    known = ~np.isnan(values)
    seen = values[learns & known]
    if category:
        edges = np.unique(seen)
    else:
        edges = np.unique(np.quantile(seen, np.linspace(0, 1, STEPS + 1)[1:-1])) if len(seen) else seen
    steps = np.searchsorted(edges, values, side="right")
    return np.where(known, steps, len(edges) + 1).astype(np.int64)


def family_power(values: Floats, group: Bools, learns: Bools, categories: list[int], seed: int) -> RankingResult | None:
    """Measure how well several signals together tell the group apart.

    Parameters
    ----------
    values : ndarray, shape (n, k)
        Encoded signals.
    group, learns : ndarray, shape (n,)
        As for `signal_power`.
    categories : list of int
        Columns that hold codes of categories.
    seed : int
        Seed of the small model.

    Returns
    -------
    RankingResult or None
        On the half that was not learnt from; None where either half does not hold two of each.
    """
    if min(_rarer(group[learns]), _rarer(group[~learns])) < 2:
        return None
    rows = lgb.Dataset(values[learns], group[learns].astype(np.int8), categorical_feature=categories or "auto")
    model = lgb.train({**PLAN, "seed": seed}, rows, num_boost_round=ROUNDS)
    scores = np.asarray(model.predict(values[~learns], num_threads=1), dtype=np.float64)
    return compute_ranking(scores, group[~learns].astype(np.int64))


def _rarer(group: Bools) -> int:
    return int(min(group.sum(), (~group).sum()))


def half(n: int, seed: int) -> Bools:
    """Return which of `n` applications are learnt from: a random half."""
    found: Bools = np.random.default_rng(seed).permutation(n) < n // 2
    return found
