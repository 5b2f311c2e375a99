"""How the measures of the attribution engine are taken: times, ratios to LightGBM's predict, memory."""

from __future__ import annotations

import ctypes
import gc
import statistics
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from explainers.attribution import attribute
from tests.bench.attribution_models import Floats

GIB = 2**30


def record(
    measure: str, value: float, unit: str, target: float | None, n: int, note: str = "", at_least: bool = False
) -> dict[str, Any]:
    """One JSON line; `ok` is None for figures without a target."""
    ok = None if target is None else bool(value >= target if at_least else value <= target)
    return {
        "bench": "attribution",
        "measure": measure,
        "value": float(f"{value:.6g}"),
        "unit": unit,
        "target": target,
        "ok": ok,
        "n": n,
        "note": note,
    }


def seconds(work: Callable[[], object]) -> float:
    """Wall time of one call."""
    gc.collect()
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def best(work: Callable[[], object], repeats: int) -> float:
    """Least wall time of several calls."""
    return min(seconds(work) for _ in range(repeats))


def median_of_rows(work: Callable[[Floats], object], rows: Floats) -> float:
    """Median wall time of a call per row: each row differs, so that nothing waits in a cache from the same row."""
    times = []
    for row in range(len(rows)):
        started = time.perf_counter()
        work(rows[row : row + 1])
        times.append(time.perf_counter() - started)
    return statistics.median(times)


def ratio(work: Callable[[], object], peer: Callable[[], object], repeats: int) -> tuple[float, float, float]:
    """Median ratio of interleaved runs, and the best times of both."""
    pairs = [(seconds(peer), seconds(work)) for _ in range(repeats)]
    return (
        statistics.median(own / other for other, own in pairs),
        min(own for _, own in pairs),
        min(other for other, _ in pairs),
    )


def against_predict(comparison: Any, rows: Floats, raw: Floats, repeats: int) -> tuple[float, str]:
    """Ratio of explaining rows (encoding included) to predicting them; `raw` are their raw scores."""
    engine = comparison.engine
    busy = time.process_time()
    engine.model.predict_raw(rows, num_threads=engine.threads)
    predicting = time.process_time() - busy
    attribute(comparison, rows, raw_score=raw)
    explaining = time.process_time() - busy - predicting
    value, own, other = ratio(
        lambda: attribute(comparison, rows, raw_score=raw),
        lambda: engine.model.predict_raw(rows, num_threads=engine.threads),
        repeats,
    )
    per_row = 1e6 / len(rows)
    note = f"{own * per_row:.2f} against {other * per_row:.2f} microseconds a row, {engine.threads} threads"
    return value, f"{note}; processor time {explaining:.2f} against {predicting:.2f} s, {explaining / predicting:.2f} x"


class PeakMemory:
    """Largest resident memory above that at the start, while the block runs."""

    def __enter__(self) -> PeakMemory:
        gc.collect()
        ctypes.CDLL(None).malloc_trim(0)  # give back what earlier measures freed
        self.start = self.peak = resident_bytes()
        self.done = threading.Event()
        self.thread = threading.Thread(target=self._watch)
        self.thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.done.set()
        self.thread.join()

    def _watch(self) -> None:
        while not self.done.wait(0.01):
            self.peak = max(self.peak, resident_bytes())

    @property
    def gib(self) -> float:
        """Gibibytes above the start."""
        return (self.peak - self.start) / GIB


def resident_bytes() -> int:
    """Resident memory of this process (Linux)."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * 4096
