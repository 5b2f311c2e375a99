"""The navigation: the questions about a model on top, and beside the search box where the things are that people keep.

With everything on top, some words would hide in a menu on most screens; named groups would have the menu of a phone
fail the rules of accessibility.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Literal

import streamlit as st

from data.access import Audience
from pages.shared import frame, session_answers
from pages.shared.frame import PageSpec


def open_page(pages: Sequence[PageSpec], audience: Audience | None) -> tuple[st.Page, PageSpec]:
    """Register every page, so that a deep link is known also before sign-in, and return the one asked for.

    Parameters
    ----------
    pages : sequence of PageSpec
        In the order of the navigation; the first one opens at the bare address.
    audience : Audience or None
        Who looks; None for a person who may not look: the navigation is hidden then.
    """
    known = [_page(spec, audience, default=spec is pages[0]) for spec in pages]
    page = st.navigation(known, position="hidden" if audience is None else "top")
    spec = next(spec for spec in pages if spec.nav == page.title)
    st.set_page_config(page_title=f"{spec.title} · Candor", page_icon=frame.ASSETS / "logo-icon.svg", layout="wide")
    return page, spec


def draw_kept(pages: Sequence[PageSpec], here: PageSpec, audience: Audience) -> None:
    """Draw a word for each page that stands beside the search box and is for the audience.

    The page on the screen is marked as such, which `st.page_link` does not do for those who cannot see it.
    """
    with st.container(key="candor-kept", horizontal=True, width="content", vertical_alignment="center"):
        for spec in pages:
            if not spec.beside or audience not in spec.audiences:
                continue
            if spec is here:
                address = escape(session_answers.address(spec.url, session_answers.kept()))
                st.html(f'<a href="{address}" target="_self" aria-current="page">{escape(spec.nav)}</a>')
            else:
                st.page_link(spec.file, label=spec.nav, width="content")


def _page(spec: PageSpec, audience: Audience | None, *, default: bool) -> st.Page:
    on_top = audience in spec.audiences and not spec.beside
    visibility: Literal["visible", "hidden"] = "visible" if on_top else "hidden"
    return st.Page(
        spec.file, title=spec.nav, url_path=spec.url, default=default, help=spec.title, visibility=visibility
    )
