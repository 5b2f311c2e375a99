"""The state of a row at a group of leaves, from the row's codes."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from explainers.attribution.arrays import CodeMatrix, Counts, Ints, States
from explainers.attribution.groups import Groups
from explainers.attribution.jit import inlined, kernel


class StateCounts(NamedTuple):
    """Rows of a comparison group in each state of some groups of leaves. Most states are empty and left out."""

    start: Ints
    """Where each group's states begin, (groups + 1,)."""
    state: States
    """States with at least one row, ascending in each group."""
    rows: Counts
    """Number of rows in each of them."""


@kernel
def find_states(group: int, groups: Groups, codes: CodeMatrix, first: int, end: int, states: States) -> None:
    """Write the state of each row from `first` to `end` at one group."""
    rows = end - first
    states[:rows] = groups.base[group]
    for step in range(groups.step_start[group], groups.step_start[group + 1]):
        column = codes[groups.step_signal[step], first:end]
        code, change = groups.step_code[step], groups.step_change[step]
        for row in range(rows):
            states[row] += change if column[row] >= code else np.uint16(0)
    for look in range(groups.look_start[group], groups.look_start[group + 1]):
        column = codes[groups.look_signal[look], first:end]
        added = groups.look_state[groups.look_table[look] :]
        for row in range(rows):
            states[row] += added[column[row]]


@inlined
def state_of_row(group: int, groups: Groups, own: States) -> int:
    """State of one row at one group; `own` are the row's codes, (signals,).

    A change is multiplied by its condition: a branch would be guessed wrong every other time.
    """
    state = np.uint16(groups.base[group])
    for step in range(groups.step_start[group], groups.step_start[group + 1]):
        met = own[groups.step_signal[step]] >= groups.step_code[step]
        state = np.uint16(state + groups.step_change[step] * np.uint16(met))
    for look in range(groups.look_start[group], groups.look_start[group + 1]):
        code = own[groups.look_signal[look]]
        state = np.uint16(state + groups.look_state[groups.look_table[look] + code])
    return int(state)


@kernel
def count_states(groups: Groups, codes: CodeMatrix, first_group: int, end_group: int) -> StateCounts:
    """Count the rows in each state of the groups `first_group` to `end_group`."""
    rows = codes.shape[1]
    block = min(rows, 8192)
    states = np.empty(block, np.uint16)
    sizes = groups.state_start[first_group + 1 : end_group + 1] - groups.state_start[first_group:end_group]
    room = np.minimum(sizes, rows).sum()
    start, state_of, rows_in = np.zeros(len(sizes) + 1, np.int64), np.empty(room, np.uint16), np.empty(room, np.uint32)
    count = np.zeros(sizes.max(), np.uint32)
    used = 0
    for index in range(len(sizes)):
        count[: sizes[index]] = 0
        for first in range(0, rows, block):
            end = min(rows, first + block)
            find_states(first_group + index, groups, codes, first, end, states)
            for row in range(end - first):
                count[states[row]] += np.uint32(1)
        for state in range(sizes[index]):
            if count[state] > 0:
                state_of[used], rows_in[used] = state, count[state]
                used += 1
        start[index + 1] = used
    return StateCounts(start, state_of[:used].copy(), rows_in[:used].copy())
