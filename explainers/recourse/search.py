"""Exact search for the least effort: makes a problem of an application and hands it to the compiled search."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

import numpy as np
import pandas as pd

from explainers.attribution.arrays import Ints
from explainers.attribution.engine import Engine
from explainers.recourse import kernel as k
from explainers.recourse.candidates import Codes, Variable, codes_of
from explainers.what_if.changes import Value

BUDGET = 15_000_000
"""Nodes visited before the search gives up, about a fifth of a second: counted, not timed, so that answers repeat."""
MARGIN = 1e-9
"""A raw score must pass by this much: sums in another order differ in the last digits."""


@dataclass(frozen=True)
class Found:
    """One option of the search."""

    changes: dict[str, Value]
    """New values by signal."""
    effort: float
    """Sum of the shares of the population passed by."""


@dataclass(frozen=True)
class SearchResult:
    """What the search found."""

    options: tuple[Found, ...]
    """At most three, least effort first; none moves all that a better one moves, typed or linked."""
    combinations: int
    """Combinations of signals looked at."""
    work: int
    """Nodes of trees visited."""
    full_size: int
    """Every combination of up to so many changes was searched to its end."""
    full: bool
    """Whether all were, up to three."""


def search_changes(
    engine: Engine,
    row: Mapping[str, Any],
    variables: Sequence[Variable],
    goal: float,
    sign: float,
    budget: int = BUDGET,
) -> SearchResult:
    """Find the changes of least effort that bring the raw score to the passing side.

    Parameters
    ----------
    engine : Engine
        The model's trees.
    row : mapping
        Values on file by signal.
    variables : sequence of Variable
        From `make_variables`.
    goal : float
        Raw score at the cut-off.
    sign : float
        +1 when a higher raw score speaks against approval, else −1.
    budget : int
        Most nodes to visit.
    """
    codes = _codes(engine, row)
    trees, nodes, small = _trees(engine, codes, variables, sign)
    problem = _problem(engine, nodes, codes, variables, sign * goal - MARGIN)
    best = k.Best(
        np.full(k.MOST, np.inf), np.zeros(k.MOST, np.int64), *(np.zeros((k.MOST, k.MOST), np.int64) for _ in range(2))
    )
    tried, work, rounds, full = k.search(trees, problem, small, best, budget)
    options = []
    for i in range(k.MOST):
        if best.size[i]:
            pairs = [(variables[best.variable[i, j]], int(best.place[i, j]) - 1) for j in range(best.size[i])]
            options.append(Found({v.name: v.values[p] for v, p in pairs}, float(best.effort[i])))
    return SearchResult(tuple(options), int(tried), int(work), int(rounds), bool(full))


def _codes(engine: Engine, row: Mapping[str, Any]) -> Codes:
    """Return the codes of an application's own values, one per engine signal."""
    book = engine.book
    own = engine.model.encode(pd.DataFrame([row]))[0]
    return np.array([codes_of(book, s, own[[column]])[0] for s, column in enumerate(book.column)], dtype=np.int64)


def _scratch(size: int) -> k.Small:
    slot, offset, left, right, root = (np.zeros(size, np.int64) for _ in range(5))
    leaf, lowest, corner = (np.zeros(size) for _ in range(3))
    return k.Small(slot, offset, left, right, leaf, root, lowest, corner)


def _trees(engine: Engine, codes: Codes, variables: Sequence[Variable], sign: float) -> tuple[k.Trees, Ints, k.Small]:
    """Cut the model down to what any change can reach; return it, the nodes kept, and room to work in."""
    forest, book = engine.trees.forest, engine.book
    size = len(forest.node_signal)
    alone = float(forest.leaf_value[forest.leaf_parent < 0].sum() * sign)
    leaf = forest.leaf_value * sign
    whole = k.Trees(forest.node_signal, forest.node_left, forest.node_right, leaf, forest.tree_root, alone)
    moving = np.full((1, len(book.column)), -1, np.int64)
    moving[0, sorted({signal for v in variables for signal in v.codes})] = 0
    goes = book.goes_left[book.left_start[:-1] + codes[forest.node_signal]]
    none, floats, counts = np.zeros(1, np.int64), np.zeros(1), np.zeros(1, np.uint16)
    once = k.Problem(goes, moving, np.arange(size), counts, none, none, floats, none, np.zeros((1, 1), np.uint8), 0.0)
    small = _scratch(len(leaf) + 1)
    base, nodes, roots = k.cut_down(whole, once, none, 1, small)
    kept = small.offset[:nodes].copy()
    trees = k.Trees(
        forest.node_signal[kept],
        small.left[:nodes].copy(),
        small.right[:nodes].copy(),
        small.leaf[: nodes + roots].copy(),
        small.root[:roots].copy(),
        base,
    )
    return trees, kept, small


def _problem(engine: Engine, nodes: Ints, codes: Codes, variables: Sequence[Variable], goal: float) -> k.Problem:
    """Write an application and its variables as arrays, for the nodes kept."""
    book, signals = engine.book, len(engine.book.column)
    signal_of = engine.trees.forest.node_signal[nodes]
    entry = np.full((len(variables), signals), -1, np.int64)
    width = np.zeros(signals, np.int64)
    for v, variable in enumerate(variables):
        for signal, column in variable.codes.items():
            entry[v, signal] = width[signal]
            width[signal] += len(column) + 1
    block = np.concatenate([[0], np.cumsum(width[signal_of])]).astype(np.int64)
    # signals that take each other along (balances and utilisation) are one change to a person, whichever is typed
    levers = {moved: i for i, moved in enumerate(dict.fromkeys(frozenset(v.codes) for v in variables))}
    group = np.array([levers[frozenset(v.codes)] for v in variables], np.int64)
    moves = (entry >= 0).astype(np.float32)
    return k.Problem(
        goes_left=book.goes_left[book.left_start[nodes] + codes[signal_of]],
        entry=entry,
        block=block,
        lefts=_lefts(engine, nodes, variables, entry, block),
        places=np.array([len(v.values) + 1 for v in variables], np.int64),
        effort_start=np.array([0, *accumulate(len(v.values) + 1 for v in variables)], np.int64),
        effort=np.concatenate([np.zeros(0), *(np.concatenate([[0.0], v.effort]) for v in variables)]),
        group=group,
        conflict=((moves @ moves.T > 0) | (group[:, None] == group[None, :])).astype(np.uint8),
        goal=goal,
    )


def _lefts(engine: Engine, nodes: Ints, variables: Sequence[Variable], entry: Ints, block: Ints) -> k.Counts:
    """Count, for each node and each variable that moves its signal, how many of the first places go left."""
    book, signal_of = engine.book, engine.trees.forest.node_signal[nodes]
    lefts = np.zeros(int(block[-1]), np.uint16)
    order = np.argsort(signal_of, kind="stable")
    first = np.searchsorted(signal_of[order], np.arange(entry.shape[1] + 1))
    for v, variable in enumerate(variables):
        for signal, column in variable.codes.items():
            own = order[first[signal] : first[signal + 1]]
            goes = book.goes_left[book.left_start[nodes[own]][:, None] + column[None, :]]
            at = block[own][:, None] + entry[v, signal] + 1 + np.arange(len(column))[None, :]
            lefts[at] = np.cumsum(goes, axis=1)
    return lefts
