"""Answers of meetings used again: proposed by one person, approved by a second, found by those they are for."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import streamlit as st

from data.access import Audience, Viewer
from data.errors import CandorError
from data.reader import Reader
from data.workspace import open_workspace
from data.workspace.approvals import Approval, approve, approved_texts, list_approvals, propose, withdraw
from data.workspace.questions import Question, answered_questions
from data.workspace.written import LONGEST_TEXT
from explainers.pins import session_words as words
from explainers.pins.search import best
from pages.shared import widgets

SAID = "candor-reuse-said"
"""Session key of what became of the last click, shown once."""


def propose_form(reader: Reader, answered: Sequence[Question]) -> None:
    """Let a specialist propose an answer for reuse."""
    if reader.viewer.audience is not Audience.SPECIALIST or not answered:
        return
    names = {q.question_id: q.question for q in answered}
    with st.expander("Propose an answer for reuse"):
        chosen = st.selectbox("Answered question", list(names), format_func=names.get, key="reuse-question")
        question = next(q for q in answered if q.question_id == chosen)
        partners = [question.scope.partition("|")[2]] if question.scope.startswith(Audience.PARTNER) else []
        readers_of = [*Audience, *(f"{Audience.PARTNER} {name}" for name in partners)]
        with st.form("candor-reuse", border=False):
            text = st.text_area("Text", question.answer, key=f"reuse-text-{chosen}", max_chars=LONGEST_TEXT)
            to = st.selectbox("Who may find it", readers_of, key="reuse-readers")
            if st.form_submit_button("Propose it"):
                _propose(reader.viewer, question, text or "", str(to))
    said()


def _propose(viewer: Viewer, question: Question, text: str, to: str) -> None:
    name, _, partner = to.partition(" ")
    try:
        propose(
            open_workspace(),
            viewer,
            "answer",
            question.question_id,
            title=question.question,
            body=text,
            audience=Audience(name),
            partner=partner or None,
        )
    except CandorError as error:
        st.session_state[SAID] = f"{error.title}. {error.message} {error.remedy}"
        return
    st.session_state[SAID] = "Proposed. A second person has to approve it."


def waiting(reader: Reader) -> None:
    """Show specialists the texts that wait for a second person."""
    if reader.viewer.audience is not Audience.SPECIALIST:
        return
    listed = list_approvals(open_workspace(), reader.viewer, "answer")
    drafts = [one for one in listed if one.state == "draft"]
    said()
    if not drafts:
        return
    with st.expander(words.say_drafts(len(drafts))):
        for one in drafts:
            widgets.fragment(words.table_answers([one], names=True))
            with st.container(horizontal=True):
                for label, act in (("Approve", approve), ("Withdraw", withdraw)):
                    done = partial(_decide, reader.viewer, one, label)
                    st.button(label, key=f"{act.__name__}-{one.approval_id}", on_click=done)


def _decide(viewer: Viewer, one: Approval, label: str) -> None:
    act = approve if label == "Approve" else withdraw
    try:
        decided = act(open_workspace(), viewer, one.approval_id)
    except CandorError as error:
        st.session_state[SAID] = f"{error.title}. {error.message} {error.remedy}"
        return
    st.session_state[SAID] = f"It is {decided.state} now."


def search(reader: Reader) -> None:
    """Draw the search for answers: approved ones for everyone they are for, all given ones for specialists."""
    asked = st.text_input("Find an answer", key="find-answer", max_chars=200, width=420, placeholder="in your words")
    if not (asked or "").strip():
        return
    approved = approved_texts(open_workspace(), reader.viewer, "answer")
    found = best(asked or "", [(one.title, one.body) for one in approved])
    widgets.section(words.say_found(len(found), (asked or "").strip()))
    if found:
        inside = reader.viewer.audience is Audience.SPECIALIST  # outside, accounts of the lender's people are not named
        widgets.fragment(words.table_answers([approved[place] for place in found], names=inside))
    if reader.viewer.audience is not Audience.SPECIALIST:
        return
    given = answered_questions(open_workspace(), reader.viewer)
    other = best(asked or "", [(q.question, q.answer) for q in given])
    if other:
        widgets.section("Given in sessions, not approved for reuse")
        links = {given[place].question_id: words.QuestionLinks("", ()) for place in other}
        widgets.fragment(words.table_questions([given[place] for place in other], links))


def said() -> None:
    """Say once what became of the last click."""
    if text := st.session_state.pop(SAID, None):
        widgets.note(text)
