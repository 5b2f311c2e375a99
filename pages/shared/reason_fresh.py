"""Approvals of wording take effect for everybody at their next click, whoever gave them and in which process.

A reader's catalogue follows the approvals in force (`data.reason_approvals`). What was computed with older ones is
forgotten when they change: approvals are rare, so everything is, rather than one cache too few.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import streamlit as st

from data.reason_approvals import WordsInForce
from data.reason_catalogue import Catalogue
from data.workspace import open_workspace

MOMENT = 0.2
"""Seconds: parts of one page ask for the reader many times, and need not ask the workspace each time."""
_IN_FORCE = WordsInForce()
_FORGET: list[Callable[[], None]] = [st.cache_data.clear]
_asked = float("-inf")


def follow(catalogue: Catalogue) -> Catalogue:
    """Return a snapshot's catalogue with the approvals in force, now and later."""
    return _IN_FORCE.follow(catalogue)


def forget_too(clear: Callable[[], None]) -> None:
    """Forget something else beside every `st.cache_data` when approvals change.

    Parameters
    ----------
    clear : callable
        `clear` of an `st.cache_resource` that keeps what was computed with a catalogue.
    """
    _FORGET.append(clear)


def refresh() -> None:
    """See whether approvals changed, and forget what was computed with the old ones.

    Raises
    ------
    WorkspaceError
        The workspace cannot be read.
    """
    global _asked
    _IN_FORCE.refresh(open_workspace(), _forget)
    _asked = time.monotonic()


def refresh_soon() -> None:
    """Do the same, unless this process did a moment ago: for parts of a page that run on their own."""
    if time.monotonic() - _asked > MOMENT:
        refresh()


def _forget() -> None:
    for clear in _FORGET:
        clear()
