"""How long it takes to log what was shown and to ask a budget, on SQLite and on PostgreSQL.

A confirmed write waits for the disk once. So the same run measures what one such wait costs here, alone: nothing
durable can be quicker than that.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

from data.access import Audience, Viewer
from data.workspace import LoggedInputs, QuestionKind, Workspace, list_log, open_workspace, record, spend, verify_log
from tests.data.workspace.postgres import PostgresServer, server_programs

Measure = dict[str, object]
VIEWER = Viewer("bench@bank.example", Audience.PARTNER, "north")
SPECIALIST = Viewer("bench@candor.example", Audience.SPECIALIST)
ALLOWED = LoggedInputs(plain=frozenset({"tab"}), hidden=frozenset({"application"}))
WRITE_MS = 5.0
THREADS = 8


def measures(quick: bool = False) -> Iterator[Measure]:
    """Yield one measure after the other; `quick` takes a fifth of the repeats."""
    repeats = 200 if quick else 1_000
    with tempfile.TemporaryDirectory() as folder:
        floor = statistics.median(disk_waits(Path(folder) / "wait", repeats))
        yield measure("one wait for the disk, median", floor, "ms", None, repeats, "append 4 KiB and fsync: the floor")
        workspace = open_workspace(f"sqlite:///{folder}/workspace.sqlite")
        yield from of_one(workspace, repeats, floor)
    programs = server_programs()
    if programs is None:
        yield measure("postgresql", 0, "", None, 0, "not measured: the server is not installed") | {"ok": False}
        return
    server = PostgresServer(programs)
    try:
        yield from of_one(open_workspace(server.empty_database()), repeats, floor)
    finally:
        server.remove()


def of_one(workspace: Workspace, repeats: int, floor: float) -> Iterator[Measure]:
    """Yield the measures of one database and close it."""
    name = workspace.database
    times = sorted(timed(lambda i: log_one(workspace, i), repeats))
    note = f"p95 {times[int(repeats * 0.95)]:.2f} ms; one wait for the disk is {floor:.2f} ms"
    yield measure(f"{name}: log write, median", statistics.median(times), "ms", WRITE_MS, repeats, note)
    start = time.perf_counter()
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(lambda i: log_one(workspace, i), range(repeats)))
    rate = repeats / (time.perf_counter() - start)
    yield measure(f"{name}: log writes of {THREADS} threads", rate, "1/s", None, repeats, "")
    asked = timed(lambda i: spend(workspace, VIEWER, QuestionKind.LOOK_UP, 120, key=str(i % 60)), repeats)
    yield measure(
        f"{name}: ask a budget, median", statistics.median(asked), "ms", None, repeats, "60 paid, the rest free"
    )
    (taken,) = timed(lambda _: verify_log(workspace), 1)
    yield measure(f"{name}: verify the log", 2 * repeats / taken * 1000, "entries/s", None, 2 * repeats, "")
    listed = timed(lambda _: list_log(workspace, SPECIALIST), 20)
    yield measure(f"{name}: newest 100 entries, median", statistics.median(listed), "ms", None, 20, "")
    workspace.close()


def log_one(workspace: Workspace, i: int) -> None:
    """Write an entry as a page does."""
    inputs = {"application": i, "tab": "reasons"}
    source = {"snapshot_id": "2026-02", "snapshot_hash": "ab" * 32, "rows_behind": 1}
    record(workspace, VIEWER, "decision", inputs, allowed=ALLOWED, at=datetime.now(UTC), **source)  # type: ignore[arg-type]


def timed(job: Callable[[int], object], repeats: int) -> list[float]:
    """Return how long each call took, in ms."""
    times = []
    for i in range(repeats):
        start = time.perf_counter()
        job(i)
        times.append((time.perf_counter() - start) * 1000)
    return times


def disk_waits(path: Path, repeats: int) -> list[float]:
    """Return how long appending and waiting for the disk takes without a database, in ms."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT)

    def wait(_: int) -> None:
        os.write(handle, b"x" * 4096)
        os.fsync(handle)

    try:
        return timed(wait, repeats)
    finally:
        os.close(handle)


def measure(name: str, value: float, unit: str, target: float | None, n: int, note: str) -> Measure:
    """Return one line of the benchmark; a target is a most."""
    ok = None if target is None else value <= target
    rest = {"unit": unit, "target": target, "ok": ok, "n": n, "note": note}
    return {"bench": "workspace_log", "measure": name, "value": round(value, 3), **rest}
