"""The patterns of a comparison group at every leaf: all that explaining needs to know of the group.

Formula (3) of `leaves` reads of a comparison group only the share c(q) of each pattern q at each leaf. The rows are
counted once per state of each group of leaves (`states`), which is quick, and the counts are then added up to
patterns, leaf by leaf. Bit k of a pattern stands for the k-th distinct signal on the way from the leaf up to the root,
signals left out that every code satisfies.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from explainers.attribution.arrays import Counts, Ints, States
from explainers.attribution.codes import CodeBook
from explainers.attribution.groups import Groups
from explainers.attribution.jit import kernel
from explainers.attribution.paths import Path, drop_idle, empty_path, position_of, read_path
from explainers.attribution.states import StateCounts
from explainers.attribution.trees import Forest

MOST_SIGNALS = 16
"""Most signals on the path of a leaf that has a table: a pattern is a 16-bit number. The others are in `deep`."""


class LeafPatterns(NamedTuple):
    """Patterns that occur in a comparison group at each leaf that has a table; none at the others."""

    first: Ints
    """Where each leaf's patterns begin in `pattern`, (leaves,)."""
    end: Ints
    """Where they end, (leaves,)."""
    pattern: States
    """Distinct patterns, ascending within each leaf."""
    rows: Counts
    """Rows of the comparison group with each of them."""


def join_patterns(leaves: int, found: list[tuple[Ints, Ints, States, Counts]]) -> LeafPatterns:
    """Put together what `list_patterns` found for one run of groups after the other; `leaves` of the whole model."""
    first, end = np.zeros(leaves, np.int64), np.zeros(leaves, np.int64)
    before = 0
    for leaf, sizes, pattern, _ in found:
        ends = before + np.cumsum(sizes)
        first[leaf], end[leaf] = ends - sizes, ends
        before += len(pattern)
    return LeafPatterns(
        first,
        end,
        np.concatenate([np.zeros(0, np.uint16), *(pattern for _, _, pattern, _ in found)]),
        np.concatenate([np.zeros(0, np.uint32), *(rows for _, _, _, rows in found)]),
    )


@kernel
def list_patterns(
    groups: Groups, forest: Forest, book: CodeBook, counts: StateCounts, longest: int, first_group: int, end_group: int
) -> tuple[Ints, Ints, States, Counts]:
    """Add up the rows per state of some groups of leaves to rows per pattern of their leaves.

    Parameters
    ----------
    groups, forest, book, longest
        The model.
    counts : StateCounts
        The comparison group's rows, for the groups `first_group` to `end_group` only: the first is its number 0.
    first_group, end_group : int
        Which groups.

    Returns
    -------
    leaf : ndarray of int64
        The leaves of these groups that rows can reach.
    sizes : ndarray of int64
        Number of patterns that occur at each.
    pattern, rows : ndarray
        As in `LeafPatterns`.
    """
    path = empty_path(longest, book)
    members = np.empty(len(forest.leaf_value), np.int64)
    leaf, sizes = np.empty(len(members), np.int64), np.empty(len(members), np.int64)
    states = room = 1
    for group in range(first_group, end_group):
        occupied = counts.start[group - first_group + 1] - counts.start[group - first_group]
        room += occupied * leaves_of(groups.root[group], forest, members)
        states = max(states, groups.state_start[group + 1] - groups.state_start[group])
    at_state, met = np.empty(states, np.int64), np.zeros(1 << MOST_SIGNALS, np.uint32)
    pattern, rows = np.empty(room, np.uint16), np.empty(room, np.uint32)
    done = used = 0
    for group in range(first_group, end_group):
        for index in range(leaves_of(groups.root[group], forest, members)):
            signals = drop_idle(path, read_path(members[index], forest, book, path), book)
            if signals < 0:
                continue
            find_patterns(group, groups, path, signals, at_state)
            for place in range(counts.start[group - first_group], counts.start[group - first_group + 1]):
                met[at_state[counts.state[place]]] += counts.rows[place]
            before = used
            for known in range(1 << signals):
                if met[known] > 0:
                    pattern[used], rows[used] = known, met[known]
                    met[known] = 0
                    used += 1
            leaf[done], sizes[done] = members[index], used - before
            done += 1
    return leaf[:done].copy(), sizes[:done].copy(), pattern[:used].copy(), rows[:used].copy()


@kernel
def leaves_of(root: int, forest: Forest, leaves: Ints) -> int:
    """Write the leaves of the group at `root`; return how many."""
    count = 0
    if root < 0:
        leaves[count] = ~root
        count += 1
        return count
    for node in range(root, root + forest.subtree_nodes[root]):
        if forest.node_left[node] < 0:
            leaves[count] = ~forest.node_left[node]
            count += 1
        if forest.node_right[node] < 0:
            leaves[count] = ~forest.node_right[node]
            count += 1
    return count


@kernel
def find_patterns(group: int, groups: Groups, path: Path, signals: int, pattern: Ints) -> None:
    """Write the pattern at a leaf of every state of its group.

    States count like the digits of a number: entry by entry, the patterns of the states so far are
    repeated for each further cell, with the bit of the entry's signal set where the cell satisfies it.
    """
    first, end = groups.entry_start[group], groups.entry_start[group + 1]
    pattern[0] = 0
    done = 1
    for entry in range(first, end):
        place = position_of(groups.signal[entry], path.signal, signals)
        cells = groups.cell_code[groups.cell_start[entry] : groups.cell_start[entry + 1]]
        for cell in range(len(cells) - 1, -1, -1):  # the first cell last: it holds the patterns so far
            bit = np.int64(0)
            if place < signals:
                bit = np.int64(path.satisfied[place, cells[cell]]) << place
            for state in range(done):
                pattern[cell * done + state] = pattern[state] | bit
        done *= len(cells)
