"""The first start: builds the demonstration snapshots in a child process and tells how far it is."""

from __future__ import annotations

import atexit
import json
import logging
import subprocess
import sys
import threading
from dataclasses import dataclass
from importlib import import_module
from typing import Literal

from data.errors import CandorError, SnapshotError
from data.files import ROOT, snapshots_root
from data.snapshots import list_snapshots

LOG = logging.getLogger("candor")


@dataclass(frozen=True)
class StartupState:
    """How far the first start is."""

    state: Literal["building", "ready", "failed"]
    """What is going on."""
    done: float
    """Share of the work done, 0 to 1."""
    doing: str
    """What is being done now, in words."""
    error: CandorError | None
    """Why it failed."""


READY = StartupState("ready", 1.0, "Ready", None)
_lock = threading.Lock()
_now = READY
_child: subprocess.Popen[str] | None = None


def begin() -> None:
    """Start building the demonstration when there is no snapshot at all; return at once."""
    global _now
    with _lock:
        if _now.state == "building":
            return
        empty = not list_snapshots(snapshots_root()).manifests
        _now = StartupState("building", 0.0, "Starting", None) if empty else READY
    threading.Thread(target=_build if empty else _warm, name="candor-start", daemon=True).start()


def _warm() -> None:
    """Do what the first viewer would else wait for: import what pages use, open the first snapshot."""
    readers = import_module("pages.shared.readers")
    readers.warm()


def progress() -> StartupState:
    """Return how far the first start is."""
    return _now


def _build() -> None:
    """Run the builder and keep up with its progress lines."""
    global _now, _child
    command = [sys.executable, "-m", "explainers", "demo", "--json"]
    _child = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    atexit.register(stop)
    errors: list[str] = []
    reading = threading.Thread(target=lambda: errors.extend(_child.stderr or ()), daemon=True)
    reading.start()
    for line in _child.stdout or ():
        said = json.loads(line)
        if _now.state == "building" and list_snapshots(snapshots_root()).manifests:
            _warm()
            _now = READY  # the first snapshot can be looked at while the others are built
        if _now.state == "building":
            _now = StartupState("building", float(said["done"]), str(said["doing"]), None)
    code = _child.wait()
    reading.join()
    failure = None if code == 0 else _failure(code, errors)
    if _now.state == "building":
        _now = READY if failure is None else StartupState("failed", 0.0, "", failure)


def stop() -> None:
    """End the child when the server ends; its work folder is hidden and picked up by the next start."""
    if _child is not None and _child.poll() is None:
        _child.terminate()
        _child.wait(timeout=10)


def _failure(code: int, errors: list[str]) -> CandorError:
    """Say that the build failed; the child's words go to the server's log."""
    LOG.error("the demonstration build ended with %s: %s", code, "".join(errors[-20:]).strip())
    return SnapshotError(
        "The demonstration could not be built",
        f"The builder ended with code {code}; what it said stands in the server's log.",
        "Run `python -m explainers demo` to see it, then start Candor again.",
    )
