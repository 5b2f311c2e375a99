"""Leaves with so many signals on their path that a table over all patterns would not fit: more than 16.

For these the patterns that do occur in the comparison group are kept with their shares, and formula (2)
of `leaves` is evaluated for each pattern that occurs among the rows to explain. It is exact too; only
the order of the work differs.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from data.errors import AttributionError
from explainers.attribution.arrays import CodeMatrix, Floats, Ints, starts
from explainers.attribution.codes import CodeBook
from explainers.attribution.jit import kernel
from explainers.attribution.leaves import pattern_contributions
from explainers.attribution.paths import Path, empty_path, read_path, row_patterns
from explainers.attribution.trees import Forest

MOST_PATH_SIGNALS = 62
"""A pattern is one 64-bit number."""


class DeepLeaves(NamedTuple):
    """The patterns of the comparison group at each deep leaf."""

    leaf: Ints
    """The leaves."""
    pattern_start: Ints
    """Where each leaf's patterns begin, (leaves + 1,)."""
    pattern: Ints
    """Distinct patterns of the comparison group."""
    share: Floats
    """Share of the comparison group in each."""


def make_weights(most_signals: int) -> Floats:
    """Write a! b! / (a + b + 1)! for all a and b up to `most_signals`, rounded once.

    Parameters
    ----------
    most_signals : int
        Largest number of distinct signals on a path.

    Returns
    -------
    ndarray of float64, (most_signals + 1, most_signals + 1)
        Weight at [a, b].
    """
    size = range(most_signals + 1)
    return np.array([[1 / ((a + b + 1) * math.comb(a + b, a)) for b in size] for a in size], dtype=np.float64)


def check_depth(longest: int) -> None:
    """Refuse models whose paths hold more distinct signals than a pattern has bits."""
    if longest > MOST_PATH_SIGNALS:
        raise AttributionError(
            "A tree of this model is too deep",
            f"A path has {longest} distinct signals; up to {MOST_PATH_SIGNALS} are allowed.",
            "Train with a smaller max_depth or num_leaves.",
        )


def find_deep_patterns(leaves: Ints, forest: Forest, book: CodeBook, longest: int, codes: CodeMatrix) -> DeepLeaves:
    """Collect the distinct patterns of the comparison group at each deep leaf.

    Parameters
    ----------
    leaves
        The deep leaves.
    forest, book, longest
        The model.
    codes : ndarray of uint16, (signals, rows)
        Codes of the comparison group.

    Returns
    -------
    DeepLeaves
        Patterns and their shares.
    """
    found = [np.unique(patterns_at(leaf, forest, book, longest, codes), return_counts=True) for leaf in leaves.tolist()]
    return DeepLeaves(
        leaf=leaves,
        pattern_start=starts(np.array([len(pattern) for pattern, _ in found], dtype=np.int64)),
        pattern=np.concatenate([np.zeros(0, np.int64), *(pattern for pattern, _ in found)]),
        share=np.concatenate([np.zeros(0), *(count / codes.shape[1] for _, count in found)]),
    )


@kernel
def patterns_at(leaf: int, forest: Forest, book: CodeBook, longest: int, codes: CodeMatrix) -> Ints:
    """Pattern of every row at one leaf."""
    path = empty_path(longest, book)
    signals = read_path(leaf, forest, book, path)
    patterns = np.empty(codes.shape[1], np.int64)
    row_patterns(codes, 0, codes.shape[1], path, signals, patterns)
    return patterns


@kernel
def add_deep_contributions(
    deep: DeepLeaves,
    forest: Forest,
    book: CodeBook,
    longest: int,
    weights: Floats,
    columns: Ints,
    codes: CodeMatrix,
    first: int,
    end: int,
    out: Floats,
) -> None:
    """Add the contributions of all deep leaves to rows `first` to `end` of `out`, (columns, rows)."""
    path = empty_path(longest, book)
    patterns = np.empty(end - first, np.int64)
    phi = np.empty(64)
    for index in range(len(deep.leaf)):
        leaf = deep.leaf[index]
        signals = read_path(leaf, forest, book, path)
        row_patterns(codes, first, end, path, signals, patterns)
        order = np.argsort(patterns)
        known = slice(deep.pattern_start[index], deep.pattern_start[index + 1])
        others, shares = deep.pattern[known], deep.share[known]
        run = 0
        while run < len(order):
            pattern = patterns[order[run]]
            pattern_contributions(pattern, signals, forest.leaf_value[leaf], others, shares, weights, phi)
            run_end = run
            while run_end < len(order) and patterns[order[run_end]] == pattern:
                add_to_row(phi, signals, path, columns, first + order[run_end], out)
                run_end += 1
            run = run_end


@kernel
def add_to_row(phi: Floats, signals: int, path: Path, columns: Ints, row: int, out: Floats) -> None:
    """Add one leaf's contributions to one row."""
    for place in range(signals):
        out[columns[path.signal[place]], row] += phi[place]
