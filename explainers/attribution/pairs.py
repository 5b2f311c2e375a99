"""Kernels of the interaction index, formula (4) of `leaves`."""

from __future__ import annotations

import numpy as np

from explainers.attribution.arrays import Bytes, CodeMatrix, Floats, Ints
from explainers.attribution.codes import CodeBook
from explainers.attribution.deep import DeepLeaves, empty_kinds, find_matching, number_kinds
from explainers.attribution.groups import Groups
from explainers.attribution.jit import kernel
from explainers.attribution.leaves import count_bits, pair_index, pair_terms
from explainers.attribution.paths import Path, drop_idle, empty_path, read_path, row_patterns
from explainers.attribution.patterns import LeafPatterns, find_patterns, leaves_of
from explainers.attribution.quadrature import Quadrature
from explainers.attribution.states import find_states, state_of_row
from explainers.attribution.tables import LeafWork, empty_work, find_shares
from explainers.attribution.trees import Forest

BLOCK_ROWS = 4_096


@kernel
def add_set_interactions(
    groups: Groups,
    forest: Forest,
    book: CodeBook,
    patterns: LeafPatterns,
    group_rows: int,
    rule: Quadrature,
    longest: int,
    side: Bytes,
    codes: CodeMatrix,
    first_group: int,
    end_group: int,
    out: Floats,
) -> None:
    """Add the interaction of two sets of signals in some groups to `out`, (rows,).

    `side` tells for each signal whether it is in the first set (1), in the second (2) or in neither (0).
    """
    path = empty_path(longest, book)
    work = empty_work(groups, first_group, end_group)
    terms = np.empty((3, len(work.share)))
    table = np.empty(len(work.pattern))
    leaves = np.empty(len(forest.leaf_value), np.int64)
    states = np.empty(BLOCK_ROWS, np.uint16)
    for group in range(first_group, end_group):
        if not has_both_sides(groups.signal[groups.entry_start[group] : groups.entry_start[group + 1]], side):
            continue
        table[:] = 0.0
        for index in range(leaves_of(groups.root[group], forest, leaves)):
            signals = drop_idle(path, read_path(leaves[index], forest, book, path), book)
            if signals < 2 or not has_both_sides(path.signal[:signals], side):
                continue
            find_patterns(group, groups, path, signals, work.pattern)
            find_shares(leaves[index], patterns, group_rows, signals, work)
            pair_terms(signals, forest.leaf_value[leaves[index]], work.share, rule, terms)
            add_leaf_pairs(group, groups, path, signals, side, terms, work, table)
        for first in range(0, len(out), BLOCK_ROWS):
            end = min(len(out), first + BLOCK_ROWS)
            find_states(group, groups, codes, first, end, states)
            for row in range(first, end):
                out[row] += table[states[row - first]]


@kernel
def has_both_sides(signals: Ints, side: Bytes) -> bool:
    """Tell whether some signal is in the first set and some in the second."""
    first = second = False
    for signal in signals:
        first |= side[signal] == 1
        second |= side[signal] == 2
    return first and second


@kernel
def add_leaf_pairs(
    group: int,
    groups: Groups,
    path: Path,
    signals: int,
    side: Bytes,
    terms: Floats,
    work: LeafWork,
    table: Floats,
) -> None:
    """Add the index of every pair with one signal from each set, in every state of the group."""
    states = groups.state_start[group + 1] - groups.state_start[group]
    for k in range(signals):
        for m in range(signals):
            if side[path.signal[k]] == 1 and side[path.signal[m]] == 2:
                for state in range(states):
                    table[state] += pair_index(terms, work.pattern[state], k, m)


@kernel
def add_deep_set_interactions(
    deep: DeepLeaves,
    forest: Forest,
    book: CodeBook,
    longest: int,
    weights: Floats,
    sides: Bytes,
    codes: CodeMatrix,
    first: int,
    end: int,
    out: Floats,
) -> None:
    """Add the interaction of many pairs of sets at the deep leaves to rows `first` to `end` of `out`, (pairs, rows).

    `sides` is for each pair what `side` is above, (pairs, signals). A leaf is asked only where a pair meets, and rows
    with the same pattern together.
    """
    path = empty_path(longest, book)
    patterns = np.empty(end - first, np.int64)
    kinds = empty_kinds(end - first, 1)
    met, index = np.empty((3, len(sides)), np.int64), np.empty((len(sides), end - first))
    for leaf in range(len(deep.leaf)):
        signals = read_path(deep.leaf[leaf], forest, book, path)
        pairs = list_meeting(path.signal[:signals], sides, met)
        if pairs == 0:
            continue
        row_patterns(codes, first, end, path, signals, patterns)
        sets = deep.word[deep.word_start[leaf] : deep.word_start[leaf + 1]].reshape(longest + 1, -1)
        words, matching = np.empty(sets.shape[1], np.uint64), np.empty(64 * sets.shape[1], np.int64)
        known = deep.pattern[deep.pattern_start[leaf] : deep.pattern_start[leaf + 1]]
        share = deep.share[deep.pattern_start[leaf] : deep.pattern_start[leaf + 1]]
        for kind in range(number_kinds(patterns, kinds)):
            pattern = kinds.pattern[kind]
            some = matching[: find_matching(pattern, signals, sets, words, matching)]
            find_set_indices(pattern, known, share, some, met[:, :pairs], weights, index[:pairs, kind])
        value = forest.leaf_value[deep.leaf[leaf]]
        for pair in range(pairs):
            target = out[met[0, pair], first:end]
            for row in range(end - first):
                target[row] += value * index[pair, kinds.of_row[row]]


@kernel
def list_meeting(signal: Ints, sides: Bytes, met: Ints) -> int:
    """Write the pairs of sets that meet on a path, and the bits of either set there; return how many, (3, pairs)."""
    count = 0
    for pair in range(len(sides)):
        first = second = np.int64(0)
        for place in range(len(signal)):
            first |= np.int64(sides[pair, signal[place]] == 1) << place
            second |= np.int64(sides[pair, signal[place]] == 2) << place
        if first and second:
            met[0, count], met[1, count], met[2, count] = pair, first, second
            count += 1
    return count


@kernel
def find_set_indices(
    pattern: int, known: Ints, share: Floats, some: Ints, met: Ints, weights: Floats, out: Floats
) -> None:
    """Write the index of some pairs of sets for one row's pattern against some of the group's, (pairs,).

    The three cases of `add_pattern_pairs`, each as often as two signals of the sets are in it.
    """
    out[:] = 0.0
    for other in some:
        only_row, only_other = pattern & ~known[other], known[other] & ~pattern
        a, b = count_bits(only_row), count_bits(only_other)
        for pair in range(len(out)):
            row_1, row_2 = count_bits(only_row & met[1, pair]), count_bits(only_row & met[2, pair])
            other_1, other_2 = count_bits(only_other & met[1, pair]), count_bits(only_other & met[2, pair])
            index = -(row_1 * other_2 + other_1 * row_2) * weights[a - 1, b - 1]
            index += row_1 * row_2 * weights[a - 2, b] + other_1 * other_2 * weights[a, b - 2]
            out[pair] += share[other] * index


@kernel
def add_row_matrix(
    groups: Groups,
    forest: Forest,
    book: CodeBook,
    patterns: LeafPatterns,
    group_rows: int,
    rule: Quadrature,
    longest: int,
    codes: CodeMatrix,
    first_group: int,
    end_group: int,
    out: Floats,
) -> None:
    """Add the index of every pair of signals for the one row of `codes` to `out`, (signals, signals)."""
    path = empty_path(longest, book)
    work = empty_work(groups, first_group, end_group)
    terms = np.empty((3, len(work.share)))
    leaves = np.empty(len(forest.leaf_value), np.int64)
    own = codes[:, 0].copy()
    for group in range(first_group, end_group):
        state = state_of_row(group, groups, own)
        for index in range(leaves_of(groups.root[group], forest, leaves)):
            signals = drop_idle(path, read_path(leaves[index], forest, book, path), book)
            if signals < 2:
                continue
            find_patterns(group, groups, path, signals, work.pattern)
            find_shares(leaves[index], patterns, group_rows, signals, work)
            pair_terms(signals, forest.leaf_value[leaves[index]], work.share, rule, terms)
            for k in range(signals):
                for m in range(signals):
                    if k != m:
                        out[path.signal[k], path.signal[m]] += pair_index(terms, work.pattern[state], k, m)


@kernel
def add_deep_pairs(
    deep: DeepLeaves,
    forest: Forest,
    book: CodeBook,
    longest: int,
    weights: Floats,
    codes: CodeMatrix,
    row: int,
    out: Floats,
) -> None:
    """Add the index of every pair at the deep leaves, for one row, to `out`, (signals, signals)."""
    path = empty_path(longest, book)
    pattern = np.empty(1, np.int64)
    for index in range(len(deep.leaf)):
        leaf = deep.leaf[index]
        signals = read_path(leaf, forest, book, path)
        row_patterns(codes, row, row + 1, path, signals, pattern)
        full = (np.int64(1) << signals) - 1
        for known in range(deep.pattern_start[index], deep.pattern_start[index + 1]):
            if (pattern[0] | deep.pattern[known]) == full:
                amount = forest.leaf_value[leaf] * deep.share[known]
                add_pattern_pairs(pattern[0], deep.pattern[known], signals, amount, path, weights, out)


@kernel
def add_pattern_pairs(
    pattern: int, other: int, signals: int, amount: float, path: Path, weights: Floats, out: Floats
) -> None:
    """Add the index of the pairs for one row's pattern against one comparison pattern.

    With a and b as in formula (2): (a − 2)! b! / (a + b − 1)! if only the row satisfies both signals,
    a! (b − 2)! / (a + b − 1)! if only the comparison row does, −(a − 1)! (b − 1)! / (a + b − 1)! for one each.
    """
    only_row, only_other = pattern & ~other, other & ~pattern
    a, b = count_bits(only_row), count_bits(only_other)
    for k in range(signals):
        for m in range(signals):
            row_k, row_m = (only_row >> k) & 1, (only_row >> m) & 1
            other_k, other_m = (only_other >> k) & 1, (only_other >> m) & 1
            if k == m or row_k + other_k == 0 or row_m + other_m == 0:
                continue
            if row_k and row_m:
                index = weights[a - 2, b]
            elif other_k and other_m:
                index = weights[a, b - 2]
            else:
                index = -weights[a - 1, b - 1]
            out[path.signal[k], path.signal[m]] += amount * index
