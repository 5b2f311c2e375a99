"""A text for outsiders is shown only after a second person approved exactly these words."""

from __future__ import annotations

from threading import Barrier, Thread
from typing import Any

import pytest
from sqlalchemy import text, update

from data.access import LOCAL_VIEWER, Audience, Viewer
from data.errors import CandorError, NotFoundForViewer, WorkspaceError
from data.workspace import Workspace
from data.workspace.approvals import Approval, approve, approved_texts, list_approvals, propose, read_approval, withdraw
from data.workspace.tables import APPROVALS
from tests.data.workspace.meeting import ALDER, BIRCH, EXAMINER, RISK, RON


def draft(workspace: Workspace, body: str = "No.", viewer: Viewer = RISK, **more: Any) -> Approval:
    given = {"title": "Is age used?", "body": body, "audience": Audience.PARTNER}
    return propose(workspace, viewer, "answer", "q-1", **{**given, **more})


def found(workspace: Workspace, viewer: Viewer) -> list[str]:
    return [one.body for one in approved_texts(workspace, viewer, "answer")]


def test_a_draft_is_shown_to_nobody_outside_until_a_second_person_approves_it(workspace: Workspace) -> None:
    proposed = draft(workspace)
    assert (proposed.state, found(workspace, ALDER)) == ("draft", [])
    with pytest.raises(CandorError, match="second person"):
        approve(workspace, RISK, proposed.approval_id)
    assert found(workspace, ALDER) == []
    approved = approve(workspace, RON, proposed.approval_id)
    assert (approved.state, approved.drafted_by, approved.approved_by) == ("approved", "rita", "ron")
    assert found(workspace, ALDER) == found(workspace, BIRCH) == ["No."]
    assert found(workspace, EXAMINER) == []
    assert found(workspace, RISK) == ["No."]


def test_a_text_for_one_partner_reaches_no_other(workspace: Workspace) -> None:
    approve(workspace, RON, draft(workspace, partner="Alder").approval_id)
    assert (found(workspace, ALDER), found(workspace, BIRCH)) == (["No."], [])
    with pytest.raises(CandorError, match="not for partners"):
        draft(workspace, partner="Alder", audience=Audience.REGULATOR)


def test_new_words_need_a_new_approval_and_replace_the_old_ones(workspace: Workspace) -> None:
    old = approve(workspace, RON, draft(workspace).approval_id)
    new = draft(workspace, "Never.", RON)
    assert found(workspace, ALDER) == ["No."]
    approve(workspace, RISK, new.approval_id)
    assert found(workspace, ALDER) == ["Never."]
    assert read_approval(workspace, RISK, old.approval_id).state == "withdrawn"
    assert [one.body for one in list_approvals(workspace, RISK, "answer", "q-1")] == ["Never.", "No."]
    assert list_approvals(workspace, RISK, "walkthrough") == ()


def test_what_is_withdrawn_is_shown_no_more_and_the_record_stays(workspace: Workspace) -> None:
    approved = approve(workspace, RON, draft(workspace).approval_id)
    gone = withdraw(workspace, RISK, approved.approval_id)
    assert (gone.state, gone.approved_by, gone.withdrawn_by) == ("withdrawn", "ron", "rita")
    assert found(workspace, ALDER) == found(workspace, RISK) == []
    assert withdraw(workspace, RON, approved.approval_id) == gone
    with pytest.raises(CandorError, match="not a draft any more"):
        approve(workspace, RON, gone.approval_id)


def test_a_failed_approval_withdraws_nothing(workspace: Workspace) -> None:
    approve(workspace, RON, draft(workspace).approval_id)
    gone = withdraw(workspace, RISK, draft(workspace, "Maybe.").approval_id)
    with pytest.raises(CandorError):
        approve(workspace, RON, gone.approval_id)
    assert found(workspace, ALDER) == ["No."]


def test_without_sign_in_nothing_can_be_approved(workspace: Workspace) -> None:
    with pytest.raises(CandorError, match="everybody is one person"):
        approve(workspace, LOCAL_VIEWER, draft(workspace, viewer=LOCAL_VIEWER).approval_id)


@pytest.mark.parametrize("viewer", [ALDER, EXAMINER], ids=lambda v: v.who)
def test_only_specialists_write_approve_and_list(workspace: Workspace, viewer: Viewer) -> None:
    waiting = draft(workspace).approval_id
    for asking in (
        lambda: draft(workspace, viewer=viewer),
        lambda: approve(workspace, viewer, waiting),
        lambda: withdraw(workspace, viewer, waiting),
        lambda: list_approvals(workspace, viewer),
    ):
        with pytest.raises(NotFoundForViewer):
            asking()
    assert read_approval(workspace, RISK, waiting).state == "draft"


def test_words_changed_after_the_approval_are_never_shown(workspace: Workspace) -> None:
    approve(workspace, RON, draft(workspace).approval_id)
    with workspace.write() as connection:
        connection.execute(update(APPROVALS).values(body="Yes."))
    with pytest.raises(WorkspaceError, match="damaged"):
        approved_texts(workspace, ALDER, "answer")


def test_the_database_itself_refuses_the_same_person_twice(workspace: Workspace) -> None:
    draft(workspace)
    with pytest.raises(WorkspaceError), workspace.write() as connection:
        connection.execute(text("UPDATE approvals SET approved_by = drafted_by"))


def test_of_two_who_approve_at_once_one_is_recorded_and_the_other_is_told(workspace: Workspace) -> None:
    text_id, together, told = draft(workspace).approval_id, Barrier(2), []

    def act(viewer: Viewer) -> None:
        together.wait(30)
        try:
            told.append(approve(workspace, viewer, text_id).approved_by)
        except CandorError as error:
            told.append(error.message)

    threads = [Thread(target=act, args=(viewer,)) for viewer in (RON, Viewer("sam", Audience.SPECIALIST))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    kept = read_approval(workspace, RISK, text_id)
    assert kept.state == "approved"
    assert sorted(told) == sorted(["It is not a draft any more.", kept.approved_by])
