"""The parts every page is put together from: finding, section, chart, table, download, closing."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from data.spreadsheet import as_text
from explainers.style import in_dark
from pages.shared import captured, exports

CONFIG = {"displayModeBar": False, "scrollZoom": False, "doubleClick": False}


def finding(headline: str, context: str) -> None:
    """Draw the answer: the largest thing on the page, and one sentence of context."""
    captured.words("finding", headline)
    captured.words("context", context)
    st.html(f'<h1 class="candor-finding">{escape(headline)}</h1><p class="candor-context">{escape(context)}</p>')


def question(headline: str, context: str) -> None:
    """Draw what the page still has to be told; it looks like a finding, but there is nothing to pin."""
    with captured.paused():
        finding(headline, context)


def columns() -> tuple[Any, Any]:
    """Return the main column and the side column; on a phone the side column moves below."""
    main, side = st.columns([70, 30], gap="large")
    return main, side


def section(title: str) -> None:
    """Draw the title of a part: its finding."""
    captured.words("section", title)
    st.html(f"<h2>{escape(title)}</h2>")


def note(text: str) -> None:
    """Draw a quiet sentence."""
    captured.words("note", text)
    st.html(f'<p class="candor-note">{escape(text)}</p>')


def warning(text: str | None) -> None:
    """Draw a sentence that must not be missed; nothing for None."""
    if text:
        captured.words("warning", text)
        st.html(f'<p class="candor-warning" role="note">{escape(text)}</p>')


def fragment(markup: str) -> None:
    """Draw HTML made by a template that escapes every value."""
    captured.markup("html", markup)
    st.html(markup)


def chart(figure: go.Figure, alt: str, title: str | None = None, *, save: bool = True) -> None:
    """Draw a chart with its description, and offer it as a file.

    Parameters
    ----------
    figure : plotly Figure
        From a `chart_x`.
    alt : str
        Its finding and numbers, for those who cannot see it.
    title : str, optional
        The finding that stands over it in a file; by default the first sentence of `alt`.
    save : bool
        Whether to offer it; a page that draws more than this chart offers a picture of its own.
    """
    captured.chart("chart", figure, title or first_sentence(alt), alt)
    shown = in_dark(figure) if st.context.theme.type == "dark" else figure
    st.plotly_chart(shown, theme=None, config=CONFIG, alt=alt, width="stretch")
    if save:
        with captured.paused():
            exports.picture(figure, title or first_sentence(alt), alt)


def first_sentence(text: str) -> str:
    """Return a description's first sentence: its finding."""
    return text.split(". ")[0]


def table(frame: pd.DataFrame, name: str) -> None:
    """Offer the figures behind a chart: as a table to unfold and as CSV."""
    captured.table("figures", frame, name)
    with st.expander("Figures"), captured.paused():
        plain_table(frame)
        safe = frame.map(lambda cell: as_text(cell) if isinstance(cell, str) else cell)
        exports.table("Download (CSV)", safe.to_csv(index=False), f"{name}.csv")


def plain_table(frame: pd.DataFrame) -> None:
    """Draw a table whose cells are text: `st.table` would read names as Markdown, with links and pictures in them."""
    captured.table("table", frame)
    markup = frame.to_html(index=False, escape=True, border=0, classes="candor-table", na_rep="")
    markup = markup.replace("<th></th>", "<td></td>")  # a column without a title has no header to announce
    # regions of one page need names of their own, for those who move from one to the next
    label = escape("Table: " + ", ".join(filter(None, map(str, frame.columns))))
    st.html(f'<div class="candor-technical" role="region" tabindex="0" aria-label="{label}">{markup}</div>')


def closing(how: Sequence[str], limits: Sequence[str], technical: str | None = None) -> None:
    """Draw the end of every page: how to read it, what it does not tell, technical detail."""
    captured.words("how", *how)
    captured.words("limits", *limits)
    if technical is not None:
        captured.markup("technical", technical)
    with captured.paused():
        _closing(how, limits, technical)


def _closing(how: Sequence[str], limits: Sequence[str], technical: str | None) -> None:
    with st.expander("How to read this"):
        paragraphs(how)
    with st.expander("What this does not tell you"):
        paragraphs(limits)
    if technical is not None:
        with st.expander("Technical detail"):
            fragment(technical)


def paragraphs(texts: Sequence[str]) -> None:
    """Draw sentences as paragraphs."""
    captured.words("paragraph", *texts)
    st.html("".join(f"<p>{escape(t)}</p>" for t in texts))
