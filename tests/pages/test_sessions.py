"""A meeting on the pages: the box under every answer, answers used again, notes nobody else sees, a rehearsal."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from data.access import Audience, Viewer
from data.workspace import open_workspace
from data.workspace.questions import Asked, answer_question, ask_question, list_questions
from data.workspace.sessions import add_note, end_session, list_sessions
from tests.data.workspace.meeting import meeting
from tests.pages.conftest import text_of
from tests.pages.test_pins import PARTNER, RISK, Visit, _nothing_cached, pin, visit

__all__ = ["_nothing_cached", "visit"]
RON = Viewer("ron", Audience.SPECIALIST)
HARBOR = PARTNER.partner
ASK = "FormSubmitter:candor-question-Write it down"


def test_a_question_is_written_down_where_it_is_asked(visit: Visit) -> None:
    at = visit("overview")
    assert "ask-question" not in {area.key for area in at.text_area}, "no meeting, no box"
    session = meeting(open_workspace(), RISK, "Spring", HARBOR)
    assert "ask-question" not in {area.key for area in visit("overview", RON).text_area}, "another account's meeting"
    at = visit("cohorts", cohort="decision:declined")
    assert "Session “Spring” is running: 0 pins, 0 questions, nothing open." in text_of(at)
    kept = pin(at)
    assert kept.session_id == session.session_id
    at.run()
    at.text_area(key="ask-question").set_value("Why so many?")
    at.selectbox(key="ask-by").set_value("credit officer")
    at.text_input(key="ask-owner").set_value("risk")
    at.button(key=ASK).click().run()
    assert "Written down. It is open." in text_of(at)
    assert at.text_area(key="ask-question").value == "", "the form is empty for the next one"
    (question,) = list_questions(open_workspace(), RISK, session.session_id)
    assert (question.question, question.asked_by, question.owner) == ("Why so many?", "credit officer", "risk")
    assert (question.page, dict(question.address)["cohort"]) == ("cohorts", "decision:declined")
    assert question.pin_ids == (kept.pin_id,), "the pin of this page is taken along"


def test_an_empty_question_is_refused_in_words_and_nothing_typed_is_lost(visit: Visit) -> None:
    session = meeting(open_workspace(), RISK, "Spring", HARBOR)
    at = visit("overview")
    at.text_input(key="ask-owner").set_value("risk")
    at.button(key=ASK).click().run()
    assert "This question cannot be kept" in text_of(at)
    assert at.text_input(key="ask-owner").value == "risk"
    assert list_questions(open_workspace(), RISK, session.session_id) == ()


def test_of_several_meetings_this_window_says_which_one_it_is_in(visit: Visit) -> None:
    first, second = (meeting(open_workspace(), RISK, name, HARBOR) for name in ("Spring", "Summer"))
    at = visit("overview")
    at.selectbox(key="session-of-window").set_value(first.session_id).run()
    assert pin(at).session_id == first.session_id
    end_session(open_workspace(), RISK, first.session_id)
    assert pin(visit("overview")).session_id == second.session_id


def test_an_answer_is_found_by_a_partner_once_a_second_person_approved_it(visit: Visit) -> None:
    session = meeting(open_workspace(), RISK, "Spring", HARBOR)
    ask_question(open_workspace(), RISK, session.session_id, Asked("Is age used?", answer="No, age is no signal."))
    at = visit("sessions", session=session.session_id)
    at.selectbox(key="reuse-readers").set_value("partner").run()
    at.button(key="FormSubmitter:candor-reuse-Propose it").click().run()
    assert "A second person has to approve it." in text_of(at)

    def found() -> str:
        asked = visit("sessions", PARTNER)
        asked.text_input(key="find-answer").set_value("do you use age").run()
        return text_of(asked)

    for viewer, said in ((RISK, "not the one who wrote it"), (RON, "It is approved now.")):
        assert "No answer fits" in found()
        at = visit("sessions", viewer)
        (button,) = [b for b in at.button if b.label == "Approve"]
        button.click().run()
        assert said in text_of(at)
    assert "No, age is no signal." in found()
    assert "; approved" not in found()
    assert "rita" not in found(), "who works at the lender is not for partners"
    at = visit("sessions")
    assert "approved by ron" in text_of(at), "the record"
    next(b for b in at.button if b.label == "Withdraw").click().run()
    assert "It is withdrawn now." in text_of(at)
    assert "No answer fits" in found()


def test_a_specialist_searches_what_one_audience_would_find(visit: Visit) -> None:
    for name, partner, words in (("Spring", HARBOR, "Is income used?"), ("Inside", None, "Is income checked?")):
        session = meeting(open_workspace(), RISK, name, partner)
        ask_question(open_workspace(), RISK, session.session_id, Asked(words, answer="Yes."))
        end_session(open_workspace(), RISK, session.session_id)
    at = visit("sessions")
    at.text_input(key="find-answer").set_value("income").run()
    assert "Is income used?" in text_of(at)
    assert "Is income checked?" in text_of(at)
    at.selectbox(key="find-for").set_value(f"partner {HARBOR}").run()
    assert not at.exception
    assert "Is income used?" in text_of(at)
    assert "Is income checked?" not in text_of(at)
    assert "find-for" not in {box.key for box in visit("sessions", PARTNER).selectbox}


def test_an_answer_is_corrected_and_an_owner_stays_when_only_a_day_is_set(visit: Visit) -> None:
    session = meeting(open_workspace(), RISK, "Spring", HARBOR)
    given = ask_question(open_workspace(), RISK, session.session_id, Asked("Why?", answer="So.", owner="risk"))

    def form(text: str, due: str) -> AppTest:
        at = visit("sessions", session=session.session_id)
        (area,) = [area for area in at.text_area if area.label == "Answer"]
        area.set_value(text)
        next(box for box in at.selectbox if str(box.key).startswith("answer-due")).set_value(due)
        return at.button(key="FormSubmitter:candor-answer-Keep it").click().run()

    assert "It is kept." in text_of(form("Otherwise.", "tomorrow"))
    (now,) = list_questions(open_workspace(), RISK, session.session_id)
    assert (now.answer, now.owner, now.answered_by) == ("Otherwise.", "risk", "rita")
    assert now.due == (datetime.now(UTC).date() + timedelta(days=1)).isoformat()
    at = visit("sessions", session=session.session_id)
    answer_question(open_workspace(), RON, given.question_id, "Ron's.", instead_of="Otherwise.")
    (area,) = [area for area in at.text_area if area.label == "Answer"]
    area.set_value("Mine.")
    at.button(key="FormSubmitter:candor-answer-Keep it").click().run()
    assert "Somebody else answered it while you wrote." in text_of(at)
    (now,) = list_questions(open_workspace(), RISK, session.session_id)
    assert now.answer == "Ron's."


def test_a_meeting_is_held_on_the_day_that_was_chosen(visit: Visit) -> None:
    at = visit("sessions")
    at.text_input(key="start-name").set_value("Spring")
    at.date_input(key="start-date").set_value(date(2026, 12, 3))
    at.button(key="FormSubmitter:candor-start-Start").click().run()
    assert not at.exception
    assert "3 Dec 2026, for" in text_of(at)
    (session,) = list_sessions(open_workspace(), RISK)
    assert session.held_on == "2026-12-03"


def test_the_presenters_notes_stand_on_no_page_that_is_shared(visit: Visit) -> None:
    session = meeting(open_workspace(), RISK, "Spring", HARBOR)
    add_note(open_workspace(), RISK, session.session_id, "Do not mention Zorblax.")
    assert "Zorblax" in text_of(visit("presenter"))
    walled = text_of(visit("presenter", PARTNER))
    assert "You cannot see this page" in walled
    shared = [visit("overview"), visit("sessions"), visit("sessions", session=session.session_id), visit("pins")]
    shared += [visit("sessions", PARTNER, session=session.session_id)]
    assert "Zorblax" not in walled + "".join(map(text_of, shared))


def test_a_session_of_others_and_none_give_the_same_wall(visit: Visit) -> None:
    session = meeting(open_workspace(), RISK, "Spring", "Another Bank")
    walls = {
        text_of(visit("sessions", PARTNER, **{name: of})).split('<section class="candor-panel"')[1]
        for of in (session.session_id, "nothing")
        for name in ("session", "rehearse")
    }
    assert len(walls) == 1
    assert "You cannot see this session" in walls.pop()


def test_a_rehearsal_goes_through_the_questions_on_the_snapshot_in_force(visit: Visit, tmp_path: Path) -> None:
    kept = pin(visit("overview"))
    session = meeting(open_workspace(), RISK, "Spring", HARBOR)
    for words in ("How good is it?", "And now?"):
        ask_question(open_workspace(), RISK, session.session_id, Asked(words, pin_ids=[kept.pin_id]))
    other = kept.shown.source.beside[0]
    first = text_of(visit("sessions", rehearse=session.session_id, snapshot=other))
    assert "How good is it?" in first
    assert "Question 1 of 2" in first
    assert "Not computed again on this snapshot yet." in first
    assert "Compute this pin again on this snapshot" in first
    assert "This page could not be shown" not in first
    assert f"snapshot={other}" in first.split("Compute this pin again")[0].rsplit("href", 1)[1]
    for step, shown in (("2", "And now?"), ("9", "And now?"), ("x", "How good is it?")):
        assert shown in text_of(visit("sessions", rehearse=session.session_id, step=step))


@pytest.mark.parametrize("step", ["0", "-1"])
def test_a_rehearsal_of_nothing_says_so(visit: Visit, step: str) -> None:
    session = meeting(open_workspace(), RISK, "Spring", HARBOR)
    assert "There is nothing to rehearse" in text_of(visit("sessions", rehearse=session.session_id, step=step))
