"""How fast and how frugal the attribution engine is, measured against LightGBM's own predict in the same run.

Every ratio comes from interleaved runs on the same rows with the same number of threads, so that other
load on the machine weighs on both. Run: ``python -m tests.bench attribution [--quick] [--only PART]``.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from explainers.attribution import (
    Engine,
    attribute,
    fit_comparison,
    interaction_matrix,
    interactions,
    warm_up,
)
from explainers.attribution.paths import path_signals
from tests.bench.attribution_growth import growth_measures
from tests.bench.attribution_models import CATEGORIES, Floats, Size, lending_rows, train
from tests.bench.attribution_peers import peer_measures
from tests.bench.attribution_timing import (
    GIB,
    PeakMemory,
    against_predict,
    best,
    median_of_rows,
    ratio,
    record,
)

FULL = Size(1_000_000, 100_000, 100_000, 1_800, 500, 40_000, 50_000, 3)
QUICK = Size(50_000, 20_000, 20_000, 600, 60, 6_000, 5_000, 3)


def run(quick: bool, only: str | None = None) -> Iterator[dict[str, Any]]:
    """Yield one record per measure, of one part or of all."""
    yield record("compile or load all kernels", warm_up(), "s", None, 1, "once per machine, then loaded")
    for name, measures in PARTS.items():
        if only in (None, name):
            started = time.perf_counter()
            yield from measures(QUICK if quick else FULL)
            yield record(f"part {name}, all of it", time.perf_counter() - started, "s", None, 1, "training included")


def path_profile(engine: Engine) -> str:
    """Distinct signals per path, as percentiles."""
    room = np.empty(engine.longest, np.int64)
    counts = [path_signals(leaf, engine.forest, room) for leaf in range(len(engine.forest.leaf_value))]
    return "distinct signals per path 50/90/99/max " + "/".join(
        f"{value:.0f}" for value in np.percentile(counts, [50, 90, 99, 100])
    )


def many_measures(size: Size) -> Iterator[dict[str, Any]]:
    """The ordinary model, 40 signals, 300 trees of 31 leaves: many rows at once."""
    engine = Engine(train(size.train_rows, 40, 300, 31, CATEGORIES))
    rows = lending_rows(size.many, 40, CATEGORIES, seed=2)
    raw = engine.model.predict_raw(rows, num_threads=engine.threads)
    for m in (size.large_group, 1_000):
        comparison = fit_comparison(engine, rows[:m], name="first", rule="first rows", raw_score=raw[:m])
        value, note = against_predict(comparison, rows, raw, size.repeats)
        measure = f"40 signals: {size.many:,} rows against {m:,}, ratio to predict"
        yield record(measure, value, "x", 0.35, size.many, note)
    with PeakMemory() as memory:
        attribute(comparison, rows, raw_score=raw)
    output = len(rows) * 40 * 8 / GIB
    yield record(
        f"40 signals: extra memory for {size.many:,} rows", memory.gib, "GiB", None, size.many, f"output {output:.2f}"
    )


def narrow_measures(size: Size) -> Iterator[dict[str, Any]]:
    """The ordinary model: fewer rows, one application, a new group, precision."""
    model = train(size.train_rows, 40, 300, 31, CATEGORIES)
    engine = Engine(model)
    rows = lending_rows(size.large_group, 40, CATEGORIES, seed=2)
    raw = model.predict_raw(rows, num_threads=engine.threads)
    yield record(
        "40 signals: read trees, make groups", best(lambda: Engine(model), 3), "s", None, 1, path_profile(engine)
    )
    small = fit_comparison(engine, rows[:1_000], name="small", rule="first rows")
    value, note = against_predict(small, rows[:10_000], raw[:10_000], 9)
    yield record("40 signals: 10,000 rows against 1,000, ratio to predict", value, "x", 0.5, 10_000, note)
    residual = float(np.abs(attribute(small, rows[:10_000]).residual).max())
    yield record("40 signals: largest residual", residual, "raw score", 1e-9, 10_000)
    yield from small_work_measures(engine, small, rows, 1.0, 0.2)
    yield from choice_measures(engine, rows, size.repeats)


def wide_measures(size: Size) -> Iterator[dict[str, Any]]:
    """The wide model: 1,800 signals, 500 trees of 63 leaves (smaller in a quick run)."""
    signals, n = size.wide_signals, size.wide_rows
    model = train(size.wide_train, signals, size.wide_trees, 63, {})
    rows = lending_rows(n, signals, {}, seed=5)
    engine = Engine(model)
    note = f"trained on {size.wide_train:,} rows, feature_fraction 0.2; {path_profile(engine)}"
    yield record(f"{signals} signals: read trees, make groups", best(lambda: Engine(model), 2), "s", None, 1, note)
    raw = model.predict_raw(rows)
    with PeakMemory() as memory:
        comparison = fit_comparison(engine, rows[:1_000], name="g", rule="r")
        attribute(comparison, rows, raw_score=raw)
    note = f"{memory_parts(comparison)}, output {n * signals * 8 / GIB:.2f}; deep leaves {len(engine.deep_leaves)}"
    yield record(f"{signals} signals: extra memory for {n:,} rows", memory.gib, "GiB", 1.5, n, note)
    value, note = against_predict(comparison, rows, raw, size.repeats)
    note += f"; {engine.groups.signal.size + np.count_nonzero(engine.groups.outer_count):,} look-ups a row"
    yield record(f"{signals} signals: {n:,} rows against 1,000, ratio to predict", value, "x", 2.5, n, note)
    residual = float(np.abs(attribute(comparison, rows[:10_000]).residual).max())
    yield record(f"{signals} signals: largest residual", residual, "raw score", 1e-9, min(n, 10_000))
    yield from small_work_measures(engine, comparison, rows, 3.0, 3.0)


def wide_choice_measures(size: Size) -> Iterator[dict[str, Any]]:
    """Threads and precision, for the wide model."""
    rows = lending_rows(size.wide_rows // 5, size.wide_signals, {}, seed=5)
    yield from choice_measures(Engine(train(size.wide_train, size.wide_signals, size.wide_trees, 63, {})), rows, 3)


def memory_parts(comparison: Any) -> str:
    """What a fitted comparison group holds in memory."""
    tables, patterns = comparison.tables, comparison.patterns
    held = (tables.value.nbytes + tables.upper.nbytes + tables.lower.nbytes) / GIB
    return f"of it tables {held:.2f}, patterns {(patterns.pattern.nbytes + patterns.rows.nbytes) / GIB:.2f}"


def small_work_measures(
    engine: Engine, comparison: Any, rows: Floats, one_target: float, fit_target: float
) -> Iterator[dict[str, Any]]:
    """One application, a new comparison group, interactions."""
    signals, group = rows.shape[1], min(20_000, len(rows))
    raw = engine.model.predict_raw(rows[:group])
    one = median_of_rows(lambda row: attribute(comparison, row), rows[-100:]) * 1e3
    note = "median of 100 different ones, LightGBM's score included"
    yield record(f"{signals} signals: one application, fitted", one, "ms", one_target, 1, note)
    light = replace(comparison, tables=None)
    one = median_of_rows(lambda row: attribute(light, row), rows[-100:]) * 1e3
    yield record(f"{signals} signals: one application, from patterns without tables", one, "ms", None, 1, note)
    fit = best(lambda: fit_comparison(engine, rows[:group], name="g", rule="r", raw_score=raw), 3)
    note = "from float64 rows with known raw scores; hash included"
    yield record(f"{signals} signals: fit a group of {group:,}", fit, "s", fit_target, group, note)
    names = engine.feature_names
    pair = best(lambda: interactions(comparison, rows[:2_000], [names[0]], [names[3]]), 3)
    target = 1.0 if signals <= 40 else None
    yield record(f"{signals} signals: one pair's interaction, 2,000 rows", pair, "s", target, 2_000)
    matrix = best(lambda: interaction_matrix(comparison, rows[:1]), 2)
    yield record(f"{signals} signals: all pairs of one application", matrix, "s", None, 1)


def choice_measures(engine: Engine, rows: Floats, repeats: int) -> Iterator[dict[str, Any]]:
    """Threads, and single against double precision."""
    signals, raw = rows.shape[1], engine.model.predict_raw(rows)
    two_threads = fit_comparison(engine, rows[:1_000], name="g", rule="r")
    one_thread = fit_comparison(Engine(engine.model, threads=1), rows[:1_000], name="g", rule="r")
    value, _, _ = ratio(
        lambda: attribute(one_thread, rows, raw_score=raw), lambda: attribute(two_threads, rows, raw_score=raw), repeats
    )
    measure = f"{signals} signals: one thread's time over that of {engine.threads}"
    yield record(measure, value, "x", None, len(rows))
    single = single_precision(two_threads)
    attribute(single, rows[:100])
    value, _, _ = ratio(
        lambda: attribute(single, rows, raw_score=raw), lambda: attribute(two_threads, rows, raw_score=raw), repeats
    )
    residual = float(np.abs(attribute(single, rows, raw_score=raw).residual).max())
    note = f"largest residual {residual:.1e}: double precision is kept, the bar is 1e-9"
    yield record(f"{signals} signals: single precision tables, ratio to double", value, "x", None, len(rows), note)


def single_precision(comparison: Any) -> Any:
    """The same comparison with tables rounded to single precision."""
    fields = dict(comparison.__dict__)
    tables = comparison.tables
    fields["tables"] = tables._replace(
        value=tables.value.astype(np.float32),
        upper=tables.upper.astype(np.float32),
        lower=tables.lower.astype(np.float32),
    )
    return type(comparison)(**fields)


PARTS = {
    "many": many_measures,
    "narrow": narrow_measures,
    "peers": peer_measures,
    "growth": growth_measures,
    "wide": wide_measures,
    "choice": wide_choice_measures,
}
"""Parts by the name that `--only` takes."""
