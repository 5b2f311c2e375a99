"""Walkthroughs as people take them: where each stands, and the notes and sign-offs beside its steps.

A run belongs to the view it is walked in; the viewers of that view and specialists find it, and only the former write
in it: a specialist sees numbers that a regulator sees masked. Notes and sign-offs are lines that are never changed; a
correction is a new line. Each line keeps what was shown and the hash of the line before, so that a changed or a missing
line is found.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from sqlalchemy import Connection, Row, insert, select, update

from data.access import Viewer
from data.errors import CandorError, WorkspaceError
from data.workspace.chain import canonical
from data.workspace.database import Workspace
from data.workspace.sight import may_see, not_found, seen_by
from data.workspace.tables import WALK_LINES, WALK_RUNS
from data.workspace.written import now_text, one_line, paragraphs

Kind = Literal["note", "step", "whole"]
"""A note beside a step, the sign-off of a step, the sign-off of the whole walkthrough."""
MOST_LISTED = 200
TITLE = "This walkthrough cannot be signed"
OTHERS = "It is walked in another view than yours."


@dataclass(frozen=True)
class WalkRun:
    """One walk through a script."""

    run_id: str
    """UUID."""
    scope: str
    """Audience and partner of the view it is walked in."""
    who: str
    """Account that started it."""
    script_key: str
    """Id of a shipped script, or UUID of an edited copy."""
    script_hash: str
    """SHA-256 of the script's text."""
    script_text: str
    """The script as it was when the run began: later versions do not change a run."""
    title: str
    """The script's title."""
    steps: int
    """Steps of the script."""
    model_id: str
    """Slug of the model."""
    snapshot_id: str
    """The snapshot it is walked on."""
    snapshot_hash: str
    """Its fingerprint."""
    inputs: Mapping[str, str]
    """What it is about, as this view sees it."""
    started_at: str
    """When, UTC with microseconds, as text."""
    last_step: int
    """The step it stands at, from 1."""


@dataclass(frozen=True)
class ShownFact:
    """A figure as it was shown."""

    name: str
    """Its name in the script."""
    label: str
    """What it is."""
    value: float | int | str | bool
    """The figure on its own scale."""
    text: str
    """As people read it."""
    n: int
    """Applications it is over."""
    source: str
    """What made it."""


@dataclass(frozen=True)
class ShownStep:
    """A step as it was shown when somebody wrote beside it."""

    step_id: str
    """The step's id; "" for the whole walkthrough."""
    step_no: int
    """Its place, from 1; 0 for the whole."""
    title: str
    """Its title."""
    state: str
    """"supported" or "not supported here"."""
    claim: str | None
    """The claim as shown; None where it was not supported."""
    why_not: str | None
    """Why it was not; None where it was."""
    facts: tuple[ShownFact, ...]
    """The figures."""
    snapshot_id: str
    """The snapshot it was shown from."""
    snapshot_hash: str
    """Its fingerprint."""
    model_hash: str
    """SHA-256 of the model's file; "" where the view does not show it."""
    script_hash: str
    """SHA-256 of the script."""


@dataclass(frozen=True)
class WalkLine:
    """A note or a sign-off."""

    run_id: str
    """The run."""
    number: int
    """Its place in the run, from 1, without gaps."""
    kind: Kind
    """What it is."""
    who: str
    """Account that wrote it."""
    words: str
    """The note, or a remark beside a sign-off."""
    step_id: str
    """The step; "" for the whole."""
    shown: ShownStep
    """What was shown."""
    written_at: str
    """When, UTC with microseconds, as text."""
    line_hash: str
    """SHA-256 over the line and the hash of the line before."""


def start_run(
    workspace: Workspace,
    viewer: Viewer,
    *,
    script_key: str,
    script_hash: str,
    script_text: str,
    title: str,
    steps: int,
    model_id: str,
    snapshot_id: str,
    snapshot_hash: str,
    inputs: Mapping[str, str],
) -> WalkRun:
    """Begin a walkthrough in the viewer's own view; on the disk when this returns."""
    run = WalkRun(
        run_id=str(uuid.uuid4()),
        scope=viewer.scope,
        who=viewer.who,
        script_key=script_key,
        script_hash=script_hash,
        script_text=script_text,
        title=one_line("This title", title),
        steps=steps,
        model_id=model_id,
        snapshot_id=snapshot_id,
        snapshot_hash=snapshot_hash,
        inputs=dict(inputs),
        started_at=now_text(),
        last_step=1,
    )
    row = {**vars(run), "inputs": canonical(dict(inputs)), "created_at": run.started_at}
    with workspace.write() as connection:
        connection.execute(insert(WALK_RUNS), row)
    return run


def read_run(workspace: Workspace, viewer: Viewer, run_id: str) -> WalkRun:
    """Return a run.

    Raises
    ------
    NotFoundForViewer
        There is none of this id, or the viewer may not see it: the two look alike.
    """
    with workspace.read() as connection:
        row = connection.execute(select(WALK_RUNS).where(WALK_RUNS.c.run_id == run_id)).first()
    if row is None or not may_see(viewer, row.scope):
        raise not_found("walkthrough")
    return _run(row)


def list_runs(workspace: Workspace, viewer: Viewer, limit: int = MOST_LISTED) -> tuple[WalkRun, ...]:
    """Return the runs a viewer may see, the newest first."""
    c = WALK_RUNS.c
    wanted = select(WALK_RUNS).where(seen_by(viewer, c.scope)).order_by(c.started_at.desc(), c.run_id)
    with workspace.read() as connection:
        return tuple(_run(row) for row in connection.execute(wanted.limit(limit)))


def open_runs(workspace: Workspace, viewer: Viewer, script_key: str | None = None) -> tuple[WalkRun, ...]:
    """Return the runs that this account began in this view and that nobody signed as a whole, the newest first."""
    c, lines = WALK_RUNS.c, WALK_LINES.c
    signed = select(lines.run_id).where(lines.kind == "whole")
    wanted = select(WALK_RUNS).where(c.who == viewer.who, c.scope == viewer.scope, c.run_id.not_in(signed))
    if script_key is not None:
        wanted = wanted.where(c.script_key == script_key)
    with workspace.read() as connection:
        rows = connection.execute(wanted.order_by(c.started_at.desc(), c.run_id)).all()
    return tuple(_run(row) for row in rows)


def go_to(workspace: Workspace, viewer: Viewer, run_id: str, step_no: int) -> WalkRun:
    """Keep the step a run stands at, so that it goes on there later; one outside the script is the nearest.

    Raises
    ------
    NotFoundForViewer
        There is no such run for this viewer.
    CandorError
        It is walked in another view.
    """
    run = _own(workspace, viewer, run_id)
    number = min(max(step_no, 1), run.steps)
    with workspace.write() as connection:
        connection.execute(update(WALK_RUNS).where(WALK_RUNS.c.run_id == run_id).values(last_step=number))
    return read_run(workspace, viewer, run_id)


def add_note(workspace: Workspace, viewer: Viewer, run_id: str, shown: ShownStep, note: str) -> WalkLine:
    """Keep a note beside a step; on the disk when this returns.

    Raises
    ------
    NotFoundForViewer
        There is no such run for this viewer.
    CandorError
        The note cannot be kept, or the run is walked in another view.
    """
    return _write(workspace, viewer, run_id, "note", paragraphs("This note", note), shown)


def sign_step(workspace: Workspace, viewer: Viewer, run_id: str, shown: ShownStep, remark: str = "") -> WalkLine:
    """Sign a step as it was shown, supported or not; a later line corrects an earlier one.

    Raises
    ------
    NotFoundForViewer
        There is no such run for this viewer.
    CandorError
        The remark cannot be kept, the run is walked in another view, or what was shown is of another script or
        snapshot.
    """
    return _write(workspace, viewer, run_id, "step", paragraphs("This remark", remark, empty=True), shown)


def sign_whole(workspace: Workspace, viewer: Viewer, run_id: str, remark: str = "") -> WalkLine:
    """Sign the whole walkthrough, once every step is signed.

    Raises
    ------
    NotFoundForViewer
        There is no such run for this viewer.
    CandorError
        Steps are not signed yet, or the run is walked in another view.
    """
    run = _own(workspace, viewer, run_id)
    words = paragraphs("This remark", remark, empty=True)
    with workspace.write() as connection:
        lines = _lines_of(connection, run_id, lock=True)
        left = unsigned(run, lines)
        if left:
            found = f"Not signed yet: step {', '.join(map(str, left))}."
            raise CandorError(TITLE, found, "Sign every step first, also those not supported here.")
        signed = {line.step_id: line.shown for line in lines if line.kind == "step"}
        held = sum(step.state == "supported" for step in signed.values())
        claim = f"{held} of {run.steps} steps were supported when they were signed."
        hashes = (run.snapshot_id, run.snapshot_hash, next(iter(signed.values())).model_hash, run.script_hash)
        whole = ShownStep("", 0, run.title, "supported", claim, None, (), *hashes)
        return _append(connection, viewer, run_id, "whole", words, whole, lines)


def list_lines(workspace: Workspace, viewer: Viewer, run_id: str) -> tuple[WalkLine, ...]:
    """Return the notes and sign-offs of a run in the order they were written.

    Raises
    ------
    NotFoundForViewer
        There is no such run for this viewer.
    WorkspaceError
        A line is not what was written, or one is missing.
    """
    read_run(workspace, viewer, run_id)
    with workspace.read() as connection:
        return _lines_of(connection, run_id)


def signed_steps(lines: Sequence[WalkLine]) -> dict[str, WalkLine]:
    """Return the sign-off that stands for each step: the last one."""
    return {line.step_id: line for line in lines if line.kind == "step"}


def unsigned(run: WalkRun, lines: Sequence[WalkLine]) -> tuple[int, ...]:
    """Return the steps that nobody signed yet, by their places."""
    done = {line.shown.step_no for line in signed_steps(lines).values()}
    return tuple(number for number in range(1, run.steps + 1) if number not in done)


def _own(workspace: Workspace, viewer: Viewer, run_id: str) -> WalkRun:
    """Return a run that a viewer may write in."""
    run = read_run(workspace, viewer, run_id)
    if run.scope != viewer.scope:
        raise CandorError("You can read this walkthrough, not write in it", OTHERS, "Begin one of your own.")
    return run


def _write(workspace: Workspace, viewer: Viewer, run_id: str, kind: Kind, words: str, shown: ShownStep) -> WalkLine:
    run = _own(workspace, viewer, run_id)
    if (shown.script_hash, shown.snapshot_hash) != (run.script_hash, run.snapshot_hash):
        told = "What is on the screen is of another snapshot or another version of the script."
        raise CandorError(TITLE, told, "Open the snapshot of this walkthrough, or begin a new one.")
    if not 1 <= shown.step_no <= run.steps:
        raise CandorError(TITLE, "The script has no such step.", "Open the walkthrough again.")
    with workspace.write() as connection:
        return _append(connection, viewer, run_id, kind, words, shown, _lines_of(connection, run_id, lock=True))


def _append(
    connection: Connection,
    viewer: Viewer,
    run_id: str,
    kind: Kind,
    words: str,
    shown: ShownStep,
    before: Sequence[WalkLine],
) -> WalkLine:
    """Add a line behind the last one, in the transaction of the caller, which holds the run."""
    now = now_text()
    row: dict[str, Any] = {
        "run_id": run_id,
        "number": len(before) + 1,
        "kind": kind,
        "who": viewer.who,
        "words": words,
        "step_id": shown.step_id,
        "shown": canonical(asdict(shown)),
        "written_at": now,
        "created_at": now,
        "previous_hash": before[-1].line_hash if before else _first(run_id),
    }
    row["line_hash"] = _hash(row)
    connection.execute(insert(WALK_LINES), row)
    kept = {name: row[name] for name in WalkLine.__annotations__}
    return WalkLine(**{**kept, "shown": shown})


def _lines_of(connection: Connection, run_id: str, *, lock: bool = False) -> tuple[WalkLine, ...]:
    """Return the lines of a run, whole; with `lock` nobody else adds one until the transaction ends."""
    if lock:  # SQLite has one writer at a time already
        connection.execute(select(WALK_RUNS.c.run_id).where(WALK_RUNS.c.run_id == run_id).with_for_update()).all()
    wanted = select(WALK_LINES).where(WALK_LINES.c.run_id == run_id).order_by(WALK_LINES.c.number)
    lines, previous = [], _first(run_id)
    for number, row in enumerate(connection.execute(wanted).all(), start=1):
        written = dict(row._mapping)
        if (row.number, row.previous_hash, row.line_hash) != (number, previous, _hash(written)):
            found = f"Line {number} is not what was written, or one before it is missing."
            raise WorkspaceError("A walkthrough is damaged", found, "Restore the workspace from a copy.")
        previous = row.line_hash
        lines.append(_line(row))
    return tuple(lines)


def _first(run_id: str) -> str:
    """Return what the first line names as the hash before it: lines of another run do not pass for this one's."""
    return hashlib.sha256(canonical(["candor walk lines 1", run_id]).encode()).hexdigest()


def _hash(row: Mapping[str, Any]) -> str:
    return hashlib.sha256(canonical({name: row[name] for name in row if name != "line_hash"}).encode()).hexdigest()


def _line(row: Row[Any]) -> WalkLine:
    shown = json.loads(row.shown)
    facts = tuple(ShownFact(**fact) for fact in shown["facts"])
    values = {name: getattr(row, name) for name in WalkLine.__annotations__}
    return WalkLine(**{**values, "shown": ShownStep(**{**shown, "facts": facts})})


def _run(row: Row[Any]) -> WalkRun:
    values = {name: getattr(row, name) for name in WalkRun.__annotations__}
    return WalkRun(**{**values, "inputs": json.loads(row.inputs)})
