"""The one background process that searches for alternatives: started, watched, bounded and ended here.

The child is ``python -m explainers alternatives …``: it lowers its own priority, bounds its memory and time, and lets
no second one run beside it. It writes its result itself, in one transaction at the very end, so that one that is ended
leaves nothing.
"""

from __future__ import annotations

import atexit
import contextlib
import fcntl
import json
import logging
import os
import resource
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from data.errors import CandorError
from data.files import ROOT, home

LOG = logging.getLogger("candor")
MEMORY = 4 * 2**30
"""Bytes that a search may hold."""
SECONDS = 1_800
"""Processor seconds that a search may take."""
LONGEST = 2_400.0
"""Seconds after which a search that has not ended is ended."""
PATIENCE = 5.0
"""Seconds that a process asked to end is given."""
NICE = 15
LOCK = "alternatives.lock"


def busy() -> CandorError:
    """Return what is said while another search runs."""
    return CandorError(
        "A search is running already",
        "One search runs at a time, so that pages stay quick.",
        "Wait for it to end, or stop it on the page Alternatives.",
    )


@dataclass(frozen=True)
class SearchState:
    """How far the search of this server is."""

    state: Literal["none", "running", "done", "failed", "stopped"]
    """What is going on."""
    done: float = 0.0
    """Share of the work done, 0 to 1."""
    doing: str = ""
    """What is being done now, in words."""
    snapshot_id: str = ""
    """The snapshot it is about."""
    about: str = ""
    """What is compared, in words."""
    found: str = ""
    """What went wrong, or the key of the finished search."""


class SearchProcess:
    """The search of this server; threads may share it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._now = SearchState("none")
        self._child: subprocess.Popen[str] | None = None
        self._watching = threading.Thread()
        atexit.register(self.cancel)

    def progress(self) -> SearchState:
        """Return how far it is."""
        return self._now

    def start(self, folder: Path, arguments: Sequence[str], snapshot_id: str, about: str) -> None:
        """Start a search and return at once.

        Parameters
        ----------
        folder : Path
            The snapshot's folder.
        arguments : sequence of str
            Further arguments of the command.
        snapshot_id, about : str
            What it is about, to show.

        Raises
        ------
        CandorError
            One is running already.
        """
        with self._lock:
            if self._now.state == "running":
                raise busy()
            command = [sys.executable, "-m", "explainers", "alternatives", str(folder), "--json", *arguments]
            self._child = subprocess.Popen(
                command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
            )
            self._now = SearchState("running", 0.0, "Starting", snapshot_id, about)
            self._watching = threading.Thread(
                target=self._watch, args=(self._child,), name="candor-search", daemon=True
            )
            self._watching.start()

    def cancel(self) -> None:
        """End the search that is running, if there is one; it leaves nothing."""
        with self._lock:
            child = self._child
            if child is None or child.poll() is not None:
                return
            self._now = replace(self._now, state="stopped", doing="")
        end(child)
        self._watching.join(PATIENCE)

    def _watch(self, child: subprocess.Popen[str]) -> None:
        """Keep up with the child's lines until it ends."""
        limit = threading.Timer(LONGEST, end, (child,))
        limit.daemon = True
        limit.start()
        errors: list[str] = []
        reading = threading.Thread(target=lambda: errors.extend(child.stderr or ()), daemon=True)
        reading.start()
        found = ""
        for line in child.stdout or ():
            said = json.loads(line)
            found = str(said.get("search", found))
            with self._lock:
                if self._now.state == "running" and "done" in said:
                    self._now = replace(self._now, done=float(said["done"]), doing=str(said["doing"]))
        code = child.wait()
        limit.cancel()
        reading.join()
        for stream in filter(None, (child.stdout, child.stderr)):
            stream.close()
        with self._lock:
            if self._now.state == "running":
                told = found if code == 0 else _failure(code, errors)
                self._now = replace(self._now, state="done" if code == 0 else "failed", doing="", found=told)


def end(child: subprocess.Popen[str]) -> None:
    """Ask a process to end, and end it when it does not."""
    child.terminate()
    try:
        child.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        child.kill()


def _failure(code: int, errors: list[str]) -> str:
    """Return what a failed search said, in words."""
    said = " ".join(line.strip() for line in errors if line.strip())
    if code == 2 and said:
        return said[-600:]
    LOG.error("a search for alternatives ended with %s: %s", code, said[-2000:])
    return "It ended before it was done: it may have reached its limit of memory or time. The server’s log says more."


def bound_this_process() -> None:
    """Give way to everything else on this machine, and bound memory and time.

    Who runs the machine may have set a lower limit already: it stays, as only root may raise one.
    """
    os.nice(NICE)
    for kind, most in ((resource.RLIMIT_DATA, MEMORY), (resource.RLIMIT_CPU, SECONDS)):
        _, hard = resource.getrlimit(kind)
        if hard == resource.RLIM_INFINITY or hard > most:
            resource.setrlimit(kind, (most, most))


@contextlib.contextmanager
def only_one() -> Iterator[None]:
    """Hold the place of the one search that may run for a home of Candor.

    Raises
    ------
    CandorError
        Another one holds it.
    """
    home().mkdir(parents=True, exist_ok=True)
    with (home() / LOCK).open("w") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as e:
            raise busy() from e
        yield


SEARCH = SearchProcess()
"""The one of this server."""
