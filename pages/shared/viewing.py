"""Who is looking: the signed-in person, or in local mode the person at this machine.

`viewer()` is asked anew by every run of a page, a fragment or a callback, and nothing of its answer is kept: a role
that was taken away, a sign-in that got too old or was ended stops the very next click.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import streamlit as st

from data.access import LOCAL_VIEWER, Audience, Viewer
from data.errors import CandorError, WorkspaceError
from data.policy import POLICY
from data.roles import AccessError, NoAccess, RolesError, SignInNeeded, display_name, read_roles, viewer_for
from pages.shared import boundary, sign_in

LOG = logging.getLogger("candor")
SEE_AS = "as"
"""Session key and address parameter of the rehearsal in local mode; sign-in mode never looks at it."""
LAST = "candor-viewer"
"""Session key of who looked at the run before."""
OUTCOME_COOKIE = "candor_sign_in"
"""Cookie that tells the wall how the last attempt ended; `app.py` sets it."""
WHOLE = tuple(view for view in (Audience.SPECIALIST, Audience.REGULATOR) if POLICY[view].rows == "all")
"""The views that are not of one partner; the first is the local viewer's own."""
OUTCOMES = {
    "cancelled": "You did not finish signing in. Nothing was opened.",
    "failed": "Signing in did not work. Try again; if it fails again, tell the person who runs Candor.",
    "unreachable": "The sign-in service cannot be reached. Try again in a minute.",
}


_RUN: ContextVar[Viewer | None] = ContextVar("candor-viewer", default=None)
"""Who looks at the page being drawn, in sign-in mode; None outside `one_run`."""


@contextmanager
def one_run() -> Iterator[None]:
    """Ask once who is looking, for all that one run of a page draws; the next run, fragment or callback asks anew.

    Not in local mode: there the choice of a view is drawn in the middle of a run.
    """
    settings, found = sign_in.settings(), None
    if settings is not None:
        try:
            found = bearer(_claims(), settings)
        except AccessError:
            found = None  # whoever asks gets the same answer, with its reason
    token = _RUN.set(found)
    try:
        yield
    finally:
        _RUN.reset(token)


def viewer() -> Viewer:
    """Return who is looking.

    Raises
    ------
    AccessError
        In sign-in mode: nobody who may look.
    """
    asked = _RUN.get()
    if asked is not None:
        return asked
    settings = sign_in.settings()
    return _rehearsed(st.session_state.get(SEE_AS)) if settings is None else bearer(_claims(), settings)


def bearer(claims: Mapping[str, Any], settings: sign_in.SignInSettings) -> Viewer:
    """Return who the bearer of a sign-in cookie is.

    Parameters
    ----------
    claims : mapping
        What Streamlit read from the cookie after checking its signature.
    settings : SignInSettings
        Where the roles are.

    Raises
    ------
    AccessError
        Nobody who may look.
    """
    if claims.get("is_logged_in") is not True:
        raise SignInNeeded("Sign in to see Candor", "Candor shows lending decisions to the people they concern.", "")
    try:
        roles = read_roles(settings.roles)
    except RolesError as error:
        LOG.error("%s", error)
        raise NoAccess(
            "Candor cannot check who may look",
            "Its list of roles cannot be read just now, so it shows nothing to anybody.",
            "Tell the person who runs Candor: the reason stands in the server's log.",
        ) from error
    from data.sign_outs import last_sign_out  # loads the workspace's libraries: not before the server answers

    try:
        signed_out = last_sign_out(roles.issuer, str(claims.get("sub")))
    except WorkspaceError as error:
        LOG.error("%s", error)
        raise NoAccess(
            "Candor cannot check who may look",
            "It cannot read who signed out just now, so it shows nothing to anybody.",
            "Try again in a minute; if it stays so, tell the person who runs Candor.",
        ) from error
    return viewer_for(claims, roles, now=time.time(), signed_out=signed_out)


def audience() -> Audience | None:
    """Return the audience of the person looking; None for a person who may not look."""
    try:
        return viewer().audience
    except AccessError:
        return None


def admit() -> bool:
    """Return whether the person may look; if not, draw the wall that says why and what to do.

    When somebody else looks than before, or the same person with another role, the session forgets what was typed
    and chosen: it may name what the new viewer must not see.
    """
    try:
        now = viewer()
    except AccessError as error:
        st.session_state.clear()
        _wall(error)
        return False
    if sign_in.settings() is not None:
        if st.session_state.get(LAST, now) != now:
            st.session_state.clear()
        st.session_state[LAST] = now
    return True


def account_words() -> str | None:
    """Return what the signed-in person is called, None in local mode."""
    return display_name(_claims()) if sign_in.settings() is not None else None


def sign_out_button() -> None:
    """Draw the way out."""
    st.button("Sign out", key="candor-sign-out", type="tertiary", on_click=sign_out)


def sign_out() -> None:
    """End every sign-in of this account, here and in other windows, then leave Streamlit's own session."""
    from data.sign_outs import record_sign_out

    settings, claims = sign_in.settings(), _claims()
    if settings is not None and isinstance(claims.get("sub"), str):
        try:
            record_sign_out(read_roles(settings.roles).issuer, claims["sub"], time.time())
        except CandorError as error:
            LOG.error("a sign-out could not be kept: %s", type(error).__name__)
    st.session_state.clear()
    st.logout()


def see_as(partners: Sequence[str]) -> None:
    """Draw the choice of a view for rehearsals; local mode only.

    Rehearsed as a partner, the choice names no other partner: what is shown in the room is what a partner would see.
    """
    asked = st.session_state.get(SEE_AS) or st.query_params.get(SEE_AS) or ""
    # a partner this snapshot does not know sees nothing; never silently everything
    one = asked.startswith(Audience.PARTNER)
    named = [asked] if one else [f"{Audience.PARTNER} {name}" for name in partners]
    st.selectbox("See it as", [*(view.value for view in WHOLE), *named], index=0, key=SEE_AS, bind="query-params")


def see_as_choice(audience: Audience, partner: str | None) -> str:
    """Return the choice of a rehearsal that opens a view."""
    return audience.value if partner is None else f"{audience} {partner}"


def _rehearsed(choice: str | None) -> Viewer:
    """Return the local viewer at the depth that was chosen for a rehearsal."""
    if choice and choice.startswith(Audience.PARTNER):
        return Viewer(LOCAL_VIEWER.who, Audience.PARTNER, choice.removeprefix(Audience.PARTNER).removeprefix(" "))
    return Viewer(LOCAL_VIEWER.who, Audience(choice)) if choice in WHOLE else LOCAL_VIEWER


def _claims() -> dict[str, Any]:
    return dict(st.user.to_dict())


def _wall(error: AccessError) -> None:
    """Say why nothing is shown, and offer the way in or out."""
    settings = sign_in.settings()
    if isinstance(error, NoAccess):
        boundary.panel(error.title, error.message, f"{error.remedy} You are signed in as {display_name(_claims())}.")
        with st.container(horizontal=True):
            sign_out_button()
        return
    boundary.wall(error.title, error.message, OUTCOMES.get(st.context.cookies.get(OUTCOME_COOKIE, "")))
    provider = settings.provider if settings is not None else None
    with st.container(horizontal=True):
        st.button("Sign in", key="candor-sign-in", type="primary", on_click=st.login, args=(provider,))
