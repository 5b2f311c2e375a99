"""Why was this application decided this way? For a partner's officer on a shared screen."""

from __future__ import annotations

import random
from functools import partial

import streamlit as st

from data.reader import Reader
from explainers.decision import charts, words
from explainers.decision.compute import group_names
from explainers.decision.result import Agreement, DecisionResult
from explainers.decision.second import table_second
from explainers.decision.table import csv_decision, table_decision, table_solid, table_technical
from pages.shared import answers, readers, widgets

PICKS = ("declined", "approved", "near the cut-off")


def ask(reader: Reader) -> tuple[str, str]:
    """Draw the inputs in one line; return the number asked for and the comparison group's name."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="candor-inputs"):
        number = st.text_input("Application number", key="app", bind="query-params", max_chars=200, width=230)
        names = group_names(reader)
        group = st.selectbox(
            "Compare with", list(names), format_func=names.get, key="group", bind="query-params", width=260
        )
        for kind in PICKS:
            label = f"Pick one {kind}"
            st.button(label, key=f"pick-{kind}", type="tertiary", on_click=partial(pick, reader, kind))
    return (number or "").strip(), group


def pick(reader: Reader, kind: str) -> None:
    """Put the number of a random application of a kind into the box."""
    st.session_state["app"] = reader.pick(kind, random.random())  # noqa: S311 - a choice, not a secret


def show(result: DecisionResult, agreement: Agreement | None) -> None:
    """Arrange one decision: finding, context, picture, bars, checks, closing."""
    widgets.finding(words.say_decision(result), words.say_context(result))
    widgets.warning(words.say_record(result))
    main, side = widgets.columns()
    with main:
        widgets.chart(charts.chart_decision(result), alt=words.say_scale(result))
        widgets.fragment(table_decision(result))
        widgets.download("Download these figures (CSV)", csv_decision(result), f"decision-{result.snapshot_id}.csv")
    with side:
        widgets.fragment(table_solid(result, agreement))
        second_opinion(result.application_id, result.comparison.name)
    widgets.closing(words.say_how_to_read(result), words.say_limits(result), table_technical(result))


@st.fragment(parallel=True)
def second_opinion(number: str, group: str) -> None:
    """Draw the second opinion when it is there; the page does not wait for it."""
    widgets.fragment(table_second(answers.second_opinion(readers.current(), number, group)))


reader = readers.current()
number, group = ask(reader)
if not number:
    widgets.finding("Which application?", words.say_prompt(int(reader.totals()["n"])))
else:
    show(*answers.decision(reader, number, group))
