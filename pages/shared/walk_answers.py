"""Walkthroughs for pages: the one of the address, its steps computed once, its runs; opened, kept and logged.

`?walk=` names the script, `&step=` the step, `&run=` the run that keeps notes and sign-offs. A run has its own text of
the script and its own inputs; without a run the inputs stand in the address (`&walk-app=`) or are chosen by rule.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import streamlit as st

from data.errors import NotFoundForViewer
from data.reader import Reader
from data.workspace import QuestionKind, open_workspace
from data.workspace.walkthroughs import WalkRun, go_to, read_run, start_run
from explainers.ask.result import AskLink
from explainers.walkthroughs.compute import LONGEST_INPUT, compute_inputs, compute_step
from explainers.walkthroughs.copies import find_script
from explainers.walkthroughs.desk import Desk, Read
from explainers.walkthroughs.facts import INPUTS
from explainers.walkthroughs.result import StepResult
from explainers.walkthroughs.script import Script, read_script
from pages.shared import answers, readers, reason_fresh, session_answers

WALK, STEP, RUN, INPUT = "walk", "step", "run", "walk-"
"""Parameters of the address; the last one begins the names of inputs."""
PAGE = "walkthroughs"
"""The page with the list."""


@dataclass(frozen=True)
class Walk:
    """A walkthrough at one of its steps, as the address names it."""

    key: str
    """Id of a shipped script, or of an edited copy."""
    script: Script
    """The script: in a run the one that the run began with."""
    step_no: int
    """From 1, within the script."""
    inputs: tuple[tuple[str, str], ...]
    """What it is about."""
    run: WalkRun | None
    """The run that keeps notes and sign-offs; None for a look without one."""


def walk(reader: Reader) -> Walk:
    """Return the walkthrough of the address at its step, and keep in its run that this step was reached.

    Raises
    ------
    NotFoundForViewer
        There is no such walkthrough, run or step for this viewer.
    """
    key, run_id, written = st.query_params.get(WALK, ""), st.query_params.get(RUN), st.query_params.get(STEP, "1")
    run = read_run(open_workspace(), reader.viewer, run_id) if run_id else None
    script = find_script(open_workspace(), reader.viewer, key) if run is None else script_of(run)
    step_no = int(written) if written.isdecimal() and len(written) < 4 else 0
    if not 1 <= step_no <= len(script.steps):
        told = f"“{script.title}” has the steps 1 to {len(script.steps)}."
        raise NotFoundForViewer("There is no such step", told, "Open the walkthrough from the list.")
    if run is None:
        return Walk(key, script, step_no, inputs(reader, script, given()), None)
    if run.script_key != key:
        raise NotFoundForViewer("You cannot see this walkthrough", "The run is of another one.", "Open it anew.")
    if run.scope == reader.viewer.scope and run.last_step != step_no:
        run = go_to(open_workspace(), reader.viewer, run.run_id, step_no)
    return Walk(key, script, step_no, tuple(run.inputs.items()), run)


def given() -> dict[str, str]:
    """Return the inputs that stand in the address."""
    return {name: st.query_params[INPUT + name] for name in INPUTS if st.query_params.get(INPUT + name)}


def script_of(run: WalkRun) -> Script:
    """Return the script that a run began with."""
    return _script(run.script_text)


def inputs(reader: Reader, script: Script, chosen: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Return what a walkthrough is about: what was chosen, the rest by the script's rules."""
    wanted = tuple((name, value[:LONGEST_INPUT]) for name, value in sorted(chosen.items()))
    return _inputs(*_place(reader), script.hash, wanted, reader, script)


def step(reader: Reader, at: Walk) -> StepResult:
    """Return the step, and log that it is shown.

    Raises
    ------
    BudgetSpent
        The viewer asked for as many applications as one may in an hour.
    """
    about = dict(at.inputs)
    if about.get("app"):
        answers.ask(reader, QuestionKind.LOOK_UP, f"{reader.snapshot_id}|{about['app']}")
    result = computed(reader, at)
    shown = {"walkthrough": at.key, "step": str(at.step_no), "run": at.run.run_id if at.run else "none"}
    answers.log(reader, PAGE, {**shown, **_about(about)}, result.n, part=PAGE)  # the page under it has its own
    return result


def computed(reader: Reader, at: Walk) -> StepResult:
    """Return a step without logging it: nobody has seen it yet."""
    return _step(*_place(reader), at.script.hash, at.step_no, at.inputs, reader, at.script)


def all_steps(reader: Reader, key: str, script: Script) -> tuple[StepResult, ...]:
    """Return every step of a script on the snapshot in force, about what its rules choose; for a preview."""
    about = inputs(reader, script, {})
    places = range(1, len(script.steps) + 1)
    return tuple(computed(reader, Walk(key, script, no, about, None)) for no in places)


def log_record(reader: Reader, run: WalkRun) -> None:
    """Log that the record of a run is shown; it is about the snapshot of the run."""
    whence = (run.snapshot_id, run.snapshot_hash)
    shown = {"walkthrough": run.script_key, "step": "record", "run": run.run_id}
    answers.log(reader, PAGE, {**shown, **_about(run.inputs)}, 0, source=whence)


def begin(reader: Reader, key: str, chosen: Mapping[str, str], *, keep: bool) -> Walk:
    """Begin a walkthrough on the snapshot in force, at its first step; `keep` makes a run for notes and sign-offs.

    Raises
    ------
    NotFoundForViewer
        There is no such walkthrough for this viewer.
    """
    script = find_script(open_workspace(), reader.viewer, key)
    about = inputs(reader, script, {name: value for name, value in chosen.items() if value.strip()})
    if not keep:
        return Walk(key, script, 1, about, None)
    run = start_run(
        open_workspace(),
        reader.viewer,
        script_key=key,
        script_hash=script.hash,
        script_text=script.text,
        title=script.title,
        steps=len(script.steps),
        model_id=reader.manifest.model_id,
        snapshot_id=reader.snapshot_id,
        snapshot_hash=reader.manifest.fingerprint,
        inputs=dict(about),
    )
    return Walk(key, script, 1, about, run)


def resumed(run: WalkRun, step_no: int | None = None) -> Walk:
    """Return a run at the step where it stands, or at another one."""
    return Walk(run.script_key, script_of(run), step_no or run.last_step, tuple(run.inputs.items()), run)


def link(at: Walk, step_no: int) -> AskLink:
    """Return what opens a step: its page, with the page's inputs and those of the walkthrough."""
    there = at.script.steps[step_no - 1]
    about = dict(at.inputs)
    query = {key: _filled(value, about) for key, value in there.query}
    own = {RUN: at.run.run_id} if at.run is not None else {INPUT + name: value for name, value in at.inputs}
    if at.run is not None:
        own |= {"model": at.run.model_id, "snapshot": at.run.snapshot_id}
    found = {**{key: value for key, value in query.items() if value}, WALK: at.key, STEP: str(step_no), **own}
    return AskLink("walkthrough", there.page, tuple(found.items()), f"step {step_no}: {there.title}", 1.0)


def record_link(at: Walk) -> AskLink:
    """Return what opens the record of a run, or the list where nothing is recorded."""
    query = {RUN: at.run.run_id} if at.run is not None else {}
    return AskLink("walkthrough", PAGE, tuple(query.items()), "the record" if at.run else "all walkthroughs", 1.0)


def address(to: AskLink) -> str:
    """Return a link as an address, with the snapshot and the view of this page."""
    return session_answers.address(to.page, {**session_answers.kept(), **dict(to.query)})


def leave(page: str) -> str:
    """Return the address of the page on the screen without the walkthrough."""
    kept = [(k, v) for k in st.query_params if not _of_walk(k) for v in st.query_params.get_all(k)]
    return session_answers.address(page, kept)


def strayed(at: Walk, result: StepResult, page: str) -> bool:
    """Return whether the page on the screen shows other things than the step is about."""
    return page != result.page or any(st.query_params.get(key) != value for key, value in result.address)


def other_snapshot(reader: Reader, at: Walk) -> bool:
    """Return whether the snapshot in force is not the one that the run is about."""
    return at.run is not None and at.run.snapshot_hash != reader.manifest.fingerprint


def _about(about: Mapping[str, str]) -> dict[str, str]:
    """Return the application of a walkthrough as the log keeps it."""
    return {"application": about["app"]} if about.get("app") else {}


def _of_walk(key: str) -> bool:
    return key in (WALK, STEP, RUN) or key.startswith(INPUT)


def _filled(value: str, about: Mapping[str, str]) -> str:
    """Return an input of a page: as written, or the walkthrough's own."""
    return about.get(value[1:-1], "") if value.startswith("{") else value


def _place(reader: Reader) -> tuple[str, str, bool]:
    """Return what every key begins with; groups may be shown no more since an answer was kept."""
    try:
        reader.protected_groups()
    except NotFoundForViewer:
        return reader.snapshot_id, reader.viewer.scope, False
    return reader.snapshot_id, reader.viewer.scope, True


@lru_cache(maxsize=64)
def _script(text: str) -> Script:
    return read_script(text, "this walkthrough")


@st.cache_data(max_entries=256, show_spinner="Choosing what to walk through")
def _inputs(
    snapshot_id: str,
    scope: str,
    groups_open: bool,
    script_hash: str,
    chosen: tuple[tuple[str, str], ...],
    _reader: Reader,
    _script: Script,
) -> tuple[tuple[str, str], ...]:
    found = compute_inputs(_reader, _script, dict(chosen), _read(_reader), readers.fitting(_reader))
    return tuple(found.items())


@st.cache_data(max_entries=512, show_spinner="Computing this step")
def _step(
    snapshot_id: str,
    scope: str,
    groups_open: bool,
    script_hash: str,
    step_no: int,
    about: tuple[tuple[str, str], ...],
    _reader: Reader,
    _script: Script,
) -> StepResult:
    return compute_step(_reader, _script, step_no, dict(about), _desk(snapshot_id, scope, groups_open, about, _reader))


@st.cache_resource(max_entries=32, show_spinner=False)
def _desk(snapshot_id: str, scope: str, groups_open: bool, about: tuple[tuple[str, str], ...], _reader: Reader) -> Desk:
    """Return what the steps of a walkthrough are computed from, each result once."""
    return Desk(_reader, dict(about), _read(_reader), readers.fitting(_reader))


reason_fresh.forget_too(_desk.clear)


def _read(reader: Reader) -> Read:
    return lambda number: readers.on_file(reader.snapshot_id, reader.viewer.scope, number, reader)
