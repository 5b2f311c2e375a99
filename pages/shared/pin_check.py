"""A pin computed again: `?check=ID` on the page that showed it compares what is shown now with what was kept."""

from __future__ import annotations

from typing import Any

import streamlit as st

from data.workspace import open_workspace
from data.workspace.pin_parts import Pin
from data.workspace.pins import read_pin, record_check
from explainers.pins import words
from explainers.pins.compare import CheckResult, compute_check
from pages.shared import captured, readers, widgets

PARAMETER = "check"
DONE = "candor-checked"
"""Session key of (pin, address) -> what came out, so that a check is made and kept once."""
PAUSE = 0.4
"""Seconds after which parts that run beside the page are looked for again."""


def asked() -> Pin | None:
    """Return the pin that the address asks to compute again, None where it does not.

    Raises
    ------
    NotFoundForViewer
        There is no such pin for this viewer.
    """
    pin_id = st.query_params.get(PARAMETER)
    return read_pin(open_workspace(), readers.viewer(), pin_id) if pin_id else None


def draw(pin: Pin, place: Any) -> None:
    """Compare the page with the pin and say what came out, over the page.

    Where the page has parts that run beside it, they may not be there yet: what agrees is said at once, anything else
    is compared again when the page has come to rest.
    """
    reader = readers.current()
    if pin.scope != reader.viewer.scope:
        with place:
            widgets.warning(words.say_other_view(pin))
        return
    if not captured.has_finding():
        return
    done: dict[Any, CheckResult] = st.session_state.setdefault(DONE, {})
    key = (pin.pin_id, captured.address(reader))
    result = done.get(key) or _compare(pin)
    if result is not None and (key in done or result.verdict == "same" or not pin.shown.late):
        if key not in done:
            _keep(pin, result)
        with place:
            _say(result)
    else:
        with place:
            _wait(pin)


@st.fragment(run_every=PAUSE)
def _wait(pin: Pin) -> None:
    """Say that the comparison waits; when this runs a second time the page has come to rest."""
    with captured.paused():
        widgets.note("Comparing with the pin …")
    result = _compare(pin) if captured.at_rest() else None
    if result is not None:
        _keep(pin, result)
        st.rerun()


def _compare(pin: Pin) -> CheckResult | None:
    now = captured.shown(readers.current())
    return None if now is None else compute_check(pin.shown, now)


def _keep(pin: Pin, result: CheckResult) -> None:
    """Remember what came out, in this visit and in the workspace."""
    reader, now = readers.current(), captured.shown(readers.current())
    if now is None:
        return
    st.session_state[DONE][(pin.pin_id, captured.address(reader))] = result
    said = words.say_differences(result)
    kept = {"verdict": result.verdict, "compared": result.n, "differences": said}
    record_check(open_workspace(), reader.viewer, pin, now, **kept)


def _say(result: CheckResult) -> None:
    said = f"{words.say_check(result)} {words.say_causes(result)}"
    if result.verdict == "same":
        widgets.note(said)
        return
    widgets.warning(said)
    with st.expander("What differs"):
        widgets.paragraphs(words.say_differences(result))
