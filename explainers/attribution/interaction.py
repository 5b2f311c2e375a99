"""How much two signals do together: the exact Shapley interaction index against the whole comparison group.

The index of two signals is what they add together beyond what each adds alone, averaged over all
coalitions of the others with Shapley's weights. It is formula (4) in `leaves`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from data.errors import AttributionError
from explainers.attribution.arrays import Bytes, Floats
from explainers.attribution.comparison import Comparison
from explainers.attribution.contributions import attribute
from explainers.attribution.engine import Engine, Rows
from explainers.attribution.pairs import add_deep_pairs, add_deep_set_interactions, add_row_matrix, add_set_interactions
from explainers.attribution.results import Codes
from explainers.attribution.threads import even_runs, run_all, weighted_runs
from explainers.attribution.ways import Sides

ROWS_AT_ONCE = 4_096


@dataclass(frozen=True, eq=False)
class Interactions:
    """Interaction of two sets of signals for every row."""

    values: Floats = field(repr=False)
    """Shapley interaction index in raw score, (n,): the sum over all pairs with one signal from each set."""
    first: tuple[str, ...]
    """Signals of the first set."""
    second: tuple[str, ...]
    """Signals of the second set."""
    n: int
    """Number of rows."""
    comparison_sha256: str
    """Hash of the comparison group."""


@dataclass(frozen=True, eq=False)
class InteractionMatrix:
    """Main effects and interactions of all signals for one row."""

    values: Floats = field(repr=False)
    """Raw score, (p, p), symmetric. Off the diagonal half the index of the pair, so that each row of the
    matrix sums to the signal's contribution; on the diagonal what is left of it, the signal's main effect."""
    feature_names: tuple[str, ...] = field(repr=False)
    """The model's features."""
    comparison_sha256: str
    """Hash of the comparison group."""


def interactions(comparison: Comparison, rows: Rows, first: Sequence[str], second: Sequence[str]) -> Interactions:
    """Exact interventional Shapley interaction index of two signals, or of two families.

    Parameters
    ----------
    comparison : Comparison
        From `fit_comparison`.
    rows : DataFrame, ndarray or Codes, (n, p)
        Rows to explain.
    first, second : sequence of str
        Names of the signals of each set: one name, or all signals of a family. No signal may be in both.

    Returns
    -------
    Interactions
        One number per row, in raw score. Positive: together they raise the raw score by more than each alone.

    Raises
    ------
    AttributionError
        An unknown signal, an empty set, or a signal in both sets.

    References
    ----------
    M. Grabisch and M. Roubens, "An axiomatic approach to the concept of interaction among players in
    cooperative games", International Journal of Game Theory 28 (1999).
    """
    found = comparison.engine.codes_of(rows)
    values = pair_values(comparison, found, [(first, second)])[0]
    return Interactions(values, tuple(first), tuple(second), found.n, comparison.sha256)


def pair_values(comparison: Comparison, codes: Codes, pairs: Sequence[Sides]) -> Floats:
    """Exact interaction index of many pairs at once, each as from `interactions`.

    Parameters
    ----------
    comparison : Comparison
        From `fit_comparison`.
    codes : Codes
        Rows, as the comparison's engine encodes them; n of them. Signals that are asked at no leaf where a pair meets
        may be missing (`Ways`).
    pairs : sequence of (sequence of str, sequence of str)
        Names of the signals of both sets; no signal in both.

    Returns
    -------
    ndarray, (pairs, n)
        Raw score.

    Raises
    ------
    AttributionError
        As `interactions`.
    """
    engine, deep = comparison.engine, comparison.deep
    sides = np.array([_side_of_signals(engine, *pair) for pair in pairs]).reshape(len(pairs), len(engine.trees.used))
    found = np.array([_by_groups(comparison, side, codes) for side in sides]).reshape(len(pairs), codes.n)

    def add(first: int, end: int) -> None:
        add_deep_set_interactions(
            deep, engine.forest, engine.book, engine.longest, engine.weights, sides, codes.codes, first, end, found
        )

    if len(deep.leaf) and len(pairs):
        run_all(add, even_runs(codes.n, ROWS_AT_ONCE, engine.threads), engine.threads)
    return found


def interaction_matrix(comparison: Comparison, row: Rows) -> InteractionMatrix:
    """Interactions of all pairs of signals for one row.

    Parameters
    ----------
    comparison : Comparison
        From `fit_comparison`.
    row : DataFrame, ndarray or Codes, (1, p)
        The row to explain.

    Returns
    -------
    InteractionMatrix
        Its rows sum to the contributions from `attribute`.

    Raises
    ------
    AttributionError
        Not exactly one row.

    References
    ----------
    Lundberg et al. 2020, section "SHAP interaction values": half the index for each of the two signals.
    """
    engine = comparison.engine
    found = engine.codes_of(row)
    if found.n != 1:
        raise AttributionError(
            "The interaction matrix is made for one application",
            f"It was asked for {found.n} rows.",
            "Give exactly one row.",
        )
    pairs = _matrix(comparison, found)
    whole = np.zeros((len(engine.feature_names),) * 2)
    whole[np.ix_(engine.trees.used, engine.trees.used)] = pairs / 2.0
    contributions = attribute(comparison, found).values[0]
    np.fill_diagonal(whole, contributions - whole.sum(axis=1))
    return InteractionMatrix(whole, engine.feature_names, comparison.sha256)


def _side_of_signals(engine: Engine, first: Sequence[str], second: Sequence[str]) -> Bytes:
    """1 for signals of the first set, 2 for those of the second."""
    number = {name: j for j, name in enumerate(engine.feature_names)}
    unknown = [name for name in (*first, *second) if name not in number]
    if unknown or not first or not second or set(first) & set(second):
        raise AttributionError(
            "The two sets of signals cannot be compared",
            f"They hold {len(first)} and {len(second)} signals, {len(set(first) & set(second))} of them in both; "
            f"not in the model: {', '.join(unknown[:10]) or 'none'}.",
            "Name at least one signal of the model in each set, and none in both.",
        )
    column_side = np.zeros(len(number), np.uint8)
    column_side[[number[name] for name in first]] = 1
    column_side[[number[name] for name in second]] = 2
    return column_side[engine.trees.used]


def _runs(engine: Engine) -> list[tuple[int, int]]:
    return weighted_runs(np.diff(engine.groups.state_start), 4 * engine.threads)


def _by_groups(comparison: Comparison, side: Bytes, found: Codes) -> Floats:
    engine = comparison.engine
    groups, forest, book, rule, longest = engine.groups, engine.forest, engine.book, engine.rule, engine.longest
    patterns = comparison.patterns

    def add(first: int, end: int) -> Floats:
        out = np.zeros(found.n)
        add_set_interactions(
            groups, forest, book, patterns, comparison.n, rule, longest, side, found.codes, first, end, out
        )
        return out

    return _total(run_all(add, _runs(engine), engine.threads), (found.n,))


def _total(parts: list[Floats], shape: tuple[int, ...]) -> Floats:
    total = np.zeros(shape)
    for part in parts:
        total += part
    return total


def _deep_pairs(comparison: Comparison, found: Codes, row: int) -> Floats:
    engine = comparison.engine
    pairs = np.zeros((len(engine.trees.used),) * 2)
    add_deep_pairs(comparison.deep, engine.forest, engine.book, engine.longest, engine.weights, found.codes, row, pairs)
    return pairs


def _matrix(comparison: Comparison, found: Codes) -> Floats:
    """Index of every pair of used signals for one row."""
    engine = comparison.engine
    groups, forest, book, rule, longest = engine.groups, engine.forest, engine.book, engine.rule, engine.longest
    patterns = comparison.patterns

    def add(first: int, end: int) -> Floats:
        out = np.zeros((len(engine.trees.used),) * 2)
        add_row_matrix(groups, forest, book, patterns, comparison.n, rule, longest, found.codes, first, end, out)
        return out

    deep = _deep_pairs(comparison, found, 0)
    return deep + _total(run_all(add, _runs(engine), engine.threads), deep.shape)
