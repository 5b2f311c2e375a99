"""Conditions on signals, for viewers who see every signal: found by typing, listed, and taken away again."""

from __future__ import annotations

from functools import partial

import streamlit as st

from data.cohorts import SignalCondition
from data.reader import Reader
from explainers.cohorts.signals import SignalChoice, find_signals, name_conditions, signal_choices, signal_levels
from pages.shared import readers, widgets

CONDITIONS = "cohort-signals"
"""Session key of the conditions on signals."""
FEW = 50
"""More signals than this are searched for by words first; they are never all in one list."""
MOST = 10
"""Conditions at a time: the text of a cohort is short."""


def listed(reader: Reader) -> None:
    """Draw each condition with a button that takes it away."""
    conditions: tuple[SignalCondition, ...] = st.session_state[CONDITIONS]
    for condition, words in zip(conditions, name_conditions(reader, conditions), strict=True):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            widgets.note(words)
            remove = partial(_remove, condition)
            st.button("Remove", key=f"cohort-remove-{condition.name}", type="tertiary", on_click=remove, help=words)


def _remove(condition: SignalCondition) -> None:
    st.session_state[CONDITIONS] = tuple(c for c in st.session_state[CONDITIONS] if c != condition)


@st.fragment
def add() -> None:
    """Draw the search for a signal and the inputs for its values; nothing for who may not choose by signals."""
    reader = readers.current()
    choices = _choices(reader.snapshot_id, reader.viewer.scope, reader)
    if not choices:
        return
    if len(st.session_state[CONDITIONS]) >= MOST:
        widgets.note(f"There are {MOST} conditions on signals. Remove one to add another.")
        return
    choice = _pick(choices)
    if choice is None:
        return
    condition = _number(choice) if choice.is_number else _levels(reader, choice)
    if st.button("Add this condition", key="cohort-add", disabled=condition is None):
        others = tuple(c for c in st.session_state[CONDITIONS] if c.name != choice.name)
        st.session_state[CONDITIONS] = (*others, condition)
        st.rerun()


@st.cache_data(max_entries=32, show_spinner=False)
def _choices(snapshot_id: str, scope: str, _reader: Reader) -> tuple[SignalChoice, ...]:
    return signal_choices(_reader)


@st.cache_data(max_entries=256, show_spinner=False)
def _level_words(snapshot_id: str, scope: str, name: str, _reader: Reader) -> dict[str, str]:
    return signal_levels(_reader, name)


def _pick(choices: tuple[SignalChoice, ...]) -> SignalChoice | None:
    found = choices
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if len(choices) > FEW:
            words = st.text_input(
                f"Search {len(choices):,} signals",
                key="cohort-find",
                type="search",
                live="300ms",
                max_chars=80,
                width=260,
            )
            found = find_signals(choices, words) if words else ()
        by_name = {choice.name: choice for choice in found}
        name = st.selectbox(
            "Add a condition on a signal",
            list(by_name),
            index=None,
            format_func=lambda name: by_name[name].label,
            placeholder="type to find one" if len(choices) <= FEW else f"{len(found)} found",
            key="cohort-signal",
            width=360,
        )
    return by_name.get(name or "")


def _number(choice: SignalChoice) -> SignalCondition | None:
    """Draw a range; None while it is empty or runs backwards."""
    unit = f" ({choice.unit})" if choice.unit else ""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        keys = (f"cohort-{choice.name}-low", f"cohort-{choice.name}-high")
        low = st.number_input(f"From{unit}", value=None, format="%.12g", key=keys[0], width=190, help=choice.definition)
        high = st.number_input(f"To{unit}", value=None, format="%.12g", key=keys[1], width=190)
        missing = _missing(choice)
    if missing:
        return SignalCondition(choice.name, missing=True)
    if low is not None and high is not None and low > high:
        widgets.warning("The range runs backwards: its end lies before its start.")
        return None
    return None if low is None and high is None else SignalCondition(choice.name, low, high)


def _levels(reader: Reader, choice: SignalChoice) -> SignalCondition | None:
    """Draw the categories; None while none is chosen."""
    words = _level_words(reader.snapshot_id, reader.viewer.scope, choice.name, reader)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        key = f"cohort-{choice.name}-levels"
        chosen = st.multiselect(
            "Any of", list(words), format_func=words.get, key=key, width=420, help=choice.definition
        )
        missing = _missing(choice)
    if missing:
        return SignalCondition(choice.name, missing=True)
    return SignalCondition(choice.name, levels=tuple(sorted(chosen))) if chosen else None


def _missing(choice: SignalChoice) -> bool:
    return st.checkbox(f"No value ({choice.missing})", key=f"cohort-{choice.name}-missing")
