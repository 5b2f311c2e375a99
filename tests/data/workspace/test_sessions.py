"""Sessions, their questions and notes: found by the right people, carried over, and never lost by a restart."""

from __future__ import annotations

from datetime import date
from threading import Barrier, Thread

import pytest

from data.access import Audience, Viewer
from data.errors import CandorError, NotFoundForViewer
from data.workspace import Workspace, open_workspace
from data.workspace.pins import list_pins
from data.workspace.questions import (
    Asked,
    View,
    answer_question,
    answered_questions,
    ask_question,
    assign_question,
    carried_into,
    link_pin,
    list_questions,
    open_questions,
    read_question,
)
from data.workspace.sessions import (
    Session,
    add_note,
    before,
    end_session,
    list_notes,
    list_sessions,
    read_session,
    remove_note,
    running_sessions,
)
from tests.data.workspace.meeting import ALDER, AMY, BIRCH, EXAMINER, RISK, RON, meeting, pinned
from tests.data.workspace.writers import PROCESSES, all_said, ask_some, start


def test_a_session_is_found_by_those_it_is_held_for_and_by_specialists(workspace: Workspace) -> None:
    session = meeting(workspace)
    for viewer in (ALDER, AMY, RISK, RON):
        assert read_session(workspace, viewer, session.session_id) == session
        assert list_sessions(workspace, viewer) == (session,)
    for viewer in (BIRCH, EXAMINER):
        assert list_sessions(workspace, viewer) == ()
        with pytest.raises(NotFoundForViewer, match="You cannot see this session"):
            read_session(workspace, viewer, session.session_id)
    assert (session.partner, session.audience, session.held_on) == ("Alder", Audience.PARTNER, "2026-03-02")


def test_nobody_but_a_specialist_begins_a_meeting_for_others(workspace: Workspace) -> None:
    assert meeting(workspace, ALDER).partner == "Alder"
    for viewer, partner in ((ALDER, "Birch"), (EXAMINER, "Alder"), (ALDER, None)):
        with pytest.raises(CandorError):
            meeting(workspace, viewer, partner=partner)


def test_two_presenters_have_a_meeting_each_and_a_restart_ends_none(url: str, workspace: Workspace) -> None:
    hers, his = meeting(workspace, RISK, "Hers"), meeting(workspace, RON, "His")
    workspace.close()
    again = open_workspace(url)
    try:
        assert running_sessions(again, RISK) == (hers,)
        assert running_sessions(again, RON) == (his,)
        ended = end_session(again, RISK, hers.session_id)
        assert ended.ended_at is not None
        assert end_session(again, RON, hers.session_id) == ended, "what has ended stays as it is"
        assert running_sessions(again, RISK) == ()
        assert running_sessions(again, RON) == (his,)
    finally:
        again.close()


def test_a_meeting_does_not_run_in_a_view_that_cannot_see_it(workspace: Workspace) -> None:
    meeting(workspace, RISK)
    assert running_sessions(workspace, Viewer("rita", Audience.PARTNER, "Birch")) == ()
    assert len(running_sessions(workspace, Viewer("rita", Audience.PARTNER, "Alder"))) == 1


def test_a_partner_ends_an_own_meeting_and_not_one_that_another_account_began(workspace: Workspace) -> None:
    lenders, own = meeting(workspace, RISK), meeting(workspace, ALDER)
    with pytest.raises(CandorError, match="Another account began it"):
        end_session(workspace, AMY, own.session_id)
    with pytest.raises(CandorError, match="Another account began it"):
        end_session(workspace, ALDER, lenders.session_id)
    assert read_session(workspace, RISK, lenders.session_id).running
    assert not end_session(workspace, ALDER, own.session_id).running


@pytest.mark.parametrize("more", [{"name": " "}, {"name": "x" * 121}, {"participants": [str(i) for i in range(21)]}])
def test_a_meeting_that_cannot_be_kept_is_refused(workspace: Workspace, more: dict) -> None:
    with pytest.raises(CandorError, match="cannot be kept"):
        meeting(workspace, **more)
    assert list_sessions(workspace, RISK) == ()


def test_a_question_comes_back_with_its_view_and_its_pins(workspace: Workspace) -> None:
    session, pin = meeting(workspace), pinned(workspace, ALDER)
    view = View("decision", (("app", "10432"), ("group", "ähnliche")))
    asked = Asked(
        "Why?\nAnd how?", "credit officer", owner="risk", due=date(2026, 3, 9), view=view, pin_ids=[pin.pin_id]
    )
    question = ask_question(workspace, ALDER, session.session_id, asked)
    assert read_question(workspace, AMY, question.question_id) == question
    assert list_questions(workspace, RISK, session.session_id) == (question,)
    assert (question.question, question.due, question.is_open) == ("Why?\nAnd how?", "2026-03-09", True)
    assert (question.page, question.address, question.pin_ids) == (view.page, view.address, (pin.pin_id,))


def test_a_pin_that_the_writer_cannot_see_is_not_linked(workspace: Workspace) -> None:
    session, pin = meeting(workspace), pinned(workspace, RISK)
    with pytest.raises(NotFoundForViewer):
        ask_question(workspace, ALDER, session.session_id, Asked("Why?", pin_ids=[pin.pin_id]))
    question = ask_question(workspace, ALDER, session.session_id, Asked("Why?"))
    with pytest.raises(NotFoundForViewer):
        link_pin(workspace, ALDER, question.question_id, pin.pin_id)
    assert link_pin(workspace, RISK, question.question_id, pin.pin_id).pin_ids == (pin.pin_id,)
    assert link_pin(workspace, RISK, question.question_id, pin.pin_id).pin_ids == (pin.pin_id,)


def test_open_questions_go_along_to_the_next_meeting_with_the_same_people(workspace: Workspace) -> None:
    march = meeting(workspace)
    waits, soon, done = (
        ask_question(workspace, RISK, march.session_id, Asked(words, answer=answer))
        for words, answer in (("Who?", ""), ("When?", ""), ("Why?", "Because."))
    )
    end_session(workspace, RISK, march.session_id)
    other, april = meeting(workspace, name="Birch", partner="Birch"), meeting(workspace, name="April")
    assert carried_into(workspace, RISK, march) == ()
    assert carried_into(workspace, RISK, other) == ()
    assert [q.question for q in carried_into(workspace, RISK, april)] == ["Who?", "When?"]
    answer_question(workspace, RISK, soon.question_id, "In May.", april.session_id)
    still = {q.question: (q.is_open, q.answered_in) for q in carried_into(workspace, RISK, april)}
    assert still == {"Who?": (True, None), "When?": (False, april.session_id)}
    may = meeting(workspace, name="May")
    assert [q.question for q in carried_into(workspace, ALDER, may)] == ["Who?"]
    assert [q.question_id for q in open_questions(workspace, RISK)] == [waits.question_id]
    assert {q.question_id for q in answered_questions(workspace, RISK)} == {soon.question_id, done.question_id}
    assert before(workspace, RISK, may) == april
    assert before(workspace, RISK, march) is None


def test_an_internal_question_is_for_specialists_only(workspace: Workspace) -> None:
    session = meeting(workspace)
    asked = ask_question(workspace, RISK, session.session_id, Asked("Price?", sensitivity="internal"))
    assert list_questions(workspace, RON, session.session_id) == (asked,)
    assert list_questions(workspace, ALDER, session.session_id) == ()
    assert open_questions(workspace, ALDER) == ()
    for question_id in (asked.question_id, "nothing"):
        with pytest.raises(NotFoundForViewer, match="You cannot see this question"):
            read_question(workspace, ALDER, question_id)
        with pytest.raises(NotFoundForViewer):
            answer_question(workspace, ALDER, question_id, "So.")
    with pytest.raises(CandorError, match="who reads it"):
        ask_question(workspace, RISK, session.session_id, Asked("Price?", sensitivity="secret"))


def test_an_owner_and_a_day_are_set_later_and_an_answer_can_be_written_anew(workspace: Workspace) -> None:
    session = meeting(workspace)
    asked = ask_question(workspace, RISK, session.session_id, Asked("Why?"))
    assigned = assign_question(workspace, RISK, asked.question_id, owner="product", due=date(2026, 4, 1))
    assert (assigned.owner, assigned.due) == ("product", "2026-04-01")
    first = answer_question(workspace, RISK, asked.question_id, "So.", session.session_id)
    second = answer_question(workspace, RON, asked.question_id, "Not so.", None, instead_of="So.")
    assert (first.answer, second.answer, second.answered_by) == ("So.", "Not so.", "ron")
    assert second.answered_in == session.session_id
    with pytest.raises(CandorError, match="This answer cannot be kept"):
        answer_question(workspace, RISK, asked.question_id, "  ")


def test_of_two_who_answer_at_once_the_second_is_told_and_the_first_answer_stays(workspace: Workspace) -> None:
    session = meeting(workspace)
    asked = ask_question(workspace, RISK, session.session_id, Asked("Why?"))
    first = answer_question(workspace, RISK, asked.question_id, "So.", session.session_id)
    for instead_of in ("", "Not what stands there."):
        with pytest.raises(CandorError, match="Somebody else answered it"):
            answer_question(workspace, RON, asked.question_id, "Not so.", instead_of=instead_of)
    assert read_question(workspace, RISK, asked.question_id) == first


def test_a_partner_writes_an_own_answer_anew_but_not_anothers(workspace: Workspace) -> None:
    session = meeting(workspace)
    hers, ours = (ask_question(workspace, ALDER, session.session_id, Asked(words)) for words in ("Why?", "Who?"))
    answer_question(workspace, RISK, hers.question_id, "So.")
    answer_question(workspace, ALDER, ours.question_id, "We.")
    with pytest.raises(CandorError, match="Another person gave it"):
        answer_question(workspace, ALDER, hers.question_id, "Not so.", instead_of="So.")
    assert answer_question(workspace, ALDER, ours.question_id, "All.", instead_of="We.").answer == "All."
    assert read_question(workspace, RISK, hers.question_id).answer == "So."


def test_notes_are_for_specialists_only(workspace: Workspace) -> None:
    session = meeting(workspace)
    note = add_note(workspace, RISK, session.session_id, "Mention the new card.\nThen stop.", "decision")
    assert list_notes(workspace, RON, session.session_id) == (note,)
    for viewer in (ALDER, EXAMINER):
        for asking in (
            lambda v: list_notes(workspace, v, session.session_id),
            lambda v: add_note(workspace, v, session.session_id, "x"),
            lambda v: remove_note(workspace, v, note.note_id),
        ):
            with pytest.raises(NotFoundForViewer):
                asking(viewer)
    remove_note(workspace, RON, note.note_id)
    assert list_notes(workspace, RISK, session.session_id) == ()


def test_two_presenters_write_at_once_and_every_question_is_there(url: str, workspace: Workspace) -> None:
    sessions = [meeting(workspace, viewer, viewer.who) for viewer in (RISK, RON)]
    barrier = PROCESSES.Barrier(2)
    started = [start(ask_some, url, s.who, s.session_id, 15, barrier) for s in sessions]
    said = [all_said(pipe) for _, pipe in started]
    for process, _ in started:
        process.join(30)
    for session, confirmed in zip(sessions, said, strict=True):
        found = list_questions(workspace, RISK, session.session_id)
        assert [q.question_id for q in found] == confirmed
        assert len(found) == 15
        assert {q.who for q in found} == {session.who}


def test_two_presenters_pin_and_ask_at_once_and_nothing_mixes(workspace: Workspace) -> None:
    together, n = Barrier(2), 8
    sessions = [meeting(workspace, viewer, viewer.who) for viewer in (RISK, RON)]

    def present(viewer: Viewer, session: Session) -> None:
        together.wait(30)
        for number in range(n):
            pin = pinned(workspace, viewer, f"{viewer.who} {number}", session_id=session.session_id)
            ask_question(workspace, viewer, session.session_id, Asked(f"{number}?", pin_ids=[pin.pin_id]))

    threads = [Thread(target=present, args=pair) for pair in zip((RISK, RON), sessions, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    for session in sessions:
        pins = list_pins(workspace, RISK, session_id=session.session_id)
        questions = list_questions(workspace, RISK, session.session_id)
        assert [pin.finding for pin in pins] == [f"{session.who} {number}" for number in range(n)]
        assert [(q.who, q.pin_ids) for q in questions] == [(session.who, (pin.pin_id,)) for pin in pins]
