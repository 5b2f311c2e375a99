"""The explaining pass: look up each row's state at each group and add the table's numbers."""

from __future__ import annotations

import numpy as np

from explainers.attribution.arrays import CodeMatrix, Floats
from explainers.attribution.groups import Groups, find_states, state_of_row
from explainers.attribution.jit import kernel
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
    for group in range(len(groups.root)):
        find_states(group, groups, codes, first, end, states)
        size = groups.state_start[group + 1] - groups.state_start[group]
        start = tables.value_start[group]
        column, last = tables.column_start[group], tables.column_start[group + 1]
        while column + 4 <= last:  # four columns per pass over the states
            add_four(tables.value[start:], size, states, tables.column[column:], first, rows, out)
            column += 4
            start += 4 * size
        while column < last:
            add_one(tables.value[start:], states, out[tables.column[column], first:end])
            column += 1
            start += size


@kernel
def add_to_few_rows(groups: Groups, tables: Tables, codes: CodeMatrix, out: Floats) -> None:
    """Do the same for all rows of `codes` when they are few: row by row, without setting up each group."""
    for row in range(codes.shape[1]):
        for group in range(len(groups.root)):
            state = state_of_row(group, groups, codes, row)
            size = groups.state_start[group + 1] - groups.state_start[group]
            place = tables.value_start[group] + state
            for column in range(tables.column_start[group], tables.column_start[group + 1]):
                out[tables.column[column], row] += tables.value[place]
                place += size


@kernel
def add_one(table: Floats, states: CodeMatrix, target: Floats) -> None:
    """Add one column of a table to one column of the output."""
    for row in range(len(target)):
        target[row] += table[states[row]]


@kernel
def add_four(
    table: Floats, size: int, states: CodeMatrix, columns: CodeMatrix, first: int, rows: int, out: Floats
) -> None:
    """Add four columns of a table, each `size` long, to four columns of the output."""
    end = first + rows
    target_0, target_1 = out[columns[0], first:end], out[columns[1], first:end]
    target_2, target_3 = out[columns[2], first:end], out[columns[3], first:end]
    table_0, table_1 = table[:size], table[size : 2 * size]
    table_2, table_3 = table[2 * size : 3 * size], table[3 * size : 4 * size]
    for row in range(rows):
        state = states[row]
        target_0[row] += table_0[state]
        target_1[row] += table_1[state]
        target_2[row] += table_2[state]
        target_3[row] += table_3[state]
