"""What stands around every answer: the button that pins it, the box for questions, what a check of a pin found."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from html import escape

import streamlit as st

from data.errors import CandorError
from data.workspace.written import LONGEST_LINE
from explainers.pins import words
from pages.shared import answers, captured, pin_check, readers, session_answers, session_box
from pages.shared.frame import AsOf, PageSpec, SnapshotChoice

TITLE = "pin-title"
"""Session key of what a person calls the next pin."""
SAID = "candor-pin-said"
"""Session key of what became of the last click, as HTML; shown once."""


@contextmanager
def around(spec: PageSpec, as_of: AsOf, choices: Sequence[SnapshotChoice]) -> Iterator[None]:
    """Note what a page shows while it runs, and draw what stands under it."""
    reader = readers.current()
    captured.begin(spec, as_of, reader, [c.snapshot_id for c in choices if c.snapshot_id != reader.snapshot_id])
    checked = pin_check.asked() if spec.can_pin else None
    place = st.container() if checked is not None else None
    with answers.one_view(spec.url):
        yield
    with captured.paused():
        if checked is not None and place is not None:
            pin_check.draw(checked, place)
        _under(spec)


@st.fragment
def _under(spec: PageSpec) -> None:
    """Draw the button and the box; a click runs this part alone and keeps what the sheet says: what stands above."""
    if captured.has_finding():
        with st.container(key="candor-pin"):
            _button()
    session_box.draw(spec)


def _button() -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        hint = {"placeholder": "a title, if you like", "label_visibility": "collapsed"}
        st.text_input("Title of the pin", key=TITLE, max_chars=LONGEST_LINE, width=300, **hint)
        st.button("Pin this answer", key="pin-save", on_click=_pin)
    if said := st.session_state.pop(SAID, None):
        st.html(said)


def _pin() -> None:
    """Keep what is on the screen, and say so."""
    try:
        pin = session_answers.pin(readers.current(), str(st.session_state.get(TITLE) or ""))
    except CandorError as error:
        text = escape(str(error))
        st.session_state[SAID] = f'<p class="candor-warning" role="alert">{text}</p>'
        return
    st.session_state[TITLE] = ""
    link = escape(session_answers.pin_address(pin.pin_id))
    st.session_state[SAID] = (
        f'<p class="candor-note" role="status">{escape(words.say_pinned(pin.title))} '
        f'<a href="{link}" target="_self">Open the pin</a></p>'
    )
