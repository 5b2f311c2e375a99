"""Compiling the search ahead of the first viewer; the result is kept on disk."""

from __future__ import annotations

import time

import numpy as np

from explainers.recourse import kernel as k


def warm_search() -> float:
    """Run the compiled search on one made-up tree with one variable.

    Returns
    -------
    float
        Seconds taken: some ten once per machine, then a part of one.
    """
    started = time.perf_counter()
    one, none = np.ones(1, np.int64), np.zeros(1, np.int64)
    leaf = np.array([0.0, 1.0])
    trees = k.Trees(none, ~none, ~one, leaf, none, 0.0)
    problem = k.Problem(
        goes_left=np.zeros(1, np.uint8),
        entry=np.zeros((1, 1), np.int64),
        block=np.array([0, 3]),
        lefts=np.array([0, 0, 1], np.uint16),
        places=2 * one,
        effort_start=np.array([0, 2]),
        effort=np.array([0.0, 0.1]),
        group=none,
        conflict=np.ones((1, 1), np.uint8),
        goal=0.5,
    )
    ints, floats = [np.zeros(3, np.int64) for _ in range(7)], [np.zeros(3) for _ in range(3)]
    small = k.Small(ints[0], ints[1], ints[2], ints[3], floats[0], ints[4], floats[1], floats[2])
    square = np.zeros((k.MOST, k.MOST), np.int64)
    best = k.Best(np.full(k.MOST, np.inf), ints[5], square, square.copy())
    k.cut_down(trees, problem, none, 1, small)
    k.search(trees, problem, small, best, 1_000)
    if best.effort[0] != 0.1:
        raise RuntimeError("the compiled search does not find the one change there is")
    return time.perf_counter() - started
