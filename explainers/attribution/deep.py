"""Leaves with so many signals on their path that a table over all patterns would be too large: more than 15.

For these the patterns that do occur in the comparison group are kept with their shares, and formula (2)
of `leaves` is evaluated for each pattern that occurs among the rows to explain. It is exact too; only
the order of the work differs. Of the group's patterns only those count that satisfy every signal the row does
not. Sets of patterns are kept as bits, one set per signal, so that 64 patterns are judged at once.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from data.errors import AttributionError
from explainers.attribution.arrays import CodeMatrix, Floats, Ints, Places, starts
from explainers.attribution.codes import CodeBook
from explainers.attribution.jit import kernel
from explainers.attribution.leaves import count_bits, pattern_contributions
from explainers.attribution.paths import empty_path, read_path, row_patterns
from explainers.attribution.trees import Forest

MOST_PATH_SIGNALS = 62
"""A pattern is one 64-bit number."""
SCATTER = 0x1E3779B97F4A7C15
"""A large odd number: its product with a pattern has in its upper bits something of every bit of the pattern."""


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
    word_start: Ints
    """Where each leaf's sets begin in `word`, (leaves + 1,)."""
    word: Places
    """Sets of the leaf's patterns that satisfy each signal of its path, then the set of all: bit i is pattern i."""


class Kinds(NamedTuple):
    """The distinct patterns among some rows at one leaf; used again for the next leaf."""

    slot: Ints
    """Numbers of patterns, each near the place to which its bits are scattered; −1 where there is none."""
    pattern: Ints
    """Each distinct pattern, (rows,) of which the first ones are used."""
    of_row: Ints
    """Number of the pattern of each row, (rows,)."""
    phi: Floats
    """Contributions of each distinct pattern, one place per signal of the path."""


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
    return pack_deep(leaves, found, codes.shape[1], longest)


def pack_deep(leaves: Ints, found: Sequence[tuple[Ints, Ints]], rows: int, longest: int) -> DeepLeaves:
    """Put together the distinct patterns at each deep leaf, and how many of the group's rows have each."""
    sets = [_sets_of_patterns(pattern, longest) for pattern, _ in found]
    return DeepLeaves(
        leaf=leaves,
        pattern_start=starts(np.array([len(pattern) for pattern, _ in found], dtype=np.int64)),
        pattern=np.concatenate([np.zeros(0, np.int64), *(pattern for pattern, _ in found)]),
        share=np.concatenate([np.zeros(0), *(count / rows for _, count in found)]),
        word_start=starts(np.array([len(words) for words in sets], dtype=np.int64)),
        word=np.concatenate([np.zeros(0, np.uint64), *sets]),
    )


def _sets_of_patterns(patterns: Ints, signals: int) -> Places:
    """Write for each signal the set of patterns that satisfy it, 64 patterns to a word, signal by signal."""
    size = -(-len(patterns) // 64) * 64
    holds = np.zeros((signals + 1, size), dtype=np.bool_)
    holds[:signals, : len(patterns)] = (patterns >> np.arange(signals)[:, None]) & 1
    holds[signals, : len(patterns)] = True
    return np.packbits(holds, axis=1, bitorder="little").view("<u8").ravel().astype(np.uint64)


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
    kinds = empty_kinds(end - first, longest)
    for index in range(len(deep.leaf)):
        leaf = deep.leaf[index]
        signals = read_path(leaf, forest, book, path)
        row_patterns(codes, first, end, path, signals, patterns)
        known = slice(deep.pattern_start[index], deep.pattern_start[index + 1])
        sets = deep.word[deep.word_start[index] : deep.word_start[index + 1]].reshape(longest + 1, -1)
        words, matching = np.empty(sets.shape[1], np.uint64), np.empty(64 * sets.shape[1], np.int64)
        for kind in range(number_kinds(patterns, kinds)):
            pattern = kinds.pattern[kind]
            pattern_contributions(
                pattern,
                signals,
                forest.leaf_value[leaf],
                matching[: find_matching(pattern, signals, sets, words, matching)],
                deep.pattern[known],
                deep.share[known],
                weights,
                kinds.phi[kind],
            )
        for place in range(signals):  # column by column: rows of one pattern lie far apart in `out`
            target = out[columns[path.signal[place]], first:end]
            for row in range(end - first):
                target[row] += kinds.phi[kinds.of_row[row], place]


@kernel
def empty_kinds(rows: int, longest: int) -> Kinds:
    """Make room for the patterns of so many rows; at least half of the slots stay empty, so that searches are short."""
    slots = 2
    while slots < 2 * rows:
        slots *= 2
    return Kinds(
        np.empty(slots, np.int64),
        np.empty(rows, np.int64),
        np.empty(rows, np.int64),
        np.empty((rows, (longest + 7) // 8 * 8)),
    )


@kernel
def number_kinds(patterns: Ints, kinds: Kinds) -> int:
    """Give equal patterns one number, in the order in which they first occur; return how many there are.

    Each pattern is looked for from the slot to which its bits are scattered: quicker than sorting.
    """
    kinds.slot[:] = -1
    last, count = len(kinds.slot) - 1, 0
    for row in range(len(patterns)):
        pattern = patterns[row]
        place = ((pattern * SCATTER) >> 32) & last
        while kinds.slot[place] >= 0 and kinds.pattern[kinds.slot[place]] != pattern:
            place = (place + 1) & last
        if kinds.slot[place] < 0:
            kinds.slot[place], kinds.pattern[count] = count, pattern
            count += 1
        kinds.of_row[row] = kinds.slot[place]
    return count


@kernel
def find_matching(pattern: int, signals: int, sets: Places, words: Places, matching: Ints) -> int:
    """Write which of the group's patterns satisfy every signal that `pattern` does not; return how many.

    `words` is room for them as a set.
    """
    words[:] = sets[-1]
    for place in range(signals):
        if (pattern >> place) & 1 == 0:
            holds = sets[place]
            for word in range(len(words)):
                words[word] &= holds[word]
    count, one = 0, np.uint64(1)
    for word in range(len(words)):
        left = words[word]
        while left != np.uint64(0):
            lowest = left & (~left + one)
            left ^= lowest
            matching[count] = 64 * word + count_bits(np.int64(lowest - one))
            count += 1
    return count
