"""How fast and how frugal the attribution engine is, measured against LightGBM's own predict in the same run.

Every ratio comes from interleaved runs on the same rows with the same number of threads, so that other
load on the machine weighs on both. Run: ``python -m tests.bench attribution [--quick]``.
"""

from __future__ import annotations

import ctypes
import gc
import hashlib
import statistics
import tempfile
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
import numpy.typing as npt

from data.models import CreditModel, read_model
from explainers.attribution import (
    Engine,
    attribute,
    fit_comparison,
    interaction_matrix,
    interactions,
    warm_up,
)
from explainers.attribution.paths import path_signals

Floats = npt.NDArray[np.float64]
GIB = 2**30
CATEGORIES = {1: 6, 2: 12, 5: 51, 8: 120}


@dataclass(frozen=True)
class Size:
    """How much is done in a full or a quick run."""

    many: int
    large_group: int
    train_rows: int
    wide_signals: int
    wide_trees: int
    wide_train: int
    wide_rows: int
    repeats: int


FULL = Size(1_000_000, 100_000, 100_000, 1_800, 500, 40_000, 50_000, 3)
QUICK = Size(100_000, 20_000, 20_000, 600, 60, 6_000, 5_000, 3)


def run(quick: bool) -> Iterator[dict[str, Any]]:
    """Yield one record per measure."""
    size = QUICK if quick else FULL
    with tempfile.TemporaryDirectory() as folder:
        yield record("compile or load all kernels", warm_up(), "s", None, 1, "once per machine, then loaded")
        narrow = train(Path(folder), size.train_rows, 40, 300, 31, CATEGORIES)
        yield from narrow_measures(narrow, size)
        yield from peer_measures(Path(folder), narrow, size)
        yield from growth_measures(Path(folder), narrow, size)
        wide = train(Path(folder), size.wide_train, size.wide_signals, size.wide_trees, 63, {})
        yield from wide_measures(wide, size, quick)


def record(
    measure: str, value: float, unit: str, target: float | None, n: int, note: str = "", at_least: bool = False
) -> dict[str, Any]:
    """One JSON line; `ok` is None for figures without a target."""
    ok = None if target is None else bool(value >= target if at_least else value <= target)
    return {
        "bench": "attribution",
        "measure": measure,
        "value": round(float(value), 6),
        "unit": unit,
        "target": target,
        "ok": ok,
        "n": n,
        "note": note,
    }


def lending_rows(n: int, signals: int, categories: dict[int, int], seed: int) -> Floats:
    """Correlated signals, some skewed, about a quarter of the cells missing, some categories."""
    random = np.random.default_rng(seed)
    common = random.normal(size=(n, 5))
    rows = np.empty((n, signals))
    for j in range(signals):
        rows[:, j] = 0.6 * common[:, j % 5] + random.normal(size=n)
        if j % 7 == 3:
            rows[:, j] = np.round(np.exp(rows[:, j]) * 5)
        if j % 4:
            rows[random.random(n) < 0.17 * (j % 4), j] = np.nan
    for j, levels in categories.items():
        rows[:, j] = random.integers(0, levels, n)
    return rows


def outcome(rows: Floats, categories: dict[int, int]) -> Floats:
    """An outcome with interactions, from the first forty signals."""
    known = np.nan_to_num(rows[:, :40])
    score = np.zeros(len(rows))
    for i in range(12):
        score += 0.4 * np.tanh(known[:, (3 * i) % 40]) * (1 + 0.7 * (known[:, (3 * i + 1) % 40] > 0))
    for i in range(8):
        score += 0.5 * ((known[:, i] > 0) & (known[:, i + 11] > 0.3)) * np.sign(i - 3.5)
    for j, levels in categories.items():
        score += 0.5 * np.random.default_rng(j).normal(size=levels)[rows[:, j].astype(int)]
    return (score + np.random.default_rng(99).logistic(size=len(rows)) > 0).astype(np.float64)


def train(folder: Path, rows: int, signals: int, trees: int, leaves: int, categories: dict[int, int]) -> CreditModel:
    """Train and read back a model with the given shape."""
    values = lending_rows(rows, signals, categories, seed=1)
    parameters = {
        "objective": "binary",
        "num_leaves": leaves,
        "learning_rate": 0.05,
        "min_data_in_leaf": 50,
        "feature_fraction": 1.0 if signals <= 40 else 0.2,
        "verbose": -1,
        "seed": 1,
    }
    data = lightgbm.Dataset(values, outcome(values, categories), categorical_feature=list(categories))
    path = folder / f"{signals}_{trees}_{leaves}_{len(categories)}.txt"
    lightgbm.train(parameters, data, trees).save_model(path)
    return read_model(path, verified_sha256=hashlib.sha256(path.read_bytes()).hexdigest())


def seconds(work: Callable[[], object]) -> float:
    """Wall time of one call."""
    gc.collect()
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def best(work: Callable[[], object], repeats: int) -> float:
    """Least wall time of several calls."""
    return min(seconds(work) for _ in range(repeats))


def ratio(work: Callable[[], object], peer: Callable[[], object], repeats: int) -> tuple[float, float, float]:
    """Median ratio of interleaved runs, and the best times of both."""
    pairs = [(seconds(peer), seconds(work)) for _ in range(repeats)]
    return (
        statistics.median(own / other for other, own in pairs),
        min(own for _, own in pairs),
        min(other for other, _ in pairs),
    )


def against_predict(comparison: Any, rows: Floats, repeats: int) -> tuple[float, str]:
    """Ratio of explaining rows (encoding included) to predicting them."""
    engine = comparison.engine
    raw = engine.model.predict_raw(rows, num_threads=engine.threads)
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


def path_profile(engine: Engine) -> str:
    """Distinct signals per path, as percentiles."""
    room = np.empty(engine.longest, np.int64)
    counts = [path_signals(leaf, engine.forest, room) for leaf in range(len(engine.forest.leaf_value))]
    return "distinct signals per path 50/90/99/max " + "/".join(
        f"{value:.0f}" for value in np.percentile(counts, [50, 90, 99, 100])
    )


def narrow_measures(model: CreditModel, size: Size) -> Iterator[dict[str, Any]]:
    """The ordinary model: 40 signals, 300 trees of 31 leaves."""
    engine = Engine(model)
    rows = lending_rows(size.many, 40, CATEGORIES, seed=2)
    profile = path_profile(engine)
    yield record("40 signals: read trees, make groups", best(lambda: Engine(model), 3), "s", None, 1, profile)
    large = fit_comparison(engine, rows[: size.large_group], name="large", rule="first rows")
    small = fit_comparison(engine, rows[:1_000], name="small", rule="first rows")
    for name, comparison, n, target in (
        (f"against {size.large_group:,}", large, size.many, 0.35),
        ("against 1,000", small, size.many, 0.35),
        ("against 1,000", small, 10_000, 0.5),
    ):
        value, note = against_predict(comparison, rows[:n], size.repeats if n > 10_000 else 9)
        yield record(f"40 signals: {n:,} rows {name}, ratio to predict", value, "x", target, n, note)
    residual = float(np.abs(attribute(small, rows[:10_000]).residual).max())
    yield record("40 signals: largest residual", residual, "raw score", 1e-9, 10_000)
    yield from small_work_measures(engine, small, rows, 1.0, 0.2)
    yield from choice_measures(engine, small, rows[:100_000], size)


def small_work_measures(
    engine: Engine, comparison: Any, rows: Floats, one_target: float, fit_target: float
) -> Iterator[dict[str, Any]]:
    """One application, a new comparison group, interactions."""
    signals, group = rows.shape[1], min(20_000, len(rows))
    raw = engine.model.predict_raw(rows[:group])
    one = best(lambda: attribute(comparison, rows[:1]), 30) * 1e3
    yield record(f"{signals} signals: one application, fitted", one, "ms", one_target, 1, "with LightGBM's score")
    fit = best(lambda: fit_comparison(engine, rows[:group], name="g", rule="r", raw_score=raw), 3)
    note = "from float64 rows with known raw scores; hash included"
    yield record(f"{signals} signals: fit a group of {group:,}", fit, "s", fit_target, group, note)
    names = engine.feature_names
    pair = best(lambda: interactions(comparison, rows[:2_000], [names[0]], [names[3]]), 3)
    target = 1.0 if signals <= 40 else None
    yield record(f"{signals} signals: one pair's interaction, 2,000 rows", pair, "s", target, 2_000)
    matrix = best(lambda: interaction_matrix(comparison, rows[:1]), 2)
    yield record(f"{signals} signals: all pairs of one application", matrix, "s", None, 1)


def choice_measures(engine: Engine, comparison: Any, rows: Floats, size: Size) -> Iterator[dict[str, Any]]:
    """Threads, and single against double precision."""
    one_thread = fit_comparison(Engine(engine.model, threads=1), rows[:1_000], name="g", rule="r")
    two_threads = fit_comparison(Engine(engine.model, threads=2), rows[:1_000], name="g", rule="r")
    raw = engine.model.predict_raw(rows)
    value, _, _ = ratio(
        lambda: attribute(one_thread, rows, raw_score=raw), lambda: attribute(two_threads, rows, raw_score=raw), 5
    )
    yield record("40 signals: one thread's time over two threads'", value, "x", None, len(rows))
    single = single_precision(two_threads)
    attribute(single, rows[:100])
    value, _, _ = ratio(
        lambda: attribute(single, rows, raw_score=raw), lambda: attribute(two_threads, rows, raw_score=raw), 5
    )
    residual = float(np.abs(attribute(single, rows, raw_score=raw).residual).max())
    note = f"largest residual {residual:.1e}: double precision is kept, the bar is 1e-9"
    yield record("40 signals: single precision tables, ratio to double", value, "x", None, len(rows), note)


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


def peer_measures(folder: Path, model: CreditModel, size: Size) -> Iterator[dict[str, Any]]:
    """LightGBM's pred_contrib, shap and woodelf on 10,000 rows; slow peers on fewer, scaled by rows."""
    engine = Engine(model)
    rows = lending_rows(10_000, 40, CATEGORIES, seed=3)
    comparison = fit_comparison(engine, rows[:1_000], name="g", rule="r")
    raw = model.predict_raw(rows)
    own = best(lambda: attribute(comparison, rows, raw_score=raw), 5)
    some = rows[:1_000]
    peer = seconds(lambda: model.booster.predict(some, pred_contrib=True, num_threads=engine.threads)) * 10
    note = f"pred_contrib on 1,000 rows: {peer / 10:.2f} s"
    yield record("times faster than pred_contrib, 10,000 rows", peer / own, "x", 100, 10_000, note, at_least=True)
    numeric = train(folder, size.train_rows // 2, 40, 300, 31, {})
    engine = Engine(numeric)
    rows = lending_rows(10_000, 40, {}, seed=3)
    comparison, raw = fit_comparison(engine, rows[:1_000], name="g", rule="r"), numeric.predict_raw(rows)
    own = best(lambda: attribute(comparison, rows, raw_score=raw), 5)
    yield from shap_measure(numeric, rows, own)
    yield from woodelf_measure(numeric, rows, own)


def shap_measure(model: CreditModel, rows: Floats, own: float) -> Iterator[dict[str, Any]]:
    """The interventional explainer of shap with 100 background rows, which is what it silently uses."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import shap

        masker = shap.maskers.Independent(rows[:100], max_samples=100)
        explainer = shap.TreeExplainer(model.booster, masker, feature_perturbation="interventional")
        peer = seconds(lambda: explainer.shap_values(rows[:100], check_additivity=False)) * 100
    note = f"shap on 100 rows against 100: {peer / 100:.2f} s, scaled; ours against 1,000; no categories"
    yield record(
        "times faster than shap.TreeExplainer, 10,000 rows", peer / own, "x", 1_000, 10_000, note, at_least=True
    )


def woodelf_measure(model: CreditModel, rows: Floats, own: float) -> Iterator[dict[str, Any]]:
    """woodelf-explainer if it is installed; it is not among our requirements."""
    measure = "times faster than woodelf-explainer, 10,000 rows"
    try:
        import pandas as pd
        from woodelf.explainer import WoodelfExplainer
    except ImportError:
        yield record(measure, float("nan"), "x", None, 0, "woodelf-explainer is not installed")
        return
    table = pd.DataFrame(rows, columns=list(model.feature_names))
    peer = seconds(lambda: WoodelfExplainer(model.booster, table[:1_000]).shap_values(table, verbose=False))
    note = f"woodelf: {peer:.2f} s against 1,000; no categories"
    yield record(measure, peer / own, "x", 50, 10_000, note, at_least=True)


def growth_measures(folder: Path, model: CreditModel, size: Size) -> Iterator[dict[str, Any]]:
    """Exponents of growth: 1 is proportional, 0 is no growth."""
    rows = lending_rows(size.large_group, 40, CATEGORIES, seed=4)
    raw = np.zeros(len(rows))
    engine = Engine(model)
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
            other = Engine(train(folder, size.train_rows // 4, 40, trees, leaves, CATEGORIES))
            group = fit_comparison(other, rows[:1_000], name="g", rule="r")
            some = rows[:20_000]
            times.append(best(lambda group=group, some=some: attribute(group, some, raw_score=raw[: len(some)]), 3))
        yield growth(f"time to explain with {name}", values, times)


def growth(measure: str, sizes: Any, times: list[float]) -> dict[str, Any]:
    """Slope of log time over log size."""
    slope = np.polyfit(np.log(sizes), np.log(times), 1)[0]
    note = ", ".join(f"{n:,}: {t * 1e3:.1f} ms" for n, t in zip(sizes, times, strict=True))
    return record(f"exponent of {measure}", slope, "exponent", None, int(sizes[-1]), note)


def wide_measures(model: CreditModel, size: Size, quick: bool) -> Iterator[dict[str, Any]]:
    """The wide model: 1,800 signals, 500 trees of 63 leaves (smaller in a quick run)."""
    signals, n = size.wide_signals, size.wide_rows
    rows = lending_rows(n, signals, {}, seed=5)
    engine = Engine(model)
    note = f"trained on {size.wide_train:,} rows, feature_fraction 0.2; {path_profile(engine)}"
    yield record(f"{signals} signals: read trees, make groups", best(lambda: Engine(model), 2), "s", None, 1, note)
    raw = model.predict_raw(rows)
    with PeakMemory() as memory:
        comparison = fit_comparison(engine, rows[:1_000], name="g", rule="r")
        attribute(comparison, rows, raw_score=raw)
    output = n * signals * 8 / GIB
    tables = (comparison.tables.value.nbytes + 2 * comparison.tables.upper.nbytes) / GIB
    counts = comparison.counts.nbytes / GIB
    note = f"of it tables {tables:.2f}, counts {counts:.2f}, output {output:.2f}; deep leaves {len(engine.deep_leaves)}"
    yield record(f"{signals} signals: extra memory for {n:,} rows", memory.gib, "GiB", 1.5, n, note)
    value, note = against_predict(comparison, rows, size.repeats)
    note += "; smaller model than the target's" if quick else ""
    yield record(f"{signals} signals: {n:,} rows against 1,000, ratio to predict", value, "x", 2.5, n, note)
    yield from small_work_measures(engine, comparison, rows, 3.0, 3.0)
