"""Which signals are asked on the way to which leaf of a model.

In a wide model two signals meet on the way to few of its leaves, and few signals are asked on the way to some: only
these leaves matter, and of an application only the signals on the way to them have to be read.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np

from explainers.attribution.arrays import Bools, Ints
from explainers.attribution.engine import Engine

Sides = tuple[Sequence[str], Sequence[str]]
"""Signals of the first and of the second set."""


class Ways:
    """Which signals are asked on the way to which leaf of a model.

    Parameters
    ----------
    engine : Engine
        The model.
    """

    def __init__(self, engine: Engine) -> None:
        forest = engine.forest
        leaf, node = np.arange(len(forest.leaf_parent)), forest.leaf_parent
        leaves, signals = [leaf[:0]], [node[:0]]
        while (inside := node >= 0).any():
            leaf, node = leaf[inside], node[inside]
            leaves.append(leaf)
            signals.append(forest.node_signal[node])
            node = forest.node_parent[node]
        self._leaf, self._signal = np.concatenate(leaves), np.concatenate(signals)
        self._leaves = len(forest.leaf_parent)
        self._names = [engine.feature_names[column] for column in engine.trees.used]
        self._place = {name: place for place, name in enumerate(self._names)}

    def through(self, names: Collection[str]) -> Bools:
        """Return the leaves on whose way at least one of some signals is asked, (leaves,)."""
        asked = np.zeros(len(self._names), np.bool_)
        asked[self.places(names)] = True
        found = np.zeros(self._leaves, np.bool_)
        found[self._leaf[asked[self._signal]]] = True
        return found

    def meeting(self, pairs: Sequence[Sides]) -> Bools:
        """Return the leaves on whose way some pair meets: at least one signal of either set is asked, (leaves,)."""
        known = {side: self.through(side) for sides in pairs for side in map(tuple, sides)}
        found = np.zeros(self._leaves, np.bool_)
        for first, second in pairs:
            found |= known[tuple(first)] & known[tuple(second)]
        return found

    def asked_at(self, leaves: Bools) -> list[str]:
        """Return all signals that are asked on the way to some leaves, in the model's order."""
        return [self._names[place] for place in np.unique(self._signal[leaves[self._leaf]])]

    def places(self, names: Collection[str]) -> list[int]:
        """Return the places of signals among those the model uses; those it does not use are left out."""
        return [self._place[name] for name in names if name in self._place]

    def counts(self) -> Ints:
        """Return the number of different signals on the way to each leaf, (leaves,)."""
        both = np.sort(self._leaf * len(self._names) + self._signal)  # np.unique takes ten times as long
        first = np.ones(len(both), np.bool_)
        first[1:] = both[1:] != both[:-1]
        found: Ints = np.bincount(both[first] // max(len(self._names), 1), minlength=self._leaves)
        return found
