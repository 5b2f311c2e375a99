"""The trees of a LightGBM model as flat arrays.

Nodes of all trees are numbered in preorder, so that a subtree is a run of consecutive nodes.
A child ``c < 0`` is the leaf ``~c``. "Signal" here is the position among the signals that some
split uses; ``used`` gives the model's column of each.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from data.errors import AttributionError
from data.model_text import ModelText, TreeText
from explainers.attribution.arrays import Bools, Floats, Ints


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
class Splits:
    """The decisions at all nodes of a forest as they stand in the model, with their categories picked out."""

    threshold: Floats
    """Numeric splits: values up to it go left."""
    missing_kind: Ints
    """0: missing values are read as zero. 1: zeros and missing go the default way. 2: missing go the default way."""
    default_left: Bools
    """Whether the default way is left."""
    left_categories: dict[int, Ints]
    """Categories that go left, by node; the other nodes have numeric splits."""


@dataclass(frozen=True, eq=False)
class ReadTrees:
    """What `read_trees` finds in a model."""

    forest: Forest
    """The flat arrays."""
    splits: Splits
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
    return ReadTrees(writer.forest(), writer.splits(), used, writer.expected_value)


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
    """Collects trees, one after the other; each is turned into arrays as a whole, since a wide model has many nodes."""

    def __init__(self, used: Ints) -> None:
        self.used = used
        self.nodes = self.leaves = 0
        self.parts: dict[str, list[npt.NDArray[Any]]] = {}
        self.roots: list[int] = []
        self.left_categories: dict[int, Ints] = {}
        self.expected_value = 0.0

    def add(self, tree: TreeText) -> None:
        self.expected_value += _mean_value(tree)
        leaf_parent = np.full(tree.num_leaves, -1, np.int64)
        if tree.num_leaves > 1:
            order = np.array(_preorder(tree), np.int64)
            self._add_nodes(tree, order, leaf_parent)
            self._add_splits(tree, order)
            self.roots.append(self.nodes)
            self.nodes += len(order)
        self._append(leaf_value=tree.leaf_value, leaf_parent=leaf_parent)
        self.leaves += tree.num_leaves

    def _append(self, **parts: npt.NDArray[Any]) -> None:
        for name, part in parts.items():
            self.parts.setdefault(name, []).append(part)

    def _add_nodes(self, tree: TreeText, order: Ints, leaf_parent: Ints) -> None:
        place, parent = np.empty(len(order), np.int64), np.full(len(order), -1, np.int64)
        own = self.nodes + np.arange(len(order))
        place[order] = own
        children = []
        for child in (tree.left_child[order].astype(np.int64), tree.right_child[order].astype(np.int64)):
            inner = child >= 0
            parent[place[child[inner]] - self.nodes] = own[inner]
            leaf_parent[~child[~inner]] = own[~inner]
            children.append(np.where(inner, place[child * inner], child - self.leaves))  # ~(before + ~c) = c − before
        self._append(
            signal=np.searchsorted(self.used, tree.split_feature[order]),
            left=children[0],
            right=children[1],
            parent=parent,
            size=_subtree_sizes(children[0].tolist(), children[1].tolist(), self.nodes),
            left_share=_left_shares(tree, order),
        )

    def _add_splits(self, tree: TreeText, order: Ints) -> None:
        """Bits of `decision_type`: 0 categorical, 1 default left, 2-3 kind of missing."""
        decision, threshold = tree.decision_type[order].astype(np.int64), tree.threshold[order]
        self._append(threshold=threshold, missing_kind=(decision >> 2) & 3, default_left=(decision & 2) > 0)
        for place in np.flatnonzero(decision & 1).tolist():
            first, end = tree.cat_boundaries[int(threshold[place]) : int(threshold[place]) + 2]
            words = np.ascontiguousarray(tree.cat_threshold[first:end]).astype("<u4")
            categories = np.flatnonzero(np.unpackbits(words.view(np.uint8), bitorder="little")).astype(np.int64)
            self.left_categories[self.nodes + place] = categories

    def _ints(self, name: str) -> Ints:
        return np.concatenate([np.zeros(0, np.int64), *self.parts.get(name, [])]).astype(np.int64)

    def _floats(self, name: str) -> Floats:
        return np.concatenate([np.zeros(0), *self.parts.get(name, [])]).astype(np.float64)

    def splits(self) -> Splits:
        default_left = self._ints("default_left").astype(np.bool_)
        return Splits(self._floats("threshold"), self._ints("missing_kind"), default_left, self.left_categories)

    def forest(self) -> Forest:
        return Forest(
            node_signal=self._ints("signal"),
            node_left=self._ints("left"),
            node_right=self._ints("right"),
            node_parent=self._ints("parent"),
            subtree_nodes=self._ints("size"),
            left_share=self._floats("left_share"),
            leaf_value=self._floats("leaf_value"),
            leaf_parent=self._ints("leaf_parent"),
            tree_root=np.array(self.roots, dtype=np.int64),
        )


def _preorder(tree: TreeText) -> list[int]:
    left, right = tree.left_child.tolist(), tree.right_child.tolist()
    order, waiting = [], [0]
    while waiting:
        node = waiting.pop()
        order.append(node)
        waiting.extend(child for child in (right[node], left[node]) if child >= 0)
    return order


def _subtree_sizes(left: list[int], right: list[int], first_node: int) -> Ints:
    """Count nodes per subtree of one tree, from its last node back to its root."""
    sizes = [1] * len(left)
    for node in range(len(left) - 1, -1, -1):
        for child in (left[node], right[node]):
            if child >= 0:
                sizes[node] += sizes[child - first_node]
    return np.array(sizes, np.int64)


def _left_shares(tree: TreeText, order: Ints) -> Floats:
    left = tree.left_child[order].astype(np.int64)
    inner = left >= 0
    rows = np.where(inner, tree.internal_count[left * inner], tree.leaf_count[~left * ~inner]).astype(np.float64)
    total = tree.internal_count[order].astype(np.float64)
    shares = np.full(len(order), np.nan)
    np.divide(rows, total, out=shares, where=total > 0)
    return shares


def _mean_value(tree: TreeText) -> float:
    """Mean over the training rows, as LightGBM weighs it: by the stored count of each leaf."""
    if tree.num_leaves == 1:
        return float(tree.leaf_value[0])
    total = float(tree.leaf_count.sum())
    return float((tree.leaf_value * tree.leaf_count).sum() / total) if total > 0 else float("nan")
