"""The search itself, compiled: every combination of one to three changes, without looking at each.

A *variable* is one way to change one signal: a list of candidate values, least effort first. Place 0 is the value on
file. A *box* is a run of places for each of up to three variables. Over a box, each tree can only reach some of
its leaves; the sum over trees of the lowest leaf in reach is a bound below which no row of the box can fall. A box
whose bound does not pass is dropped whole; one whose cheapest corner passes is answered by that corner; any
other is cut in two. So nothing that passes is overlooked, and the answer is the least effort there is.

The same idea is branch and bound for tree ensembles: Parmentier and Vidal, "Optimal counterfactual explanations in tree
ensembles", ICML 2021 (there by mixed integer programming).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt
from numba import njit

from explainers.attribution.arrays import Bytes, Floats, Ints

Counts = npt.NDArray[np.uint16]
Function = TypeVar("Function", bound=Callable[..., Any])
MOST = 3
"""Changes in one option, and options in one answer."""
STACK = 64
"""Boxes waiting at once: each cut adds one, and a run of places can be cut 16 times."""


def compiled(function: Function) -> Function:
    """Compile a function on first use; kept on disk beside its source where that folder can be written."""
    try:
        made: Any = njit(cache=True, nogil=True, error_model="numpy")(function)
    except RuntimeError:
        made = njit(nogil=True, error_model="numpy")(function)
    result: Function = made
    return result


class Trees(NamedTuple):
    """The model, with leaves signed so that lower is better."""

    signal: Ints
    """Signal of each node."""
    left: Ints
    """Left child; a leaf is ~leaf."""
    right: Ints
    """Right child."""
    leaf: Floats
    """Leaf values, raw score, times −1 where a lower score is riskier."""
    root: Ints
    """First node of each tree that has a split."""
    constant: float
    """Sum of the leaves of trees without splits."""


class Problem(NamedTuple):
    """One application, and what may change about it."""

    goes_left: Bytes
    """1 if the application itself goes left, for each node."""
    entry: Ints
    """(variables, signals): where the decisions of a variable begin in a node's block; −1 where it moves nothing."""
    block: Ints
    """Where the block of each node begins in `lefts`."""
    lefts: Counts
    """For each node and variable that moves its signal: how many of the first k places go left, k = 0 … places."""
    places: Ints
    """Places of each variable, the one on file included."""
    effort_start: Ints
    """Where the efforts of each variable begin."""
    effort: Floats
    """Effort of each place, rising, 0 for the first."""
    group: Ints
    """The signal that each variable changes, as a number."""
    conflict: Bytes
    """(variables, variables): 1 where two variables move a common signal."""
    goal: float
    """The signed raw score must not be above this."""


class Small(NamedTuple):
    """The trees as far as they depend on the variables of one combination; a scratch space."""

    slot: Ints
    offset: Ints
    left: Ints
    right: Ints
    leaf: Floats
    root: Ints
    lowest: Floats
    corner: Floats


class Best(NamedTuple):
    """The options found so far, least effort first."""

    effort: Floats
    size: Ints
    variable: Ints
    place: Ints


@compiled
def cut_down(trees: Trees, problem: Problem, active: Ints, size: int, small: Small) -> tuple[float, int, int]:
    """Keep of each tree what the active variables can reach; return the rest's sum, and how many nodes and roots."""
    base, nodes, roots, leaves = trees.constant, 0, 0, 0
    waiting = np.empty(len(trees.leaf) + 1, np.int64)
    parent = np.empty(len(trees.leaf) + 1, np.int64)
    for tree in range(len(trees.root)):
        top = 1
        waiting[0], parent[0] = trees.root[tree], 0
        first = nodes
        while top:
            top -= 1
            node, link = waiting[top], parent[top]
            slot, offset = -1, 0
            while node >= 0:
                for i in range(size):
                    at = problem.entry[active[i], trees.signal[node]]
                    if at >= 0:
                        slot, offset = i, problem.block[node] + at
                if slot >= 0:
                    break
                node = trees.left[node] if problem.goes_left[node] else trees.right[node]
            if node < 0:
                place = ~leaves
                small.leaf[leaves] = trees.leaf[~node]
                leaves += 1
            else:
                place = nodes
                small.slot[nodes], small.offset[nodes] = slot, offset
                waiting[top], parent[top] = trees.right[node], 2 * nodes + 2
                waiting[top + 1], parent[top + 1] = trees.left[node], 2 * nodes + 1
                top += 2
                nodes += 1
            if link > 0:
                if link % 2:
                    small.left[(link - 1) // 2] = place
                else:
                    small.right[(link - 2) // 2] = place
            elif place < 0:
                leaves -= 1
                base += small.leaf[leaves]
        if nodes > first:
            small.root[roots] = first
            roots += 1
    return base, nodes, roots


@compiled
def bound(small: Small, lefts: Counts, nodes: int, roots: int, low: Ints, high: Ints) -> tuple[float, float]:
    """Return the lowest sum any row of a box could have, tree by tree, and the sum at its cheapest corner."""
    for node in range(nodes - 1, -1, -1):
        at, slot = small.offset[node], small.slot[node]
        first, last = low[slot], high[slot]
        before = lefts[at + first]
        count = lefts[at + last + 1] - before
        left, right = small.left[node], small.right[node]
        lowest_left = small.leaf[~left] if left < 0 else small.lowest[left]
        lowest_right = small.leaf[~right] if right < 0 else small.lowest[right]
        if count == 0:
            small.lowest[node] = lowest_right
        elif count == last - first + 1:
            small.lowest[node] = lowest_left
        else:
            small.lowest[node] = min(lowest_left, lowest_right)
        if lefts[at + first + 1] > before:
            small.corner[node] = small.leaf[~left] if left < 0 else small.corner[left]
        else:
            small.corner[node] = small.leaf[~right] if right < 0 else small.corner[right]
    lowest, corner = 0.0, 0.0
    for tree in range(roots):
        lowest += small.lowest[small.root[tree]]
        corner += small.corner[small.root[tree]]
    return lowest, corner


@compiled
def search_box(
    problem: Problem, small: Small, active: Ints, size: int, shape: tuple[float, int, int], limit: float, budget: int
) -> tuple[float, Ints, int]:
    """Return the least effort below `limit` with every active variable changed, its places, and the work done."""
    base, nodes, roots = shape
    low = np.ones((STACK, MOST), np.int64)
    high = np.ones((STACK, MOST), np.int64)
    best, found, work = limit, np.zeros(MOST, np.int64), 0
    for i in range(size):
        high[0, i] = problem.places[active[i]] - 1
    top = 1
    while top and work < budget:
        top -= 1
        cheapest = 0.0
        for i in range(size):
            cheapest += problem.effort[problem.effort_start[active[i]] + low[top, i]]
        if cheapest >= best:
            continue
        for i in range(size):  # places that cost too much even with all others at their cheapest
            first, start = low[top, i], problem.effort_start[active[i]]
            most = best - cheapest + problem.effort[start + first]
            while high[top, i] > first and problem.effort[start + high[top, i]] >= most:
                high[top, i] -= 1
        lowest, corner = bound(small, problem.lefts, nodes, roots, low[top], high[top])
        work += nodes + 8
        if base + corner <= problem.goal:
            best = cheapest
            found[:] = low[top]
            continue
        wide = 0
        for i in range(1, size):
            if high[top, i] - low[top, i] > high[top, wide] - low[top, wide]:
                wide = i
        first, last = low[top, wide], high[top, wide]
        if base + lowest > problem.goal or first == last:
            continue
        middle = (first + last) // 2
        low[top + 1], high[top + 1] = low[top], high[top]
        low[top, wide], high[top + 1, wide] = middle + 1, middle
        top += 2
    return best, found, work if top == 0 or work < budget else -work


@compiled
def limit_of(problem: Problem, best: Best, active: Ints, size: int) -> float:
    """Return the effort that a new option with these variables has to stay below to be among the answers."""
    limit = float(best.effort[MOST - 1])
    for option in range(MOST):
        inside = best.size[option] > 0
        for j in range(best.size[option]):
            there = False
            for i in range(size):
                there |= problem.group[active[i]] == problem.group[best.variable[option, j]]
            inside &= there
        if inside:
            limit = min(limit, float(best.effort[option]))
    return limit


@compiled
def keep(problem: Problem, best: Best, active: Ints, size: int, effort: float, places: Ints) -> None:
    """Put an option in its place; one that changes the same signals with more effort makes room."""
    drop = MOST - 1
    for option in range(MOST):
        same = best.size[option] == size
        for j in range(best.size[option]):
            there = False
            for i in range(size):
                there |= problem.group[active[i]] == problem.group[best.variable[option, j]]
            same &= there
        if same:
            drop = option
    at = drop
    while at > 0 and best.effort[at - 1] > effort:
        best.effort[at], best.size[at] = best.effort[at - 1], best.size[at - 1]
        best.variable[at], best.place[at] = best.variable[at - 1], best.place[at - 1]
        at -= 1
    best.effort[at], best.size[at] = effort, size
    best.variable[at, :size], best.place[at, :size] = active[:size], places[:size]


@compiled
def try_one(
    trees: Trees, problem: Problem, small: Small, best: Best, active: Ints, size: int, budget: int
) -> tuple[int, bool]:
    """Search one combination of variables; return the work done and whether it was searched to its end."""
    least = 0.0
    for i in range(size):
        least += problem.effort[problem.effort_start[active[i]] + 1]
        for j in range(i):
            if problem.conflict[active[i], active[j]]:
                return 1, True
    limit = limit_of(problem, best, active, size)
    if least >= limit:
        return 1, True
    shape = cut_down(trees, problem, active, size, small)
    cost = 4 * len(trees.root)
    effort, places, work = search_box(problem, small, active, size, shape, limit, budget)
    if effort < limit:
        keep(problem, best, active, size, effort, places)
    return cost + abs(work), work >= 0


@compiled
def search(trees: Trees, problem: Problem, small: Small, best: Best, budget: int) -> tuple[int, int, int, bool]:
    """Search all single changes, then all pairs, then all triples, within a budget of work.

    Returns
    -------
    tuple
        Combinations of signals looked at, work done, the size of the last full round, whether all rounds are full.
    """
    n, tried, work, rounds = len(problem.places), 0, 0, 0
    active = np.zeros(MOST, np.int64)
    for size in range(1, MOST + 1):
        if size > n:
            return tried, work, MOST, True
        for i in range(size):
            active[i] = i
        while True:
            done, full = try_one(trees, problem, small, best, active, size, budget - work)
            work += done
            tried += 1
            if not full or work >= budget:
                return tried, work, rounds, False
            i = size - 1
            while i >= 0 and active[i] == n - size + i:
                i -= 1
            if i < 0:
                break
            active[i] += 1
            for j in range(i + 1, size):
                active[j] = active[j - 1] + 1
        rounds = size
    return tried, work, rounds, True
