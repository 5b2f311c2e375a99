"""Keeping Python's search for garbage away from what stays.

Streamlit searches all of memory for garbage after every run of a page. Libraries, models and snapshots are some
300,000 objects that are never garbage, and looking at each takes a tenth of a second during which nobody else is
served. `gc.freeze` sets them aside. What later became garbage among them is found by the next `settle`.
"""

from __future__ import annotations

import gc
import threading

PERIOD = 30.0
"""Seconds between two settlings while people look at pages."""
_settling = threading.Lock()


def settle() -> None:
    """Search all of memory once, then leave what is in use out of later searches."""
    with _settling:
        gc.unfreeze()
        gc.collect()
        gc.freeze()


def set_aside() -> None:
    """Leave what is in use out of later searches, without searching: nobody has a page yet and must not wait for it."""
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
