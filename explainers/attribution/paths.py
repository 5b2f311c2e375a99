"""The conditions on the way from the root of a tree to one leaf.

A leaf is reached when every signal on its path satisfies all conditions on that signal. So for one
leaf a row shrinks to one bit per distinct signal on the path: satisfied or not. These bits are the
row's *pattern* at the leaf.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from explainers.attribution.arrays import Bytes, CodeMatrix, Floats, Ints
from explainers.attribution.codes import CodeBook
from explainers.attribution.jit import kernel
from explainers.attribution.trees import Forest


class Path(NamedTuple):
    """Room for the conditions of one leaf, used again for the next."""

    signal: Ints
    """Distinct signals on the path, from the leaf up."""
    satisfied: Bytes
    """1 where a code of the signal satisfies all its conditions, (path signals, codes)."""
    share: Floats
    """Share of training rows that satisfy the conditions at each signal, by the counts at its nodes."""


@kernel
def empty_path(longest: int, book: CodeBook) -> Path:
    """Make room for the longest path of the model."""
    codes = 1
    for count in book.code_count:
        codes = max(codes, count)
    return Path(np.empty(longest, np.int64), np.empty((longest, codes), np.uint8), np.empty(longest, np.float64))


@kernel
def longest_path(forest: Forest) -> int:
    """Largest number of distinct signals on the path to any leaf, at least 1."""
    longest = 1
    seen = np.empty(len(forest.node_signal) + 1, np.int64)
    for leaf in range(len(forest.leaf_value)):
        longest = max(longest, path_signals(leaf, forest, seen))
    return longest


@kernel
def path_signals(leaf: int, forest: Forest, signals: Ints) -> int:
    """Write the distinct signals on a leaf's path; return how many there are."""
    count = 0
    node = forest.leaf_parent[leaf]
    while node >= 0:
        count = add_distinct(forest.node_signal[node], signals, count)
        node = forest.node_parent[node]
    return count


@kernel
def add_distinct(signal: int, signals: Ints, count: int) -> int:
    """Append a signal to the first `count` of a list unless it is there; return the new count."""
    if position_of(signal, signals, count) < count:
        return count
    signals[count] = signal
    return count + 1


@kernel
def position_of(signal: int, signals: Ints, count: int) -> int:
    """Place of a signal among the first `count` of a list; `count` if it is not there."""
    for place in range(count):
        if signals[place] == signal:
            return place
    return count


@kernel
def read_path(leaf: int, forest: Forest, book: CodeBook, path: Path) -> int:
    """Write a leaf's conditions into `path`; return the number of distinct signals on it."""
    count = 0
    child = ~leaf
    node = forest.leaf_parent[leaf]
    while node >= 0:
        signal = forest.node_signal[node]
        went_left = forest.node_left[node] == child
        place = position_of(signal, path.signal, count)
        if place == count:
            path.signal[place] = signal
            path.satisfied[place, : book.code_count[signal]] = 1
            path.share[place] = 1.0
            count += 1
        path.share[place] *= forest.left_share[node] if went_left else 1.0 - forest.left_share[node]
        decided = book.goes_left[book.left_start[node] : book.left_start[node + 1]]
        for code in range(len(decided)):
            if (decided[code] == 1) != went_left:
                path.satisfied[place, code] = 0
        child = node
        node = forest.node_parent[node]
    return count


@kernel
def drop_idle(path: Path, count: int, book: CodeBook) -> int:
    """Drop signals that every code satisfies; return how many are left, or −1 if the leaf is never reached.

    LightGBM makes no such splits, but a file changed by hand may hold them.
    """
    kept = 0
    for place in range(count):
        codes = book.code_count[path.signal[place]]
        met = path.satisfied[place, :codes].sum()
        if met == 0:
            return -1
        if met < codes:
            path.signal[kept] = path.signal[place]
            path.satisfied[kept, :codes] = path.satisfied[place, :codes]
            kept += 1
    return kept


@kernel
def row_patterns(codes: CodeMatrix, first: int, end: int, path: Path, count: int, patterns: Ints) -> None:
    """Write the pattern of each row from `first` to `end` at a leaf: bit k for the k-th signal of its path."""
    patterns[: end - first] = 0
    for place in range(count):
        column = codes[path.signal[place]]
        satisfied = path.satisfied[place]
        for row in range(first, end):
            patterns[row - first] |= np.int64(satisfied[column[row]]) << place
