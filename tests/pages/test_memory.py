"""What stays is left out of the search for garbage, and what became garbage is still found."""

from __future__ import annotations

import contextlib
import gc
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Callable, Iterator

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


@pytest.fixture
def keeper(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[float, float], None]]:
    """Start what settles memory, with a rest and a patience of so many seconds; it is ended after the test."""
    stop, started = threading.Event(), []

    def start(rest: float, patience: float) -> None:
        monkeypatch.setattr(memory, "PATIENCE", patience)
        gc.unfreeze()
        started.append(threading.Thread(target=memory.keep_settled, args=(stop, 0.02, rest)))
        started[0].start()

    yield start
    stop.set()
    started[0].join(30)
    assert not started[0].is_alive()


def is_settled(within: float, doing: Callable[[], object]) -> bool:
    """Do something again and again until memory was settled; return whether it was in so many seconds."""
    end = time.monotonic() + within
    while time.monotonic() < end:
        doing()
        if gc.get_freeze_count():
            return True
    return False


def pause() -> None:
    time.sleep(0.02)


def test_a_page_that_takes_long_is_not_held_up_by_a_settling(keeper: Callable[[float, float], None]) -> None:
    keeper(0.1, 60.0)
    with memory.at_work():
        gc.collect()
        assert not is_settled(1.0, pause)
    assert is_settled(30.0, pause)


def test_nobody_waits_for_a_settling_while_pages_run_one_after_the_other(
    keeper: Callable[[float, float], None],
) -> None:
    keeper(3.0, 60.0)
    assert not is_settled(5.0, gc.collect)
    assert is_settled(30.0, pause)


def test_memory_is_settled_in_the_end_although_there_never_was_a_rest(keeper: Callable[[float, float], None]) -> None:
    keeper(1.0, 0.5)
    assert is_settled(60.0, gc.collect)


def test_a_page_that_fails_is_waited_for_no_longer() -> None:
    before = memory._at_work
    with contextlib.suppress(ValueError), memory.at_work():
        assert memory._at_work == before + 1
        raise ValueError
    assert memory._at_work == before


def test_memory_is_not_settled_while_nobody_looks(keeper: Callable[[float, float], None]) -> None:
    keeper(0.05, 60.0)
    assert not is_settled(0.3, pause)
    gc.collect()  # as Streamlit does after a run
    assert is_settled(30.0, pause)


def test_the_threads_of_a_server_share_two_heaps() -> None:
    found = {}
    for how in ("as it is", "bounded"):
        done = subprocess.run([sys.executable, "-c", HEAPS, how], cwd=ROOT, capture_output=True, text=True, check=True)
        found[how] = done.stdout.count("<heap nr=")
    assert found["as it is"] > found["bounded"] == 2
