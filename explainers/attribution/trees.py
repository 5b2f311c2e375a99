"""The trees of a LightGBM model as flat arrays.

Nodes of all trees are numbered in preorder, so that a subtree is a run of consecutive nodes.
A child ``c < 0`` is the leaf ``~c``. "Signal" here is the position among the signals that some
split uses; ``used`` gives the model's column of each.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from data.errors import AttributionError
from data.model_text import ModelText, TreeText
from explainers.attribution.arrays import Floats, Ints


class Forest(NamedTuple):
    """The shape of all trees; a named tuple because the kernels can read it."""

    node_signal: Ints
    """Signal on which each node splits."""
    node_left: Ints
    """Left child of each node."""
    node_right: Ints
    """Right child of each node."""
    node_parent: Ints
    """Parent of each node, −1 for the root of a tree."""
    subtree_nodes: Ints
    """Number of nodes in the subtree that begins at each node, itself included."""
    left_share: Floats
    """Share of the training rows of each node that went left; only path-dependent mode reads it."""
    leaf_value: Floats
    """Value of each leaf. LightGBM's raw score is their sum, of a random forest too: there the link averages."""
    leaf_parent: Ints
    """Parent node of each leaf, −1 for the leaf of a tree without splits."""
    tree_root: Ints
    """Root node of each tree that has a split."""


@dataclass(frozen=True, eq=False)
class Split:
    """One split as it stands in the model, with its categories picked out."""

    threshold: float
    """Numeric split: values up to it go left."""
    missing_kind: int
    """0: missing values are read as zero. 1: zeros and missing go the default way. 2: missing go the default way."""
    default_left: bool
    """Whether the default way is left."""
    left_categories: Ints | None
    """Categories that go left; None for a numeric split."""


@dataclass(frozen=True, eq=False)
class ReadTrees:
    """What `read_trees` finds in a model."""

    forest: Forest
    """The flat arrays."""
    splits: tuple[Split, ...]
    """The decision at each node of `forest`."""
    used: Ints
    """Column in the model of each signal, ascending."""
    expected_value: float
    """Mean raw score of the training rows by the counts stored in the model, NaN if it has none."""


def read_trees(model: ModelText) -> ReadTrees:
    """Flatten the trees of a parsed model.

    Parameters
    ----------
    model : ModelText
        As read by `data.model_text`.

    Returns
    -------
    ReadTrees
        Flat arrays and the decisions of their nodes.

    Raises
    ------
    AttributionError
        The model has several outputs per row or linear leaves.
    """
    _refuse_other_kinds(model)
    columns = [tree.split_feature for tree in model.trees]
    used = np.unique(np.concatenate([np.zeros(0, np.int64), *columns])).astype(np.int64)
    writer = _Writer(used)
    for tree in model.trees:
        writer.add(tree)
    return ReadTrees(writer.forest(), tuple(writer.splits), used, writer.expected_value)


def _refuse_other_kinds(model: ModelText) -> None:
    if model.num_tree_per_iteration != 1:
        raise AttributionError(
            "This model has several outputs",
            f"It grows {model.num_tree_per_iteration} trees per round; one is allowed.",
            "Use a model with one output, such as binary or regression.",
        )
    if any(tree.is_linear for tree in model.trees):
        raise AttributionError(
            "This model has linear leaves",
            "Its leaves hold linear models; constant leaves are allowed.",
            "Train it with linear_tree=false.",
        )


class _Writer:
    """Collects trees, one after the other, into growing lists."""

    def __init__(self, used: Ints) -> None:
        self.used = used
        self.splits: list[Split] = []
        self.signal: list[int] = []
        self.left: list[int] = []
        self.right: list[int] = []
        self.parent: list[int] = []
        self.size: list[int] = []
        self.left_share: list[float] = []
        self.leaf_value: list[float] = []
        self.leaf_parent: list[int] = []
        self.roots: list[int] = []
        self.expected_value = 0.0

    def add(self, tree: TreeText) -> None:
        first_node, first_leaf = len(self.signal), len(self.leaf_value)
        self.leaf_value.extend(tree.leaf_value.tolist())
        self.leaf_parent.extend([-1] * tree.num_leaves)
        self.expected_value += _mean_value(tree)
        if tree.num_leaves == 1:
            return
        self.roots.append(first_node)
        order = _preorder(tree)
        place = {node: first_node + i for i, node in enumerate(order)}
        self.parent.extend([-1] * len(order))
        for node in order:
            self._add_node(tree, node, place, first_leaf)
        self.size.extend(_subtree_sizes(self.left, self.right, first_node))

    def _add_node(self, tree: TreeText, node: int, place: dict[int, int], first_leaf: int) -> None:
        left, right = int(tree.left_child[node]), int(tree.right_child[node])
        self.signal.append(int(np.searchsorted(self.used, tree.split_feature[node])))
        self.splits.append(_read_split(tree, node))
        self.left_share.append(_left_share(tree, node, left))
        for child, children in ((left, self.left), (right, self.right)):
            if child >= 0:
                children.append(place[child])
                self.parent[place[child]] = place[node]
            else:
                children.append(~(first_leaf + ~child))
                self.leaf_parent[first_leaf + ~child] = place[node]

    def forest(self) -> Forest:
        return Forest(
            node_signal=_ints(self.signal),
            node_left=_ints(self.left),
            node_right=_ints(self.right),
            node_parent=_ints(self.parent),
            subtree_nodes=_ints(self.size),
            left_share=np.array(self.left_share, dtype=np.float64),
            leaf_value=np.array(self.leaf_value, dtype=np.float64),
            leaf_parent=_ints(self.leaf_parent),
            tree_root=_ints(self.roots),
        )


def _ints(values: Sequence[int]) -> Ints:
    return np.array(values, dtype=np.int64)


def _preorder(tree: TreeText) -> list[int]:
    order, waiting = [], [0]
    while waiting:
        node = waiting.pop()
        order.append(node)
        waiting.extend(int(child) for child in (tree.right_child[node], tree.left_child[node]) if child >= 0)
    return order


def _subtree_sizes(left: list[int], right: list[int], first_node: int) -> list[int]:
    """Count nodes per subtree of the last tree, from its last node back to its root."""
    sizes = [1] * (len(left) - first_node)
    for node in range(len(left) - 1, first_node - 1, -1):
        for child in (left[node], right[node]):
            if child >= 0:
                sizes[node - first_node] += sizes[child - first_node]
    return sizes


def _read_split(tree: TreeText, node: int) -> Split:
    """Bits of `decision_type`: 0 categorical, 1 default left, 2-3 kind of missing."""
    decision = int(tree.decision_type[node])
    threshold = float(tree.threshold[node])
    categories = None
    if decision & 1:
        first, end = tree.cat_boundaries[int(threshold) : int(threshold) + 2]
        words = np.ascontiguousarray(tree.cat_threshold[first:end]).astype("<u4")
        categories = np.flatnonzero(np.unpackbits(words.view(np.uint8), bitorder="little")).astype(np.int64)
    return Split(threshold, (decision >> 2) & 3, bool(decision & 2), categories)


def _left_share(tree: TreeText, node: int, left: int) -> float:
    rows = tree.internal_count[left] if left >= 0 else tree.leaf_count[~left]
    total = float(tree.internal_count[node])
    return float(rows) / total if total > 0 else float("nan")


def _mean_value(tree: TreeText) -> float:
    """Mean over the training rows, as LightGBM weighs it: by the stored count of each leaf."""
    if tree.num_leaves == 1:
        return float(tree.leaf_value[0])
    total = float(tree.leaf_count.sum())
    return float((tree.leaf_value * tree.leaf_count).sum() / total) if total > 0 else float("nan")
