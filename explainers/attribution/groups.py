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

from explainers.attribution.arrays import Ints, States, starts
from explainers.attribution.cells import count_changes, find_cells, group_signals, splits_inside
from explainers.attribution.codes import CodeBook
from explainers.attribution.jit import kernel
from explainers.attribution.trees import Forest

GROUP_STATES = 2_048
"""Most states of a group of several leaves, so that its table stays near while a block of rows is explained."""
LEAF_STATES = 65_536
"""Most states of a group that is one leaf: 16 signals on its path. Beyond, the leaf is "deep"."""
COLUMN_STATES = 1_024
"""Up to so many states every signal has a column of its own: one look-up less. Above, outer ones share two."""
FEW_CHANGES = 6
"""Signals whose cell changes at most so often along the codes are read by comparing, others by looking up."""


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
    step_signal: Ints
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


class Plan(NamedTuple):
    """Which groups there are, and how much room their description takes: one number per group each."""

    root: Ints
    outer: Ints
    entries: Ints
    states: Ints
    cells: Ints
    steps: Ints
    looks: Ints
    look_codes: Ints


class Sketch(NamedTuple):
    """Room for the signals and cells of one group, used again for the next."""

    found: Ints
    signal: Ints
    cell_count: Ints
    cell_of_code: Ints
    changes: Ints


def make_groups(
    forest: Forest, book: CodeBook, group_states: int, leaf_states: int, column_states: int
) -> tuple[Groups, Ints]:
    """Cut every tree into the largest subtrees with few states.

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
        step_signal=np.empty(steps, np.int64),
        step_code=np.empty(steps, np.uint16),
        step_change=np.empty(steps, np.uint16),
        look_start=starts(plan.looks),
        look_signal=np.empty(looks, np.int64),
        look_table=np.empty(looks, np.int64),
        look_state=np.empty(int(plan.look_codes.sum()), np.uint16),
    )


@kernel
def plan_groups(
    forest: Forest, book: CodeBook, group_states: int, leaf_states: int, column_states: int
) -> tuple[Plan, Ints]:
    """Walk down every tree from its root and stop where a subtree has few enough states."""
    leaves = len(forest.leaf_value)
    plan = empty_plan(leaves)
    deep = np.empty(leaves, np.int64)
    sketch = empty_sketch(forest, book)
    waiting = np.empty(leaves + 1, np.int64)
    groups = deep_count = 0
    for tree_root in forest.tree_root:
        waiting[0] = tree_root
        remaining = 1
        while remaining > 0:
            remaining -= 1
            root = waiting[remaining]
            limit = group_states if root >= 0 else leaf_states
            outer, entries, states = sketch_group(root, limit, forest, book, sketch)
            if states <= limit:
                outer = outer if states > column_states else 0
                add_to_plan(plan, groups, root, outer, entries, states, book, sketch)
                groups += 1
            elif root >= 0:
                waiting[remaining] = forest.node_right[root]
                waiting[remaining + 1] = forest.node_left[root]
                remaining += 2
            else:
                deep[deep_count] = ~root
                deep_count += 1
    return shorten(plan, groups), deep[:deep_count].copy()


@kernel
def empty_plan(groups: int) -> Plan:
    """Make room for the plan of at most so many groups."""
    return Plan(
        np.empty(groups, np.int64),
        np.empty(groups, np.int64),
        np.empty(groups, np.int64),
        np.empty(groups, np.int64),
        np.empty(groups, np.int64),
        np.empty(groups, np.int64),
        np.empty(groups, np.int64),
        np.empty(groups, np.int64),
    )


@kernel
def shorten(plan: Plan, groups: int) -> Plan:
    """Cut the arrays of a plan to the groups that were found."""
    return Plan(
        plan.root[:groups].copy(),
        plan.outer[:groups].copy(),
        plan.entries[:groups].copy(),
        plan.states[:groups].copy(),
        plan.cells[:groups].copy(),
        plan.steps[:groups].copy(),
        plan.looks[:groups].copy(),
        plan.look_codes[:groups].copy(),
    )


@kernel
def add_to_plan(
    plan: Plan, group: int, root: int, outer: int, entries: int, states: int, book: CodeBook, sketch: Sketch
) -> None:
    """Note a group and the room it needs."""
    plan.root[group], plan.outer[group] = root, outer
    plan.entries[group], plan.states[group] = entries, states
    plan.cells[group] = plan.steps[group] = plan.looks[group] = plan.look_codes[group] = 0
    for entry in range(entries):
        plan.cells[group] += sketch.cell_count[entry]
        if sketch.changes[entry] <= FEW_CHANGES:
            plan.steps[group] += sketch.changes[entry]
        else:
            plan.looks[group] += 1
            plan.look_codes[group] += book.code_count[sketch.signal[entry]]


@kernel
def empty_sketch(forest: Forest, book: CodeBook) -> Sketch:
    """Make room for the group with the most signals, which has at most those of its whole tree."""
    most_nodes = codes = 1
    for root in forest.tree_root:
        most_nodes = max(most_nodes, forest.subtree_nodes[root])
    for count in book.code_count:
        codes = max(codes, count)
    most = min(most_nodes, len(book.column))
    return Sketch(
        np.empty(most, np.int64),
        np.empty(most, np.int64),
        np.empty(most, np.int64),
        np.empty((most, codes), np.int64),
        np.empty(most, np.int64),
    )


@kernel
def sketch_group(root: int, limit: int, forest: Forest, book: CodeBook, sketch: Sketch) -> tuple[int, int, int]:
    """Find the signals and cells of the group at `root`; stop early when it has more than `limit` states.

    Signals with a single cell part no rows here. They contribute nothing and are left out.

    Returns
    -------
    outer, entries, states : int
        Number of outer signals, of all signals, and of states; only lower bounds if above `limit`.
    """
    found = group_signals(root, forest, sketch.found)
    outer, entries, states = 0, 0, 1
    for inside in (False, True):
        for place in range(found):
            signal = sketch.found[place]
            if splits_inside(root, signal, forest) != inside or states > limit:
                continue
            count = find_cells(root, signal, forest, book, sketch.cell_of_code[entries])
            if count > 1:
                sketch.signal[entries], sketch.cell_count[entries] = signal, count
                sketch.changes[entries] = count_changes(sketch.cell_of_code[entries], book.code_count[signal])
                entries += 1
                states *= count
        if not inside:
            outer = entries
    return outer, entries, states


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
