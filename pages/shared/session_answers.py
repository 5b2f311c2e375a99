"""Pins, sessions and questions for pages: what is kept, opened and searched, for exactly the viewer who asks.

Opening a pin or a session is logged like any other answer. The log keeps the id of the pin or session, nothing of
what stands in it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import quote, urlencode

import streamlit as st

from data.access import Viewer
from data.errors import CandorError
from data.reader import Reader
from data.workspace import open_workspace
from data.workspace.pin_parts import Pin
from data.workspace.pins import PinCheck, PinHeading, list_checks, list_pins, read_pin, save_pin
from data.workspace.questions import View
from data.workspace.sessions import Session, read_session, running_sessions
from data.workspace.sight import specialists_only
from pages.shared import answers, captured, viewing
from pages.shared.viewing import SEE_AS

CHOSEN = "candor-session"
"""Session key of the meeting this window takes part in, where the account runs several or another account's."""
KEPT = ("model", "snapshot", SEE_AS)
"""Parameters of the address that go along from page to page."""


def pin(reader: Reader, title: str) -> Pin:
    """Keep what is on the screen, in the meeting that runs.

    Raises
    ------
    CandorError
        Nothing is on the screen that can be kept, or the title cannot be used.
    """
    shown = captured.shown(reader)
    if shown is None:
        raise CandorError("There is nothing to pin", "This page shows no answer.", "Ask a question first.")
    session = in_force(reader.viewer)
    return save_pin(open_workspace(), reader.viewer, shown, title, session.session_id if session else None)


def open_pin(reader: Reader, pin_id: str) -> tuple[Pin, tuple[PinCheck, ...]]:
    """Return a pin and its checks, and log that it is shown.

    Raises
    ------
    NotFoundForViewer
        There is no such pin for this viewer.
    """
    workspace = open_workspace()
    found = read_pin(workspace, reader.viewer, pin_id)
    source = found.shown.source
    whence = (source.snapshot_id, source.snapshot_hash)
    answers.log(reader, "pins", {"pin": pin_id}, source.applications, source=whence)
    return found, list_checks(workspace, reader.viewer, pin_id)


def pins(viewer: Viewer, session_id: str | None = None) -> tuple[PinHeading, ...]:
    """Return the headings of the pins a viewer may see."""
    return list_pins(open_workspace(), viewer, session_id=session_id)


def open_session(reader: Reader, session_id: str) -> Session:
    """Return a meeting, and log that it is shown.

    Raises
    ------
    NotFoundForViewer
        There is no such session for this viewer.
    """
    session = read_session(open_workspace(), reader.viewer, session_id)
    answers.log(reader, "sessions", {"session": session_id}, 0)
    return session


def running(viewer: Viewer) -> tuple[Session, ...]:
    """Return the meetings this window can write to: the account's own, and one it joined."""
    own = running_sessions(open_workspace(), viewer)
    joined = st.session_state.get(CHOSEN)
    if joined is None or joined in {session.session_id for session in own}:
        return own
    try:
        other = read_session(open_workspace(), viewer, joined)
    except CandorError:
        return own  # joined in another view; this one does not show it
    return (*own, other) if other.running else own


def in_force(viewer: Viewer) -> Session | None:
    """Return the meeting this window writes to; None where there is none, or several and none was chosen."""
    found = running(viewer)
    chosen = [session for session in found if session.session_id == st.session_state.get(CHOSEN)]
    if chosen:
        return chosen[0]
    return found[0] if len(found) == 1 else None


def for_presenter(viewer: Viewer, session_id: str | None) -> Session | None:
    """Return the meeting a presenter's window is about: the one named, else the one that runs.

    Raises
    ------
    NotFoundForViewer
        The viewer is not a specialist, or there is no such session.
    """
    specialists_only(viewer, "page")
    return read_session(open_workspace(), viewer, session_id) if session_id else in_force(viewer)


def here(reader: Reader, page: str) -> View:
    """Return the view on the screen."""
    return View(page, captured.address(reader))


def pin_address(pin_id: str) -> str:
    """Return the link that opens a pin, with the snapshot and the view of this page."""
    return address("pins", {**kept(), "pin": pin_id})


def check_address(found: Pin, snapshot: tuple[str, str] | None = None) -> str:
    """Return the link that computes a pin again, on its own snapshot or on another (model id, snapshot id).

    In local mode the link opens the view the pin was made in; in sign-in mode everybody has one view.
    """
    more = dict(zip(("model", "snapshot"), snapshot, strict=True)) if snapshot else {}
    given = [(key, value) for key, value in found.shown.address if key not in (*more, SEE_AS)]
    view = {} if viewing.account_words() is not None else {SEE_AS: viewing.see_as_choice(found.audience, found.partner)}
    return address(found.shown.page, [*given, *{**more, **view, "check": found.pin_id}.items()])


def view_address(page: str, given: Sequence[tuple[str, str]], more: Mapping[str, str] | None = None) -> str:
    """Return the link that opens a view again, in the view of this window."""
    extra = {key: value for key, value in kept().items() if key == SEE_AS}
    own = [(key, value) for key, value in given if key not in {*(more or {}), SEE_AS}]
    return address(page, [*own, *extra.items(), *(more or {}).items()])


def address(page: str, query: Mapping[str, str] | Sequence[tuple[str, str]]) -> str:
    """Return a link to a page; the first page opens at the bare address."""
    return f"{'./' if page == 'overview' else page}?{urlencode(query, quote_via=quote)}"


def kept() -> dict[str, str]:
    """Return what of the address goes along from page to page."""
    return {key: st.query_params[key] for key in KEPT if key in st.query_params}
