"""The list of walkthroughs: what there is for the viewer, beginning one, going on with one, and the record of a run."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import streamlit as st

from data.access import Audience
from data.errors import CandorError
from data.reader import Reader
from data.workspace import open_workspace
from data.workspace.walkthroughs import (
    WalkLine,
    WalkRun,
    list_lines,
    list_runs,
    open_runs,
    read_run,
    sign_whole,
    unsigned,
)
from data.workspace.written import LONGEST_TEXT
from explainers.walkthroughs import screen
from explainers.walkthroughs.copies import Offered, offered
from explainers.walkthroughs.words import LIMITS, say_walkthroughs
from pages.shared import ask_box, readers, session_answers, session_view, walk_answers, widgets

SAID = "candor-walk-list-said"
"""Session key of what became of the last click, shown once."""
MOST_GOING = 3
"""Runs that stand above the list; the others stand below it."""
REMARK = "walk-remark"
"""Session key of what is typed beside the sign-off of the whole."""


def overview(reader: Reader) -> None:
    """Draw what can be walked through, and the runs the viewer may see."""
    found = offered(open_workspace(), reader.viewer)
    widgets.finding(say_walkthroughs([one.script for one in found]), screen.CONTEXT)
    say_once()
    going = open_runs(open_workspace(), reader.viewer)[:MOST_GOING]
    _going(going)
    for one in found:
        widgets.fragment(screen.draw_script(one))
        _begin(reader, one)
    _records(reader, going)
    widgets.closing(screen.HOW_TO_READ, LIMITS)


def record(reader: Reader, run_id: str) -> None:
    """Draw what was shown, noted and signed in a run."""
    run = read_run(open_workspace(), reader.viewer, run_id)
    lines = list_lines(open_workspace(), reader.viewer, run_id)
    walk_answers.log_record(reader, run)
    left = unsigned(run, lines)
    widgets.finding(screen.say_record(run, lines, left), screen.say_run(run, lines))
    say_once()
    mine, here = run.scope == reader.viewer.scope, _here(run)
    leads = [("All walkthroughs", page_address())]
    if mine and here:
        leads.insert(0, (f"Go on at step {run.last_step}", _open(run, run.last_step)))
    leads.append(("Make a pack", session_answers.address("packs", {**session_answers.kept(), "run": run_id})))
    session_view.anchors(leads)
    if not here:
        widgets.warning("The snapshot of this walkthrough is not here. What was shown is kept below.")
    if mine and not left:
        _sign(reader, run, lines)
    links = {no: _open(run, no) for no in range(1, run.steps + 1)} if mine and here else {}
    widgets.fragment(screen.draw_record(run, walk_answers.script_of(run), lines, links))
    widgets.closing(screen.HOW_TO_RECORD, LIMITS, screen.draw_hashes(run, lines))


def page_address(**query: str) -> str:
    """Return a link to this page, with the snapshot and the view."""
    return session_answers.address(walk_answers.PAGE, {**session_answers.kept(), **query})


def say_once(key: str = SAID) -> None:
    """Say once what became of the last click."""
    if text := st.session_state.pop(key, None):
        widgets.note(text)


def _going(runs: Sequence[WalkRun]) -> None:
    """Draw the viewer's own runs that go on, the newest ones."""
    if runs:
        widgets.section("Go on")
        at = {run.run_id: screen.say_reached(run, finished=False) for run in runs}
        links = {run.run_id: _open(run, run.last_step) if _here(run) else page_address(run=run.run_id) for run in runs}
        widgets.fragment(screen.draw_runs(runs, links, at))


def _records(reader: Reader, going: Sequence[WalkRun]) -> None:
    """Draw what was walked through before, and by others."""
    shown, own = {run.run_id for run in going}, (reader.viewer.who, reader.viewer.scope)
    runs = [run for run in list_runs(open_workspace(), reader.viewer) if run.run_id not in shown]
    if runs:
        open_ones = {run.run_id for run in open_runs(open_workspace(), reader.viewer)}
        mine = {run.run_id for run in runs if (run.who, run.scope) == own}
        widgets.section("Records")
        at = {run.run_id: screen.say_reached(run, finished=run.run_id in mine - open_ones) for run in runs}
        widgets.fragment(screen.draw_runs(runs, {run.run_id: page_address(run=run.run_id) for run in runs}, at))


def _begin(reader: Reader, one: Offered) -> None:
    """Draw the choice of what a walkthrough is about, and the ways to take it."""
    with st.container(horizontal=True, vertical_alignment="bottom", key=f"candor-begin-{one.key}"):
        for asked in one.script.inputs:
            hint = f"by rule: {asked.choose}"
            st.text_input(asked.label, key=f"begin-{one.key}-{asked.name}", max_chars=200, width=260, placeholder=hint)
        st.button("Begin", key=f"begin-{one.key}", on_click=partial(_start, reader, one, keep=True))
        look = partial(_start, reader, one, keep=False)
        st.button("Look through", key=f"look-{one.key}", type="tertiary", on_click=look)
        if reader.viewer.audience is Audience.SPECIALIST:
            label = "Edit" if one.kind != "shipped" else "Copy and edit"
            session_view.anchors([(label, page_address(edit=one.key))])


def _start(reader: Reader, one: Offered, *, keep: bool) -> None:
    """Open the first step, with a run that keeps notes and sign-offs or only to look."""
    typed = {
        asked.name: str(st.session_state.get(f"begin-{one.key}-{asked.name}") or "") for asked in one.script.inputs
    }
    try:
        walk = walk_answers.begin(reader, one.key, typed, keep=keep)
    except CandorError as error:
        st.session_state[SAID] = str(error)
        return
    st.session_state[ask_box.OPEN] = walk_answers.link(walk, 1)


def _here(run: WalkRun) -> bool:
    """Return whether the snapshot of a run can be opened."""
    return any(choice.snapshot_id == run.snapshot_id for choice in readers.choices())


def _open(run: WalkRun, step_no: int) -> str:
    return walk_answers.address(walk_answers.link(walk_answers.resumed(run), step_no))


def _sign(reader: Reader, run: WalkRun, lines: tuple[WalkLine, ...]) -> None:
    """Draw the sign-off of the whole, once every step is signed."""
    label = "Sign off again" if any(line.kind == "whole" for line in lines) else "Sign off the whole walkthrough"
    with st.container(horizontal=True, vertical_alignment="bottom"):
        hint = {"placeholder": "a remark, if you like", "label_visibility": "collapsed"}
        st.text_area("Remark", key=REMARK, max_chars=LONGEST_TEXT, height=68, width=420, **hint)
        st.button(label, key="walk-whole", on_click=partial(_sign_whole, reader, run))


def _sign_whole(reader: Reader, run: WalkRun) -> None:
    try:
        sign_whole(open_workspace(), reader.viewer, run.run_id, str(st.session_state.get(REMARK) or ""))
    except CandorError as error:
        st.session_state[SAID] = str(error)
        return
    st.session_state[REMARK] = ""
