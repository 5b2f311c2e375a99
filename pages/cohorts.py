"""Which applications do we mean? A cohort chosen, named and set beside everyone."""

from __future__ import annotations

import streamlit as st

from data.cohorts import Cohort
from data.reader import Reader
from explainers.cohorts import charts, tables
from explainers.cohorts import look_words as words
from explainers.cohorts.look import LookResult
from explainers.cohorts.words import say_cohort
from pages.shared import cohorts, compare_answers, links, readers, saved_cohorts, widgets


def show(result: LookResult) -> None:
    """Arrange a cohort: finding, what sets it apart, its estimates, its months and partners."""
    widgets.finding(words.say_look(result), words.say_look_context(result))
    main, side = widgets.columns()
    with main:
        if not result.is_everyone:
            widgets.section(words.say_apart(result))
            widgets.chart(charts.chart_apart(result), alt=words.say_apart_alt(result))
            widgets.table(tables.table_apart(result), f"cohort-families-{result.snapshot_id}")
        widgets.section(words.say_spread(result))
        widgets.chart(charts.chart_spread(result), alt=words.say_spread_alt(result))
        widgets.table(tables.table_spread(result), f"cohort-estimates-{result.snapshot_id}")
        if len(words.by_month(result)) > 1:
            widgets.section(words.say_months(result))
            widgets.chart(charts.chart_months(result), alt=words.say_months_alt(result))
            widgets.table(tables.table_months(result), f"cohort-months-{result.snapshot_id}")
    if len(words.by_partner(result)) > 1:
        with side:
            widgets.section("By partner")
            widgets.plain_table(tables.table_partners(result))
    widgets.closing(words.say_how_to_read(result), words.LIMITS)


def actions(reader: Reader, cohort: Cohort) -> None:
    """Draw what can be done with a cohort: save it, and explain a decision against it."""
    with st.expander("Save these applications, or compare a decision with them"):
        saved_cohorts.manage(reader, cohort.text)
        if compare_answers.chosen_group(reader):
            query = {"group": compare_answers.CHOSEN_WORDS, cohorts.LINK: cohort.text}
            links.link("decision.py", "Explain a decision against these applications", query)


reader = readers.current()
cohort = cohorts.choose(reader)
actions(reader, cohort)
counted = cohorts.count(reader, cohort)
if counted.enough:
    show(compare_answers.look(reader, cohort))
else:
    widgets.finding("Too few applications to sum up.", f"{say_cohort(counted)} Take away a condition.")
