"""Pins, questions and approvals: how long they take, and whether a confirmed one outlives a killed process.

`measures` is part of ``python -m tests.bench packs``; `kill_and_restart` is also a short test.
"""

from __future__ import annotations

import random
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import plotly.graph_objects as go
from sqlalchemy import select

from data.errors import CandorError
from data.workspace import Workspace, open_workspace
from data.workspace.approvals import read_approval
from data.workspace.pin_parts import ChartPart, Shown, TablePart, WordsPart
from data.workspace.pins import list_pins, read_pin, save_pin
from data.workspace.questions import Asked, ask_question, carried_into, list_questions, read_question
from data.workspace.sessions import read_session
from data.workspace.tables import SESSION_NOTES
from explainers.pins.figures import plain_figure
from tests.data.workspace.meeting import RISK, meeting, shown
from tests.data.workspace.writers import all_said, keep_until_killed, start

Measure = dict[str, object]
PIN_MS, OPEN_MS = 100.0, 500.0
PINS, MARKS = 200, 5_000


@dataclass(frozen=True)
class Killed:
    """What became of writers that were killed."""

    cycles: int
    """How many were started and killed."""
    writing: int
    """How many had confirmed something before."""
    confirmed: int
    """Items confirmed by all of them."""
    lost: tuple[tuple[str, str], ...]
    """(kind, id) of confirmed items that are not there, or not whole."""


def measures(quick: bool = False) -> Iterator[Measure]:
    """Yield the measures of pins and of killed writers; `quick` takes a tenth of the cycles."""
    with tempfile.TemporaryDirectory() as folder:
        workspace = open_workspace(f"sqlite:///{folder}/workspace.sqlite")
        yield from of_pins(workspace, 50 if quick else PINS)
        killed = kill_and_restart(f"sqlite:///{folder}/killed.sqlite", 50 if quick else 500, seed=20260301)
        workspace.close()
    note = f"{killed.confirmed:,} confirmed items; {killed.writing} writers were killed while they wrote"
    yield measure("confirmed items lost by killed writers", len(killed.lost), "items", 0, killed.cycles, note)


def of_pins(workspace: Workspace, pins: int) -> Iterator[Measure]:
    """Yield how long it takes to pin a page, and to open a session of many pins and questions."""
    session, figure = meeting(workspace), large_figure()
    times = timed(lambda: save_pin(workspace, RISK, large_page(figure), session_id=session.session_id), pins)
    note = f"p95 {sorted(times)[int(len(times) * 0.95)]:.1f} ms; a page with a chart of {MARKS:,} marks, 300 rows"
    yield measure("pin, median", statistics.median(times), "ms", PIN_MS, pins, note)
    headings = list_pins(workspace, RISK, session_id=session.session_id)
    for number, heading in enumerate(headings[: pins // 4]):
        ask_question(workspace, RISK, session.session_id, Asked(f"Question {number}?", pin_ids=[heading.pin_id]))

    def open_session() -> None:
        found = read_session(workspace, RISK, session.session_id)
        list_pins(workspace, RISK, session_id=found.session_id)
        list_questions(workspace, RISK, found.session_id)
        carried_into(workspace, RISK, found)

    opened = statistics.median(timed(open_session, 20))
    yield measure(f"open a session with {pins} pins, median", opened, "ms", OPEN_MS, 20, f"{pins // 4} questions")


def large_figure() -> go.Figure:
    """Return a chart with as many marks as a page may draw."""
    marks = np.random.default_rng(7).random((2, MARKS))
    return go.Figure(go.Scatter(x=marks[0], y=marks[1]))


def large_page(figure: go.Figure) -> Shown:
    """Return a page as large as pages are; its chart is made plain anew, as a click on the button does."""
    seeded = random.Random(7)
    rows = tuple((f"Signal {number}", seeded.random(), number) for number in range(300))
    parts = (
        WordsPart("finding", "Income moves the estimate most."),
        ChartPart("chart", "Income", "Income.", plain_figure(figure.to_json())),
        TablePart("figures", "signals", ("Signal", "Points", "No."), rows),
    )
    return replace(shown(), parts=parts)


def kill_and_restart(url: str, cycles: int, *, seed: int) -> Killed:
    """Kill writers again and again, and look for everything they confirmed.

    Parameters
    ----------
    url : str
        Address of a workspace.
    cycles : int
        How many writers are started and killed; each is killed within 30 ms of its first confirmed item, one in five
        while it still opens the workspace.
    seed : int
        Of the moments.
    """
    seeded, confirmed, writing = random.Random(seed), Counter[tuple[str, str]](), 0
    workspace = open_workspace(url)
    try:
        for cycle in range(cycles):
            process, pipe = start(keep_until_killed, url)
            if cycle % 5:
                pipe.poll(60)
            time.sleep(seeded.uniform(0, 0.03))
            process.kill()
            said = [(str(kind), str(name)) for kind, name in all_said(pipe)]
            process.join(30)
            writing += bool(said)
            confirmed.update(said)
        lost = tuple(item for item in confirmed if not is_there(workspace, *item))
    finally:
        workspace.close()
    return Killed(cycles, writing, len(confirmed), lost)


def is_there(workspace: Workspace, kind: str, name: str) -> bool:
    """Return whether a confirmed item is there and whole."""
    looks: dict[str, Callable[[], object]] = {
        "session": lambda: read_session(workspace, RISK, name),
        "pin": lambda: read_pin(workspace, RISK, name).shown == shown(),
        "question": lambda: len(read_question(workspace, RISK, name).pin_ids) == 1,
        "answer": lambda: read_question(workspace, RISK, name).answer == "So.",
        "draft": lambda: read_approval(workspace, RISK, name).body == "So.",
        "approval": lambda: read_approval(workspace, RISK, name).approved_by == "ron",
        "note": lambda: _note(workspace, name) == "Slowly.",
    }
    try:
        return bool(looks[kind]())
    except CandorError:
        return False


def _note(workspace: Workspace, name: str) -> Any:
    with workspace.read() as connection:
        c = SESSION_NOTES.c
        return connection.execute(select(c.note).where(c.note_id == name)).scalar()


def timed(job: Callable[[], object], repeats: int) -> list[float]:
    """Return how long each call took, in ms."""
    times = []
    for _ in range(repeats):
        start_at = time.perf_counter()
        job()
        times.append((time.perf_counter() - start_at) * 1000)
    return times


def measure(name: str, value: float, unit: str, target: float | None, n: int, note: str) -> Measure:
    """Return one line of the benchmark."""
    met = None if target is None else value <= target
    return {
        "bench": "packs",
        "measure": name,
        "value": round(value, 3),
        "unit": unit,
        "target": target,
        "ok": met,
        "n": n,
        "note": note,
    }
