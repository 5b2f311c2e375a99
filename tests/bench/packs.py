"""Packs: pins, sessions, questions asked, and a pack of thirty real answers in every form.

The answers are those of the app's own pages on the demonstration's snapshots. A pack is made in a process of its own,
as the first thing it does, so that the time of loading libraries and drawing every chart is in it.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from streamlit.testing.v1 import AppTest

from data.access import LOCAL_VIEWER
from data.code_version import code_hash
from data.files import HOME_VARIABLE, ROOT
from data.listing import list_snapshots
from data.snapshots import open_reader, open_snapshot
from data.workspace import open_workspace
from data.workspace.pin_parts import Pin
from data.workspace.pins import list_pins, read_pin
from explainers.ask.compute import compute_ask
from explainers.ask.vocabulary import compute_vocabulary
from explainers.demo import build_demo
from pages._router import PAGES
from tests.bench import workspace_writes
from tests.bench.workspace_writes import Measure, measure, timed
from tests.two_snapshots import two_snapshots

PINS = 30
PDF_S, ALL_S, ASK_MS = 10.0, 25.0, 50.0
MEMORY_MIB = 1_024.0
QUESTIONS = ("why was 10432 declined", "how important is income", "are women approved less often", "what changed")
EACH = ("overview", "reasons", "evidence", "drivers", "signal", "interactions", "fairness", "health")
"""Pages of which one answer is kept."""
COHORTS = ("decision:declined", "decision:approved")


def run(quick: bool) -> Iterator[Measure]:
    """Yield every measure."""
    yield from workspace_writes.measures(quick)
    with tempfile.TemporaryDirectory(prefix="candor-bench-") as name:
        folder = Path(name)
        home = two_snapshots() if quick else folder / "home"
        if not quick:
            build_demo(home / "snapshots", progress=lambda _doing, _done: None)
        yield from ask_time(home, 5 if quick else 50)
        pins = real_pins(home, folder)
        (folder / "pins").mkdir()
        for number, pin in enumerate(pins):
            (folder / "pins" / f"{number:02d}.json").write_text(pin.text, "utf-8")
        yield from pack_times(folder, len(pins))


def ask_time(home: Path, repeats: int) -> Iterator[Measure]:
    """Yield how long a question in plain words takes, once the matcher is there."""
    root = home / "snapshots"
    manifest = list_snapshots(root).manifests[0]
    reader = open_reader(open_snapshot(root, manifest.model_id, manifest.snapshot_id), LOCAL_VIEWER)
    vocabulary = compute_vocabulary(reader, [spec.url for spec in PAGES])
    compute_ask(QUESTIONS[0], vocabulary)
    times = [ms for question in QUESTIONS for ms in timed(lambda: compute_ask(question, vocabulary), repeats)]  # noqa: B023
    note = f"median {statistics.median(times):.1f} ms"
    yield measure("ask, p95", sorted(times)[int(len(times) * 0.95)], "ms", ASK_MS, len(times), note)


def real_pins(home: Path, folder: Path) -> list[Pin]:
    """Keep thirty answers of the app's own pages."""
    before = {name: os.environ.get(name) for name in (HOME_VARIABLE, "CANDOR_WORKSPACE_URL")}
    os.environ[HOME_VARIABLE] = str(home)
    os.environ["CANDOR_WORKSPACE_URL"] = f"sqlite:///{folder}/pins.sqlite"
    try:
        workspace = open_workspace()
        for page, query in visits(home):
            if len(list_pins(workspace, LOCAL_VIEWER)) < PINS:
                keep(page, query)
        kept = reversed(list_pins(workspace, LOCAL_VIEWER))
        found = [read_pin(workspace, LOCAL_VIEWER, one.pin_id) for one in kept]
        workspace.close()
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value
    return found


def visits(home: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield pages with their inputs: more than are needed, as a page without an answer is passed over."""
    root = home / "snapshots"
    manifest = list_snapshots(root).manifests[0]
    reader = open_reader(open_snapshot(root, manifest.model_id, manifest.snapshot_id), LOCAL_VIEWER)
    yield from ((page, {}) for page in EACH)
    for cohort in COHORTS:
        yield from ((page, {"cohort": cohort}) for page in ("cohorts", "drivers"))
    numbers = [reader.pick("declined", (i + 0.5) / PINS) for i in range(PINS)]
    yield from (("decision", {"app": number}) for number in numbers[:16])
    yield from ((page, {"app": number}) for number in numbers[16:] for page in ("what-if", "decision"))


def keep(page: str, query: dict[str, str]) -> None:
    """Open a page and press the button that keeps its answer, where it has one."""
    at = AppTest.from_file(str(ROOT / "pages" / "_router.py"), default_timeout=600)
    at.run()
    at.switch_page(next(spec.file for spec in PAGES if spec.url == page))
    for key, value in query.items():
        at.query_params[key] = value
    at.run()
    if any(button.key == "pin-save" for button in at.button):
        at.button(key="pin-save").click().run()


def pack_times(folder: Path, pins: int) -> Iterator[Measure]:
    """Yield time, size and memory of a pack in every form, made by a new process."""
    command = [sys.executable, "-m", "tests.bench.pack_maker", str(folder / "pins")]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    lines = process.stdout.read() if process.stdout else ""
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise RuntimeError(f"the pack was not made: status {status}")
    found: dict[str, Any] = json.loads(lines)
    for form, (seconds, size) in found["forms"].items():
        target = PDF_S if form == ".pdf" else None
        yield measure(f"pack of {pins} pins, {form[1:]}", seconds, "s", target, pins, f"{size / 1e6:.2f} MB")
    note = f"{found['charts']} charts, {found['tables']} tables; with the evidence zip"
    yield measure(f"pack of {pins} pins, all forms", found["all"], "s", ALL_S, pins, note)
    peak = usage.ru_maxrss * 1024 / 2**20
    yield measure("peak memory while all forms are made", peak, "MiB", MEMORY_MIB, pins, f"code {code_hash()[:12]}")
