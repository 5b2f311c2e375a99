"""The explaining pass: look up each row's state at each group and add the tables' numbers."""

from __future__ import annotations

import numpy as np

from explainers.attribution.arrays import CodeMatrix, Floats, Shorts, States
from explainers.attribution.groups import Groups
from explainers.attribution.jit import inlined, kernel
from explainers.attribution.states import find_states, state_of_row
from explainers.attribution.tables import Tables


@kernel
def add_contributions(groups: Groups, tables: Tables, codes: CodeMatrix, first: int, end: int, out: Floats) -> None:
    """Add the contributions of all groups to rows `first` to `end` of `out`.

    Parameters
    ----------
    groups, tables
        Where the states and their numbers are.
    codes : ndarray of uint16, (signals, rows)
        Codes of the rows.
    first, end : int
        Which rows; different runs of rows may be worked on at the same time.
    out : ndarray of float64, (columns, rows)
        Contributions, one row of the array per output column.
    """
    rows = end - first
    states = np.empty(rows, np.uint16)
    present = np.empty(rows)
    for group in range(len(groups.root)):
        find_states(group, groups, codes, first, end, states)
        add_outer(group, groups, tables, states, present, first, out)
        add_inner(group, tables, states, first, out)


@kernel
def add_outer(
    group: int, groups: Groups, tables: Tables, states: States, present: Floats, first: int, out: Floats
) -> None:
    """Add the contributions of a group's outer signals, by formula (5)."""
    count, end = groups.outer_count[group], first + len(states)
    if count == 0:
        return
    upper = tables.upper[tables.outer_start[group] : tables.outer_start[group + 1]]
    lower = tables.lower[tables.outer_start[group] : tables.outer_start[group + 1]]
    for row in range(len(states)):
        present[row] = upper[states[row]]
    columns = tables.outer_column[groups.entry_start[group] : groups.entry_start[group] + count]
    place = 0
    while place + 4 <= count:  # four signals per pass over the states
        add_four_outer(place, lower, states, present, columns, first, out)
        place += 4
    while place < count:
        target, keep = out[columns[place], first:end], np.uint16(65535 ^ (1 << place))
        for row in range(len(states)):
            target[row] += present[row] - lower[np.uint16(states[row] & keep)]
        place += 1


@kernel
def add_four_outer(
    place: int, lower: Floats, states: States, present: Floats, columns: Shorts, first: int, out: Floats
) -> None:
    """Add the contributions of four outer signals, whose bits begin at `place`."""
    end = first + len(states)
    target_0, target_1 = out[columns[place], first:end], out[columns[place + 1], first:end]
    target_2, target_3 = out[columns[place + 2], first:end], out[columns[place + 3], first:end]
    keep_0, keep_1 = np.uint16(65535 ^ (1 << place)), np.uint16(65535 ^ (2 << place))
    keep_2, keep_3 = np.uint16(65535 ^ (4 << place)), np.uint16(65535 ^ (8 << place))
    for row in range(len(states)):
        state, above = states[row], present[row]
        target_0[row] += above - lower[np.uint16(state & keep_0)]
        target_1[row] += above - lower[np.uint16(state & keep_1)]
        target_2[row] += above - lower[np.uint16(state & keep_2)]
        target_3[row] += above - lower[np.uint16(state & keep_3)]


@kernel
def add_inner(group: int, tables: Tables, states: States, first: int, out: Floats) -> None:
    """Add the contributions of a group's inner signals: one look-up each, all of a row's beside each other."""
    end = first + len(states)
    columns = tables.column[tables.column_start[group] : tables.column_start[group + 1]]
    table = tables.value[tables.value_start[group] : tables.value_start[group + 1]]
    width = len(columns)
    place = 0
    while place + 4 <= width:  # four columns per pass over the states
        add_four_inner(table[place:], width, states, columns[place : place + 4], first, out)
        place += 4
    while place < width:
        target = out[columns[place], first:end]
        for row in range(len(states)):
            target[row] += table[states[row] * width + place]
        place += 1


@kernel
def add_four_inner(table: Floats, width: int, states: States, columns: Shorts, first: int, out: Floats) -> None:
    """Add four neighbouring columns of a table, whose states are `width` apart, to four columns of the output."""
    end = first + len(states)
    target_0, target_1 = out[columns[0], first:end], out[columns[1], first:end]
    target_2, target_3 = out[columns[2], first:end], out[columns[3], first:end]
    for row in range(len(states)):
        at = states[row] * width
        target_0[row] += table[at]
        target_1[row] += table[at + 1]
        target_2[row] += table[at + 2]
        target_3[row] += table[at + 3]


@kernel
def add_to_few_rows(groups: Groups, tables: Tables, codes: CodeMatrix, out: Floats) -> None:
    """Do the same for all rows of `codes` when they are few: row by row, without setting up each group.

    A row's states are all found before the first look-up. So no look-up waits for a comparison that the processor
    guessed wrong, and it fetches many of them from far memory at once.
    """
    states = np.empty(len(groups.root), np.uint16)
    for row in range(codes.shape[1]):
        own = codes[:, row].copy()
        for group in range(len(groups.root)):
            states[group] = state_of_row(group, groups, own)
        for group in range(len(groups.root)):
            add_to_row(group, groups, tables, int(states[group]), row, out)


@inlined
def add_to_row(group: int, groups: Groups, tables: Tables, state: int, row: int, out: Floats) -> None:
    """Add the contributions of one group, in one of its states, to one row."""
    if groups.outer_count[group] > 0:
        first = tables.outer_start[group]
        present = tables.upper[first + state]
        for place in range(groups.outer_count[group]):
            column = tables.outer_column[groups.entry_start[group] + place]
            out[column, row] += present - tables.lower[first + (state & ~(1 << place))]
    first, end = tables.column_start[group], tables.column_start[group + 1]
    value = tables.value_start[group] + state * (end - first)
    for inner in range(first, end):
        out[tables.column[inner], row] += tables.value[value]
        value += 1
