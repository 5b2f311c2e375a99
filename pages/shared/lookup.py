"""Asking for one application: its number, the group to compare it with, or one picked at random."""

from __future__ import annotations

import random
from functools import partial

import streamlit as st

from data.reader import Reader
from explainers.decision.compute import group_names
from pages.shared import answers, captured, compare_answers, widgets

NUMBER = "app"
"""Key of the box for the application's number, and its parameter in the address."""
PICKS = ("declined", "approved", "near the cut-off")


def ask(reader: Reader) -> tuple[str, str]:
    """Draw the inputs in one line; return the number asked for and the comparison group's name."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="candor-inputs"):
        number = ask_number()
        names = {**group_names(reader), **compare_answers.chosen_group(reader)}
        group = st.selectbox(
            "Compare with", list(names), format_func=names.get, key="group", bind="query-params", width=260
        )
        for kind in PICKS:
            label = f"Pick one {kind}"
            st.button(label, key=f"pick-{kind}", type="tertiary", on_click=partial(pick, reader, kind))
    return number, group


def ask_number() -> str:
    """Draw the box for an application's number and return what is in it."""
    number = st.text_input("Application number", key=NUMBER, bind="query-params", max_chars=200, width=230)
    return (number or "").strip()


def pick(reader: Reader, kind: str) -> None:
    """Put the number of a random application of a kind into the box."""
    st.session_state[NUMBER] = reader.pick(kind, random.random())  # noqa: S311 - a choice, not a secret


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
