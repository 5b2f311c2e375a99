"""Keeping Python's search for garbage away from what stays.

Streamlit searches all of memory for garbage after every run of a page. Libraries, models and snapshots are some
300,000 objects that are never garbage, and looking at each takes a tenth of a second during which nobody else is
served. `gc.freeze` sets them aside. What later became garbage among them is found by the next `settle`. A page that
is new to the process loads so much that the searches become slow again: what a slow one has just found to be in use
is set aside there and then.
"""

from __future__ import annotations

import gc
import threading
import time

PERIOD = 30.0
"""Seconds between two settlings while people look at pages."""
SLOW = 0.02
"""Seconds of a search after which what it left is set aside."""
_settling = threading.Lock()
_began = 0.0


def settle() -> None:
    """Search all of memory once, then leave what is in use out of later searches."""
    with _settling:
        gc.unfreeze()
        gc.collect()
        gc.freeze()


def set_aside() -> None:
    """Leave what is in use out of later searches, without searching: nobody has a page yet and must not wait for it."""
    gc.freeze()


def watch_searches() -> None:
    """From now on set aside what a slow search has found to be in use."""
    if _after_search not in gc.callbacks:
        gc.callbacks.append(_after_search)


def _after_search(phase: str, info: dict[str, int]) -> None:
    """Be told of every search by Python itself; only the full ones (of generation 2) look at everything."""
    global _began
    if info["generation"] < 2:
        return
    if phase == "start":
        _began = time.perf_counter()
    elif time.perf_counter() - _began > SLOW:
        gc.freeze()


def keep_settled(stop: threading.Event, period: float = PERIOD) -> None:
    """Settle again and again, as sessions come and go; not while nobody looks. Returns when `stop` is set."""
    seen = _searches()
    while not stop.wait(period):
        if _searches() != seen:
            settle()
            seen = _searches()


def _searches() -> int:
    """Return how many full searches there were: Streamlit makes one after every run of a page."""
    return int(gc.get_stats()[2]["collections"])
