"""Letters to declined applicants: how many an hour by kind of file, and how much memory.

A month of made-up applications with everything letters need, written by the command's own code. The time includes
starting the processes, reading the model and fitting the comparison groups.
"""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from explainers.notices.batch import Kind, Order, make_batch
from explainers.notices.ledger import read_manifest
from tests.explainers.notices.world import MONTH, letters_snapshot

AN_HOUR = 10_000
"""Letters wanted in an hour on two cores, as PDF."""
MEMORY_MB = 3_000
"""Memory of all processes of a batch together, at most."""
KINDS: tuple[Kind, ...] = ("pdf", "docx", "html")


def run(quick: bool) -> Iterator[dict[str, Any]]:
    """Yield every measure."""
    letters = 400 if quick else 4_000
    with tempfile.TemporaryDirectory(prefix="candor-bench-") as name:
        snapshot = letters_snapshot(Path(name) / "snapshots", Path(name) / "in", n=letters * 4, change=one_month)
        for kind in KINDS:
            yield from measure(snapshot, Path(name) / kind, kind, letters)


def one_month(table: pd.DataFrame) -> pd.DataFrame:
    """Give every application a day in one month."""
    days = pd.to_datetime(f"{MONTH}-01") + pd.to_timedelta(table.index % 28, unit="D")
    return table.assign(application_date=days.date)


def measure(snapshot: Path, out: Path, kind: Kind, letters: int) -> Iterator[dict[str, Any]]:
    """Time one batch, and watch the memory of its processes."""
    with Watch() as watch:
        started = time.perf_counter()
        done = make_batch(snapshot, Order(MONTH, kind, limit=letters), out, lambda _doing, _done: None)
        took = time.perf_counter() - started
    _, entries = read_manifest(out)
    whole = len({entry.file for entry in entries if entry.file}) == done.made
    size = sum(path.stat().st_size for path in (out / "letters").iterdir()) / max(done.made, 1) / 1000
    note = f"{took:.0f} s for {done.made:,} letters of {size:.0f} kB, start included; each once: {whole}"
    target = AN_HOUR if kind == "pdf" else None
    yield record(f"letters an hour, {kind}", done.made / took * 3600, "letters", target, done.made, note, more=True)
    early, late = watch.megabytes(0.4), watch.megabytes(1.0)
    said = f"all three processes; after two fifths of the time {early:,.0f} MB"
    yield record(f"largest memory, {kind}", late, "MB", MEMORY_MB, done.made, said)


def record(
    measured: str, value: float, unit: str, target: float | None, n: int, note: str, *, more: bool = False
) -> dict[str, Any]:
    """Return one line; `more` says that a larger value is better."""
    ok = None if target is None else bool(value >= target if more else value <= target)
    line = {"bench": "notices", "measure": measured, "value": round(value), "unit": unit, "target": target}
    return {**line, "ok": ok, "n": n, "note": note}


class Watch:
    """Reads the memory of this process and of those it started, a few times a second; a context manager."""

    def __enter__(self) -> Watch:
        self._seen: list[float] = []
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def megabytes(self, share: float) -> float:
        """Return the largest total in the first part of the time."""
        return max(self._seen[: max(1, round(share * len(self._seen)))])

    def _look(self) -> None:
        while not self._over.wait(0.3):
            self._seen.append(sum(resident(place) for place in family()))


def family() -> list[Path]:
    """Return the folders under /proc of this process and of its children."""
    own = Path("/proc/self").resolve()
    children = (own / "task" / own.name / "children").read_text().split()
    return [own, *(Path("/proc") / child for child in children)]


def resident(place: Path) -> float:
    """Return the memory of a process in MB; 0 when it is gone."""
    try:
        lines = (place / "status").read_text().splitlines()
    except OSError:
        return 0.0
    return next((float(line.split()[1]) / 1000 for line in lines if line.startswith("VmRSS:")), 0.0)
