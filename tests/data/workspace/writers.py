"""What the tests do in other processes, and how they start them."""

from __future__ import annotations

import multiprocessing
import random
import time
from collections.abc import Callable
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext, ForkServerProcess
from multiprocessing.synchronize import Barrier
from typing import Any

from data.access import Audience, Viewer
from data.workspace import LoggedInputs, QuestionKind, ShownEntry, Workspace, open_workspace, record, spend
from data.workspace.approvals import approve, propose
from data.workspace.questions import Asked, answer_question, ask_question
from data.workspace.sessions import add_note
from tests.data.workspace.meeting import RISK, RON, meeting, pinned

PROCESSES: ForkServerContext = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["tests.data.workspace.writers"])
"""Children start from a process that has loaded everything, in milliseconds instead of a second."""

ANNA = Viewer("anna@bank.example", Audience.PARTNER, "north")
BERT = Viewer("bert@candor.example", Audience.SPECIALIST)
CLEO = Viewer("cleo@state.example", Audience.REGULATOR)
AT = datetime(2026, 3, 1, 9, 15, tzinfo=UTC)
ALLOWED = LoggedInputs(plain=frozenset({"tab", "cutoff", "writer"}), hidden=frozenset({"application"}))


def log_one(workspace: Workspace, viewer: Viewer = ANNA, page: str = "decision", **more: Any) -> ShownEntry:
    """Write one entry, with what the test does not care about filled in."""
    inputs = more.pop("inputs", {"application": "10432", "tab": "reasons"})
    rest = {"snapshot_id": "2026-02", "snapshot_hash": "ab" * 32, "rows_behind": 1, "at": AT, "allowed": ALLOWED}
    return record(workspace, viewer, page, inputs, **{**rest, **more})


def start(job: Callable[..., None], *arguments: object) -> tuple[ForkServerProcess, Connection]:
    """Start a job in a process of its own; it gets the end of a pipe after its arguments."""
    ours, theirs = PROCESSES.Pipe(duplex=False)
    process = PROCESSES.Process(target=job, args=(*arguments, theirs), daemon=True)
    process.start()
    theirs.close()
    return process, ours


def all_said(pipe: Connection) -> list[Any]:
    """Return everything a process said until it ended."""
    said = []
    try:
        while True:
            said.append(pipe.recv())
    except EOFError:
        pipe.close()
    return said


def open_together(url: str, barrier: Barrier, pipe: Connection) -> None:
    """Open the workspace at the same moment as others and say which one it is."""
    barrier.wait(60)
    pipe.send(open_workspace(url).workspace_id)


def write_some(url: str, count: int, writer: int, barrier: Barrier, pipe: Connection) -> None:
    """Write entries at the same time as others."""
    workspace = open_workspace(url)
    barrier.wait(60)
    pauses = random.Random(writer)
    for i in range(count):
        time.sleep(pauses.uniform(0, 0.01))  # so that the writers alternate
        pipe.send(log_one(workspace, inputs={"application": i, "writer": writer}).number)


def spend_some(url: str, keys: list[str | None], limit: int, barrier: Barrier, pipe: Connection) -> None:
    """Ask questions at the same time as others and say which were allowed."""
    workspace = open_workspace(url)
    barrier.wait(60)
    for key in keys:
        pipe.send(spend(workspace, ANNA, QuestionKind.LOOK_UP, limit, key=key).allowed)


def write_until_killed(url: str, pipe: Connection) -> None:
    """Write entries and spend questions for ever; say each entry's number and hash once it is confirmed."""
    workspace = open_workspace(url)
    while True:
        entry = log_one(workspace)
        pipe.send((entry.number, entry.entry_hash))
        spend(workspace, ANNA, QuestionKind.WHAT_IF, 1_000_000)


def ask_some(url: str, who: str, session_id: str, count: int, barrier: Barrier, pipe: Connection) -> None:
    """Write questions down at the same time as another presenter; say the id of each once it is confirmed."""
    workspace, viewer = open_workspace(url), Viewer(who, Audience.SPECIALIST)
    barrier.wait(60)
    for number in range(count):
        pipe.send(ask_question(workspace, viewer, session_id, Asked(f"Question {number}?")).question_id)


def keep_until_killed(url: str, pipe: Connection) -> None:
    """Keep pins, questions, answers, notes and approvals for ever; say each one's kind and id once it is confirmed."""
    workspace = open_workspace(url)
    session = meeting(workspace)
    pipe.send(("session", session.session_id))
    while True:
        pin = pinned(workspace, session_id=session.session_id)
        pipe.send(("pin", pin.pin_id))
        question = ask_question(workspace, RISK, session.session_id, Asked("Why?", pin_ids=[pin.pin_id]))
        pipe.send(("question", question.question_id))
        answer_question(workspace, RISK, question.question_id, "So.", session.session_id)
        pipe.send(("answer", question.question_id))
        pipe.send(("note", add_note(workspace, RISK, session.session_id, "Slowly.").note_id))
        given = {"title": "Why?", "body": "So.", "audience": Audience.PARTNER}
        draft = propose(workspace, RISK, "answer", question.question_id, **given)
        pipe.send(("draft", draft.approval_id))
        pipe.send(("approval", approve(workspace, RON, draft.approval_id).approval_id))
