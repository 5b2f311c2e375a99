"""Recourse and what-if: how fast, how often an option is found, and how well a partner could rebuild the model.

The rebuilding plays a partner who spends every question there is: what-ifs (estimates in whole percentage points)
and, in the last lines, look-ups too (to a tenth of a point). It is told more than the pages tell: every value of every
signal. The best of three surrogates counts, by R² against the model's own estimates of other applications.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.linear_model import RidgeCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from data.access import LOCAL_VIEWER, Audience, Viewer
from data.demo.scaled import generate_scaled
from data.reader import Reader
from data.snapshots import open_reader, open_snapshot
from explainers.attribution import Engine
from explainers.build import build_snapshot
from explainers.decision.compute import FittedGroup, fit_group, group_for
from explainers.recourse.candidates import Population, make_variables
from explainers.recourse.compute import compute_recourse, fit_population
from explainers.recourse.search import search_changes
from explainers.what_if.changes import Allowed, ChangeProblems, Value, allowed_changes, changed_row, check_changes
from explainers.what_if.compute import POINT, compute_what_if

TENTH = 0.001
HOURS = (1, 24)
MOST_DRAWS = 50
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Size:
    """How much is measured."""

    rows: int
    declined: int
    held_out: int


FULL, QUICK = Size(1_000_000, 300, 20_000), Size(30_000, 60, 5_000)


def run(quick: bool) -> Iterator[dict[str, Any]]:
    """Yield every measure."""
    size = QUICK if quick else FULL
    with tempfile.TemporaryDirectory(prefix="candor-bench-") as name:
        made = generate_scaled(Path(name) / "inputs", n=size.rows)
        built = build_snapshot(made.card, Path(name) / "snapshots", seed=0)
        yield from measure(Path(name) / "snapshots", built.parent.name, built.name, size)


def measure(root: Path, model_id: str, snapshot_id: str, size: Size) -> Iterator[dict[str, Any]]:
    """Yield every measure of one snapshot."""
    snapshot = open_snapshot(root, model_id, snapshot_id)
    reader = open_reader(snapshot, LOCAL_VIEWER)
    engine = Engine(reader.room.model)
    yield from search_time(reader, engine, size)
    yield from what_if_time(reader, engine, size)
    partner = str(reader.cutoffs()["partner"].iloc[0])
    yield from rebuild(open_reader(snapshot, Viewer("bench", Audience.PARTNER, partner)), reader, size)


def record(
    measured: str, value: float, unit: str, target: float | None, n: int, note: str = "", digits: int = 3
) -> dict[str, Any]:
    """Return one line; where there is a target, smaller is better."""
    ok = None if target is None else bool(value <= target)
    line = {"bench": "recourse", "measure": measured, "value": round(float(value), digits), "unit": unit}
    return line | {"target": target, "ok": ok, "n": n, "note": note}


def numbers(reader: Reader, kind: str, count: int, seed: int = 0) -> list[str]:
    """Return numbers of different applications of a kind, drawn at random."""
    condition = {"declined": "decision = 'declined'", "any": "true"}[kind]
    found = reader._database.frame(
        f"SELECT application_id FROM seen WHERE {condition} ORDER BY hash(row_no + $seed), row_no LIMIT $n",
        {"seed": seed * 1_000_003, "n": count},
    )
    return [str(number) for number in found["application_id"]]


def search_time(reader: Reader, engine: Engine, size: Size) -> Iterator[dict[str, Any]]:
    """Time of the search alone, and of a whole recourse answer: rows, search, scoring, the neighbour."""
    started = time.perf_counter()
    population = fit_population(reader)
    first = time.perf_counter() - started
    note = f"percentiles of {population.n:,} of {population.n_total:,} applications, once per snapshot and viewer"
    yield record("recourse, counting the population", first, "s", 2.0, population.n_total, note)
    asked = numbers(reader, "declined", size.declined)
    compute_recourse(reader, engine, asked[0], population)
    results, whole, alone = [], Clock(), Clock()
    for number in asked:
        with whole:
            results.append(compute_recourse(reader, engine, number, population))
        search_alone(reader, engine, number, population, alone)
    searched = [r for r in results if r.rule is None]
    yield from alone.records("search, up to three changes", 50.0, 300.0)
    yield from whole.records("recourse, whole answer", None, 300.0)
    found = np.mean([bool(r.options) for r in searched])
    yield record("declined by the model with an option", found, "share", None, len(searched))
    full = np.mean([r.full for r in searched])
    yield record("searched to the end, up to three changes", full, "share", None, len(searched))


def search_alone(reader: Reader, engine: Engine, number: str, population: Population, clock: Clock) -> None:
    """Time one search without reading or writing anything."""
    room, record_ = reader.room, reader.room.application(number)
    row = room.signal_values([record_.row_no]).iloc[0].to_dict()
    goal = float(room.model.raw_from_estimate(record_.cutoff))
    with clock:
        allowed = allowed_changes(room.card, room.model.shape, row, reader.viewer.policy)
        search_changes(engine, row, make_variables(room.card, engine, row, allowed, population), goal, 1.0)


class Clock:
    """Adds up wall time and this thread's own time, which other load on the machine does not lengthen."""

    def __init__(self) -> None:
        self.wall: list[float] = []
        self.own: list[float] = []

    def __enter__(self) -> None:
        self.wall.append(-time.perf_counter())
        self.own.append(-time.thread_time())

    def __exit__(self, *_: object) -> None:
        self.wall[-1] += time.perf_counter()
        self.own[-1] += time.thread_time()

    def records(self, name: str, median: float | None, p95: float | None) -> Iterator[dict[str, Any]]:
        """Yield median and 95th percentile in ms."""
        for label, share, target in (("median", 0.5, median), ("p95", 0.95, p95)):
            wall, own = (np.quantile(times, share) * 1e3 for times in (self.wall, self.own))
            note = f"of this thread's own time {own:.0f} ms; slowest {max(self.wall) * 1e3:.0f} ms"
            yield record(f"{name}, {label}", wall, "ms", target, len(self.wall), note, 1)


def what_if_time(reader: Reader, engine: Engine, size: Size) -> Iterator[dict[str, Any]]:
    """Time of one what-if answer, both sides explained."""
    random, clock = np.random.default_rng(1), Clock()
    groups: dict[tuple[str, int], FittedGroup] = {}
    for number in numbers(reader, "declined", min(size.declined, 60), seed=2):
        key = group_for(reader, number, None)
        if key not in groups:
            groups[key] = fit_group(reader, engine, *key)
        changes = draw_changes(reader, random, rows_of(reader, [number]).iloc[0].to_dict())[1]
        with clock:
            compute_what_if(reader, number, groups[key], changes)
    yield from clock.records("what-if, both sides", None, 300.0)


def rows_of(reader: Reader, asked: Sequence[str]) -> pd.DataFrame:
    """Return the values of applications by their numbers."""
    found = reader._database.frame(
        "SELECT row_no FROM seen WHERE list_contains($asked, application_id) ORDER BY row_no", {"asked": list(asked)}
    )
    return reader.room.signal_values(found["row_no"].tolist())


def draw_changes(
    reader: Reader, random: np.random.Generator, row: dict[str, Any]
) -> tuple[dict[str, Any], dict[str, Value]]:
    """Return an application's values and an allowed change of about half its open signals.

    A draw that Candor refuses is drawn again, as whoever is refused asks again: it takes linked signals too far.
    """
    room = reader.room
    allowed = allowed_changes(room.card, room.model.shape, row, reader.viewer.policy)
    for _ in range(MOST_DRAWS):
        chosen = [one for one in allowed.values() if random.random() < 0.5]
        try:
            return row, check_changes(room.card, allowed, row, {one.name: draw_value(random, one) for one in chosen})
        except ChangeProblems:
            continue
    return row, {}


def draw_value(random: np.random.Generator, one: Allowed) -> Value:
    """Return any allowed value of a signal, each as likely."""
    if one.levels:
        return str(random.choice(one.levels))
    low, high = one.ends
    first = int(np.ceil((low - one.origin) / one.step - 1e-9))
    last = int(np.floor((high - one.origin) / one.step + 1e-9))
    return one.on_grid(int(random.integers(first, last + 1)))


def rebuild(reader: Reader, whole: Reader, size: Size) -> Iterator[dict[str, Any]]:
    """Spend every question of an hour and of a day, train surrogates on the answers, and compare with the model."""
    policy, random = reader.viewer.policy, np.random.default_rng(3)
    per_hour, look_ups = policy.what_ifs_per_hour or 0, policy.lookups_per_hour or 0
    most = max(HOURS) * max(per_hour, look_ups)
    mine = numbers(reader, "any", most, seed=4)
    asked = [draw_changes(reader, random, row) for row in rows_of(reader, mine).to_dict("records")]
    room = whole.room
    changed = pd.DataFrame([changed_row(room.card, row, changes) for row, changes in asked])
    on_file = pd.DataFrame([row for row, _ in asked])
    truth_rows = rows_of(whole, numbers(whole, "any", size.held_out, seed=5))
    truth = room.model.encode(truth_rows), room.model.estimate(room.model.predict_raw(truth_rows))
    for hours in HOURS:
        parts = [ask(whole, changed.iloc[: hours * per_hour], POINT)]
        yield from surrogates(f"what-ifs of {hours} h", parts, truth)
        parts.append(ask(whole, on_file.iloc[: hours * look_ups], TENTH))
        yield from surrogates(f"what-ifs and look-ups of {hours} h", parts, truth)


def ask(reader: Reader, rows: pd.DataFrame, step: float) -> tuple[Floats, Floats]:
    """Return encoded rows with the model's estimates as a partner gets them."""
    model = reader.room.model
    return model.encode(rows), np.round(model.estimate(model.predict_raw(rows)) / step) * step


def surrogates(
    name: str, parts: Sequence[tuple[Floats, Floats]], truth: tuple[Floats, Floats]
) -> Iterator[dict[str, Any]]:
    """Train three surrogates and yield the best R²."""
    rows, answers = np.concatenate([p[0] for p in parts]), np.concatenate([p[1] for p in parts])
    middle = np.nan_to_num(np.nanmedian(np.concatenate([rows, truth[0]]), axis=0))
    filled, filled_truth = (np.where(np.isnan(x), middle, x) for x in (rows, truth[0]))
    odds = np.log(np.clip(answers, 0.005, 0.995) / (1 - np.clip(answers, 0.005, 0.995)))
    scores = {}
    for kind, target in (("linear", answers), ("logistic", odds)):
        ridge = make_pipeline(StandardScaler(), RidgeCV(np.logspace(-2, 4, 13))).fit(filled, target)
        guess = ridge.predict(filled_truth)
        scores[kind] = r_squared(1 / (1 + np.exp(-guess)) if kind == "logistic" else guess, truth[1])
    few = max(3, min(20, len(rows) // 20))
    settings = {"objective": "regression", "num_leaves": 15, "min_data_in_leaf": few, "learning_rate": 0.05}
    settings |= {"verbose": -1, "num_threads": 2, "seed": 1, "deterministic": True}
    booster = lightgbm.train(settings, lightgbm.Dataset(rows, odds), 300)
    scores["LightGBM"] = r_squared(1 / (1 + np.exp(-booster.predict(truth[0]))), truth[1])
    best = max(scores, key=lambda kind: scores[kind])
    note = ", ".join(f"{kind} {score:.2f}" for kind, score in scores.items()) + f"; {len(rows)} answers"
    yield record(f"rebuilt from {name}, best R²", scores[best], "R²", None, len(truth[1]), note)


def r_squared(guess: Floats, truth: Floats) -> float:
    """Return the share of the variance of the truth that a guess explains; below 0 when worse than the mean."""
    return float(1 - ((truth - guess) ** 2).sum() / ((truth - truth.mean()) ** 2).sum())
