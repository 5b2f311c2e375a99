"""The tables: contributions of every signal in every state of every group of leaves.

The formulas are in `leaves`. A group's table is the sum over its leaves. The contribution of an inner signal
has a column of its own, one number per state. All outer signals share two columns: for an outer signal k every leaf of
the group has the same bit, so that formula (3) can be summed over the leaves before it is used,

    U(s) = Σ U(p),   L(s) = Σ L(p),   φ_k(s) = U(s) − L(s without k)                      (5)

where p is the pattern of state s at each leaf, and "s without k" has the bit of k cleared.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from explainers.attribution.arrays import Floats, Ints, Shorts, starts
from explainers.attribution.codes import CodeBook
from explainers.attribution.groups import Groups
from explainers.attribution.jit import kernel
from explainers.attribution.leaves import leaf_terms
from explainers.attribution.paths import Path, drop_idle, empty_path, position_of, read_path
from explainers.attribution.patterns import LeafPatterns, find_patterns, leaves_of
from explainers.attribution.quadrature import Quadrature
from explainers.attribution.trees import Forest


class Tables(NamedTuple):
    """What to add to which output column in each state of each group."""

    outer_column: Shorts
    """Output column of each entry; read for outer signals only, (entries,)."""
    outer_start: Ints
    """Where the states of each group with outer signals begin in `upper` and `lower`, (groups + 1,)."""
    upper: Floats
    """U(s) of formula (5)."""
    lower: Floats
    """L(s) of formula (5), in the same way."""
    column_start: Ints
    """Where each group's inner columns begin in `column`, (groups + 1,)."""
    column: Shorts
    """Output columns of the inner signals of each group."""
    value_start: Ints
    """Where each group's numbers begin in `value`: state by state, one number per inner column, (groups + 1,).

    A row has one state, so that all its numbers lie beside each other.
    """
    value: Floats
    """Contributions of inner signals in raw score."""


class LeafWork(NamedTuple):
    """Room for the numbers of one leaf, used again for the next."""

    share: Floats
    """Share of the comparison group in each pattern, (2^d,)."""
    upper: Floats
    """U of formula (3), (2^d,)."""
    lower: Floats
    """L of formula (3), (2^d,)."""
    pattern: Ints
    """Pattern at the leaf of each state of the group."""
    place: Ints
    """Places on the leaf's path of the signals that are inner in its group."""
    inner: Ints
    """Inner column of each of them."""


def table_bytes(groups: Groups) -> int:
    """Return how many bytes the numbers of a comparison group's tables take."""
    states, inner = np.diff(groups.state_start), np.diff(groups.entry_start) - groups.outer_count
    return 8 * int((states * inner).sum() + 2 * states[groups.outer_count > 0].sum())


def empty_tables(groups: Groups, columns: Ints) -> Tables:
    """Make room for the tables of all groups; `columns` is the output column of each signal."""
    states = np.diff(groups.state_start)
    inner = np.diff(groups.entry_start) - groups.outer_count
    entry = np.arange(len(groups.signal)) - np.repeat(groups.entry_start[:-1], np.diff(groups.entry_start))
    is_inner = entry >= np.repeat(groups.outer_count, np.diff(groups.entry_start))
    value_start = starts(inner * states)
    outer_start = starts(np.where(groups.outer_count > 0, states, 0))
    return Tables(
        outer_column=columns[groups.signal].astype(np.int32),
        outer_start=outer_start,
        upper=np.empty(int(outer_start[-1])),
        lower=np.empty(int(outer_start[-1])),
        column_start=starts(inner),
        column=columns[groups.signal[is_inner]].astype(np.int32),
        value_start=value_start,
        value=np.empty(int(value_start[-1])),
    )


@kernel
def empty_work(groups: Groups, first_group: int, end_group: int) -> LeafWork:
    """Make room for the leaves of some groups: no leaf has more signals on its path than its group."""
    signals = states = 1
    for group in range(first_group, end_group):
        signals = max(signals, groups.entry_start[group + 1] - groups.entry_start[group])
        states = max(states, groups.state_start[group + 1] - groups.state_start[group])
    size = 1 << signals
    return LeafWork(
        np.empty(size),
        np.empty(size),
        np.empty(size),
        np.empty(states, np.int64),
        np.empty(signals, np.int64),
        np.empty(signals, np.int64),
    )


@kernel
def fill_tables(
    groups: Groups,
    forest: Forest,
    book: CodeBook,
    patterns: LeafPatterns,
    rows: int,
    rule: Quadrature,
    longest: int,
    first_group: int,
    end_group: int,
    tables: Tables,
) -> None:
    """Fill the tables of some groups from the patterns of the comparison group at their leaves."""
    path = empty_path(longest, book)
    work = empty_work(groups, first_group, end_group)
    leaves = np.empty(len(forest.leaf_value), np.int64)
    for group in range(first_group, end_group):
        tables.value[tables.value_start[group] : tables.value_start[group + 1]] = 0.0
        tables.upper[tables.outer_start[group] : tables.outer_start[group + 1]] = 0.0
        tables.lower[tables.outer_start[group] : tables.outer_start[group + 1]] = 0.0
        for index in range(leaves_of(groups.root[group], forest, leaves)):
            add_leaf(group, leaves[index], groups, forest, book, patterns, rows, rule, path, work, tables)


@kernel
def add_leaf(
    group: int,
    leaf: int,
    groups: Groups,
    forest: Forest,
    book: CodeBook,
    patterns: LeafPatterns,
    rows: int,
    rule: Quadrature,
    path: Path,
    work: LeafWork,
    tables: Tables,
) -> None:
    """Add the contributions of one leaf to the tables of its group."""
    signals = drop_idle(path, read_path(leaf, forest, book, path), book)
    if signals < 0:
        return
    states = groups.state_start[group + 1] - groups.state_start[group]
    find_patterns(group, groups, path, signals, work.pattern)
    find_shares(leaf, patterns, rows, signals, work)
    leaf_terms(signals, forest.leaf_value[leaf], work.share, rule, work.upper, work.lower)
    first, outer = tables.outer_start[group], groups.outer_count[group]
    if outer > 0:
        for state in range(states):
            tables.upper[first + state] += work.upper[work.pattern[state]]
            tables.lower[first + state] += work.lower[work.pattern[state]]
    add_inner_terms(group, states, find_inner(group, groups, path, signals, work), work, tables)


@kernel
def find_inner(group: int, groups: Groups, path: Path, signals: int, work: LeafWork) -> int:
    """Write which signals of a leaf's path are inner in its group; return how many."""
    count = 0
    for place in range(signals):
        inner = entry_of(group, path.signal[place], groups) - groups.outer_count[group]
        if inner >= 0:
            work.place[count], work.inner[count] = place, inner
            count += 1
    return count


@kernel
def add_inner_terms(group: int, states: int, count: int, work: LeafWork, tables: Tables) -> None:
    """Add the contributions of a leaf's inner signals in every state of its group, by formula (3)."""
    width = tables.column_start[group + 1] - tables.column_start[group]
    start = tables.value_start[group]
    for state in range(states):
        pattern = work.pattern[state]
        above = work.upper[pattern]
        for index in range(count):
            below = work.lower[pattern & ~(1 << work.place[index])]
            tables.value[start + work.inner[index]] += above - below
        start += width


@kernel
def find_shares(leaf: int, patterns: LeafPatterns, rows: int, signals: int, work: LeafWork) -> None:
    """Write the share of the comparison group in each pattern of a leaf."""
    work.share[: 1 << signals] = 0.0
    for index in range(patterns.first[leaf], patterns.end[leaf]):
        work.share[patterns.pattern[index]] = patterns.rows[index] / rows


@kernel
def entry_of(group: int, signal: int, groups: Groups) -> int:
    """Place of a signal among the entries of its group."""
    first, end = groups.entry_start[group], groups.entry_start[group + 1]
    return position_of(signal, groups.signal[first:end], end - first)
