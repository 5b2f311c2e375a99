"""From values to codes: the model sees a value only through its thresholds and sets of categories.

All values of a signal between two neighbouring thresholds go the same way at every split, so a
small whole number, the *code*, stands for them. Which way a code goes at a split is looked up in a
table made once with LightGBM's own rules (its ``tree.h``, ``NumericalDecision`` and
``CategoricalDecision``).
"""

from __future__ import annotations

import itertools
import math
from typing import NamedTuple

import numpy as np

from data.errors import AttributionError
from explainers.attribution.arrays import Bytes, CodeMatrix, Floats, Ints, Places, starts
from explainers.attribution.jit import kernel
from explainers.attribution.trees import ReadTrees, Splits

ZERO = float(np.float32(1e-35))
"""LightGBM reads every value from −ZERO to ZERO as zero (its ``kZeroThreshold``, a single precision number)."""
MAX_CODES = 65_535
"""Codes are 16-bit. LightGBM's usual 255 bins need at most 257; more happen with a larger `max_bin`."""
FEW_EDGES = 48
"""Up to so many edges are all compared, many rows at once; a search would wait for each look-up."""
TILE = 256
"""Rows encoded at a time …"""
TOGETHER = 8
"""… for so many signals, whose values mostly lie side by side in a row and are fetched together."""
MISSING_AS_ZERO, ZERO_IS_MISSING, NAN_IS_MISSING = 0, 1, 2


class CodeBook(NamedTuple):
    """How values become codes and where codes go. The last code of a signal means "missing"."""

    column: Ints
    """Column in the model of each signal."""
    is_category: Bytes
    """1 for signals with categorical splits."""
    code_count: Ints
    """Number of codes of each signal, the missing one included."""
    edge_start: Ints
    """Where the edges of each signal begin in `edges`."""
    edges: Floats
    """Thresholds, ascending, filled up with infinity to 2^k − 1 per signal: a search without branches."""
    left_start: Ints
    """Where the decisions of each node begin in `goes_left`."""
    goes_left: Bytes
    """1 if a code goes left, one entry per node and code."""


def make_code_book(trees: ReadTrees) -> CodeBook:
    """Collect the thresholds and categories of each signal and decide every split for every code.

    Parameters
    ----------
    trees : ReadTrees
        The flattened model.

    Returns
    -------
    CodeBook
        Arrays for encoding and deciding.

    Raises
    ------
    AttributionError
        A signal is split both as a number and as a category, or needs more than 65,535 codes.
    """
    forest, splits = trees.forest, trees.splits
    order = np.argsort(forest.node_signal, kind="stable")
    ends = starts(np.bincount(forest.node_signal, minlength=len(trees.used)))
    nodes_of = [order[first:end] for first, end in itertools.pairwise(ends.tolist())]
    is_category = np.array([_is_category(splits, nodes) for nodes in nodes_of], dtype=np.uint8)
    edges = [_edges(splits, nodes) for nodes in nodes_of]
    counts = np.array([_code_count(splits, *pair) for pair in zip(nodes_of, edges, strict=True)], dtype=np.int64)
    left_start = starts(counts[forest.node_signal])
    goes_left = np.zeros(left_start[-1], np.uint8)
    for nodes, edge, count in zip(nodes_of, edges, counts.tolist(), strict=True):
        goes_left[left_start[nodes][:, None] + np.arange(count)] = _decide(splits, nodes, edge, count)
    padded = [_pad(edge) for edge in edges]
    return CodeBook(
        column=trees.used,
        is_category=is_category,
        code_count=counts,
        edge_start=starts(np.array([len(edge) for edge in padded], dtype=np.int64)),
        edges=np.concatenate([np.zeros(0), *padded]),
        left_start=left_start,
        goes_left=goes_left,
    )


def _is_category(splits: Splits, nodes: Ints) -> bool:
    kinds = {node in splits.left_categories for node in nodes.tolist()}
    if len(kinds) > 1:
        raise AttributionError(
            "A signal has two kinds of splits",
            "It is split as a number in one place and as a category in another; one kind is allowed.",
            "The model file was changed by hand or merged from two models. Save the model again.",
        )
    return kinds == {True}


def _edges(splits: Splits, nodes: Ints) -> Floats:
    """Thresholds of a numeric signal; where zero means missing, also the two ends of "zero"."""
    if nodes[0] in splits.left_categories:
        return np.zeros(0)
    edges = splits.threshold[nodes]
    if (splits.missing_kind[nodes] == ZERO_IS_MISSING).any():
        edges = np.append(edges, [math.nextafter(-ZERO, -math.inf), ZERO])
    return np.unique(edges)


def _code_count(splits: Splits, nodes: Ints, edges: Floats) -> int:
    """Numbers: one per interval. Categories: one each and one for all others. Both: one for missing."""
    groups = [splits.left_categories[node] for node in nodes.tolist() if node in splits.left_categories]
    known = max((int(group.max()) + 1 for group in groups if group.size), default=0)
    count = (known if groups else len(edges)) + 2
    if count > MAX_CODES:
        raise AttributionError(
            "A signal has too many thresholds or categories",
            f"One signal needs {count} codes; up to {MAX_CODES} are allowed.",
            "Train with a smaller max_bin, or number the categories from 0 without gaps.",
        )
    return count


def _pad(edges: Floats) -> Floats:
    size = (1 << max(1, len(edges).bit_length())) - 1
    return np.concatenate([edges, np.full(size - len(edges), np.inf)])


def _decide(splits: Splits, nodes: Ints, edges: Floats, count: int) -> Bytes:
    """Which codes go left at the splits of one signal, (nodes, codes).

    An interval is judged by its upper end, which belongs to it.
    """
    left = np.zeros((len(nodes), count), dtype=np.uint8)
    if nodes[0] in splits.left_categories:
        for at, node in enumerate(nodes.tolist()):
            left[at, splits.left_categories[node]] = 1  # unseen, negative and missing categories go right
        return left
    values, threshold = np.append(edges, np.inf), splits.threshold[nodes]
    kind, default = splits.missing_kind[nodes], splits.default_left[nodes]
    left[:, :-1] = values <= threshold[:, None]
    left[:, -1] = np.where(kind != MISSING_AS_ZERO, default, threshold >= 0.0)
    by_default = np.flatnonzero(kind == ZERO_IS_MISSING)
    left[np.ix_(by_default, np.flatnonzero(np.abs(values) <= ZERO))] = default[by_default, None]
    return left


@kernel
def encode_block(rows: Floats, book: CodeBook, first: int, end: int, codes: CodeMatrix) -> bool:
    """Encode rows `first` to `end` into the columns of `codes`; tell whether all numbers were finite."""
    finite = True
    tile, places = np.zeros((TOGETHER, TILE)), np.empty(TILE, np.uint64)
    for start in range(first, end, TILE):
        size = min(end, start + TILE) - start
        for first_signal in range(0, len(book.column), TOGETHER):
            columns = book.column[first_signal : first_signal + TOGETHER]
            finite &= read_tile(rows, start, size, columns, tile)
            for place in range(len(columns)):
                signal = first_signal + place
                target = codes[signal, start : start + size]
                if book.is_category[signal]:
                    encode_categories(tile[place, :size], book.code_count[signal], target)
                else:
                    edges = book.edges[book.edge_start[signal] : book.edge_start[signal + 1]]
                    encode_numbers(tile[place, :size], edges, book.code_count[signal] - 1, places, target)
    return finite


@kernel
def read_tile(rows: Floats, start: int, size: int, columns: Ints, tile: Floats) -> bool:
    """Copy a few columns of some rows, one after the other; tell whether all numbers were finite."""
    for row in range(size):
        for place in range(len(columns)):
            tile[place, row] = rows[start + row, columns[place]]
    infinite = 0
    for place in range(len(columns)):
        for value in tile[place, :size]:
            infinite += abs(value) == np.inf
    return infinite == 0


@kernel
def encode_categories(values: Floats, count: int, target: CodeMatrix) -> None:
    """Write the code of each category: itself if some split names it, else "other" or "missing"."""
    missing, other = count - 1, count - 2
    for row in range(len(target)):
        value = values[row]
        if value != value:
            target[row] = missing
        else:
            target[row] = int(value) if -1.0 < value < other else other


@kernel
def encode_numbers(values: Floats, edges: Floats, missing: int, places: Places, target: CodeMatrix) -> None:
    """Write the number of edges below each value, or the code `missing`; `edges` is filled up to 2^k − 1."""
    for row in range(len(values)):
        if abs(values[row]) <= ZERO:
            values[row] = 0.0
        places[row] = 0
    if missing - 1 <= FEW_EDGES:
        count_edges(values, edges[: missing - 1], places[: len(values)])
    else:
        search_edges(values, edges, places)
    for row in range(len(target)):
        target[row] = places[row] if values[row] == values[row] else missing


@kernel
def count_edges(values: Floats, edges: Floats, places: Places) -> None:
    """Count the edges below each value of a tile, one edge after the other."""
    one, nothing = np.uint64(1), np.uint64(0)
    for edge in edges:
        for row in range(len(places)):
            places[row] += one if edge < values[row] else nothing


@kernel
def search_edges(values: Floats, edges: Floats, places: Places) -> None:
    """Find the number of edges below each value of a tile; all rows take each step of the search together."""
    one, nothing = np.uint64(1), np.uint64(0)
    step = np.uint64((len(edges) + 1) // 2)
    while step > nothing:
        for row in range(len(values)):
            places[row] += step if edges[places[row] + step - one] < values[row] else nothing
        step >>= one
