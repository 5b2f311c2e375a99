"""What people wrote and Candor confirmed is there after its process was killed."""

from __future__ import annotations

from sqlalchemy import delete

from data.workspace import Workspace
from data.workspace.tables import PINS
from tests.bench.workspace_writes import is_there, kill_and_restart
from tests.data.workspace.meeting import pinned

CYCLES = 8


def test_no_confirmed_pin_question_answer_note_or_approval_is_lost(url: str) -> None:
    killed = kill_and_restart(url, CYCLES, seed=7)
    assert killed.lost == ()
    assert killed.writing >= CYCLES * 0.6
    assert killed.confirmed >= killed.writing


def test_a_lost_pin_would_be_noticed(workspace: Workspace) -> None:
    pin = pinned(workspace)
    assert is_there(workspace, "pin", pin.pin_id)
    with workspace.write() as connection:
        connection.execute(delete(PINS))
    assert not is_there(workspace, "pin", pin.pin_id)
