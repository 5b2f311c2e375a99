"""The box under every page while a meeting runs: a question is written down where it is asked."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import partial
from html import escape

import streamlit as st

from data.errors import CandorError
from data.workspace import open_workspace
from data.workspace.questions import LONGEST_QUESTION, SENSITIVITIES, Asked, ask_question, carried_into, list_questions
from data.workspace.sessions import Session
from data.workspace.written import LONGEST_LINE, LONGEST_TEXT
from explainers.pins import session_words as words
from explainers.style import day_from_iso
from pages.shared import links, readers, session_answers
from pages.shared.frame import PageSpec

SAID = "candor-question-said"
"""Session key of what became of the last click, shown once."""
DUE = {"no date": None, "tomorrow": 1, "in one week": 7, "in two weeks": 14, "in one month": 30}
"""Days from today; a list is quicker than a calendar, and every reader can work it."""


def draw(spec: PageSpec) -> None:
    """Draw the box where a meeting runs and the page shows answers."""
    if not spec.can_pin:
        return
    viewer = readers.viewer()
    found = session_answers.running(viewer)
    if not found:
        return
    with st.container(key="candor-session"):
        if session_answers.in_force(viewer) is None:
            choose(found)
        else:
            _box(spec.url)


def choose(found: tuple[Session, ...]) -> None:
    """Let this window say which of several meetings it is in."""
    names = {session.session_id: session.name for session in found}
    picked = st.selectbox(
        "Which meeting is this window in?", list(names), index=None, format_func=names.get, key="session-of-window"
    )
    if picked is not None:
        st.session_state[session_answers.CHOSEN] = picked
        st.rerun()


def _box(page: str) -> None:
    """Draw the line of the meeting and the form under it."""
    reader = readers.current()
    session = session_answers.in_force(reader.viewer)
    if session is None:
        return
    workspace = open_workspace()
    asked = [*list_questions(workspace, reader.viewer, session.session_id)]
    waiting = [q for q in (*asked, *carried_into(workspace, reader.viewer, session)) if q.is_open]
    pins = session_answers.pins(reader.viewer, session.session_id)
    line = words.say_box(session, len(pins), len(asked), len(waiting))
    link = escape(session_answers.address("sessions", {**session_answers.kept(), "session": session.session_id}))
    st.html(f'<p class="candor-note">{escape(line)} <a href="{link}" target="_self">Open the session</a></p>')
    with st.expander("Write down a question"):
        here = [pin.pin_id for pin in pins if pin.page == page][-1:]
        titles = {pin.pin_id: pin.title for pin in pins}
        _form(session, page, titles, here)
    if said := st.session_state.pop(SAID, None):
        st.html(f'<p class="candor-note" role="status">{escape(said)}</p>')


def _form(session: Session, page: str, pins: dict[str, str], here: list[str]) -> None:
    with st.form("candor-question", border=False):
        st.text_area("Question", key="ask-question", max_chars=LONGEST_QUESTION, height=80)
        left, right = st.columns(2)
        with left:
            st.selectbox(
                "Asked by (a role)", session.participants, index=None, accept_new_options=True, key="ask-by",
                placeholder="who asks",
            )  # fmt: skip
            st.text_input("Who sees to it", key="ask-owner", max_chars=LONGEST_LINE)
        with right:
            st.selectbox("Due", list(DUE), key="ask-due")
            st.selectbox("Who may read it", SENSITIVITIES, format_func=words.SENSITIVITY.get, key="ask-readers")
        st.text_area("Answer, if given now", key="ask-answer", max_chars=LONGEST_TEXT, height=80)
        if pins:
            names = {pin_id: links.plain(title) for pin_id, title in pins.items()}
            key = f"ask-pins-{len(pins)}"
            st.multiselect("Pins that belong to it", list(names), here, format_func=names.get, key=key)
        st.form_submit_button("Write it down", on_click=partial(_ask, session, page, len(pins)))


def _ask(session: Session, page: str, n_pins: int) -> None:
    """Keep the question, and empty the form when it is kept."""
    given, reader = st.session_state, readers.current()
    try:
        asked = Asked(
            question=given["ask-question"] or "",
            asked_by=given["ask-by"] or "",
            answer=given["ask-answer"] or "",
            owner=given["ask-owner"] or "",
            due=due_day(given["ask-due"]),
            sensitivity=given["ask-readers"],
            view=session_answers.here(reader, page),
            pin_ids=given.get(f"ask-pins-{n_pins}") or (),
        )
        question = ask_question(open_workspace(), reader.viewer, session.session_id, asked)
    except CandorError as error:
        given[SAID] = str(error)
        return
    given[SAID] = words.say_written(question)
    for key in ("ask-question", "ask-answer", "ask-owner"):
        given[key] = ""


def due_day(choice: str | None) -> date | None:
    """Return the day that a choice of the list means."""
    return due_days(None).get(choice or "")


def due_days(kept: str | None) -> dict[str, date | None]:
    """Return the days to choose from, the one that is kept already (ISO) first: what it is called to the day."""
    today = datetime.now(UTC).date()
    days = {label: None if more is None else today + timedelta(days=more) for label, more in DUE.items()}
    return days if kept is None else {day_from_iso(kept): date.fromisoformat(kept), **days}
