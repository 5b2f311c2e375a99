"""The contents of a pack in their order: moved, taken out, and what a template still lacks."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from html import escape

import streamlit as st

from data.access import Audience
from explainers.packs.draft import Draft, Entry
from pages.shared import session_answers, viewing, widgets
from pages.shared.viewing import SEE_AS

ORDER = "candor-pack-order"
"""Session key of (what was offered, what is chosen of it in which order)."""


def order(draft: Draft) -> tuple[str, ...]:
    """Return the keys of the contents in the order chosen; other contents begin anew."""
    offered = (draft.scope, tuple(entry.key for entry in draft.entries))
    kept = st.session_state.get(ORDER)
    if kept is None or kept[0] != offered:
        st.session_state[ORDER] = kept = (offered, offered[1])
    return kept[1]


def draw(draft: Draft, chosen: Sequence[str]) -> None:
    """Draw the contents with a way to move each and to take it out."""
    entries = {entry.key: entry for entry in draft.entries}
    for place, key in enumerate(chosen):
        _row(entries[key], place, len(chosen))
    taken = len(draft.entries) - len(chosen)
    if taken:
        st.button("Put back what was taken out", key="pack-anew", type="tertiary", on_click=_anew)


def missing(draft: Draft) -> None:
    """Draw what a template wants and nobody pinned, with the way to each page."""
    if not draft.wanting:
        return
    widgets.section("Not pinned yet")
    items = "".join(
        f'<li><a href="{escape(_page(draft.scope, place.wanted.page))}" target="_self">'
        f"{escape(place.wanted.what)}</a></li>"
        for place in draft.wanting
    )
    st.html(f'<ul class="candor-reasons">{items}</ul>')
    widgets.note("Open a page, pin its answer, and come back. Without it the pack says that this is missing.")


def _row(entry: Entry, place: int, of: int) -> None:
    number = place + 1
    with st.container(horizontal=True, vertical_alignment="center", key=f"candor-pack-row-{number}"):
        st.html(
            f'<p class="candor-pack-entry"><b>{number}. {escape(entry.title)}</b><br>{escape(entry.about)}</p>',
            width="stretch",
        )
        for label, to in ((f"Move {number} up", place - 1), (f"Move {number} down", place + 1)):
            if 0 <= to < of:
                st.button(label, key=f"pack-{to}-{place}", type="tertiary", on_click=partial(_move, place, to))
        st.button(f"Take out {number}", key=f"pack-out-{number}", type="tertiary", on_click=partial(_take_out, place))


def _move(place: int, to: int) -> None:
    offered, keys = st.session_state[ORDER]
    changed = list(keys)
    changed.insert(to, changed.pop(place))
    st.session_state[ORDER] = (offered, tuple(changed))


def _take_out(place: int) -> None:
    offered, keys = st.session_state[ORDER]
    st.session_state[ORDER] = (offered, (*keys[:place], *keys[place + 1 :]))


def _anew() -> None:
    del st.session_state[ORDER]


def _page(scope: str, page: str) -> str:
    """Return the link to a page in the view of the pack: in sign-in mode everybody has one view."""
    audience, _, partner = scope.partition("|")
    view = viewing.see_as_choice(Audience(audience), partner if partner != "*" else None)
    more = {} if viewing.account_words() is not None else {SEE_AS: view}
    return session_answers.address(page, {**session_answers.kept(), **more})
