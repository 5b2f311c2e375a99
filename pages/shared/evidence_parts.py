"""Parts of the Decision page: testing one reason, and how solid one explanation is."""

from __future__ import annotations

import streamlit as st

from data.errors import BudgetSpent
from explainers.decision.result import DecisionResult, shown_rows
from explainers.evidence.charts import chart_reason_test
from explainers.evidence.single_words import say_reason_test, table_reason_test, table_solid
from pages.shared import evidence_answers, readers, widgets


@st.fragment
def test_reason(result: DecisionResult, group: str) -> None:
    """Draw the choice of a reason and, once one is chosen, the estimate without it."""
    families = {share.family: share.label for share in shown_rows(result).against}
    if not families:
        return
    chosen = st.selectbox(
        "Test this reason",
        list(families),
        index=None,
        format_func=lambda family: families[family],
        placeholder="Choose a reason to set to values of the comparison group",
        key=f"test-reason-{result.application_id}",
    )
    if chosen is None:
        return
    try:
        tested = evidence_answers.reason_test(readers.current(), result.application_id, group, chosen)
    except BudgetSpent as spent:
        widgets.warning(f"{spent.title}. {spent.message}")
        return
    widgets.fragment(table_reason_test(tested))
    widgets.chart(chart_reason_test(tested), alt=say_reason_test(tested), save=False)


def solid(number: str, group: str) -> None:
    """Draw what tells how far the reasons of one application can be relied on."""
    markup = table_solid(evidence_answers.solid(readers.current(), number, group))
    if markup:
        widgets.fragment(markup)
