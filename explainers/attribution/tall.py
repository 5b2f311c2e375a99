"""Leaves with many signals on their path: too many states for a group, few enough for a table of patterns.

The state of a row at such a leaf is its pattern. Two numbers per pattern, U and L of formula (3) in
`leaves`, hold the contributions of all its signals, so that the table is small even for 16 signals.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from explainers.attribution.arrays import CodeMatrix, Floats, Ints, States
from explainers.attribution.codes import CodeBook
from explainers.attribution.groups import Groups, find_states, state_of_row
from explainers.attribution.jit import kernel
from explainers.attribution.leaves import leaf_terms
from explainers.attribution.paths import drop_idle, empty_path, read_path
from explainers.attribution.quadrature import Quadrature
from explainers.attribution.trees import Forest


class TallTables(NamedTuple):
    """U and L of formula (3) for every state of every tall leaf, laid out as `Groups.state_start` says."""

    upper: Floats
    """U(p)."""
    lower: Floats
    """L(p)."""


def empty_tall_tables(tall: Groups) -> TallTables:
    """Make room for two numbers per state."""
    size = int(tall.state_start[-1])
    return TallTables(np.empty(size), np.empty(size))


@kernel
def fill_tall_tables(
    tall: Groups,
    forest: Forest,
    book: CodeBook,
    counts: Ints,
    rows: int,
    rule: Quadrature,
    longest: int,
    first_leaf: int,
    end_leaf: int,
    tables: TallTables,
) -> None:
    """Fill the tables of some tall leaves from the number of comparison rows in each pattern."""
    path = empty_path(longest, book)
    for index in range(first_leaf, end_leaf):
        leaf = ~tall.root[index]
        first, end = tall.state_start[index], tall.state_start[index + 1]
        signals = drop_idle(path, read_path(leaf, forest, book, path), book)
        if signals < 0:
            tables.upper[first:end], tables.lower[first:end] = 0.0, 0.0
            continue
        share = counts[first:end] / rows
        leaf_terms(signals, forest.leaf_value[leaf], share, rule, tables.upper[first:end], tables.lower[first:end])


@kernel
def add_tall_contributions(
    tall: Groups, tables: TallTables, columns: Ints, codes: CodeMatrix, first: int, end: int, out: Floats
) -> None:
    """Add the contributions of all tall leaves to rows `first` to `end` of `out`, (columns, rows)."""
    rows = end - first
    states = np.empty(rows, np.uint16)
    present = np.empty(rows)
    for index in range(len(tall.root)):
        find_states(index, tall, codes, first, end, states)
        upper = tables.upper[tall.state_start[index] : tall.state_start[index + 1]]
        lower = tables.lower[tall.state_start[index] : tall.state_start[index + 1]]
        for row in range(rows):
            present[row] = upper[states[row]]
        entry, last = tall.entry_start[index], tall.entry_start[index + 1]
        while entry + 4 <= last:  # four signals per pass over the states
            add_four_signals(tall, entry, columns, states, present, lower, first, rows, out)
            entry += 4
        while entry < last:
            target = out[columns[tall.signal[entry]], first:end]
            keep = kept_bits(tall, entry)
            for row in range(rows):
                target[row] += present[row] - lower[states[row] & keep]
            entry += 1


@kernel
def kept_bits(tall: Groups, entry: int) -> np.uint16:
    """All bits of a state but that of one signal."""
    return np.uint16(~tall.stride[entry] & 65535)


@kernel
def add_four_signals(
    tall: Groups,
    entry: int,
    columns: Ints,
    states: States,
    present: Floats,
    lower: Floats,
    first: int,
    rows: int,
    out: Floats,
) -> None:
    """Add the contributions of four signals of one tall leaf."""
    end = first + rows
    keep_0, keep_1 = kept_bits(tall, entry), kept_bits(tall, entry + 1)
    keep_2, keep_3 = kept_bits(tall, entry + 2), kept_bits(tall, entry + 3)
    target_0, target_1 = out[columns[tall.signal[entry]], first:end], out[columns[tall.signal[entry + 1]], first:end]
    target_2 = out[columns[tall.signal[entry + 2]], first:end]
    target_3 = out[columns[tall.signal[entry + 3]], first:end]
    for row in range(rows):
        state, above = states[row], present[row]
        target_0[row] += above - lower[np.uint16(state & keep_0)]
        target_1[row] += above - lower[np.uint16(state & keep_1)]
        target_2[row] += above - lower[np.uint16(state & keep_2)]
        target_3[row] += above - lower[np.uint16(state & keep_3)]


@kernel
def add_tall_to_few_rows(tall: Groups, tables: TallTables, columns: Ints, codes: CodeMatrix, out: Floats) -> None:
    """Do the same for all rows of `codes` when they are few."""
    for row in range(codes.shape[1]):
        for index in range(len(tall.root)):
            state = state_of_row(index, tall, codes, row)
            start = tall.state_start[index]
            present = tables.upper[start + state]
            for entry in range(tall.entry_start[index], tall.entry_start[index + 1]):
                absent = tables.lower[start + (state & ~tall.stride[entry])]
                out[columns[tall.signal[entry]], row] += present - absent
