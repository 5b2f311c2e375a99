"""The main job: how long a build takes and how much memory, how soon a page is there, how fast a decision is.

Builds are timed against `booster.predict` on the same rows in the same process, in turns, so that other load on
the machine weighs on both.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from playwright.sync_api import Page, expect, sync_playwright
from streamlit.testing.v1 import AppTest

from data.demo.book import FIRST_ID
from data.demo.scaled import generate_scaled
from data.files import HOME_VARIABLE, ROOT
from data.models import read_model
from explainers.build import build_snapshot
from pages.shared import answers
from tests.app_process import running_app
from tests.browser.conftest import FLAGS, chromium

MIB = 2**20
PATIENCE = 600_000
"""Milliseconds a page may take before the bench gives up."""


@dataclass(frozen=True)
class Size:
    """How much is measured."""

    rows: int
    """Applications of the build that is timed."""
    large: int
    """Applications of the build whose memory is measured, and of the Decision."""
    repeats: int
    decisions: int


FULL = Size(rows=200_000, large=1_000_000, repeats=3, decisions=40)
QUICK = Size(rows=30_000, large=60_000, repeats=1, decisions=30)


def run(quick: bool) -> Iterator[dict[str, Any]]:
    """Yield every measure."""
    size = QUICK if quick else FULL
    with tempfile.TemporaryDirectory(prefix="candor-bench-") as name:
        folder = Path(name)
        yield from build_time(folder / "timed", size)
        home = folder / "home"
        yield from build_memory(folder / "large", home, size)
        yield from decision_time(home, size)
        yield from starts(folder / "fresh")


def record(
    measure: str, value: float, unit: str, target: float | None, n: int, note: str = "", digits: int = 3
) -> dict[str, Any]:
    """Return one line; smaller is better everywhere here."""
    ok = None if target is None else bool(value <= target)
    shown = round(value, digits)
    return {"bench": "main", "measure": measure, "value": shown, "unit": unit, "target": target, "ok": ok, "n": n} | {
        "note": note
    }


def build_time(folder: Path, size: Size) -> Iterator[dict[str, Any]]:
    """Time of a build, and against LightGBM's own predict on the same rows."""
    made = generate_scaled(folder, n=size.rows)
    model = read_model(folder / "model.txt")
    values = model.encode(pd.read_parquet(folder / "applications.parquet")[list(model.feature_names)])
    steps: dict[str, float] = {}
    builds, predicts, ratios = [], [], []
    build_snapshot(made.card, folder / "warm", seed=0)  # kernels compiled, files in the cache of the system
    for repeat in range(size.repeats):
        predict = seconds_of_predict(model.booster, values)
        started = time.perf_counter()
        build_snapshot(made.card, folder / "built", seed=repeat, progress=Steps(steps))
        builds.append(time.perf_counter() - started)
        predicts.append((predict + seconds_of_predict(model.booster, values)) / 2)
        ratios.append(builds[-1] / predicts[-1])
    per = 100_000 / size.rows
    note = "; ".join(f"{step}: {seconds / size.repeats * per:.2f} s" for step, seconds in steps.items())
    yield record("build, per 100,000 × 40", statistics.median(builds) * per, "s", None, size.rows, note)
    note = f"predict: {statistics.median(predicts) * per:.2f} s per 100,000"
    yield record("build, ratio to booster.predict", statistics.median(ratios), "x", None, size.rows, note)


def seconds_of_predict(booster: Any, values: Any) -> float:
    """Return the time LightGBM takes to score rows."""
    started = time.perf_counter()
    booster.predict(values, raw_score=True)
    return time.perf_counter() - started


class Steps:
    """Adds up the time of each step from what a build tells."""

    def __init__(self, steps: dict[str, float]) -> None:
        self.steps, self.step, self.since = steps, "", time.perf_counter()

    def __call__(self, doing: str, _done: float) -> None:
        """Note the time that has gone by since the last call."""
        now = time.perf_counter()
        if self.step:
            self.steps[self.step] = self.steps.get(self.step, 0.0) + now - self.since
        self.step, self.since = doing, now


def build_memory(folder: Path, home: Path, size: Size) -> Iterator[dict[str, Any]]:
    """Peak memory of a build in a process of its own."""
    made = generate_scaled(folder, n=size.large)
    words = [sys.executable, "-m", "explainers", "build", "--card", str(made.card), "--out", str(home / "snapshots")]
    started = time.perf_counter()
    process = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    taken = time.perf_counter() - started
    if status:
        raise RuntimeError(f"the build ended with status {status}")
    peak = usage.ru_maxrss * 1024 / MIB
    yield record("build, peak memory", peak, "MiB", 2048.0, size.large, f"{taken:.1f} s in all", 0)


def decision_time(home: Path, size: Size) -> Iterator[dict[str, Any]]:
    """Server time of a Decision rerun: another application each time, on the large snapshot."""
    before = os.environ.get(HOME_VARIABLE)
    os.environ[HOME_VARIABLE] = str(home)
    second, notes = answers.second_opinion, []
    try:
        app = AppTest.from_file(str(ROOT / "pages" / "_router.py"), default_timeout=600)
        app.run()
        answers.second_opinion = lambda *given: notes.append(second(*given)) or notes[0]
        started = time.perf_counter()
        app.query_params["app"] = str(FIRST_ID)
        app.switch_page("decision.py").run()
        first = time.perf_counter() - started
        numbers = [FIRST_ID + 1 + i * (size.large // size.decisions - 1) for i in range(size.decisions)]
        beside = sorted(rerun(app, number) for number in numbers[: size.decisions // 4])
        # the page does not wait for the second opinion, but the test runner does: take it as given
        answers.second_opinion = lambda *_: notes[0]
        times = sorted(rerun(app, number) for number in numbers)
    finally:
        answers.second_opinion = second
        os.environ.pop(HOME_VARIABLE)
        if before is not None:
            os.environ[HOME_VARIABLE] = before
    p95 = times[min(len(times) - 1, round(0.95 * len(times)))]
    note = f"{len(times)} different applications; load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors"
    yield record("Decision, first one (reads both comparison groups)", first, "s", None, size.large)
    yield record("Decision rerun, median", statistics.median(times) * 1e3, "ms", None, size.large, note, 0)
    yield record("Decision rerun, p95", p95 * 1e3, "ms", 300.0, size.large, note, 0)
    note = "the second opinion runs beside the page"
    yield record(
        "Decision rerun and second opinion, median", beside[len(beside) // 2] * 1e3, "ms", None, size.large, note, 0
    )


def rerun(app: AppTest, number: int) -> float:
    """Ask for another application and return the seconds until the page is drawn."""
    app.text_input(key="app").set_value(str(number))
    started = time.perf_counter()
    app.run()
    taken = time.perf_counter() - started
    if app.exception or not any("the model estimates" in element.proto.body for element in app.get("html")):
        raise RuntimeError("the Decision was not shown")
    return taken


def starts(home: Path) -> Iterator[dict[str, Any]]:
    """Cold start (nothing there: the demonstration is built) and warm start, to the first page in a browser."""
    for measure, target in (("cold start to Overview", 30.0), ("warm start to Overview", 3.0)):
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
            started = time.perf_counter()
            with running_app(home) as app:
                answered = time.perf_counter() - started
                open_overview(browser.new_page(), app.url)
                taken = time.perf_counter() - started
            browser.close()
        yield record(measure, taken, "s", target, 1, f"the server answered after {answered:.1f} s")


def open_overview(page: Page, url: str) -> None:
    """Open the first page and wait until its finding stands there."""
    page.goto(url)
    finding = page.get_by_role("heading", level=1).filter(has_text="This model estimates")
    expect(finding).to_be_visible(timeout=PATIENCE)
