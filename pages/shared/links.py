"""Links from one page to another that keep the snapshot and the view."""

from __future__ import annotations

import re
from collections.abc import Mapping

import streamlit as st

MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-.!:$~|<>])")


def link(page: str, label: str, query: Mapping[str, str]) -> None:
    """Draw a link to a page, with what it should show; Streamlit keeps the snapshot and the view by itself."""
    st.page_link(page, label=plain(label), width="content", query_params=query)


def plain(text: str) -> str:
    """Return a text that Streamlit shows as it is where it would read Markdown."""
    return MARKDOWN.sub(r"\\\1", text)
