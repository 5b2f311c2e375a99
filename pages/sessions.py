"""What was asked, and what was answered? Meetings, their pins and questions, and answers used again."""

from __future__ import annotations

import streamlit as st

from data.reader import Reader
from data.workspace import open_workspace
from data.workspace.questions import open_questions
from data.workspace.sessions import list_sessions
from explainers.pins import session_words as words
from pages.shared import readers, session_answers, session_reuse, session_start, session_view, widgets


def overview(reader: Reader) -> None:
    """Draw the list of meetings, what is open, the search and the form to begin one."""
    sessions = list_sessions(open_workspace(), reader.viewer)
    kept = session_answers.kept()
    waiting = open_questions(open_workspace(), reader.viewer)
    widgets.finding(words.say_sessions(sessions), words.say_waiting(waiting))
    session_start.form(reader, unfold=not sessions)
    session_reuse.search(reader, session_view.question_links)
    session_reuse.waiting(reader)
    if sessions:
        links = {s.session_id: session_answers.address("sessions", {**kept, "session": s.session_id}) for s in sessions}
        widgets.section("Sessions")
        widgets.fragment(words.table_sessions(sessions, links))
    if waiting:
        widgets.section("Open questions")
        widgets.fragment(words.table_questions(waiting, session_view.question_links(reader, waiting)))
    session_view.anchors([("All pins", session_answers.address("pins", kept))])
    widgets.closing(words.HOW_TO_READ, words.LIMITS)


reader = readers.current()
session, rehearsed = st.query_params.get("session"), st.query_params.get("rehearse")
if rehearsed:
    step = st.query_params.get("step", "1")
    session_view.rehearse(reader, rehearsed, int(step) if step.isdecimal() else 1)
elif session:
    session_view.show(reader, session)
else:
    overview(reader)
