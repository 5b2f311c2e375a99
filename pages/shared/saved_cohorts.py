"""Saved cohorts on a page: pick one, save the one in force under a name, delete one."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import streamlit as st

from data.cohorts import read_cohort
from data.errors import CandorError
from data.reader import Reader
from data.workspace import open_workspace
from data.workspace.cohorts import LONGEST_NAME, SavedCohort, delete_cohort, list_cohorts, save_cohort
from pages.shared import captured, widgets
from pages.shared.links import plain

SAID = "candor-cohort-said"
"""Session key of what became of the last click, shown once."""


def pick(reader: Reader, text: str, take: Callable[[str], None]) -> None:
    """Draw the list of saved cohorts, if there are any; choosing one takes it."""
    names = {saved.name: saved for saved in saved_cohorts(reader)}
    if not names:
        return
    st.session_state["cohort-saved"] = next((name for name, saved in names.items() if saved.text == text), None)
    st.selectbox(
        "Saved applications",
        list(names),
        index=None,
        placeholder=f"{len(names)} saved",
        key="cohort-saved",
        on_change=partial(_take, names, take),
        width=360,
    )


def _take(names: dict[str, SavedCohort], take: Callable[[str], None]) -> None:
    chosen = names.get(st.session_state["cohort-saved"] or "")
    take(chosen.text if chosen is not None else "")


def manage(reader: Reader, text: str) -> None:
    """Draw the name to save the cohort in force under, and a button to delete it where it is saved."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.text_input("Name to save it under", key="cohort-name", max_chars=LONGEST_NAME, width=300)
        st.button("Save", key="cohort-save", on_click=partial(_save, reader, text), disabled=not text)
        for saved in saved_cohorts(reader):
            if text and saved.text == text:
                forget = partial(_delete, reader, saved.name)
                label, key = plain(f"Delete “{saved.name}”"), f"cohort-delete-{saved.name}"
                st.button(label, key=key, type="tertiary", on_click=forget)
    with captured.paused():  # what became of a click is no answer
        widgets.note(st.session_state.pop(SAID, "A saved choice is found by everyone who sees what you see."))


def saved_cohorts(reader: Reader) -> tuple[SavedCohort, ...]:
    """Return what viewers of this scope saved for this model."""
    return list_cohorts(open_workspace(), reader.viewer, reader.manifest.model_id)


def _save(reader: Reader, text: str) -> None:
    try:
        name = st.session_state["cohort-name"] or ""
        kept = save_cohort(open_workspace(), reader.viewer, reader.manifest.model_id, name, read_cohort(text))
        st.session_state[SAID] = f"Saved as “{kept}”."
        st.session_state["cohort-name"] = ""
    except CandorError as error:
        st.session_state[SAID] = str(error)


def _delete(reader: Reader, name: str) -> None:
    delete_cohort(open_workspace(), reader.viewer, reader.manifest.model_id, name)
    st.session_state[SAID] = f"“{name}” is no longer saved."
