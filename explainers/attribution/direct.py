"""Explaining a row from the patterns of the comparison group, without tables.

For one row, formula (2) of `leaves` over the patterns of the group at each leaf costs a few milliseconds even in a
wide model, and the patterns are a small part of its tables. Only patterns count that satisfy every signal the row does
not: with n(q) rows of N in pattern q, a signals that only p satisfies and b that only q satisfies,

    φ_k(p) = v/N Σ { n(q) (a − 1)! b! / (a + b)! : q without k }      for each signal k of p,
    φ_k(p) = −v/N Σ n(q) a! (b − 1)! / (a + b)!                       for each signal k that p does not satisfy.

The conditions on the way to every leaf are listed once per model, so that a row decides each split once.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from explainers.attribution.arrays import Bytes, CodeMatrix, Floats, Ints, Shorts
from explainers.attribution.codes import CodeBook
from explainers.attribution.jit import kernel
from explainers.attribution.leaves import BITS, count_bits
from explainers.attribution.paths import drop_idle, empty_path, position_of, read_path
from explainers.attribution.patterns import MOST_SIGNALS, LeafPatterns
from explainers.attribution.trees import Forest


class Conditions(NamedTuple):
    """The conditions on the way to every leaf that has patterns."""

    start: Ints
    """Where each leaf's conditions begin in `node`, (leaves + 1,)."""
    node: Shorts
    """Split at which each condition is decided."""
    left: Bytes
    """1 where the condition is to go left."""
    place: Bytes
    """Bit of a pattern for the signal of each condition."""
    signals: Bytes
    """Bits of a pattern at each leaf, (leaves,)."""


@kernel
def list_conditions(forest: Forest, book: CodeBook, longest: int) -> Conditions:
    """List the conditions of all leaves with at most `MOST_SIGNALS` signals on their path."""
    path = empty_path(longest, book)
    leaves = len(forest.leaf_value)
    start, signals = np.zeros(leaves + 1, np.int64), np.zeros(leaves, np.uint8)
    for leaf in range(leaves):
        start[leaf + 1] = start[leaf] + depth_of(leaf, forest)
    node, left = np.empty(start[leaves], np.int32), np.empty(start[leaves], np.uint8)
    place = np.empty(start[leaves], np.uint8)
    used = 0
    for leaf in range(leaves):
        start[leaf] = used
        kept = drop_idle(path, read_path(leaf, forest, book, path), book)
        if kept < 0 or kept > MOST_SIGNALS:
            continue
        signals[leaf] = kept
        child, above = ~leaf, forest.leaf_parent[leaf]
        while above >= 0:
            bit = position_of(forest.node_signal[above], path.signal, kept)
            if bit < kept:
                node[used], left[used], place[used] = above, forest.node_left[above] == child, bit
                used += 1
            child, above = above, forest.node_parent[above]
    start[leaves] = used
    return Conditions(start, node[:used].copy(), left[:used].copy(), place[:used].copy(), signals)


@kernel
def depth_of(leaf: int, forest: Forest) -> int:
    """Number of splits on the way to a leaf."""
    count, node = 0, forest.leaf_parent[leaf]
    while node >= 0:
        count += 1
        node = forest.node_parent[node]
    return count


@kernel
def decide_splits(forest: Forest, book: CodeBook, codes: CodeMatrix, row: int) -> Bytes:
    """Write for every split whether one row goes left, (nodes,)."""
    went = np.empty(len(forest.node_signal), np.uint8)
    for node in range(len(went)):
        went[node] = book.goes_left[book.left_start[node] + codes[forest.node_signal[node], row]]
    return went


@kernel
def add_row(
    went: Bytes,
    conditions: Conditions,
    forest: Forest,
    patterns: LeafPatterns,
    rows: int,
    weights: Floats,
    first: int,
    end: int,
    out: Floats,
) -> None:
    """Add one row's contributions at the leaves `first` to `end` to `out`, (signals,).

    Parameters
    ----------
    went : ndarray of uint8, (nodes,)
        From `decide_splits`.
    conditions, forest
        The model.
    patterns : LeafPatterns
        The comparison group, of `rows` rows.
    weights : ndarray of float64
        a! b! / (a + b + 1)! at [a, b].
    """
    phi = np.empty(MOST_SIGNALS)
    for leaf in range(first, end):
        if patterns.first[leaf] == patterns.end[leaf]:
            continue
        pattern = full = (1 << conditions.signals[leaf]) - 1
        for step in range(conditions.start[leaf], conditions.start[leaf + 1]):
            if went[conditions.node[step]] != conditions.left[step]:
                pattern &= ~(1 << conditions.place[step])
        against = add_patterns(pattern, full, patterns, leaf, weights, phi)
        scale = forest.leaf_value[leaf] / rows
        for step in range(conditions.start[leaf], conditions.start[leaf + 1]):
            place = conditions.place[step]
            if (full >> place) & 1 == 0:
                continue  # a signal that is asked more than once on the way
            full &= ~(1 << place)
            signal = forest.node_signal[conditions.node[step]]
            out[signal] += scale * phi[place] if (pattern >> place) & 1 else -scale * against


@kernel
def add_patterns(pattern: int, full: int, patterns: LeafPatterns, leaf: int, weights: Floats, phi: Floats) -> float:
    """Sum up formula (2) over the group's patterns at one leaf.

    Fills `phi` for the signals that the row satisfies; returns the sum for each signal it does not satisfy.
    """
    phi[:] = 0.0
    unmet = full & ~pattern
    b = count_bits(unmet)
    against = 0.0
    for index in range(patterns.first[leaf], patterns.end[leaf]):
        other = np.int64(patterns.pattern[index])
        if other & unmet != unmet:
            continue
        only_row = pattern & ~other
        a = count_bits(only_row)
        if b > 0:
            against += patterns.rows[index] * weights[a, b - 1]
        if a > 0:
            amount = patterns.rows[index] * weights[a - 1, b]
            for eight in range(0, MOST_SIGNALS, 8):  # a fixed number at a time: the processor adds them at once
                bits = BITS[(only_row >> eight) & 255]
                for place in range(8):
                    phi[eight + place] += amount * bits[place]
    return against
