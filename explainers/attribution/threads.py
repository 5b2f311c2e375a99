"""Threads for the kernels.

The kernels release the interpreter lock, so plain threads are enough. numba's own parallel loops are
not used: with its default layer, two threads of a server calling them at once end the process.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import numpy as np
import numpy.typing as npt

Result = TypeVar("Result")


def available_threads() -> int:
    """Processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def run_all(work: Callable[[int, int], Result], runs: Sequence[tuple[int, int]], threads: int) -> list[Result]:
    """Call ``work(first, end)`` for every run, on several threads if that can help.

    Parameters
    ----------
    work : callable
        Must be safe to call at the same time for different runs.
    runs : sequence of (int, int)
        Runs of rows or groups.
    threads : int
        Most threads at a time.

    Returns
    -------
    list
        What each call returned, in the order of `runs`.
    """
    if threads <= 1 or len(runs) <= 1:
        return [work(first, end) for first, end in runs]
    with ThreadPoolExecutor(min(threads, len(runs))) as pool:
        return list(pool.map(lambda run: work(*run), runs))


def even_runs(total: int, most: int, threads: int) -> list[tuple[int, int]]:
    """Cut `total` items into runs of at most `most`, in equal numbers per thread where possible."""
    if total == 0:
        return []
    count = -(-total // most)
    if count > 1 or total > 2 * threads:
        count = -(-count // threads) * threads
    bounds = [total * i // count for i in range(count + 1)]
    return list(itertools.pairwise(bounds))


def weighted_runs(weights: npt.NDArray[np.int64], count: int) -> list[tuple[int, int]]:
    """Cut an array of weights into at most `count` runs of about equal sums."""
    sums = np.concatenate([[0], np.cumsum(weights)]).astype(np.int64)
    ends = np.searchsorted(sums * count, sums[-1] * np.arange(1, count + 1))
    return list(itertools.pairwise(np.unique([0, *ends]).tolist()))
