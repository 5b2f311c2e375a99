"""One meeting on the screen: what was kept, what was asked, what is open, and going through it again."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from html import escape

import streamlit as st

from data.access import Audience
from data.errors import CandorError
from data.reader import Reader
from data.workspace import open_workspace
from data.workspace.pins import PinHeading, list_checks, read_pins
from data.workspace.questions import (
    Question,
    answer_question,
    assign_question,
    carried_into,
    link_pin,
    list_questions,
)
from data.workspace.sessions import Session, before, end_session, may_end
from data.workspace.written import LONGEST_LINE, LONGEST_TEXT
from explainers.pins import session_words as words
from explainers.pins.words import say_checks, table_pins
from pages.shared import links, session_answers, session_box, session_reuse, viewing, widgets

SAID = "candor-session-said"
"""Session key of what became of the last click, shown once."""


def show(reader: Reader, session_id: str) -> None:
    """Arrange one meeting."""
    session = session_answers.open_session(reader, session_id)
    asked, carried = questions(reader, session)
    pins = session_answers.pins(reader.viewer, session_id)
    widgets.finding(words.say_session(session, asked, carried, len(pins)), words.say_session_context(session))
    if said := st.session_state.pop(SAID, None):
        widgets.note(said)
    _actions(reader, session, asked or carried)
    if pins:
        widgets.section("Kept in this session")
        widgets.fragment(table_pins(pins, {pin.pin_id: session_answers.pin_address(pin.pin_id) for pin in pins}))
    for title, listed in (("Asked in this session", asked), ("Carried over from before", carried)):
        if listed:
            widgets.section(title)
            widgets.fragment(words.table_questions(listed, question_links(reader, listed)))
    if asked or carried:
        _see_to(reader, session, (*asked, *carried), pins)
    session_reuse.propose_form(reader, [q for q in (*asked, *carried) if not q.is_open])
    widgets.closing(words.HOW_TO_READ, words.LIMITS)


def questions(reader: Reader, session: Session) -> tuple[tuple[Question, ...], tuple[Question, ...]]:
    """Return what was asked in a meeting, and what came along from earlier ones."""
    workspace = open_workspace()
    listed = list_questions(workspace, reader.viewer, session.session_id)
    return listed, carried_into(workspace, reader.viewer, session)


def question_links(
    reader: Reader, listed: Sequence[Question], *, on_this_snapshot: bool = False
) -> dict[str, words.QuestionLinks]:
    """Return where questions lead: to the view they were asked at, and to their pins."""
    ids = [pin_id for question in listed for pin_id in question.pin_ids]
    titles = {pin.pin_id: pin.title for pin in session_answers.pins(reader.viewer) if pin.pin_id in ids}
    here = {"model": reader.manifest.model_id, "snapshot": reader.snapshot_id} if on_this_snapshot else None
    return {
        q.question_id: words.QuestionLinks(
            view=session_answers.view_address(q.page, q.address, here) if q.page else "",
            pins=tuple((titles[one], session_answers.pin_address(one)) for one in q.pin_ids if one in titles),
        )
        for q in listed
    }


def rehearse(reader: Reader, session_id: str, step: int) -> None:
    """Go through the questions of a meeting one by one on the snapshot in force."""
    session = session_answers.open_session(reader, session_id)
    listed = [question for group in questions(reader, session) for question in group]
    if not listed:
        widgets.finding("There is nothing to rehearse", f"Nothing was asked in “{session.name}”.")
        return
    place = min(max(step, 1), len(listed))
    question = listed[place - 1]
    widgets.finding(question.question, words.say_step(place, len(listed), session))
    leads = question_links(reader, [question], on_this_snapshot=True)
    widgets.fragment(words.table_questions([question], leads))
    here = (reader.manifest.model_id, reader.snapshot_id)
    for pin in read_pins(open_workspace(), reader.viewer, question.pin_ids):
        widgets.section(pin.title)
        checks = list_checks(open_workspace(), reader.viewer, pin.pin_id)
        here_too = [check for check in checks if check.snapshot_id == reader.snapshot_id]
        widgets.paragraphs(say_checks(here_too) or (words.NOT_CHECKED,))
        anchors([("Compute this pin again on this snapshot", session_answers.check_address(pin, here))])
    steps = [("Previous question", place - 1), ("Next question", place + 1)]
    own = {**session_answers.kept(), "rehearse": session_id}
    anchors(
        [
            (label, session_answers.address("sessions", {**own, "step": str(to)}))
            for label, to in steps
            if 1 <= to <= len(listed)
        ]
        + [
            (
                "Back to the session",
                session_answers.address("sessions", {**session_answers.kept(), "session": session_id}),
            )
        ]
    )
    widgets.closing(words.HOW_TO_REHEARSE, words.LIMITS)


def anchors(leads: Sequence[tuple[str, str]], *, window: bool = False) -> None:
    """Draw plain links in one line; on request they open another window."""
    where = 'target="_blank" rel="noopener"' if window else 'target="_self"'
    items = " · ".join(f'<a href="{escape(link)}" {where}>{escape(label)}</a>' for label, link in leads)
    st.html(f'<p class="candor-link">{items}</p>')


def _actions(reader: Reader, session: Session, asked: Sequence[Question]) -> None:
    """Draw what can be done with a meeting."""
    kept = session_answers.kept()
    with st.container(horizontal=True):
        if session.running and session_answers.in_force(reader.viewer) != session:
            st.button("Take part in this window", key="session-join", on_click=partial(_join, session))
        if session.running and may_end(reader.viewer, session):
            st.button("End this session", key="session-end", on_click=partial(_end, reader, session))
    listed = [("All sessions", session_answers.address("sessions", kept))]
    listed.append(("Make a pack", session_answers.address("packs", {**kept, "session": session.session_id})))
    if asked:
        listed.append(
            ("Rehearse these questions", session_answers.address("sessions", {**kept, "rehearse": session.session_id}))
        )
    last = before(open_workspace(), reader.viewer, session)
    if last is not None:
        query = {**kept, "rehearse": last.session_id}
        listed.append((f"Rehearse the session before, “{last.name}”", session_answers.address("sessions", query)))
    anchors(listed)
    if session.running and (viewing.account_words() is None or reader.viewer.audience is Audience.SPECIALIST):
        specialist = {} if viewing.account_words() is not None else {"as": viewing.WHOLE[0].value}
        own = {**kept, **specialist, "session": session.session_id}
        anchors([("Presenter's notes, in another window", session_answers.address("presenter", own))], window=True)


def _see_to(reader: Reader, session: Session, listed: Sequence[Question], pins: Sequence[PinHeading]) -> None:
    """Draw the form that answers a question or writes its answer anew, and says who sees to it."""
    ordered = sorted(listed, key=lambda q: not q.is_open)
    names = {q.question_id: words.say_choice(q) for q in ordered}
    titles = {pin.pin_id: links.plain(pin.title) for pin in pins}
    with st.expander("Answer a question, or say who sees to it"):
        chosen = st.selectbox("Question", list(names), format_func=names.get, key="answer-question")
        question = next(q for q in ordered if q.question_id == chosen)
        key = f"{chosen}-{question.answered_at}"  # what somebody else wrote meanwhile is shown, not written over
        with st.form("candor-answer", border=False):
            st.text_area("Answer", question.answer, key=f"answer-text-{key}", max_chars=LONGEST_TEXT, height=100)
            left, right = st.columns(2)
            with left:
                st.text_input("Who sees to it", question.owner, key=f"answer-owner-{key}", max_chars=LONGEST_LINE)
            with right:
                st.selectbox("Due", list(session_box.due_days(question.due)), key=f"answer-due-{key}")
            if titles:
                st.multiselect("Pins that belong to it", list(titles), format_func=titles.get, key="answer-pins")
            st.form_submit_button("Keep it", on_click=partial(_keep, reader, session, question, key))


def _keep(reader: Reader, session: Session, question: Question, key: str) -> None:
    """Keep what the form says of a question."""
    given, viewer, workspace = st.session_state, reader.viewer, open_workspace()
    asked, text = question.question_id, (given[f"answer-text-{key}"] or "").strip()
    owner, due = given[f"answer-owner-{key}"] or "", session_box.due_days(question.due)[given[f"answer-due-{key}"]]
    try:
        assign_question(workspace, viewer, asked, owner=owner, due=due)
        for pin_id in given.get("answer-pins") or ():
            link_pin(workspace, viewer, asked, pin_id)
        if text and text != question.answer:
            place = session.session_id if session.running else None
            answer_question(workspace, viewer, asked, text, place, instead_of=question.answer)
    except CandorError as error:
        given[SAID] = str(error)
        return
    given[SAID] = "It is kept."


def _join(session: Session) -> None:
    st.session_state[session_answers.CHOSEN] = session.session_id


def _end(reader: Reader, session: Session) -> None:
    end_session(open_workspace(), reader.viewer, session.session_id)
    st.session_state.pop(session_answers.CHOSEN, None)
