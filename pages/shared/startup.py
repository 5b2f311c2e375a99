"""The first start: builds the demonstration snapshots in a child process and tells how far it is."""

from __future__ import annotations

import atexit
import json
import logging
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Literal

from data.errors import CandorError, SnapshotError
from data.files import ROOT, snapshots_root
from data.listing import list_snapshots
from explainers.compiling import COMMAND
from pages.shared import memory

LOG = logging.getLogger("candor")
THREAD = "candor-start"
NO_SESSION = "streamlit.runtime.scriptrunner_utils.script_run_context"
"""Streamlit's logger that warns of cached functions called outside a session, as the work ahead does on purpose."""


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


PATIENCE = 10.0
"""Seconds after which the work for a first click begins although nobody has opened a page."""
REST = 0.5
"""Seconds without a page after which that work begins: it must not slow down a browser that draws, or a second look."""
FIRST_PAGE = (
    "pages.shared.answers",
    "explainers.overview.charts",
    "explainers.overview.tables",
    "pages.shared.widgets",
)
"""What the Overview is made with."""
LATER = ("explainers.attribution", "explainers.decision.compute", "data.model_process", "explainers.decision.second")
"""What other pages need, from the soonest to the latest: it takes longer to import than the first page in all."""
LONGEST = 1_800.0
"""Seconds the demonstration may take to build; then it is ended, and the page says so."""
READY = StartupState("ready", 1.0, "Ready", None)
_lock = threading.Lock()
_now = READY
_page_shown = threading.Event()
_last_shown = 0.0
_child: subprocess.Popen[str] | None = None


def begin() -> None:
    """Start building the demonstration when there is no snapshot at all; return at once."""
    global _now
    with _lock:
        if _now.state == "building":
            return
        empty = not list_snapshots(snapshots_root()).manifests
        _now = StartupState("building", 0.0, "Starting", None) if empty else READY
    work = _build if empty else _warm_and_compile
    threading.Thread(target=_start, args=(work,), name=THREAD, daemon=True).start()


def _start(work: Callable[[], None]) -> None:
    """Do the work of the start, then keep memory in order for as long as the server runs."""
    logging.getLogger(NO_SESSION).addFilter(lambda record: record.threadName != THREAD)
    work()
    memory.keep_settled(threading.Event())


def _warm() -> None:
    """Do what the first viewer would else wait for; what a first click needs only when the first page is there."""
    _ahead("warm_first_page")
    memory.set_aside()
    _page_shown.wait(PATIENCE)
    for name in LATER[:2]:
        _rest()
        import_module(name)
    _rest()
    _ahead("warm_first_click")
    for name in LATER[2:]:
        _rest()
        import_module(name)
    _rest()
    _ahead("warm_ask")
    memory.settle()


def _warm_and_compile() -> None:
    """Warm up; then compile what this machine has not compiled yet, so that no first click on a page waits for it."""
    global _child
    _warm()
    _rest()
    _child = subprocess.Popen(COMMAND, cwd=ROOT, stdout=subprocess.DEVNULL)
    atexit.register(stop)
    code = _child.wait()
    if code:
        LOG.warning("compiling ahead ended with %s: first clicks may wait for it", code)


def _rest() -> None:
    """Wait until nobody has been shown a page for a moment, but not for ever."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < min(end, _last_shown + REST):
        time.sleep(REST / 10)


def _ahead(task: str) -> None:
    """Run a task of `readers`. What the first page uses is imported here: the server answers meanwhile."""
    for name in FIRST_PAGE:
        import_module(name)
    readers = import_module("pages.shared.readers")
    try:
        getattr(readers, task)()
    except CandorError as error:
        LOG.warning("the first snapshot was not opened ahead: %s", error.title)  # its page says why


def page_was_shown() -> None:
    """Note that somebody has a page, so that what they may ask next can be prepared."""
    global _last_shown
    _last_shown = time.monotonic()
    _page_shown.set()


def progress() -> StartupState:
    """Return how far the first start is."""
    return _now


def _build() -> None:
    """Run the builder and keep up with its progress lines."""
    global _now, _child
    command = [sys.executable, "-m", "explainers", "demo", "--json"]
    _child = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    atexit.register(stop)
    limit = threading.Timer(LONGEST, _child.terminate)
    limit.daemon = True
    limit.start()
    errors: list[str] = []
    reading = threading.Thread(target=lambda: errors.extend(_child.stderr or ()), daemon=True)
    reading.start()
    for line in _child.stdout or ():
        said = json.loads(line)
        if _now.state == "building" and list_snapshots(snapshots_root()).manifests:
            _ahead("warm_first_page")
            _now = READY  # the first snapshot can be looked at while the others are built
            threading.Thread(target=_warm, name="candor-warm", daemon=True).start()
        if _now.state == "building":
            _now = StartupState("building", float(said["done"]), str(said["doing"]), None)
    code = _child.wait()
    limit.cancel()
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
