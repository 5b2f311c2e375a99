"""Asking for one application: its number, the group to compare it with, or one picked at random."""

from __future__ import annotations

import random
from collections.abc import Sequence
from functools import partial

import streamlit as st

from data.reader import Reader
from explainers.decision.compute import group_names
from pages.shared import answers, captured, compare_answers, widgets

NUMBER = "app"
"""Key of the box for the application's number, and its parameter in the address."""
KEPT = "candor-number"
"""Session key of the number asked for last, with the stay on a page in which it was."""
PICKS = ("declined", "approved", "near the cut-off")


def ask(reader: Reader) -> tuple[str, str]:
    """Draw the inputs in one line; return the number asked for and the comparison group's name."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="candor-inputs"):
        number = ask_number()
        names = {**group_names(reader), **compare_answers.chosen_group(reader)}
        group = st.selectbox(
            "Compare with", list(names), format_func=names.get, key="group", bind="query-params", width=260
        )
        offer_picks(reader)
    return number, group


def ask_number() -> str:
    """Draw the box for an application's number and return what is in it.

    Whoever comes to a page goes on with the number of the page before, unless the address names another. Only then:
    a box emptied by hand, or by the browser's way back, stays empty.
    """
    stay = answers.stay()
    last_stay, last = st.session_state.get(KEPT, (stay, ""))
    if last and last_stay is not stay and NUMBER not in st.query_params:
        st.query_params[NUMBER] = st.session_state[NUMBER] = last
    number = st.text_input("Application number", key=NUMBER, bind="query-params", max_chars=200, width=230)
    found = (number or "").strip()
    st.session_state[KEPT] = (stay, found)
    return found


def offer_picks(reader: Reader, kinds: Sequence[str] = PICKS, box: str = NUMBER) -> None:
    """Draw a button for each kind of application, which puts one of it into a box.

    Parameters
    ----------
    reader : Reader
        What may be seen.
    kinds : sequence of str
        Some of `PICKS`.
    box : str
        Key of the box.
    """
    for kind in kinds:
        fill = partial(_pick, reader, kind, box)
        st.button(f"Pick one {kind}", key=f"pick-{kind}", type="tertiary", on_click=fill)


def _pick(reader: Reader, kind: str, box: str) -> None:
    st.session_state[box] = reader.pick(kind, random.random())  # noqa: S311 - a choice, not a secret


def reveal(reader: Reader, number: str) -> None:
    """Offer the lender's own number to an audience whose numbers are masked; it asks for a reason and is logged."""
    if not reader.viewer.policy.masked_numbers:
        return
    with st.popover("Show the lender's own number", type="tertiary"), st.form("candor-reveal", border=False):
        reason = st.text_input("Why is it needed?", key="reveal-reason", max_chars=answers.LONGEST_INPUT)
        if st.form_submit_button("Show it"):
            if reason.strip():
                own = answers.reveal(reader, number, reason)
                with captured.paused():  # others who open a pin gave no reason for the number
                    widgets.note(f"Number {own}. Who asked and why is kept in the log.")
            else:
                widgets.warning("Write the reason first. It is kept with your name.")
