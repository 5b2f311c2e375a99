"""What a pack is made from: a template, pins, a session or a walkthrough, for one view."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from data.access import Audience
from data.reader import Reader
from data.workspace import open_workspace
from data.workspace.pins import PinHeading
from data.workspace.questions import carried_into, list_questions
from data.workspace.sessions import list_sessions, read_session
from data.workspace.walkthroughs import list_runs, read_run
from explainers.packs.draft import Draft, draft_pins, draft_run, draft_session, draft_template
from explainers.packs.gather import approved_for
from explainers.packs.scope import say_scope
from explainers.packs.templates import templates
from explainers.pins.words import say_moment
from explainers.style import day_from_iso
from pages.shared import links, session_answers

SOURCES = {"template": "A template", "pins": "Pins", "session": "A session", "run": "A walkthrough"}
"""What a pack can be made from, by the name in the address."""
PARTS = ("run", "session", "pins", "template")
"""Names in the address that say which source is meant, where it does not say so itself."""


def choose(reader: Reader) -> Draft | None:
    """Draw the choice of a source and return what it gives; None where there is nothing of that kind."""
    asked = st.query_params.get("source") or next((name for name in PARTS if name in st.query_params), "template")
    with st.container(horizontal=True, vertical_alignment="bottom", key="candor-inputs"):
        source = _pick("source", "Make it from", SOURCES, asked)
        made = {"template": _template, "pins": _pins, "session": _session, "run": _run}[source or "template"]
        return made(reader)


def _template(reader: Reader) -> Draft:
    kinds = templates()
    name = _pick("template", "Template", {key: kind.title for key, kind in kinds.items()}) or next(iter(kinds))
    kept = session_answers.pins(reader.viewer)
    scope = _scope(reader, kept)
    approved = len(approved_for(open_workspace(), reader.viewer, scope))
    return draft_template(kinds[name], kept, reader.snapshot_id, scope, approved)


def _pins(reader: Reader) -> Draft:
    kept = session_answers.pins(reader.viewer)
    scope = _scope(reader, kept)
    titles = {pin.pin_id: _title(pin) for pin in kept if pin.scope == scope}
    named = [one for one in st.query_params.get_all("pins") if one in titles]
    chosen = st.multiselect("Pins", list(titles), default=named, format_func=titles.get, key=f"pack-pins-{scope}")
    return draft_pins(kept, chosen, scope)


def _session(reader: Reader) -> Draft | None:
    workspace, viewer = open_workspace(), reader.viewer
    names = {one.session_id: f"{one.name}, {day_from_iso(one.held_on)}" for one in list_sessions(workspace, viewer)}
    chosen = _pick("session", "Session", names)
    if chosen is None:
        return None
    session = read_session(workspace, viewer, chosen)
    asked = [*carried_into(workspace, viewer, session), *list_questions(workspace, viewer, chosen)]
    return draft_session(session, session_answers.pins(viewer, chosen), asked)


def _run(reader: Reader) -> Draft | None:
    found = list_runs(open_workspace(), reader.viewer)
    chosen = _pick("run", "Walkthrough", {run.run_id: f"{run.title}, {say_moment(run.started_at)}" for run in found})
    return draft_run(read_run(open_workspace(), reader.viewer, chosen)) if chosen else None


def _scope(reader: Reader, kept: tuple[PinHeading, ...]) -> str:
    """Return the view a pack is made of; who sees more than one chooses."""
    own = reader.viewer.scope
    if reader.viewer.audience is not Audience.SPECIALIST:
        return own
    scopes = list(dict.fromkeys([own, *sorted({pin.scope for pin in kept})]))
    return _pick("for", "Made of", {scope: say_scope(scope).removeprefix("the ") for scope in scopes}) or own


def _pick(name: str, label: str, options: Mapping[str, str], asked: str | None = None) -> str | None:
    """Draw a list that begins with what the address names, and keep the choice there."""
    keys = list(options)
    wanted = asked or st.query_params.get(name)
    index = keys.index(wanted) if wanted in keys else 0
    shown = {key: links.plain(text) for key, text in options.items()}
    picked: str | None = st.selectbox(
        label, keys, index=index if keys else None, format_func=shown.get, key=f"pack-{name}", width=300
    )
    if picked is not None:
        st.query_params[name] = picked
    return picked


def _title(pin: PinHeading) -> str:
    return links.plain(f"{pin.title} ({pin.page}, {say_moment(pin.pinned_at)})")
