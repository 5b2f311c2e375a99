"""Answers of meetings used again: proposed by one person, approved by a second, found by those they are for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import streamlit as st

from data.access import Audience, Viewer
from data.errors import CandorError
from data.reader import Reader
from data.workspace import open_workspace
from data.workspace.approvals import Approval, approve, approved_texts, list_approvals, propose, withdraw
from data.workspace.questions import Question, answered_questions
from data.workspace.sight import may_see
from data.workspace.written import LONGEST_TEXT
from explainers.pins import session_words as words
from explainers.pins.search import best
from pages.shared import session_start, widgets

Lead = Callable[[Reader, Sequence[Question]], Mapping[str, words.QuestionLinks]]
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
        st.session_state[SAID] = str(error)
        return
    st.session_state[SAID] = "Proposed. A second person has to approve it."


def waiting(reader: Reader) -> None:
    """Show specialists the texts that wait for a second person, and those that were approved, with the record."""
    if reader.viewer.audience is not Audience.SPECIALIST:
        return
    listed = list_approvals(open_workspace(), reader.viewer, "answer")
    said()
    for state, title, labels in (
        ("draft", words.say_drafts, ("Approve", "Withdraw")),
        ("approved", words.say_approved, ("Withdraw",)),
    ):
        texts = [one for one in listed if one.state == state]
        if texts:
            with st.expander(title(len(texts))):
                for one in texts:
                    _draw(reader.viewer, one, labels)


def _draw(viewer: Viewer, one: Approval, labels: Sequence[str]) -> None:
    """Draw a text with its record and what can be done with it."""
    widgets.fragment(words.table_answers([one], names=True))
    with st.container(horizontal=True):
        for label in labels:
            done = partial(_decide, viewer, one, label)
            st.button(label, key=f"{label.lower()}-{one.approval_id}", on_click=done)


def _decide(viewer: Viewer, one: Approval, label: str) -> None:
    act = approve if label == "Approve" else withdraw
    try:
        decided = act(open_workspace(), viewer, one.approval_id)
    except CandorError as error:
        st.session_state[SAID] = str(error)
        return
    st.session_state[SAID] = f"It is {decided.state} now."


def search(reader: Reader, lead: Lead) -> None:
    """Draw the search for answers: approved ones for everyone they are for, all given ones for specialists.

    Parameters
    ----------
    reader : Reader
        The snapshot in force.
    lead : callable
        Gives where questions lead.
    """
    with st.container(horizontal=True, vertical_alignment="bottom"):
        hint = {"placeholder": "in your words", "max_chars": 200, "width": 420}
        asked = st.text_input("Find an answer", key="find-answer", **hint)
        inside = reader.viewer.audience is Audience.SPECIALIST
        asker = _asker(reader) if inside else reader.viewer
    if not (asked or "").strip():
        return
    approved = approved_texts(open_workspace(), asker, "answer")
    found = best(asked or "", [(one.title, one.body) for one in approved])
    widgets.section(words.say_found(len(found), (asked or "").strip()))
    if found:
        # outside, accounts of the lender's people are not named
        widgets.fragment(words.table_answers([approved[place] for place in found], names=inside))
    if not inside:
        return
    given = [q for q in answered_questions(open_workspace(), reader.viewer) if may_see(asker, q.scope)]
    other = best(asked or "", [(q.question, q.answer) for q in given])
    if other:
        widgets.section("Given in sessions, not approved for reuse")
        fitting = [given[place] for place in other]
        widgets.fragment(words.table_questions(fitting, lead(reader, fitting)))


def _asker(reader: Reader) -> Viewer:
    """Draw the choice of whom an answer is for; return the person who would find it."""
    views = session_start.views(reader)
    anyone = views.index(Audience.SPECIALIST)
    chosen = st.selectbox("For", views, anyone, format_func=_whom, key="find-for", width=260)
    name, _, partner = str(chosen).partition(" ")
    return Viewer(reader.viewer.who, Audience(name), partner or None)


def _whom(view: str) -> str:
    return "anyone" if view == Audience.SPECIALIST else view


def said() -> None:
    """Say once what became of the last click."""
    if text := st.session_state.pop(SAID, None):
        widgets.note(text)
