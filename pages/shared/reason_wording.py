"""Wording of reasons: proposed by one specialist, approved by a second, taken back by any. Nobody else sees it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import streamlit as st

from data.access import Audience, Viewer
from data.errors import CandorError
from data.reader import Reader
from data.reason_approvals import list_words, propose_words
from data.workspace import open_workspace
from data.workspace.approvals import Approval, approve, withdraw
from explainers.reasons import wording_words as words
from explainers.reasons.wording import Wording, WordingResult, compute_wording
from pages.shared import captured, widgets

OPEN, APPROVED = "reason-wording", "reason-wording-approved"
"""Keys of the two drawers; what is in them is drawn while they are open."""
SAID = "candor-wording-said"
"""Session key of what became of the last click, shown once."""
Act = Callable[[], Approval]


def draw(reader: Reader) -> None:
    """Draw the statements whose wording waits for approval, and those that were approved here, for specialists."""
    if reader.viewer.audience is not Audience.SPECIALIST:
        return
    result = compute_wording(reader, list_words(open_workspace(), reader.viewer))
    with captured.paused():
        if text := st.session_state.pop(SAID, None):
            widgets.note(text)
        if result.n:
            _waiting(reader.viewer, result)
        if result.approved:
            _approved(reader.viewer, result)


def _waiting(viewer: Viewer, result: WordingResult) -> None:
    drawer = st.expander(words.say_wording(result), key=OPEN, on_change="rerun")
    if not drawer.open:
        return
    with drawer:
        widgets.note(words.HOW)
        if result.open:
            one = _choice(result.open, "Statement", f"{OPEN}-choice")
            _buttons(one, _acts(viewer, one))
        if unlisted := words.say_unlisted(result):
            widgets.note(unlisted)


def _approved(viewer: Viewer, result: WordingResult) -> None:
    drawer = st.expander(words.say_approved(result), key=APPROVED, on_change="rerun")
    if not drawer.open:
        return
    with drawer:
        one = _choice(result.approved, "Approved statement", f"{APPROVED}-choice")
        _buttons(one, _acts(viewer, one))


def _choice(listed: Sequence[Wording], label: str, key: str) -> Wording:
    """Draw the choice of a wording, and its words with their record."""
    by_code = {one.code: one for one in listed}
    code = st.selectbox(label, list(by_code), format_func=lambda code: words.say_choice(by_code[code]), key=key)
    widgets.fragment(words.table_wording(by_code[code]))
    widgets.note(words.say_record(by_code[code]))
    return by_code[code]


def _acts(viewer: Viewer, one: Wording) -> dict[str, Act]:
    """Return what can be done with a wording, by the word on its button."""
    if one.approval is None:
        return {"Propose": partial(propose_words, open_workspace(), viewer, one.entry)}
    parts = open_workspace(), viewer, one.approval.approval_id
    acts: dict[str, Act] = {} if one.approval.state == "approved" else {"Approve": partial(approve, *parts)}
    return acts | {"Withdraw": partial(withdraw, *parts)}


def _buttons(one: Wording, acts: dict[str, Act]) -> None:
    with st.container(horizontal=True):
        for label, act in acts.items():
            st.button(label, key=f"wording-{label.lower()}-{one.code}", on_click=_do, args=(act,))


def _do(act: Act) -> None:
    """Do what a button says, and keep what became of it for the page."""
    try:
        state = act().state
    except CandorError as error:
        st.session_state[SAID] = str(error)
        return
    st.session_state[SAID] = words.PROPOSED if state == "draft" else f"It is {state} now."
