"""The parts of the Drivers page that run on their own: drill-down and search, two sides compared, the second way."""

from __future__ import annotations

import streamlit as st

from data.cohorts import read_cohort
from data.errors import NotFoundForViewer
from explainers.drivers import charts, cross_words, table, words
from explainers.drivers.result import SignalsResult
from pages._router import PAGES
from pages.shared import drivers_answers, links, readers, widgets

LINKED = 3
"""Signals with a link to their own page."""


@st.fragment
def drill_down(text: str, families: dict[str, str]) -> None:
    """Draw the signals of a family, or those that fit words; a choice or a letter typed reruns this part alone.

    Parameters
    ----------
    text : str
        The cohort's text.
    families : dict
        Key to label, the largest first.
    """
    reader, title, find = readers.current(), st.container(), ""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        choice = {"key": "family", "bind": "query-params", "placeholder": "every family", "width": 300}
        family = st.selectbox("Family", list(families), index=None, format_func=families.get, **choice)
        if drivers_answers.sees_signals(reader):
            search = {"key": "find", "bind": "query-params", "max_chars": 80, "width": 300}
            find = st.text_input("Search signals", type="search", live="300ms", **search) or ""
    result = drivers_answers.signals(reader, read_cohort(text), family, find)
    with title:
        widgets.section(words.say_signals(result))
    if result.rows:
        widgets.chart(charts.chart_signals(result), alt=words.say_alt(result))
    if shown := words.say_shown(result):
        widgets.note(shown)
    if result.rows:
        _links(result)
        widgets.table(table.table_signals(result), f"signals-{result.snapshot_id}")


def _links(result: SignalsResult) -> None:
    """Lead to the page of each of the first signals."""
    file = next(page.file for page in PAGES if page.url == "signal")
    with st.container(horizontal=True):
        for row in result.rows[:LINKED]:
            links.link(file, f"More on {row.label}", {"signal": row.label})


@st.fragment
def compare(text: str) -> None:
    """Draw two sides of the applications against each other.

    Parameters
    ----------
    text : str
        The cohort's text.
    """
    reader, title = readers.current(), st.container()
    sides = drivers_answers.comparisons(reader, read_cohort(text))
    choice = {"key": "against", "bind": "query-params", "placeholder": "nothing", "width": 420}
    asked = st.selectbox("Compare", list(sides), index=None, format_func=lambda key: sides[key].label, **choice)
    if asked is None:
        with title:
            widgets.section("Do two sides differ?")
        return
    try:
        result = drivers_answers.contrast(reader, read_cohort(text), sides[asked])
    except NotFoundForViewer as error:
        widgets.warning(f"{error.title}. {error.message}")
        return
    with title:
        widgets.section(cross_words.say_contrast(result))
    widgets.chart(charts.chart_contrast(result), alt=cross_words.say_contrast_alt(result))
    widgets.note(cross_words.say_contrast_detail(result))
    widgets.table(table.table_contrast(result), f"compared-{result.snapshot_id}")


@st.fragment(parallel=True)
def cross_check(text: str) -> None:
    """Draw the second way of ranking when it is there; the page does not wait for it.

    Parameters
    ----------
    text : str
        The cohort's text.
    """
    result = drivers_answers.cross_check(readers.current(), read_cohort(text))
    widgets.fragment(table.table_cross_check_note(result))
    widgets.table(table.table_cross_check(result), f"shuffled-{result.snapshot_id}")
