"""Links from one page to another that keep the snapshot and the view."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape
from urllib.parse import quote, urlencode

import streamlit as st

MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-.!:$~|<>])")


def link(page: str, label: str, query: Mapping[str, str]) -> None:
    """Draw a link to a page, with what it should show; Streamlit keeps the snapshot and the view by itself."""
    st.page_link(page, label=plain(label), width="content", query_params=query)


def same_application(url: str, label: str, number: str) -> None:
    """Draw a link to another page about the same application, with the snapshot and the view of this one.

    It is a plain link: under `st.page_link` the browser empties a bound box that both pages have, and with it the
    address.
    """
    kept = {key: st.query_params[key] for key in ("model", "snapshot", "as") if key in st.query_params}
    address = f"{url}?{urlencode({**kept, 'app': number}, quote_via=quote)}"
    st.html(f'<p class="candor-link"><a href="{escape(address)}" target="_self">{escape(label)}</a></p>')


def plain(text: str) -> str:
    """Return a text that Streamlit shows as it is where it would read Markdown."""
    return MARKDOWN.sub(r"\\\1", text)
