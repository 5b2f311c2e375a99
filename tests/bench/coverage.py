"""How often intervals hold the truth, and how often a page with no true difference names one.

Two groups of equal size are drawn again and again; the ratio of their approval rates is known. Candor's score interval,
the plain interval of the logarithm, and Fairlearn's bootstrap (fewer repeats: each takes many resamples) are held
against it in the same run.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from fairlearn.metrics import MetricFrame, selection_rate

from explainers.fairness.intervals import katz_interval, ratio_interval
from explainers.fairness.rates import compare_line, judge
from explainers.fairness.result import AttributeResult, Settings

SIZES = (50, 100, 300, 1_000, 10_000)
RATES = (0.1, 0.3, 0.5, 0.7, 0.9)
RATIOS = (1.0, 0.8)
LOWEST, HIGHEST = 0.93, 0.97
GROUPS = (("race", 5), ("age", 4), ("sex", 2))
"""Attributes of a page with no true difference, and their groups."""


def run(quick: bool) -> Iterator[dict[str, Any]]:
    """Yield every measure."""
    repeats = 4_000 if quick else 20_000
    found = {}
    for ratio in RATIOS:
        for n in SIZES:
            for rate in RATES:
                found[ratio, n, rate] = covered(ratio, n, rate, repeats)
    for name, place in (("score interval", 0), ("plain log interval", 1)):
        target = (LOWEST, HIGHEST) if place == 0 else None
        for label, pick in (("lowest", min), ("highest", max)):
            key = pick(found, key=lambda k, p=place: found[k][p])
            where = f"at ratio {key[0]}, n {key[1]}, approval {key[2]}"
            yield line(f"coverage, {label}, {name}", found[key][place], target, repeats, where)
    for n, rate in ((50, 0.1), (50, 0.5), (300, 0.3)):
        times = 30 if quick else 200
        yield line(
            f"coverage, Fairlearn bootstrap, n {n}, approval {rate}", bootstrapped(n, rate, times), None, times, ""
        )
    for n in (300, 1_000, 5_000):
        pages = 2_000 if quick else 10_000
        flagged = false_flags(n, pages)
        yield line(f"pages with a false flag, n {n}", flagged, (0.0, 0.05), pages, "no true difference")


def covered(ratio: float, n: int, rate: float, repeats: int) -> tuple[float, float]:
    """Return how often each interval holds the true ratio."""
    rng = np.random.default_rng([n, int(rate * 100), int(ratio * 100)])
    sizes = np.full(repeats, float(n))
    k, k0 = (rng.binomial(n, p, repeats).astype(float) for p in (rate * ratio, rate))
    held = []
    for low, high in (ratio_interval(k, sizes, k0, sizes), plain(k, sizes, k0)):
        held.append(float(np.mean((low <= ratio) & (ratio <= high))))
    return held[0], held[1]


def plain(k: Any, sizes: Any, k0: Any) -> tuple[Any, Any]:
    """Return the plain interval; where there is no approval it has no ends, and holds every ratio."""
    with np.errstate(invalid="ignore"):
        low, high = katz_interval(k, sizes, k0, sizes)
    return np.nan_to_num(low, nan=0.0), np.where(np.isnan(high), math.inf, high)


def bootstrapped(n: int, rate: float, times: int) -> float:
    """Return how often Fairlearn's percentile bootstrap holds a true ratio of 0.8 (smallest rate by largest)."""
    rng, held = np.random.default_rng([n, int(rate * 100)]), 0
    groups = np.repeat(["a", "b"], n)
    for i in range(times):
        approved = (rng.random(2 * n) < rate * np.where(groups == "a", 0.8, 1.0)).astype(int)
        frame = MetricFrame(
            metrics=selection_rate, y_true=approved, y_pred=approved, sensitive_features=groups,
            n_boot=100, ci_quantiles=[0.025, 0.975], random_state=i,
        )  # fmt: skip
        low, high = frame.ratio_ci()
        held += bool(low <= 0.8 <= high)
    return held / times


def false_flags(n: int, pages: int) -> float:
    """Return the share of pages on which a group is named although every group has the same rate."""
    rng, flagged = np.random.default_rng(n), 0
    for _ in range(pages):
        parts = [page_part(rng, n, name, groups) for name, groups in GROUPS]
        judged, _ = judge(parts, Settings())
        flagged += any(part.closer for part in judged)
    return flagged / pages


def page_part(rng: np.random.Generator, n: int, name: str, groups: int) -> AttributeResult:
    """Draw one attribute without a true difference."""
    shares = np.array([0.6, *[0.4 / (groups - 1)] * (groups - 1)])
    sizes = np.maximum((n * shares).astype(int), 1)
    approved = rng.binomial(sizes, 0.3)
    lines = tuple(
        compare_line(
            f"{name}{i}", int(approved[i]), int(sizes[i]), int(approved[0]), int(sizes[0]), is_reference=i == 0
        )
        for i in range(groups)
    )
    return AttributeResult(name, name, "observed", f"{name}0", f"{name}0", lines)


def line(measure: str, value: float, target: tuple[float, float] | None, n: int, note: str) -> dict[str, Any]:
    """Return one line; the target is a range."""
    ok = None if target is None else bool(target[0] <= value <= target[1])
    shown = {"measure": measure, "value": round(value, 4), "unit": "share", "target": target, "ok": ok}
    return {"bench": "coverage", **shown, "n": n, "note": note}
