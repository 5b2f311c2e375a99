"""The signals of a subtree, and the cells into which the subtree parts the codes of each."""

from __future__ import annotations

import numpy as np

from explainers.attribution.arrays import Ints
from explainers.attribution.codes import CodeBook
from explainers.attribution.jit import kernel
from explainers.attribution.paths import add_distinct
from explainers.attribution.trees import Forest


@kernel
def group_signals(root: int, forest: Forest, signals: Ints) -> int:
    """Write the distinct signals above and inside the group at `root`; return how many."""
    count = 0
    node = forest.node_parent[root] if root >= 0 else forest.leaf_parent[~root]
    while node >= 0:
        count = add_distinct(forest.node_signal[node], signals, count)
        node = forest.node_parent[node]
    if root >= 0:
        for inside in range(root, root + forest.subtree_nodes[root]):
            count = add_distinct(forest.node_signal[inside], signals, count)
    return count


@kernel
def splits_inside(root: int, signal: int, forest: Forest) -> bool:
    """Tell whether the subtree at `root` splits on a signal; a leaf splits on none."""
    if root >= 0:
        for node in range(root, root + forest.subtree_nodes[root]):
            if forest.node_signal[node] == signal:
                return True
    return False


@kernel
def find_cells(root: int, signal: int, forest: Forest, book: CodeBook, cell_of_code: Ints) -> int:
    """Number the cells of one signal in the group at `root`, in the order of its codes; return how many.

    Codes that never arrive at `root` form one cell. The others are parted by each split inside. Of an outer
    signal, cell 1 is "satisfied".
    """
    codes = book.code_count[signal]
    cells = cell_of_code[:codes]
    cells[:] = 0
    child = root
    node = forest.node_parent[root] if root >= 0 else forest.leaf_parent[~root]
    while node >= 0:
        if forest.node_signal[node] == signal:
            went_left = forest.node_left[node] == child
            for code in range(codes):
                if (book.goes_left[book.left_start[node] + code] == 1) != went_left:
                    cells[code] = 1
        child = node
        node = forest.node_parent[node]
    stays_out = cells.copy()
    count = renumber(cells, 2)
    if not splits_inside(root, signal, forest):
        if count == 2:
            cells[:] = 1 - stays_out
        return count
    for inside in range(root, root + forest.subtree_nodes[root]):
        if forest.node_signal[inside] == signal:
            for code in range(codes):
                goes_left = book.goes_left[book.left_start[inside] + code]
                cells[code] = 2 * cells[code] + (goes_left if stays_out[code] == 0 else 0)
            count = renumber(cells, 2 * codes)
    return count


@kernel
def renumber(cells: Ints, bound: int) -> int:
    """Replace numbers below `bound` by 0, 1, 2, … in the order in which they first occur; return how many."""
    new_number = np.full(bound, -1, np.int64)
    count = 0
    for code in range(len(cells)):
        if new_number[cells[code]] < 0:
            new_number[cells[code]] = count
            count += 1
        cells[code] = new_number[cells[code]]
    return count


@kernel
def count_changes(cell_of_code: Ints, codes: int) -> int:
    """How often the cell changes from one code to the next."""
    changes = 0
    for code in range(1, codes):
        changes += cell_of_code[code] != cell_of_code[code - 1]
    return changes
