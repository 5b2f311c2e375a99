"""Editing a walkthrough: a copy of a script, checked and previewed, kept as a draft, approved by a second person."""

from __future__ import annotations

from functools import partial

import streamlit as st

from data.access import Audience, Viewer
from data.errors import CandorError, InputProblems
from data.reader import Reader
from data.workspace import open_workspace
from data.workspace.approvals import Approval, approve, list_approvals, withdraw
from data.workspace.sight import not_found, specialists_only
from data.workspace.walk_copies import LONGEST, ScriptCopy, list_copies, propose_copy
from explainers.walkthroughs import screen
from explainers.walkthroughs.copies import Offered, check_edited, offered, save_edited
from explainers.walkthroughs.words import LIMITS, say_summary
from pages.shared import session_view, viewing, walk_answers, walk_list, widgets

SAID = "candor-walk-edit-said"
"""Session key of what became of the last click, shown once."""
PREVIEW = "candor-walk-preview"
"""Session key of (box, the text that was checked in it last)."""


def edit(reader: Reader, key: str) -> None:
    """Draw the editor of a script.

    Raises
    ------
    NotFoundForViewer
        The viewer is not a specialist, or there is no such script.
    """
    specialists_only(reader.viewer, "page")
    base = next((one for one in offered(open_workspace(), reader.viewer) if one.key == key), None)
    if base is None:
        raise not_found("walkthrough")
    copy = next((one for one in list_copies(open_workspace(), reader.viewer) if one.copy_id == key), None)
    widgets.finding(f"Edit: {base.script.title}", screen.say_copy(copy))
    walk_list.say_once(SAID)
    session_view.anchors([("All walkthroughs", walk_list.page_address())])
    box = f"walk-text-{key}-{copy.version if copy else 0}"
    st.text_area("The script", base.script.text, key=box, height=420, max_chars=LONGEST)
    with st.container(horizontal=True):
        st.button("Check and preview", key="walk-check", on_click=partial(_check, box))
        st.button("Save as a draft", key="walk-save", on_click=partial(_save, reader.viewer, base, copy, box))
    _preview(reader, key, box)
    if copy is not None:
        _approvals(reader, copy)
    widgets.closing(screen.HOW_TO_EDIT, LIMITS)


def _check(box: str) -> None:
    st.session_state[PREVIEW] = (box, str(st.session_state.get(box) or ""))


def _save(viewer: Viewer, base: Offered, copy: ScriptCopy | None, box: str) -> None:
    """Keep the text as a draft and open it; a text with problems is kept nowhere, and stays in the box."""
    text = str(st.session_state.get(box) or "")
    place = {"copy_id": copy.copy_id, "after": copy.version} if copy else {}
    try:
        made_from = copy.made_from if copy else base.key
        kept = save_edited(open_workspace(), viewer, text, base=base.script, base_key=made_from, **place)
    except InputProblems:
        st.session_state[PREVIEW] = (box, text)
        return
    except CandorError as error:
        st.session_state[SAID] = str(error)
        return
    st.query_params["edit"] = kept.copy_id
    st.session_state[SAID] = f"Version {kept.version} is kept. Others see it once a second person approved it."


def _preview(reader: Reader, key: str, box: str) -> None:
    """Draw every problem of the text that was checked, or every step of it on the snapshot in force."""
    where, text = st.session_state.get(PREVIEW, ("", ""))
    if where != box:
        return
    try:
        script = check_edited(text)
    except InputProblems as error:
        widgets.section("This script cannot be kept yet")
        widgets.fragment(screen.draw_problems(error.problems))
        return
    except CandorError as error:
        widgets.warning(str(error))
        return
    results = walk_answers.all_steps(reader, key, script)
    widgets.section(say_summary(results))
    widgets.fragment(screen.draw_preview(script, results))


def _approvals(reader: Reader, copy: ScriptCopy) -> None:
    """Draw who it is proposed for, and let a second person decide."""
    widgets.section("Who may see it")
    partners = dict.fromkeys(reader.cutoffs()["partner"])
    views = [Audience.REGULATOR, Audience.PARTNER, *(viewing.see_as_choice(Audience.PARTNER, one) for one in partners)]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox("For", [str(view) for view in views], key="walk-for", width=260)
        st.button("Propose this version", key="walk-propose", on_click=partial(_propose, reader.viewer, copy))
    for one in list_approvals(open_workspace(), reader.viewer, "walkthrough", copy.copy_id):
        widgets.paragraphs([screen.say_approval(one, copy)])
        if one.state == "withdrawn":
            continue
        with st.expander(f"Read the text of {one.drafted_at[:19]}"):
            st.code(one.body, language="yaml", wrap_lines=True)
        with st.container(horizontal=True):
            if one.state == "draft":
                st.button(
                    "Approve", key=f"approve-{one.approval_id}", on_click=partial(_decide, reader.viewer, one, True)
                )
            st.button(
                "Withdraw", key=f"withdraw-{one.approval_id}", on_click=partial(_decide, reader.viewer, one, False)
            )


def _propose(viewer: Viewer, copy: ScriptCopy) -> None:
    name, _, partner = str(st.session_state["walk-for"]).partition(" ")
    try:
        propose_copy(open_workspace(), viewer, copy.copy_id, audience=Audience(name), partner=partner or None)
    except CandorError as error:
        st.session_state[SAID] = str(error)
        return
    st.session_state[SAID] = "Proposed. A second person has to approve it."


def _decide(viewer: Viewer, one: Approval, yes: bool) -> None:
    try:
        decided = (approve if yes else withdraw)(open_workspace(), viewer, one.approval_id)
    except CandorError as error:
        st.session_state[SAID] = str(error)
        return
    st.session_state[SAID] = f"It is {decided.state} now."
