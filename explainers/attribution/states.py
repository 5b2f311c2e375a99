"""The state of a row at a group of leaves, from the row's codes."""

from __future__ import annotations

import numpy as np

from explainers.attribution.arrays import CodeMatrix, Counts, States
from explainers.attribution.groups import Groups
from explainers.attribution.jit import inlined, kernel


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
def state_of_row(group: int, groups: Groups, codes: CodeMatrix, row: int) -> int:
    """State of one row at one group."""
    state = np.uint16(groups.base[group])
    for step in range(groups.step_start[group], groups.step_start[group + 1]):
        if codes[groups.step_signal[step], row] >= groups.step_code[step]:
            state = np.uint16(state + groups.step_change[step])
    for look in range(groups.look_start[group], groups.look_start[group + 1]):
        code = codes[groups.look_signal[look], row]
        state = np.uint16(state + groups.look_state[groups.look_table[look] + code])
    return int(state)


@kernel
def count_states(groups: Groups, codes: CodeMatrix, first_group: int, end_group: int, counts: Counts) -> None:
    """Count the rows in each state of the groups `first_group` to `end_group`."""
    rows = codes.shape[1]
    block = min(rows, 8192)
    states = np.empty(block, np.uint16)
    for group in range(first_group, end_group):
        found = counts[groups.state_start[group] : groups.state_start[group + 1]]
        for first in range(0, rows, block):
            end = min(rows, first + block)
            find_states(group, groups, codes, first, end, states)
            for row in range(end - first):
                found[states[row]] += np.uint32(1)
