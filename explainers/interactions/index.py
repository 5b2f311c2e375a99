"""The interaction index of many pairs at once, and what few signals move, for the same rows.

In a wide model two signals meet on the way to few of its leaves. Only these count, and of the rows only the signals on
the way to them: a sample is read and encoded for these alone (`explainers.interactions.compute`).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from explainers.attribution import Codes, Comparison, Engine, attribute, interactions
from explainers.attribution.deep import DeepLeaves, add_deep_contributions, pack_deep, patterns_at
from explainers.attribution.threads import even_runs, run_all

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Sides = tuple[Sequence[str], Sequence[str]]
"""Signals of the first and of the second set."""
SOME_LEAVES = 0.4
"""Up to this share of its leaves a model without tables is asked leaf by leaf; above, filling the tables is quicker."""
ROWS_AT_ONCE = 512
PATTERNS_AT_ONCE = 2_000_000
"""Pairs of a row's pattern and one of the group's that are looked at together: some ten megabytes each."""


class Ways:
    """Which signals are asked on the way to which leaf of a model.

    Parameters
    ----------
    engine : Engine
        The model.
    """

    def __init__(self, engine: Engine) -> None:
        forest = engine.forest
        leaf, node = np.arange(len(forest.leaf_parent)), forest.leaf_parent
        leaves, signals = [leaf[:0]], [node[:0]]
        while (inside := node >= 0).any():
            leaf, node = leaf[inside], node[inside]
            leaves.append(leaf)
            signals.append(forest.node_signal[node])
            node = forest.node_parent[node]
        self._leaf, self._signal = np.concatenate(leaves), np.concatenate(signals)
        self._leaves = len(forest.leaf_parent)
        self._names = [engine.feature_names[column] for column in engine.trees.used]
        self._place = {name: place for place, name in enumerate(self._names)}

    def through(self, names: Collection[str]) -> Bools:
        """Return the leaves on whose way at least one of some signals is asked, (leaves,)."""
        asked = np.zeros(len(self._names), np.bool_)
        asked[self.places(names)] = True
        found = np.zeros(self._leaves, np.bool_)
        found[self._leaf[asked[self._signal]]] = True
        return found

    def meeting(self, pairs: Sequence[Sides]) -> Bools:
        """Return the leaves on whose way some pair meets: at least one signal of either set is asked, (leaves,)."""
        known = {side: self.through(side) for sides in pairs for side in map(tuple, sides)}
        found = np.zeros(self._leaves, np.bool_)
        for first, second in pairs:
            found |= known[tuple(first)] & known[tuple(second)]
        return found

    def asked_at(self, leaves: Bools) -> list[str]:
        """Return all signals that are asked on the way to some leaves, in the model's order."""
        return [self._names[place] for place in np.unique(self._signal[leaves[self._leaf]])]

    def places(self, names: Collection[str]) -> list[int]:
        """Return the places of signals among those the model uses; those it does not use are left out."""
        return [self._place[name] for name in names if name in self._place]

    def on_the_way(self, leaf: int) -> list[int]:
        """Return the places of the different signals on the way to a leaf, from the leaf up."""
        way = self._signal[self._leaf == leaf]
        return list(dict.fromkeys(way.tolist()))

    def counts(self) -> Ints:
        """Return the number of different signals on the way to each leaf, (leaves,)."""
        both = np.unique(self._leaf * len(self._names) + self._signal)
        found: Ints = np.bincount(both // max(len(self._names), 1), minlength=self._leaves)
        return found


def pair_values(comparison: Comparison, codes: Codes, pairs: Sequence[Sides]) -> Floats:
    """Return the exact interaction index of every pair for every row.

    The same numbers as from `interactions`, pair by pair. The leaves that are too deep for tables are asked only where
    a pair meets, and rows with the same pattern together.

    Parameters
    ----------
    comparison : Comparison
        From `fit_comparison`.
    codes : Codes
        Rows, as the comparison's engine encodes them; n of them. Signals that are asked at no leaf where a pair meets
        may be missing.
    pairs : sequence of (sequence of str, sequence of str)
        Names of the signals of both sets; no signal in both.

    Returns
    -------
    ndarray, (pairs, n)
        Raw score.
    """
    deep = comparison.deep
    shallow = replace(comparison, deep=deep._replace(leaf=deep.leaf[:0]))
    found = np.array([interactions(shallow, codes, *sides).values for sides in pairs]).reshape(len(pairs), codes.n)
    if len(deep.leaf):
        ways = Ways(comparison.engine)
        boxes = [(set(ways.places(first)), set(ways.places(second))) for first, second in pairs]
        for place in np.flatnonzero(ways.meeting(pairs)[deep.leaf]):
            found += _at_deep_leaf(comparison, codes, int(place), ways.on_the_way(int(deep.leaf[place])), boxes)
    return found


def _at_deep_leaf(
    comparison: Comparison, codes: Codes, place: int, way: list[int], boxes: Sequence[tuple[set[int], set[int]]]
) -> Floats:
    """Return what one deep leaf adds to the index of every pair, (pairs, n).

    Of a row's pattern and one of the group's, let a signals be satisfied by the row's alone and b by the group's alone.
    The index of two of them is (a − 2)! b! / (a + b − 1)! where both are the row's, a! (b − 2)! / (a + b − 1)! where
    both are the group's, and −(a − 1)! (b − 1)! / (a + b − 1)! where one is of either (`attribution.pairs`). So it is
    enough to count how many of each set are of either.
    """
    engine, deep = comparison.engine, comparison.deep
    own = slice(deep.pattern_start[place], deep.pattern_start[place + 1])
    leaf, known = int(deep.leaf[place]), deep.pattern[own]
    amount = engine.forest.leaf_value[leaf] * deep.share[own]
    every = patterns_at(leaf, engine.forest, engine.book, engine.longest, codes.codes)
    kinds, kind_of_row = np.unique(every, return_inverse=True)
    bits = [tuple(sum(1 << at for at, signal in enumerate(way) if signal in side) for side in box) for box in boxes]
    met = [at for at, (first, second) in enumerate(bits) if first and second]
    found = np.zeros((len(boxes), len(kinds)))
    step = max(1, PATTERNS_AT_ONCE // max(len(known), 1))
    for start in range(0, len(kinds), step):
        some = kinds[start : start + step]
        row, other = np.nonzero((some[:, None] | known) == (1 << len(way)) - 1)
        index = _indices(some[row], known[other], [bits[at] for at in met], engine.weights) * amount[other]
        for at, values in zip(met, index, strict=True):
            found[at, start : start + step] = np.bincount(row, values, len(some))
    return found[:, kind_of_row]


def _indices(rows: Ints, others: Ints, bits: Sequence[tuple[int, ...]], weights: Floats) -> Floats:
    """Return the index of every pair for rows' patterns, each against one of the group's, (pairs, patterns)."""
    only_row, only_other = rows & ~others, others & ~rows
    a, b = np.bitwise_count(only_row).astype(np.int64), np.bitwise_count(only_other).astype(np.int64)
    both_row, both_other, one_each = weights[a - 2, b], weights[a, b - 2], weights[a - 1, b - 1]
    found = np.empty((len(bits), len(rows)))
    for at, sides in enumerate(bits):
        row_1, row_2 = (np.bitwise_count(only_row & side).astype(np.int64) for side in sides)
        other_1, other_2 = (np.bitwise_count(only_other & side).astype(np.int64) for side in sides)
        found[at] = row_1 * row_2 * both_row + other_1 * other_2 * both_other
        found[at] -= (row_1 * other_2 + other_1 * row_2) * one_each
    return found


def moved_by(comparison: Comparison, codes: Codes, sets: Sequence[Sequence[str]], leaves: Bools) -> Floats:
    """Return what each set of signals moves.

    The same numbers as sums of contributions from `attribute`. Of a model that keeps no tables only the leaves are
    asked on whose way one of these signals is: filling the tables of all would take longer, and much memory.

    Parameters
    ----------
    comparison : Comparison
        From `fit_comparison`.
    codes : Codes
        Rows, as the comparison's engine encodes them; n of them. Signals that are asked at none of the leaves may be
        missing.
    sets : sequence of sequence of str
        Names of signals.
    leaves : ndarray, (leaves,)
        From `leaves_of_sets` for the same sets.

    Returns
    -------
    ndarray, (sets, n)
        Raw score.
    """
    ways, engine = Ways(comparison.engine), comparison.engine
    if leaves.all():
        values = attribute(comparison, codes).values[:, engine.trees.used].T
    else:
        deep = _as_deep(comparison, leaves)
        columns = np.arange(len(engine.trees.used))

        def explain(first: int, end: int) -> Floats:
            out = np.zeros((len(columns), end - first))
            own = np.ascontiguousarray(codes.codes[:, first:end])
            add_deep_contributions(
                deep, engine.forest, engine.book, engine.longest, engine.weights, columns, own, 0, end - first, out
            )
            return out

        runs = even_runs(codes.n, ROWS_AT_ONCE, engine.threads)
        values = np.concatenate(run_all(explain, runs, engine.threads), axis=1)
    return np.array([values[ways.places(names)].sum(axis=0) for names in sets])


def leaves_of_sets(comparison: Comparison, ways: Ways, sets: Sequence[Sequence[str]]) -> Bools:
    """Return the leaves that `moved_by` asks, (leaves,): all of them where the tables are at hand or quicker."""
    found = ways.through([name for names in sets for name in names])
    known = comparison.patterns
    # a file changed by hand may ask for what always holds: patterns of such leaves have fewer bits than their ways
    idle = (ways.counts() != comparison.engine.conditions.signals) & (known.end > known.first)
    if comparison.tables is not None or found.mean() > SOME_LEAVES or (found & idle).any():
        return np.ones(len(found), np.bool_)
    return found


def _as_deep(comparison: Comparison, leaves: Bools) -> DeepLeaves:
    """Return the patterns of some leaves, deep or not, in the form of deep ones."""
    known, deep = comparison.patterns, comparison.deep
    at_deep = {int(leaf): slice(*deep.pattern_start[i : i + 2]) for i, leaf in enumerate(deep.leaf)}

    def patterns(leaf: int) -> tuple[Ints, Ints]:
        if leaf in at_deep:
            own = at_deep[leaf]
            return deep.pattern[own], np.rint(deep.share[own] * comparison.n).astype(np.int64)
        own = slice(known.first[leaf], known.end[leaf])
        return known.pattern[own].astype(np.int64), known.rows[own].astype(np.int64)

    reached = known.end > known.first
    reached[deep.leaf] = True
    chosen = np.flatnonzero(leaves & reached)
    return pack_deep(chosen, [patterns(int(leaf)) for leaf in chosen], comparison.n, comparison.engine.longest)
