"""How does one signal matter? For partners: how does one family of signals matter?"""

from __future__ import annotations

import streamlit as st

from data.cohorts import Cohort
from data.reader import Reader
from explainers.signals import charts, words
from explainers.signals.result import FamilyResult, Option, SignalResult
from explainers.signals.table import table_cut, table_response, table_steps
from pages.shared import cohorts, readers, signal_answers, widgets
from pages.shared.signal_choice import choose_option, choose_second, row_for_second

BY = {"estimate": "the estimate", "month": "month"}


def show_signal(result: SignalResult) -> None:
    """Arrange one signal: finding, picture, direction, the same by a second one."""
    widgets.finding(words.say_signal(result), words.say_context(result))
    if result.steps:
        widgets.chart(charts.chart_signal(result), alt=words.say_alt(result))
    notes(words.say_direction(result), words.say_missing(result), words.say_left_out(result))
    if result.used:
        widgets.table(table_steps(result), f"signal-{result.name}")
    if result.cut is not None:
        widgets.section(words.say_cut(result) or "")
        widgets.chart(charts.chart_cut(result), alt=words.say_cut(result) or "")
        widgets.table(table_cut(result), f"signal-{result.name}-by-{result.cut.name}")


def show_family(result: FamilyResult) -> None:
    """Arrange one family: finding, picture, what is in it."""
    widgets.finding(words.say_family(result), words.say_context(result))
    if result.steps:
        widgets.chart(charts.chart_family(result), alt=words.say_alt(result))
    notes(words.say_parts(result), words.say_left_out(result))
    widgets.table(table_steps(result), f"family-by-{result.by}")
    widgets.closing(words.say_family_how(result), words.say_limits(result))


def notes(*texts: str | None) -> None:
    """Draw the sentences that there are."""
    for text in filter(None, texts):
        widgets.note(text)


def show_response(reader: Reader, option: Option, cohort: Cohort) -> None:
    """Draw, on request, what the model answers when only this signal changes."""
    with st.expander("Ask the model: only this signal changed"):
        if st.toggle("Compute partial dependence, ICE and ALE", key="response", bind="query-params"):
            result = signal_answers.response(reader, option, cohort)
            widgets.section(words.say_response(result))
            widgets.chart(charts.chart_response(result), alt=words.say_response(result))
            widgets.note(words.say_response_detail(result))
            widgets.plain_table(table_response(result))


reader = readers.current()
choices = signal_answers.choices(reader)
row = st.container(horizontal=True, vertical_alignment="bottom", key="candor-inputs")
told = st.container()
with row:
    if choices.families:
        option = choose_option(choices, "Family of signals", "signal-family", told)
        by = st.segmented_control("By", list(BY), default="estimate", format_func=BY.get, key="by", bind="query-params")
    else:
        option = choose_option(choices, "Signal", "signal", told)
if not choices.families:
    with row_for_second(choices, row):
        second = choose_second(choices, "Cut by a second signal", "cut", option.label)
cohort = cohorts.choose(reader)
if choices.families:
    show_family(signal_answers.family(reader, option, cohort, by or "estimate"))
else:
    result = signal_answers.signal(reader, option, cohort, second)
    show_signal(result)
    if result.used:
        show_response(reader, option, cohort)
    widgets.closing(words.say_how_to_read(result), words.say_limits(result))
