"""What do I want to say? The presenter's own notes, for a window that is not shared."""

from __future__ import annotations

from functools import partial

import streamlit as st

from data.errors import CandorError
from data.reader import Reader
from data.workspace import open_workspace
from data.workspace.sessions import Session, add_note, list_notes, remove_note
from data.workspace.written import LONGEST_TEXT
from explainers.pins import session_words as words
from pages.shared import readers, session_answers, session_view, widgets

EVERY = 3
"""Seconds after which questions written down in the shared window appear here."""


@st.fragment(run_every=EVERY)
def still_open(reader: Reader, session: Session) -> None:
    """Show what is open in the meeting, also what was written down a moment ago in the other window."""
    listed = [q for group in session_view.questions(reader, session) for q in group if q.is_open]
    widgets.section(words.say_still_open(len(listed)))
    widgets.fragment(words.table_questions(listed, session_view.question_links(reader, listed)))


def notes(reader: Reader, session: Session) -> None:
    """Show the notes and the form for one more."""
    for note in list_notes(open_workspace(), reader.viewer, session.session_id):
        with st.container(horizontal=True, vertical_alignment="center"):
            widgets.paragraphs([note.note])
            gone = partial(remove_note, open_workspace(), reader.viewer, note.note_id)
            st.button("Remove", key=f"note-{note.note_id}", type="tertiary", on_click=gone)
    with st.form("candor-note", border=False, clear_on_submit=True):
        text = st.text_area("Note for yourself", key="note-text", max_chars=LONGEST_TEXT, height=80)
        if st.form_submit_button("Keep the note"):
            try:
                add_note(open_workspace(), reader.viewer, session.session_id, text or "")
            except CandorError as error:
                widgets.warning(f"{error.title}. {error.message}")
            else:
                st.rerun()


reader = readers.current()
asked = st.query_params.get("session")
found = session_answers.for_presenter(reader.viewer, asked)
if found is None:
    widgets.finding("No session is running", "Start one on the page Sessions, then open this window beside it.")
else:
    widgets.finding(f"Notes for “{found.name}”", "Only specialists can open this page. Do not share this window.")
    notes(reader, found)
    still_open(reader, found)
