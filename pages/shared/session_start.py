"""Beginning a meeting: a name, for whom, who presents, which roles take part."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial

import streamlit as st

from data.access import Audience
from data.errors import CandorError
from data.reader import Reader
from data.workspace import open_workspace
from data.workspace.sessions import start_session
from data.workspace.written import LONGEST_LINE
from pages.shared import session_answers, viewing, widgets

SAID = "candor-start-said"
"""Session key of why a meeting could not begin, shown once."""


def form(reader: Reader, *, unfold: bool) -> None:
    """Draw the form that begins a meeting; `unfold` where there is none yet."""
    with st.expander("Start a session", expanded=unfold), st.form("candor-start", border=False):
        left, right = st.columns(2)
        with left:
            st.text_input("Name", key="start-name", max_chars=LONGEST_LINE, placeholder="Quarterly meeting")
            st.selectbox("For", views(reader), key="start-view")
        with right:
            st.text_input("Presenter (a role)", key="start-presenter", max_chars=LONGEST_LINE)
            st.date_input("Date", datetime.now(UTC).date(), key="start-date", format="YYYY-MM-DD")
            roles = {"placeholder": "credit officer, auditor", "max_chars": 400}
            st.text_input("Who takes part (roles, with commas)", key="start-roles", **roles)
        st.form_submit_button("Start", on_click=partial(_start, reader))
    if said := st.session_state.pop(SAID, None):
        widgets.warning(said)


def views(reader: Reader) -> list[str]:
    """Return for whom a viewer can hold a meeting: the own view; a specialist for every view."""
    viewer = reader.viewer
    if viewer.audience is not Audience.SPECIALIST:
        return [viewing.see_as_choice(viewer.audience, viewer.partner)]
    partners = dict.fromkeys(reader.cutoffs()["partner"])
    return [*(viewing.see_as_choice(Audience.PARTNER, name) for name in partners), *map(str, viewing.WHOLE)]


def _start(reader: Reader) -> None:
    given = st.session_state
    name, _, partner = str(given["start-view"]).partition(" ")
    try:
        session = start_session(
            open_workspace(),
            reader.viewer,
            given["start-name"] or "",
            audience=Audience(name),
            partner=partner or None,
            presenter=given["start-presenter"] or "",
            participants=(given["start-roles"] or "").split(","),
            held_on=given["start-date"] or datetime.now(UTC).date(),
        )
    except CandorError as error:
        given[SAID] = str(error)
        return
    given[session_answers.CHOSEN] = st.query_params["session"] = session.session_id
