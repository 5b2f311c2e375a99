"""Subtrees whose leaves share one table.

A row enters a subtree only through the codes of the signals that the subtree splits on and of those
on the way to it. Codes of a signal that no split of the subtree and no condition above it tells apart
form one *cell*. The cells of all these signals together are the row's *state* at the subtree. If there
are few states, one table with the summed contributions of all leaves of the subtree replaces
one table per leaf, and a row costs one look-up per signal instead of one per leaf and signal.

A signal that has conditions above the subtree but no split inside is *outer*: all its leaves agree on it, so
that it has two cells, 0 "not satisfied" and 1 "satisfied". Outer signals come first in the state, as its lowest
bits, and two columns serve them all (see `tables`). The others are *inner*. A single leaf has outer signals only.
In a group with few states all signals are counted as inner.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from explainers.attribution.arrays import Ints, Shorts, States, starts
from explainers.attribution.codes import CodeBook
from explainers.attribution.jit import kernel
from explainers.attribution.plan import FEW_CHANGES, Plan, Sketch, empty_sketch, plan_groups, sketch_group
from explainers.attribution.trees import Forest


class Groups(NamedTuple):
    """All groups, and how a row's state at each is found from its codes."""

    root: Ints
    """Node where the subtree begins, or ``~leaf`` for a single leaf."""
    entry_start: Ints
    """Where each group's signals begin in `signal`, (groups + 1,)."""
    outer_count: Ints
    """Number of outer signals of each group, (groups,). They are its first entries."""
    signal: Ints
    """Signals of each group: its *entries*."""
    cell_count: Ints
    """Number of cells of each entry."""
    stride: Ints
    """What one cell counts for in the state: state = Σ cell × stride."""
    cell_start: Ints
    """Where each entry's cells begin in `cell_code`, (entries + 1,)."""
    cell_code: Ints
    """One code out of each cell."""
    state_start: Ints
    """Where each group's states begin in a list over all groups, (groups + 1,)."""
    base: States
    """State of a row whose codes are all 0."""
    step_start: Ints
    """Where each group's comparisons begin, (groups + 1,)."""
    step_signal: Shorts
    """Signal of each comparison."""
    step_code: States
    """Rows with this code or a higher one …"""
    step_change: States
    """… have so much added to their state, modulo 2^16."""
    look_start: Ints
    """Where each group's look-ups begin, (groups + 1,)."""
    look_signal: Ints
    """Signal of each look-up."""
    look_table: Ints
    """Where the look-up's table begins in `look_state`."""
    look_state: States
    """What each code adds to the state."""


def make_groups(
    forest: Forest, book: CodeBook, group_states: int, leaf_states: int, column_states: int
) -> tuple[Groups, Ints]:
    """Cut every tree into subtrees that share a table; `plan` says how they are chosen.

    Parameters
    ----------
    forest, book
        The model's trees and codes.
    group_states, leaf_states : int
        Most states of a group with several leaves and with one leaf; at most 65,536.
    column_states : int
        Most states of a group in which outer signals are counted as inner.

    Returns
    -------
    groups : Groups
        The groups.
    deep_leaves : ndarray of int64
        Leaves with too many states even alone.
    """
    plan, deep_leaves = plan_groups(forest, book, group_states, leaf_states, column_states)
    groups = empty_groups(plan)
    describe_groups(groups, forest, book)
    return groups, deep_leaves


def empty_groups(plan: Plan) -> Groups:
    """Make room for the planned groups."""
    entries, cells = int(plan.entries.sum()), int(plan.cells.sum())
    steps, looks = int(plan.steps.sum()), int(plan.looks.sum())
    return Groups(
        root=plan.root,
        entry_start=starts(plan.entries),
        outer_count=plan.outer,
        signal=np.empty(entries, np.int64),
        cell_count=np.empty(entries, np.int64),
        stride=np.empty(entries, np.int64),
        cell_start=np.zeros(entries + 1, np.int64),
        cell_code=np.empty(cells, np.int64),
        state_start=starts(plan.states),
        base=np.zeros(len(plan.root), np.uint16),
        step_start=starts(plan.steps),
        step_signal=np.empty(steps, np.int32),
        step_code=np.empty(steps, np.uint16),
        step_change=np.empty(steps, np.uint16),
        look_start=starts(plan.looks),
        look_signal=np.empty(looks, np.int64),
        look_table=np.empty(looks, np.int64),
        look_state=np.empty(int(plan.look_codes.sum()), np.uint16),
    )


@kernel
def describe_groups(groups: Groups, forest: Forest, book: CodeBook) -> None:
    """Fill in everything about the planned groups."""
    sketch = empty_sketch(forest, book)
    look_codes = 0
    for group in range(len(groups.root)):
        root = groups.root[group]
        limit = groups.state_start[group + 1] - groups.state_start[group]
        _, entries, _ = sketch_group(root, limit, forest, book, sketch)
        stride = 1
        step, look = groups.step_start[group], groups.look_start[group]
        for place in range(entries):
            entry = groups.entry_start[group] + place
            describe_entry(groups, entry, place, stride, sketch, book)
            cells, codes = sketch.cell_of_code[place], book.code_count[sketch.signal[place]]
            if sketch.changes[place] <= FEW_CHANGES:
                groups.base[group] += np.uint16(cells[0] * stride)
                step = add_steps(groups, step, sketch.signal[place], cells, codes, stride)
            else:
                groups.look_signal[look], groups.look_table[look] = sketch.signal[place], look_codes
                for code in range(codes):
                    groups.look_state[look_codes + code] = np.uint16(cells[code] * stride)
                look_codes += codes
                look += 1
            stride *= sketch.cell_count[place]


@kernel
def describe_entry(groups: Groups, entry: int, place: int, stride: int, sketch: Sketch, book: CodeBook) -> None:
    """Fill in one signal of a group, with one code out of each of its cells."""
    signal = sketch.signal[place]
    groups.signal[entry], groups.cell_count[entry] = signal, sketch.cell_count[place]
    groups.stride[entry] = stride
    first = groups.cell_start[entry]
    groups.cell_start[entry + 1] = first + sketch.cell_count[place]
    for code in range(book.code_count[signal]):
        groups.cell_code[first + sketch.cell_of_code[place, code]] = code


@kernel
def add_steps(groups: Groups, step: int, signal: int, cells: Ints, codes: int, stride: int) -> int:
    """Write a comparison wherever the cell changes along the codes; return the next free place."""
    for code in range(1, codes):
        if cells[code] != cells[code - 1]:
            groups.step_signal[step], groups.step_code[step] = signal, code
            groups.step_change[step] = np.uint16(((cells[code] - cells[code - 1]) * stride) & 65535)
            step += 1
    return step
