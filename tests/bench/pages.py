"""Every page on a large and on a wide snapshot: server time of a run, bytes sent, memory of the app.

A visitor without a browser asks the real server over a raw websocket, so that nothing of a browser is in the times. The
first run of a page with a new choice of applications sums up everything; a rerun puts another application or signal
into its box, which on the page Signal is a new sum over all of them. The time counts to the finding; what some pages
draw beside it is told apart. The same questions are put to explainerdashboard and Shapash, each in an environment of
its own, at a size they can open.
"""

from __future__ import annotations

import asyncio
import json
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

from data.access import LOCAL_VIEWER
from data.demo.scaled import generate_scaled
from data.demo.wide import generate_wide
from data.files import ROOT
from data.listing import list_snapshots
from data.models import read_model
from data.snapshots import open_reader, open_snapshot
from explainers.build import build_snapshot
from explainers.signals.compute import compute_choices
from explainers.signals.words import offered
from tests.app_process import running_app
from tests.stream_client import Answer, open_client

MIB, KB = 2**20, 1000
PEERS = Path(__file__).with_name("peers.py")
PEER_ROWS = 2_000


@dataclass(frozen=True)
class Size:
    """How much is measured."""

    large: int
    """Applications of the snapshot with 40 signals."""
    wide: int
    """Applications of the one with many signals."""
    signals: int
    """Its signals."""
    reruns: int
    """Runs of each page that are timed."""


FULL = Size(large=1_000_000, wide=100_000, signals=1_800, reruns=20)
QUICK = Size(large=60_000, wide=3_000, signals=400, reruns=8)
COHORT = "decision:declined"
READING = 10.0
"""Seconds a person looks at the first page before the first click; the server prepares for it meanwhile."""
PAUSE = 0.25
"""Seconds between two clicks: more than five a second are held up on purpose (`pages.shared.stream_guard`)."""
FIRST_TARGET, RERUN_TARGET, BYTES_TARGET, MEMORY_TARGET = 2_000.0, 300.0, 300.0, 1_536.0


def run(quick: bool) -> Iterator[dict[str, Any]]:
    """Yield every measure."""
    size = QUICK if quick else FULL
    with tempfile.TemporaryDirectory(prefix="candor-bench-") as name:
        folder = Path(name)
        for label, home in homes(folder, size):
            yield from measure(label, home, size)
        yield from peers(folder)


def homes(folder: Path, size: Size) -> Iterator[tuple[str, Path]]:
    """Build the snapshots, one after the other, and yield what each is called and where it lies."""
    for label, make in (
        (f"{size.large:,} × 40", lambda at: generate_scaled(at, n=size.large).card),
        (f"{size.wide:,} × {size.signals:,}", lambda at: generate_wide(at, n=size.wide, signals=size.signals).card),
    ):
        home = folder / label.replace(" ", "").replace("×", "x")
        words = [sys.executable, "-m", "explainers", "build", "--card", str(make(home / "in"))]
        subprocess.run([*words, "--out", str(home / "snapshots")], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
        yield label, home


def record(measure: str, value: float, unit: str, target: float | None, n: int, note: str = "") -> dict[str, Any]:
    """Return one line; smaller is better everywhere here."""
    ok = None if target is None else bool(value <= target)
    shown = {
        "measure": measure,
        "value": round(value, 1),
        "unit": unit,
        "target": target,
        "ok": ok,
        "n": n,
        "note": note,
    }
    return {"bench": "pages", **shown}


def measure(label: str, home: Path, size: Size) -> Iterator[dict[str, Any]]:
    """Visit every page of one snapshot."""
    look = look_into(home)
    with running_app(home) as app:
        at_once = asyncio.run(first_click(app.url, look))
    with running_app(home) as app:
        found = asyncio.run(visit(app.url, look, size.reruns))
        memory = resident(app.process.pid)
    note = f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors"
    told = "a click on the first page as soon as the server has shown it"
    yield record(f"decision at once, first finding, {label}", at_once.answered * 1000, "ms", FIRST_TARGET, 1, told)
    for page, (first, again) in found.items():
        answered = sorted((answer.answered or answer.seconds) * 1000 for answer in again)
        times = sorted(answer.seconds * 1000 for answer in again)
        last = min(len(times) - 1, round(0.95 * len(times)))
        sent = max(sum(map(len, answer.frames)) for answer in [first, *again]) / KB
        yield record(f"{page}, first finding, {label}", first.answered * 1000, "ms", FIRST_TARGET, 1, note)
        yield record(f"{page}, first, all beside it, {label}", first.seconds * 1000, "ms", None, 1, note)
        yield record(f"{page}, rerun median, {label}", statistics.median(answered), "ms", None, len(times), note)
        yield record(f"{page}, rerun p95, {label}", answered[last], "ms", RERUN_TARGET, len(times), note)
        yield record(f"{page}, rerun p95, all beside it, {label}", times[last], "ms", None, len(times), note)
        yield record(f"{page}, bytes of a run, {label}", sent, "kB", BYTES_TARGET, len(times), "all messages of a run")
    yield record(f"memory after every page, {label}", memory, "MiB", MEMORY_TARGET, 1, "resident, whole process")


@dataclass(frozen=True)
class Look:
    """What is asked about."""

    numbers: list[str]
    """Declined applications."""
    signals: list[str]
    """Labels of the strongest signals."""


def look_into(home: Path) -> Look:
    """Return what can be asked about the one snapshot of a home."""
    root = home / "snapshots"
    manifest = list_snapshots(root).manifests[0]
    reader = open_reader(open_snapshot(root, manifest.model_id, manifest.snapshot_id), LOCAL_VIEWER)
    numbers = [reader.pick("declined", (i + 0.5) / 60) for i in range(60)]
    choices = compute_choices(reader)
    return Look(numbers, list(offered(choices, ""))[:20])


@dataclass(frozen=True)
class Tour:
    """One page of a visit: how it is opened, and what a visitor changes on it again and again."""

    query: dict[str, str]
    """Its address."""
    box: str = ""
    """The box that is changed; none: the page runs again as it is."""
    values: tuple[str, ...] = ()
    """What is put into it, one after the other."""


async def first_click(url: str, look: Look) -> Answer:
    """Open a decision as soon as a server that was just started has shown its first page."""
    client = await open_client(url)
    await client.open("overview")
    answer = await client.open("decision", app=look.numbers[-1])
    await client.socket.close()
    return answer


async def visit(url: str, look: Look, reruns: int) -> dict[str, tuple[Answer, list[Answer]]]:
    """Open every page: once with a new choice of applications, then again and again with another small thing.

    An application is changed by its box, as a person does: the address of an open page changes nothing.
    """
    client = await open_client(url)
    await client.open("overview")
    await asyncio.sleep(READING)
    found = {}
    for page, tour in _tours(look).items():
        await asyncio.sleep(PAUSE)
        first = await client.open(page, **tour.query)
        if not first.answered:
            raise RuntimeError(f"{page} gave no answer")
        again = []
        for i in range(reruns):
            await asyncio.sleep(PAUSE)
            value = tour.values[i % len(tour.values)] if tour.values else ""
            again.append(await client.set_text(tour.box, value) if value else await client.open(page, **tour.query))
            if value and value.encode() not in b"".join(again[-1].frames):
                raise RuntimeError(f"{page} does not show {value}")
        found[page] = first, again
    await client.socket.close()
    return found


def _tours(look: Look) -> dict[str, Tour]:
    """Return the pages in the order of the visit; each that shows applications has some of its own."""
    mine = [tuple(look.numbers[i * 15 : (i + 1) * 15]) for i in range(4)]
    number = "Application number"
    return {
        "overview": Tour({}),
        "decision": Tour({"app": mine[0][0]}, number, mine[0][1:]),
        "fairness": Tour({}),  # before the pages with a cohort: it goes along, and by decision groups are not compared
        "reasons": Tour({"cohort": COHORT}),
        "notice": Tour({"app": mine[1][0]}, number, mine[1][1:]),
        "evidence": Tour({}),
        "drivers": Tour({"cohort": COHORT}),
        "signal": Tour({"cohort": COHORT, "signal": look.signals[0]}, "Signal", tuple(look.signals[1:])),
        "interactions": Tour({"cohort": COHORT}),
        "what-if": Tour({"app": mine[2][0]}, number, mine[2][1:]),
        "cohorts": Tour({"cohort": COHORT}),
        "compare": Tour({"app": mine[3][0], "second": mine[3][1]}, "Second application", mine[3][2:]),
        "health": Tour({}),
    }


def resident(pid: int) -> float:
    """Return the memory a process holds now, MiB."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmRSS")).split()[1]) / 1024


def peers(folder: Path) -> Iterator[dict[str, Any]]:
    """Put the same questions to other tools, and to Candor, on the same rows and the same model."""
    place = folder / "peers"
    made = generate_scaled(place / "in", n=10_000)
    table = pd.read_parquet(place / "in" / "applications.parquet")
    model, rows = read_model(place / "in" / "model.txt"), table.head(PEER_ROWS)
    numbers = rows[[name for name in model.feature_names if rows[name].dtype.kind in "fiub"]]
    target = (model.estimate(model.predict_raw(rows[list(model.feature_names)])) > 0.18).astype(int)
    numbers.assign(target=target).to_csv(place / "rows.csv", index=False)
    started = time.perf_counter()
    build_snapshot(made.card, place / "snapshots", seed=0)
    yield record("Candor: snapshot of 10,000, all explained", time.perf_counter() - started, "s", None, 10_000)
    for tool in ("explainerdashboard", "shapash"):
        yield from peer(tool, place)


def peer(tool: str, place: Path) -> Iterator[dict[str, Any]]:
    """Install another tool beside this environment and time it; a line says why when that cannot be done here."""
    home = place / tool
    python = home / "bin" / "python"
    steps = [[sys.executable, "-m", "venv", str(home)], [str(python), "-m", "pip", "install", "-q", tool, "lightgbm"]]
    for step in steps:
        done = subprocess.run(step, capture_output=True, text=True, check=False)
        if done.returncode:
            yield record(f"{tool}: not measured", 0.0, "", None, 0, done.stderr.strip().splitlines()[-1][:200])
            return
    done = subprocess.run(
        [str(python), str(PEERS), tool, str(place / "rows.csv")], capture_output=True, text=True, check=False
    )
    if done.returncode:
        yield record(f"{tool}: not measured", 0.0, "", None, 0, done.stderr.strip().splitlines()[-1][:200])
        return
    for name, value, unit in json.loads(done.stdout.strip().splitlines()[-1]):
        yield record(f"{tool}: {name}", value, unit, None, PEER_ROWS)
