"""Compiling the kernel of mixed rows ahead of the first build; the result is kept on disk."""

from __future__ import annotations

import time

import numpy as np

from explainers.attribution.codes import CodeBook
from explainers.attribution.trees import Forest
from explainers.evidence.kernel import score_mixed


def warm_mixtures() -> float:
    """Score a mixture on one made-up tree with one split.

    Returns
    -------
    float
        Seconds taken: about one once per machine, then next to nothing.
    """
    started = time.perf_counter()
    zero, one = np.zeros(1, np.int64), np.ones(1, np.int64)
    forest = Forest(zero, ~zero, ~one, -one, one, np.zeros(1), np.array([1.0, 2.0]), np.zeros(2, np.int64), zero)
    left = np.array([1, 0], np.uint8)
    book = CodeBook(zero, np.zeros(1, np.uint8), 2 * one, zero, np.zeros(1), np.array([0, 2]), left)
    codes, taken, out = np.zeros((1, 1), np.uint16), np.ones((1, 1), np.uint8), np.zeros((1, 2))
    score_mixed(forest, book, codes, taken, zero, np.array([2], np.uint64), 2, 0, 1, out)
    if out.tolist() != [[2.0, 1.0]]:
        raise RuntimeError("the compiled kernel does not find the two leaves there are")
    return time.perf_counter() - started
