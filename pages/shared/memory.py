"""Memory of the server: garbage is not looked for among what stays, and what is freed goes back to the machine.

Streamlit searches all of memory for garbage after every run of a page. Libraries, models and snapshots are some
300,000 objects that are never garbage, and looking at each takes a tenth of a second during which nobody else is
served. `gc.freeze` sets them aside. What later became garbage among them is found by the next `settle`.
"""

from __future__ import annotations

import ctypes
import gc
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

PERIOD = 30.0
"""Seconds between two settlings while people look at pages."""
REST = 1.0
"""Seconds in which nobody waited for a page. A settling holds up whoever does, up to half a second with a wide
snapshot."""
PATIENCE = 600.0
"""Seconds after which memory is settled although there never was a rest."""
MOST_HEAPS = -8, 2
"""The setting of glibc for the number of heaps (M_ARENA_MAX of its `malloc.h`), and how many there may be."""
_settling, _counting = threading.Lock(), threading.Lock()
_at_work = 0
"""Runs of pages that somebody waits for."""


@contextmanager
def at_work() -> Iterator[None]:
    """Note that somebody waits for a page while it runs."""
    global _at_work
    with _counting:
        _at_work += 1
    try:
        yield
    finally:
        with _counting:
            _at_work -= 1


def bound_heaps() -> None:
    """Let the threads of this process share two heaps of the C library.

    By itself it makes up to eight a processor, and each keeps what its threads have freed: with a wide snapshot half a
    gigabyte in all, more than is in use. Other C libraries than glibc have no such setting.
    """
    set_option = getattr(ctypes.CDLL(None), "mallopt", None)
    if set_option is not None:
        set_option(*MOST_HEAPS)


def settle() -> None:
    """Search all of memory once, then leave what is in use out of later searches."""
    with _settling:
        gc.unfreeze()
        gc.collect()
        gc.freeze()


def set_aside() -> None:
    """Leave what is in use out of later searches, without searching: nobody has a page yet and must not wait for it."""
    gc.freeze()


def keep_settled(stop: threading.Event, period: float = PERIOD, rest: float = REST) -> None:
    """Settle again and again, as sessions come and go; not while nobody looks. Returns when `stop` is set."""
    seen = _searches()
    while not stop.wait(period):
        if _searches() != seen:
            _wait_for_rest(stop, rest)
            settle()
            seen = _searches()


def _wait_for_rest(stop: threading.Event, rest: float) -> None:
    """Wait until nobody waits for a page and no run ended for so long, but not for ever."""
    end, seen = time.monotonic() + PATIENCE, _searches()
    while not stop.wait(rest) and time.monotonic() < end:
        last, seen = seen, _searches()
        if seen == last and not _at_work:
            return


def _searches() -> int:
    """Return how many full searches there were: Streamlit makes one after every run of a page."""
    return int(gc.get_stats()[2]["collections"])
