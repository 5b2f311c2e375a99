"""What stays is left out of the search for garbage, and what became garbage is still found."""

from __future__ import annotations

import gc
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Iterator

import pytest

from data.files import ROOT
from pages.shared import memory

HEAPS = """
import ctypes, sys, threading
from pages.shared import memory

if sys.argv[1] == "bounded":
    memory.bound_heaps()
libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
together = threading.Barrier(12)

def work():
    together.wait()
    libc.malloc(100)
    together.wait()

threads = [threading.Thread(target=work) for _ in range(12)]
for one in threads: one.start()
for one in threads: one.join()
libc.fdopen.restype = ctypes.c_void_p
out = ctypes.c_void_p(libc.fdopen(1, b"w"))
libc.malloc_info(0, out)
libc.fflush(out)
"""
"""Prints glibc's own account of its heaps after twelve threads have used them at once."""


class Knot:
    """Something that only the search for garbage can free: it holds itself."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture(autouse=True)
def thawed() -> Iterator[None]:
    """Leave the collector as it was: later tests count objects."""
    yield
    gc.unfreeze()


def test_after_settling_a_search_passes_over_what_is_in_use() -> None:
    kept = Knot()
    memory.settle()
    assert gc.get_freeze_count() > 10_000
    assert not any(one is kept for one in gc.get_objects())


def test_garbage_made_before_settling_is_freed_by_it() -> None:
    knot = Knot()
    gone = weakref.ref(knot)
    del knot
    memory.settle()
    assert gone() is None


def test_what_was_set_aside_and_became_garbage_is_freed_by_the_next_settling() -> None:
    knot = Knot()
    gone = weakref.ref(knot)
    memory.settle()
    del knot
    gc.collect()
    assert gone() is not None, "it was set aside, so this search must not have looked at it"
    memory.settle()
    assert gone() is None


def test_memory_is_settled_again_while_pages_run_and_not_while_nobody_looks() -> None:
    gc.unfreeze()
    stop = threading.Event()
    keeper = threading.Thread(target=memory.keep_settled, args=(stop, 0.05, 0.05))
    keeper.start()
    try:
        time.sleep(0.3)
        assert gc.get_freeze_count() == 0, "no page ran"
        gc.collect()  # as Streamlit does after a run
        end = time.monotonic() + 10
        while gc.get_freeze_count() == 0 and time.monotonic() < end:
            time.sleep(0.02)
        assert gc.get_freeze_count() > 0
    finally:
        stop.set()
        keeper.join(10)
    assert not keeper.is_alive()


@pytest.mark.parametrize("patience", [60.0, 0.5])
def test_nobody_waits_for_a_settling_while_pages_run_one_after_the_other(
    patience: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "PATIENCE", patience)
    gc.unfreeze()
    stop = threading.Event()
    keeper = threading.Thread(target=memory.keep_settled, args=(stop, 0.02, 1.0))
    keeper.start()
    try:
        end, settled_while_busy = time.monotonic() + 2.5, False
        while time.monotonic() < end:
            gc.collect()
            settled_while_busy |= gc.get_freeze_count() > 0
        assert settled_while_busy == (patience < 60), "only when patience is at its end"
        end = time.monotonic() + 10
        while gc.get_freeze_count() == 0 and time.monotonic() < end:
            time.sleep(0.02)
        assert gc.get_freeze_count() > 0
    finally:
        stop.set()
        keeper.join(10)


def test_the_threads_of_a_server_share_two_heaps() -> None:
    found = {}
    for how in ("as it is", "bounded"):
        done = subprocess.run([sys.executable, "-c", HEAPS, how], cwd=ROOT, capture_output=True, text=True, check=True)
        found[how] = done.stdout.count("<heap nr=")
    assert found["as it is"] > found["bounded"] == 2
