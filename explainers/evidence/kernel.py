"""The model on mixed rows: some signals an application's own, the others of many rows at once.

Walking a tree with a set of rows, one bit for each, costs little more than walking it with one row: where the split is
on the application's own signal all rows go the same way, else the set is cut in two.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from explainers.attribution.arrays import Bytes, CodeMatrix, Floats, Places
from explainers.attribution.codes import CodeBook
from explainers.attribution.trees import Forest
from explainers.recourse.kernel import compiled

ROWS = 64
"""Rows walked at once: the bits of a word."""
STACK = ROWS
"""Sets of rows that wait at once: they have no row in common, so there are never more than rows."""


@compiled
def score_mixed(
    forest: Forest,
    book: CodeBook,
    codes: CodeMatrix,
    taken: Bytes,
    row_of: npt.NDArray[np.int64],
    left_rows: Places,
    rows: int,
    first: int,
    end: int,
    out: Floats,
) -> None:
    """Score mixtures `first` to `end`: what is not taken from the rows is the application's own.

    Parameters
    ----------
    forest, book
        The model.
    codes : ndarray of uint16, (signals, applications)
        Codes of the applications.
    taken, row_of : ndarray, (mixtures, signals) and (mixtures,)
        1 where the rows' value stands in place of the application's; which application it is.
    left_rows, rows : ndarray of uint64, (nodes,), and int
        At each node, the rows whose value goes left, as bits; how many rows there are, at most `ROWS`.
    first, end, out : int, int and ndarray, (mixtures, rows)
        Which mixtures; their raw scores are added to it.
    """
    one = np.uint64(1)
    whole = ~np.uint64(0) >> np.uint64(ROWS - rows)
    nodes, sets = np.empty(STACK, np.int64), np.empty(STACK, np.uint64)
    for mixture in range(first, end):
        application = row_of[mixture]
        shared = 0.0
        for root in forest.tree_root:
            nodes[0], sets[0], waiting = root, whole, 1
            while waiting:
                waiting -= 1
                node, present = nodes[waiting], sets[waiting]
                while node >= 0:
                    signal = forest.node_signal[node]
                    if taken[mixture, signal]:
                        left = present & left_rows[node]
                        if left != present and left != 0:
                            nodes[waiting], sets[waiting] = forest.node_right[node], present & ~left
                            waiting += 1
                            present = left
                        goes_left = left != 0
                    else:
                        goes_left = book.goes_left[book.left_start[node] + codes[signal, application]] == 1
                    node = forest.node_left[node] if goes_left else forest.node_right[node]
                value = forest.leaf_value[~node]
                if present == whole:
                    shared += value
                    continue
                for row in range(rows):
                    if (present >> np.uint64(row)) & one:
                        out[mixture, row] += value
        for row in range(rows):
            out[mixture, row] += shared
