"""Why was this application decided this way? For a partner's officer on a shared screen."""

from __future__ import annotations

import streamlit as st

from explainers.decision import charts, words
from explainers.decision.result import DecisionResult, shown_rows
from explainers.decision.second import table_second
from explainers.decision.table import csv_decision, table_agreement, table_decision, table_solid, table_technical
from explainers.history.words import table_elsewhere, table_history
from explainers.reasons import principal_words
from explainers.reasons.words import table_frequency
from pages.shared import (
    answers,
    compare_answers,
    evidence_parts,
    exports,
    links,
    lookup,
    notice_answers,
    principal_answers,
    readers,
    widgets,
)


def show(result: DecisionResult, group: str) -> None:
    """Arrange one decision: finding, context, picture, bars, checks, closing."""
    widgets.finding(words.say_decision(result), words.say_context(result))
    widgets.warning(words.say_record(result))
    main, side = widgets.columns()
    with main:
        widgets.chart(charts.chart_decision(result), words.say_scale(result), save=False)
        widgets.fragment(table_decision(result))
        exports.table("Download these figures (CSV)", csv_decision(result), f"decision-{result.snapshot_id}.csv")
        exports.picture(charts.chart_reasons(result), words.say_decision(result), words.say_scale(result))
        if group != compare_answers.CHOSEN:  # a reason is tested against a group the snapshot stores
            evidence_parts.test_reason(result, group)
        if result.decision == "declined":
            notice_answers.preview(result.application_id)
        links.same_application("what-if", "What would change it?", result.application_id)
        links.same_application("notice", "What would the applicant be told?", result.application_id)
        lookup.reveal(readers.current(), result.application_id)
    with side:
        reasons = principal_answers.principal(readers.current(), result.application_id)
        if not principal_words.is_plain(reasons):
            widgets.fragment(principal_words.table_principal(reasons))
        widgets.fragment(table_solid(result))
        more_checks(result.application_id, group)
    widgets.closing(words.say_how_to_read(result), words.say_limits(result), table_technical(result))


@st.fragment(parallel=True)
def more_checks(number: str, group: str) -> None:
    """Draw the other comparison group and the second opinion when they are there; the page does not wait for them."""
    asked = readers.current()
    agreement = compare_answers.agreement(asked, number, group)
    if agreement is not None and agreement.listed:
        widgets.fragment(table_agreement(agreement))
    if group != compare_answers.CHOSEN:  # both look at the model around a group the snapshot stores
        evidence_parts.solid(number, group)
        widgets.fragment(table_second(answers.second_opinion(asked, number, group)))
    reasons = [family.family for family in shown_rows(compare_answers.decision(asked, number, group)).against]
    widgets.fragment(table_frequency(answers.frequency(asked), reasons))
    elsewhere = answers.history(asked, number)
    widgets.fragment(table_elsewhere(elsewhere))
    if elsewhere.n > 1:
        with st.expander("Every snapshot"):
            widgets.plain_table(table_history(elsewhere))


reader = readers.current()
number, group = lookup.ask(reader)
if not number:
    widgets.question("Which application?", words.say_prompt(int(reader.totals()["n"])))
else:
    show(compare_answers.decision(reader, number, group), group)
