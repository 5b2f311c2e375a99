"""Which subtrees share a table.

Large groups save look-ups for each row to explain, small ones save states. Two leaves of one node usually agree
on all their signals but one and have together as many states as each alone: then one table is better in every
way. Further up, states multiply. So each node compares the cost of one table with that of the best tables below.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from explainers.attribution.arrays import Bytes, Ints
from explainers.attribution.cells import count_changes, find_cells, group_signals, splits_inside
from explainers.attribution.codes import CodeBook
from explainers.attribution.jit import kernel
from explainers.attribution.trees import Forest

GROUP_STATES = 65_536
"""Most states of a group of several leaves: a state is a 16-bit number."""
LEAF_STATES = 32_768
"""Most states of a group that is one leaf: 15 signals on its path. Beyond, the leaf is "deep": it saves 1 MiB each."""
COLUMN_STATES = 256
"""Up to so many states every signal has a column of its own: one look-up less. Above, outer ones share two."""
FEW_CHANGES = 6
"""Signals whose cell changes at most so often along the codes are read by comparing, others by looking up."""
LOOK_UP_BYTES = 5_000.0
"""Bytes of tables held to be worth one look-up less for every row: chosen from counts of both, not from timings."""
DEEP_COST = 1e15
"""Cost of a leaf without a table, above that of every table."""


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


@kernel
def plan_groups(
    forest: Forest, book: CodeBook, group_states: int, leaf_states: int, column_states: int
) -> tuple[Plan, Ints]:
    """Walk down every tree from its root and stop where one table costs least; also list the leaves without any."""
    leaves = len(forest.leaf_value)
    plan = empty_plan(leaves)
    deep = np.empty(leaves, np.int64)
    sketch = empty_sketch(forest, book)
    whole = choose_wholes(forest, book, group_states, leaf_states, column_states, sketch)
    waiting = np.empty(leaves + 1, np.int64)
    groups = deep_count = 0
    for tree_root in forest.tree_root:
        waiting[0] = tree_root
        remaining = 1
        while remaining > 0:
            remaining -= 1
            root = waiting[remaining]
            if root >= 0 and whole[root] == 0:
                waiting[remaining] = forest.node_right[root]
                waiting[remaining + 1] = forest.node_left[root]
                remaining += 2
                continue
            limit = group_states if root >= 0 else leaf_states
            outer, entries, states = sketch_group(root, limit, forest, book, sketch)
            if states <= limit:
                outer = outer if states > column_states else 0
                add_to_plan(plan, groups, root, outer, entries, states, book, sketch)
                groups += 1
            else:
                deep[deep_count] = ~root
                deep_count += 1
    return shorten(plan, groups), deep[:deep_count].copy()


@kernel
def choose_wholes(
    forest: Forest, book: CodeBook, group_states: int, leaf_states: int, column_states: int, sketch: Sketch
) -> Bytes:
    """Tell for every node whether one table for its whole subtree costs no more than the best tables below it."""
    nodes = len(forest.node_signal)
    whole = np.zeros(nodes, np.uint8)
    least = np.empty(nodes)
    for node in range(nodes - 1, -1, -1):  # children come after their parents
        apart = 0.0
        for child in (forest.node_left[node], forest.node_right[node]):
            if child >= 0:
                apart += least[child]
            else:
                apart += min(group_cost(child, leaf_states, column_states, forest, book, sketch), DEEP_COST)
        together = group_cost(node, group_states, column_states, forest, book, sketch)
        whole[node] = together <= apart
        least[node] = min(together, apart)
    return whole


@kernel
def group_cost(root: int, limit: int, column_states: int, forest: Forest, book: CodeBook, sketch: Sketch) -> float:
    """Bytes of the tables of a group, plus what its look-ups are worth; infinite above `limit` states."""
    outer, entries, states = sketch_group(root, limit, forest, book, sketch)
    if states > limit:
        return np.inf
    if outer == 0 or states <= column_states:
        return 8.0 * states * entries + LOOK_UP_BYTES * entries
    return 8.0 * states * (entries - outer + 2) + LOOK_UP_BYTES * (entries + 1)


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
