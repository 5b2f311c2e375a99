"""How the engine's times grow with rows, group size, trees and leaves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from explainers.attribution import Engine, attribute, fit_comparison
from tests.bench.attribution_models import CATEGORIES, Size, lending_rows, train
from tests.bench.attribution_timing import best, record


def growth_measures(size: Size) -> Iterator[dict[str, Any]]:
    """Exponents of growth: 1 is proportional, 0 is no growth."""
    rows = lending_rows(size.large_group, 40, CATEGORIES, seed=4)
    raw = np.zeros(len(rows))
    engine = Engine(train(size.train_rows, 40, 300, 31, CATEGORIES))
    comparison = fit_comparison(engine, rows[:1_000], name="g", rule="r")
    counts = [len(rows) // 8, len(rows) // 4, len(rows) // 2, len(rows)]
    times = [best(lambda n=n: attribute(comparison, rows[:n], raw_score=raw[:n]), 3) for n in counts]
    yield growth("time to explain with rows", counts, times)
    groups = [fit_comparison(engine, rows[:n], name="g", rule="r") for n in counts]
    times = [best(lambda group=group: attribute(group, rows[:10_000], raw_score=raw[:10_000]), 5) for group in groups]
    yield growth("time to explain with group size", counts, times)
    times = [
        best(lambda n=n: fit_comparison(engine, rows[:n], name="g", rule="r", raw_score=raw[:n]), 3) for n in counts
    ]
    yield growth("time to fit with group size", counts, times)
    for name, values in (("trees", (75, 150, 300)), ("leaves", (15, 31, 62))):
        times = []
        for value in values:
            trees, leaves = (value, 31) if name == "trees" else (100, value)
            other = Engine(train(size.train_rows // 4, 40, trees, leaves, CATEGORIES))
            group = fit_comparison(other, rows[:1_000], name="g", rule="r")
            some = rows[:20_000]
            times.append(best(lambda group=group, some=some: attribute(group, some, raw_score=raw[: len(some)]), 3))
        yield growth(f"time to explain with {name}", values, times)


def growth(measure: str, sizes: Any, times: list[float]) -> dict[str, Any]:
    """Slope of log time over log size."""
    slope = np.polyfit(np.log(sizes), np.log(times), 1)[0]
    note = ", ".join(f"{n:,}: {t * 1e3:.1f} ms" for n, t in zip(sizes, times, strict=True))
    return record(f"exponent of {measure}", slope, "exponent", None, int(sizes[-1]), note)
