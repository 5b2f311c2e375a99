"""Choosing a signal or a family by its label: a box that is searched by typing, never a list of a thousand.

The choice stands in the address. A link may name a signal by its label or by its name in the model.
"""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from explainers.signals import words
from explainers.signals.result import ChoicesResult, Option
from explainers.signals.words import MOST, offered
from pages.shared import widgets


def choose_option(choices: ChoicesResult, label: str, key: str, told: DeltaGenerator) -> Option:
    """Draw the choice and return it; the strongest by default.

    Parameters
    ----------
    choices : ChoicesResult
        What there is, the strongest first.
    label : str
        What the box is called.
    key : str
        Its parameter in the address.
    told : DeltaGenerator
        Where it is said that a link asks for something else.
    """
    asked = st.query_params.get(key)
    fitting = _labels(choices, "Find a family" if choices.families else "Find a signal", key)
    found = fitting or offered(choices, "")
    said = st.selectbox(label, found, key=key, bind="query-params", width=420)
    if not fitting:
        widgets.note(words.NONE_FOUND)
    chosen = choices.named(said) or choices.options[0]
    if asked and choices.meant(asked) is None:
        with told:
            widgets.warning(words.say_unknown(choices, chosen))
    return chosen


def choose_second(choices: ChoicesResult, label: str, key: str, not_this: str) -> Option | None:
    """Draw the choice of another signal; None while there is none."""
    found = tuple(name for name in _labels(choices, "Find a second signal", key) if name != not_this)
    said = st.selectbox(label, found, index=None, placeholder="no other", key=key, bind="query-params", width=420)
    if not found:
        widgets.note(words.NONE_FOUND)
    return None if said is None else choices.named(said)


def row_for_second(choices: ChoicesResult, row: DeltaGenerator) -> DeltaGenerator:
    """Return where the choice of a second signal stands: beside the first, or under it where both have a search."""
    if len(choices.options) <= MOST:
        return row
    return st.container(horizontal=True, vertical_alignment="bottom", key="candor-inputs-second")


def _labels(choices: ChoicesResult, find: str, key: str) -> tuple[str, ...]:
    """Return the labels to choose from; among very many, those with the words typed first."""
    asked = st.query_params.get(key)
    meant = None if asked is None else choices.meant(asked)
    if meant is not None and meant.label != asked:
        asked = st.query_params[key] = st.session_state[key] = meant.label
    typed = ""
    if len(choices.options) > MOST:
        search = {"type": "search", "live": "300ms", "max_chars": 80, "width": 230}
        typed = st.text_input(find, placeholder="type a word", key=f"find-{key}", **search)
    return offered(choices, typed or "", asked)
