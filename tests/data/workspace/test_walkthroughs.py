"""Walkthroughs are kept line by line: found by the right people, never changed, never lost, approved by a second."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text

from data.access import Audience, Viewer
from data.errors import CandorError, NotFoundForViewer, WorkspaceError
from data.workspace import Workspace, open_workspace
from data.workspace.approvals import approve, list_approvals, withdraw
from data.workspace.walk_copies import (
    approved_copies,
    hash_text,
    list_copies,
    list_versions,
    propose_copy,
    read_copy,
    save_copy,
)
from data.workspace.walkthroughs import (
    ShownFact,
    ShownStep,
    WalkRun,
    add_note,
    go_to,
    list_lines,
    list_runs,
    open_runs,
    read_run,
    sign_step,
    sign_whole,
    signed_steps,
    start_run,
    unsigned,
)
from tests.data.workspace.meeting import ALDER, AMY, BIRCH, EVERYBODY, EXAMINER, RISK, RON
from tests.data.workspace.writers import start

SCRIPT = "script_id: mine\ntitle: Mine"
FACT = ShownFact("estimate", "the estimate", 0.18612345678901234, "19 %", 1, "compute_decision")


def begun(workspace: Workspace, viewer: Viewer = EXAMINER, **more: Any) -> WalkRun:
    given = {
        "script_key": "examiner-decision",
        "script_hash": hash_text(SCRIPT),
        "script_text": SCRIPT,
        "title": "An adverse-action decision",
        "steps": 3,
        "model_id": "loans",
        "snapshot_id": "2026-10-31-aaaaaaaa",
        "snapshot_hash": "aa" * 32,
        "inputs": {"app": "M-0123", "group": "ähnlich"},
    }
    return start_run(workspace, viewer, **{**given, **more})


def step(number: int = 1, **more: Any) -> ShownStep:
    given: dict[str, Any] = {
        "step_id": f"step-{number}",
        "step_no": number,
        "title": "The decision",
        "state": "supported",
        "claim": "The estimate is 19 %.",
        "why_not": None,
        "facts": (FACT, replace(FACT, name="sure", value=True), replace(FACT, name="n", value=3)),
        "snapshot_id": "2026-10-31-aaaaaaaa",
        "snapshot_hash": "aa" * 32,
        "model_hash": "bb" * 32,
        "script_hash": hash_text(SCRIPT),
    }
    return ShownStep(**{**given, **more})


def test_a_run_comes_back_after_a_restart_at_the_step_it_stood_at(url: str, workspace: Workspace) -> None:
    run = begun(workspace)
    go_to(workspace, EXAMINER, run.run_id, 2)
    workspace.close()
    again = open_workspace(url)
    try:
        assert open_runs(again, EXAMINER) == (replace(run, last_step=2),)
        assert read_run(again, EXAMINER, run.run_id).inputs == {"app": "M-0123", "group": "ähnlich"}
        assert go_to(again, EXAMINER, run.run_id, 99).last_step == 3
        assert go_to(again, EXAMINER, run.run_id, -1).last_step == 1
    finally:
        again.close()


def test_a_run_is_found_in_its_own_view_and_by_specialists(workspace: Workspace) -> None:
    runs = {viewer.scope: begun(workspace, viewer) for viewer in (EXAMINER, ALDER, RISK)}
    for viewer in EVERYBODY:
        mine = [run for scope, run in runs.items() if scope == viewer.scope or viewer.audience is Audience.SPECIALIST]
        assert {run.run_id for run in list_runs(workspace, viewer)} == {run.run_id for run in mine}
        for run in runs.values():
            if run in mine:
                assert read_run(workspace, viewer, run.run_id) == run
                assert list_lines(workspace, viewer, run.run_id) == ()
                continue
            for asking in (read_run, list_lines):
                with pytest.raises(NotFoundForViewer, match="You cannot see this walkthrough"):
                    asking(workspace, viewer, run.run_id)
    with pytest.raises(NotFoundForViewer):
        read_run(workspace, RISK, "no such run")


def test_only_the_view_a_run_is_walked_in_writes_in_it(workspace: Workspace) -> None:
    run = begun(workspace, ALDER)
    for viewer, error in ((RISK, CandorError), (BIRCH, NotFoundForViewer), (EXAMINER, NotFoundForViewer)):
        for writing in (
            lambda who: go_to(workspace, who, run.run_id, 2),
            lambda who: add_note(workspace, who, run.run_id, step(), "x"),
            lambda who: sign_step(workspace, who, run.run_id, step()),
            lambda who: sign_whole(workspace, who, run.run_id),
        ):
            with pytest.raises(error):
                writing(viewer)
    assert list_lines(workspace, ALDER, run.run_id) == ()
    assert add_note(workspace, AMY, run.run_id, step(), "Seen.").who == "amy", "another person of the same view"


def test_notes_and_sign_offs_keep_what_was_shown_and_a_correction_is_a_new_line(workspace: Workspace) -> None:
    run = begun(workspace)
    note = add_note(workspace, EXAMINER, run.run_id, step(), "Ask for the source.\nToday.")
    first = sign_step(workspace, EXAMINER, run.run_id, step())
    other = step(state="not supported here", claim=None, why_not="Too few.", facts=())
    second = sign_step(workspace, EXAMINER, run.run_id, other, "Corrected: too few.")
    lines = list_lines(workspace, EXAMINER, run.run_id)
    assert lines == (note, first, second)
    assert [line.number for line in lines] == [1, 2, 3]
    assert (lines[0].words, lines[0].kind, lines[0].who) == ("Ask for the source.\nToday.", "note", "ed")
    assert lines[1].shown == step()
    assert lines[1].shown.facts[0].value == 0.18612345678901234
    assert lines[1].shown.facts[1].value is True
    assert signed_steps(lines) == {"step-1": second}
    assert unsigned(run, lines) == (2, 3)


def test_the_whole_is_signed_once_every_step_is(workspace: Workspace) -> None:
    run = begun(workspace)
    with pytest.raises(CandorError, match="Not signed yet: step 1, 2, 3"):
        sign_whole(workspace, EXAMINER, run.run_id)
    for number in (1, 3):
        sign_step(workspace, EXAMINER, run.run_id, step(number))
    with pytest.raises(CandorError, match="Not signed yet: step 2"):
        sign_whole(workspace, EXAMINER, run.run_id)
    gone = {"state": "not supported here", "claim": None, "why_not": "Too few.", "facts": ()}
    sign_step(workspace, EXAMINER, run.run_id, step(2, **gone))
    whole = sign_whole(workspace, EXAMINER, run.run_id, "Two of three.")
    assert (whole.kind, whole.step_id, whole.number) == ("whole", "", 4)
    assert whole.shown.claim == "2 of 3 steps were supported when they were signed."
    assert (whole.shown.snapshot_hash, whole.shown.model_hash) == ("aa" * 32, "bb" * 32)
    assert list_lines(workspace, EXAMINER, run.run_id)[-1] == whole
    assert open_runs(workspace, EXAMINER) == ()
    assert [one.run_id for one in list_runs(workspace, EXAMINER)] == [run.run_id]


def test_what_is_not_of_this_run_cannot_be_signed(workspace: Workspace) -> None:
    run = begun(workspace)
    foreign = [{"snapshot_hash": "cc" * 32}, {"script_hash": "cc" * 32}, {"step_no": 4}, {"step_no": 0}]
    for other in foreign:
        for writing in (sign_step, add_note):
            with pytest.raises(CandorError, match="cannot be signed"):
                writing(workspace, EXAMINER, run.run_id, step(**other), "x")
    assert list_lines(workspace, EXAMINER, run.run_id) == ()


def test_a_note_that_cannot_be_kept_is_refused_and_nothing_is_written(workspace: Workspace) -> None:
    run = begun(workspace)
    for note in (" ", "x" * 4001, "a\x00b"):
        with pytest.raises(CandorError, match="cannot be kept"):
            add_note(workspace, EXAMINER, run.run_id, step(), note)
    assert list_lines(workspace, EXAMINER, run.run_id) == ()


def test_a_changed_or_a_missing_line_is_found(workspace: Workspace) -> None:
    for statement in (
        "UPDATE walk_lines SET words = 'other' WHERE number = 2",
        "UPDATE walk_lines SET shown = replace(shown, '19', '91') WHERE number = 1",
        "UPDATE walk_lines SET who = 'ron' WHERE number = 3",
        "DELETE FROM walk_lines WHERE number = 2",
        "DELETE FROM walk_lines WHERE number = 1",
    ):
        run = begun(workspace)
        for number in (1, 2, 3):
            sign_step(workspace, EXAMINER, run.run_id, step(number))
        with workspace.write() as connection:
            connection.execute(text(f"{statement} AND run_id = '{run.run_id}'"))
        with pytest.raises(WorkspaceError, match="A walkthrough is damaged"):
            list_lines(workspace, EXAMINER, run.run_id)
        with pytest.raises(WorkspaceError, match="A walkthrough is damaged"):
            add_note(workspace, EXAMINER, run.run_id, step(), "more")


def test_two_people_who_write_at_once_get_a_line_each(workspace: Workspace) -> None:
    run = begun(workspace, ALDER)
    with ThreadPoolExecutor(4) as pool:
        jobs = [
            pool.submit(add_note, workspace, who, run.run_id, step(), f"{who.who} {i}")
            for i in range(6)
            for who in (ALDER, AMY)
        ]
        kept = [job.result() for job in jobs]
    lines = list_lines(workspace, ALDER, run.run_id)
    assert [line.number for line in lines] == list(range(1, 13))
    assert {line.words for line in lines} == {line.words for line in kept}


def note_for_ever(url: str, run_id: str, say: Any) -> None:
    """Write notes and tell each one that was confirmed, until killed."""
    workspace, number = open_workspace(url), 0
    while True:
        add_note(workspace, EXAMINER, run_id, step(), f"note {number}")
        say.send(number)
        number += 1


def test_a_killed_process_loses_no_confirmed_line(url: str, workspace: Workspace) -> None:
    run = begun(workspace)
    for _ in range(3):
        before = len(list_lines(workspace, EXAMINER, run.run_id))
        process, pipe = start(note_for_ever, url, run.run_id)
        confirmed = [pipe.recv() for _ in range(5)]
        process.kill()
        process.join(30)
        while pipe.poll():
            try:
                confirmed.append(pipe.recv())
            except EOFError:
                break
        lines = list_lines(workspace, EXAMINER, run.run_id)[before:]
        assert [line.words for line in lines][: len(confirmed)] == [f"note {n}" for n in confirmed]
        assert len(lines) - len(confirmed) in (0, 1)


# -- edited copies ---------------------------------------------------------------------------------


def copied(workspace: Workspace, viewer: Viewer = RISK, body: str = SCRIPT, **more: Any) -> Any:
    given = {"title": "Mine", "text": body, "made_from": "examiner-decision", "from_hash": "dd" * 32}
    return save_copy(workspace, viewer, **{**given, **more})


def test_every_version_of_a_copy_is_kept_and_knows_where_it_came_from(workspace: Workspace) -> None:
    first = copied(workspace, body=f"{SCRIPT}  \n")
    assert (first.version, first.script_text, first.script_hash) == (1, SCRIPT, hash_text(SCRIPT))
    second = copied(workspace, RON, SCRIPT + "\nminutes: 3", copy_id=first.copy_id, after=1)
    assert (second.version, second.who, second.made_from) == (2, "ron", "examiner-decision")
    assert read_copy(workspace, RISK, first.copy_id) == second
    assert read_copy(workspace, RISK, first.copy_id, 1) == first
    assert list_versions(workspace, RON, first.copy_id) == (second, first)
    another = copied(workspace)
    assert list_copies(workspace, RISK) == (another, second)


def test_a_version_of_somebody_else_is_not_written_over(workspace: Workspace) -> None:
    first = copied(workspace)
    copied(workspace, RON, copy_id=first.copy_id, after=1)
    with pytest.raises(CandorError, match="changed by somebody else"):
        copied(workspace, RISK, copy_id=first.copy_id, after=1)
    with pytest.raises(NotFoundForViewer):
        copied(workspace, copy_id="none such")
    assert read_copy(workspace, RISK, first.copy_id).version == 2


def test_outsiders_see_a_copy_once_a_second_person_approved_that_very_text(workspace: Workspace) -> None:
    copy = copied(workspace)
    draft = propose_copy(workspace, RISK, copy.copy_id, audience=Audience.PARTNER, partner="Alder")
    assert approved_copies(workspace, ALDER) == {}
    with pytest.raises(CandorError, match="second person"):
        approve(workspace, RISK, draft.approval_id)
    approve(workspace, RON, draft.approval_id)
    copied(workspace, body=SCRIPT + "\nminutes: 9", copy_id=copy.copy_id)
    assert approved_copies(workspace, ALDER) == {copy.copy_id: SCRIPT}
    assert approved_copies(workspace, BIRCH) == approved_copies(workspace, EXAMINER) == {}
    assert [one.body for one in list_approvals(workspace, RISK, "walkthrough", copy.copy_id)] == [SCRIPT]
    withdraw(workspace, RON, draft.approval_id)
    assert approved_copies(workspace, ALDER) == {}


def test_only_specialists_edit_and_see_drafts(workspace: Workspace) -> None:
    copy = copied(workspace)
    for asking in (
        lambda who: copied(workspace, who),
        lambda who: read_copy(workspace, who, copy.copy_id),
        lambda who: list_copies(workspace, who),
        lambda who: list_versions(workspace, who, copy.copy_id),
        lambda who: propose_copy(workspace, who, copy.copy_id, audience=who.audience, partner=who.partner),
    ):
        for viewer in (ALDER, EXAMINER):
            with pytest.raises(NotFoundForViewer):
                asking(viewer)
    assert list_approvals(workspace, RISK) == ()


def test_a_copy_whose_text_was_changed_is_refused(workspace: Workspace) -> None:
    copy = copied(workspace)
    with workspace.write() as connection:
        connection.execute(text("UPDATE walk_copies SET script_text = 'other'"))
    with pytest.raises(WorkspaceError, match="A walkthrough is damaged"):
        read_copy(workspace, RISK, copy.copy_id)
