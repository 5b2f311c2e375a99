"""A month's letters: `make_batch` → `BatchResult`. Bounded memory, two processes, can be stopped at any moment."""

from __future__ import annotations

import multiprocessing
import os
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Literal

from data.access import LOCAL_VIEWER
from data.errors import CandorError
from data.notice_schema import Language
from data.reason_approvals import ApprovedWords, approvals_hash, approved_words
from data.snapshots import Snapshot, open_reader, open_snapshot
from data.workspace import open_workspace
from explainers.notices.compute import declined_of_month
from explainers.notices.ledger import Entry, Ledger, read_manifest
from explainers.notices.names import read_names
from explainers.notices.result import Recipient
from explainers.notices.wording import template_hash
from explainers.notices.worker import Asked, Failure, Task, run_worker
from explainers.pdf import check_pdf
from explainers.style import whole

Progress = Callable[[str, float], None]
Kind = Literal["html", "pdf", "docx"]
PROCESSES = 2
CHUNK = 20
"""Letters that a process is handed at a time."""
NUMBERS = 5000
"""Numbers that are read at a time."""
STEPS = 20
"""How often words of progress change."""
THREADS = ("OMP_NUM_THREADS", "NUMBA_NUM_THREADS")
"""Processes share the work; threads inside them would only get in each other's way."""


@dataclass(frozen=True)
class BatchResult:
    """What became of a month's declined applications."""

    folder: Path
    """Where letters and manifest are."""
    n: int
    """Applications of the batch."""
    made: int
    """Letters in the folder."""
    before: int
    """Of these, made by an earlier try."""
    stopped: int
    """Letters that lack something."""
    not_due: int
    """Applications that need no letter."""
    reasons: tuple[tuple[str, int], ...]
    """What is missing and how many letters lack it, the most frequent first."""


@dataclass(frozen=True)
class Order:
    """Which letters are wanted."""

    month: str
    """Of the application, "2026-09"."""
    kind: Kind
    """Kind of file."""
    language: Language = "en"
    """Of the letters."""
    day: date | None = None
    """On the letters; by default today, or the day of the try that goes on."""
    names: Path | None = None
    """CSV file with names and addresses."""
    limit: int | None = None
    """Only the first so many applications."""


def make_batch(snapshot: Path, order: Order, out: Path, progress: Progress) -> BatchResult:
    """Write the letters to the applications of a month that were declined.

    Parameters
    ----------
    snapshot : Path
        Folder of the snapshot.
    order : Order
        Which letters.
    out : Path
        Folder for them: new, empty, or of the same batch that was stopped.
    progress : callable
        Told what is being done and the share done.

    Raises
    ------
    CandorError
        The snapshot, the month, the names or the folder cannot be used, or PDF cannot be made here.
    WorkspaceError
        The workspace cannot be read: it says which wording was approved since the snapshot was built.
    """
    if order.kind == "pdf":
        check_pdf()
    approvals = approved_words(open_workspace())  # once: every letter of a batch uses the same
    where = snapshot.resolve()
    opened = open_snapshot(where.parent.parent, where.parent.name, where.name)
    try:
        numbers = _numbers(opened, order)
    finally:
        opened.close()
    names = None if order.names is None else read_names(order.names, set(numbers))
    day = order.day or _day_before(out) or date.today()
    with Ledger(out, _header(opened, order, day, approvals)) as ledger:
        task = Task(where, out.resolve(), order.kind, order.language, day, names is not None, approvals)
        left = [number for number in numbers if number not in ledger.made]
        counts, reasons = _write(ledger, task, left, names or {}, len(numbers), progress)
        before = len(numbers) - len(left)
        return BatchResult(
            folder=out,
            n=len(numbers),
            made=before + counts["made"],
            before=before,
            stopped=counts["stopped"],
            not_due=counts["not due"],
            reasons=tuple(reasons.most_common()),
        )


def _numbers(snapshot: Snapshot, order: Order) -> list[str]:
    """Return the numbers of a batch: a few bytes each; everything else of an application is read when its turn comes.

    Raises
    ------
    CandorError
        No declined application in this month.
    """
    found: list[str] = []
    for block in declined_of_month(open_reader(snapshot, LOCAL_VIEWER), order.month, NUMBERS):
        found += block
        if order.limit is not None and len(found) >= order.limit:
            found = found[: order.limit]
            break
    if not found:
        told = f"No application of {order.month} was declined in this snapshot."
        raise CandorError("No letters were made", told, "Choose another month.")
    return found


def _header(snapshot: Snapshot, order: Order, day: date, approvals: tuple[ApprovedWords, ...]) -> dict[str, object]:
    """Return what decides the letters of a batch; nothing of a person."""
    return {
        "notices": 1,
        "snapshot": snapshot.manifest.snapshot_id,
        "snapshot_hash": snapshot.manifest.fingerprint,
        "template_hash": template_hash(order.language),
        "catalogue_hash": snapshot.catalogue.sha256,
        "approvals_hash": approvals_hash(snapshot.catalogue, approvals),
        "month": order.month,
        "format": order.kind,
        "language": order.language,
        "date": day.isoformat(),
        "with_names": order.names is not None,
    }


def _day_before(out: Path) -> date | None:
    """Return the day on the letters of the try that goes on; None for a new batch."""
    header, _ = read_manifest(out)
    try:
        return None if header is None else date.fromisoformat(str(header.get("date")))
    except ValueError:
        return None


def _write(
    ledger: Ledger,
    task: Task,
    numbers: list[str],
    names: dict[str, Recipient],
    total: int,
    progress: Progress,
) -> tuple[Counter[str], Counter[str]]:
    """Hand out the numbers, note what comes back, and return what became of them and what was missing."""
    counts: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    chunks = (
        [(number, names.get(number)) for number in numbers[first : first + CHUNK]]
        for first in range(0, len(numbers), CHUNK)
    )
    done = total - len(numbers)
    with _workers(task, min(PROCESSES, -(-len(numbers) // CHUNK))) as pipes:
        for entry in _entries(pipes, chunks):
            ledger.add(entry)
            counts[entry.state] += 1
            if entry.state == "stopped":
                reasons.update(set(entry.missing))
            done += 1
            progress(_say(done, total), done / total)
    return counts, reasons


def _say(done: int, total: int) -> str:
    """Return words of progress that change a few times only, for logs."""
    step = max(1, total // STEPS)
    return f"{whole(done if done == total else done // step * step)} of {whole(total)} applications"


def _entries(pipes: list[Connection], chunks: Iterator[list[Asked]]) -> Iterator[Entry]:
    """Keep every process busy with one chunk, and yield what they tell."""
    open_letters = dict.fromkeys(pipes, 0)

    def hand_out(pipe: Connection) -> None:
        chunk = next(chunks, None)
        with _words_for_the_end():
            pipe.send(chunk)
        open_letters[pipe] = len(chunk or [])

    for pipe in pipes:
        hand_out(pipe)
    while busy := [pipe for pipe, count in open_letters.items() if count]:
        for ready in wait(busy):
            pipe = next(one for one in busy if one is ready)
            told = _receive(pipe)
            open_letters[pipe] -= 1
            if not open_letters[pipe]:
                hand_out(pipe)
            yield told


@contextmanager
def _words_for_the_end() -> Iterator[None]:
    """Say in words that a process is gone."""
    try:
        yield
    except (EOFError, ConnectionResetError, BrokenPipeError) as error:
        found = "A process that writes letters ended; the machine may be short of memory."
        raise CandorError("Not every letter was made", found, "Run the same command again: it goes on.") from error


def _receive(pipe: Connection) -> Entry:
    with _words_for_the_end():
        told: Entry | Failure = pipe.recv()
    if isinstance(told, Failure):
        raise CandorError(told.title, told.message, told.remedy)
    return told


@contextmanager
def _workers(task: Task, count: int) -> Iterator[list[Connection]]:
    """Start processes; each has one end of a pipe, and ends when the other end is gone."""
    spawn, kept = multiprocessing.get_context("spawn"), {name: os.environ.get(name) for name in THREADS}
    started, pipes = [], []
    try:
        os.environ.update(dict.fromkeys(THREADS, "1"))
        for _ in range(count):
            here, there = spawn.Pipe()
            process = spawn.Process(target=run_worker, args=(there, task), daemon=True)
            process.start()
            there.close()
            started.append(process)
            pipes.append(here)
        yield pipes
    finally:
        for name, value in kept.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
        for pipe in pipes:
            pipe.close()
        for process in started:
            process.join()
