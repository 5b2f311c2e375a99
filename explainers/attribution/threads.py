"""Threads for the kernels.

The kernels release the interpreter lock, so plain threads are enough. numba's own parallel loops are
not used: with its default layer, two threads of a server calling them at once end the process.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

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


def weighted_runs(weights: Iterable[int], count: int) -> list[tuple[int, int]]:
    """Cut a list of weights into at most `count` runs of about equal sums."""
    sums = [0]
    for weight in weights:
        sums.append(sums[-1] + weight)
    runs, first = [], 0
    for part in range(1, count + 1):
        end = first
        while end < len(sums) - 1 and sums[end] * count < sums[-1] * part:
            end += 1
        if end > first:
            runs.append((first, end))
        first = end
    return runs
