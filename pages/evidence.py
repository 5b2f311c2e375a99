"""Can we rely on these reasons? For specialists and examiners; partners see three of the tests."""

from __future__ import annotations

import streamlit as st

from explainers.evidence import people_words, words
from explainers.evidence.charts import chart_swap
from explainers.evidence.result import EvidenceResult
from pages.shared import evidence_answers, readers, widgets


def show(result: EvidenceResult) -> None:
    """Arrange the evidence: the swap test as a picture, every check, groups of people, reported reasons."""
    if result.figure("named4"):
        widgets.section(words.say_swap(result))
        widgets.chart(chart_swap(result), alt=words.say_swap_alt(result))
        widgets.table(words.table_swap(result), f"swap-test-{result.snapshot_id}")
    widgets.section("Every check")
    widgets.fragment(words.table_checks(result))
    with st.expander("How each check is made, and what it does not show"):
        widgets.fragment(words.table_methods(result))
    by_group = people_words.say_groups(result)
    if by_group is not None:
        widgets.section(by_group)
        widgets.note(people_words.say_groups_context(result))
        widgets.table(people_words.table_groups(result), f"reasons-by-group-{result.snapshot_id}")
    reported = people_words.say_reported(result)
    if reported is not None:
        widgets.section(reported)
        widgets.paragraphs(people_words.say_reported_context(result))
        widgets.table(people_words.table_reported(result), f"reported-reasons-{result.snapshot_id}")


reader = readers.current()
result = evidence_answers.evidence(reader)
widgets.finding(words.say_evidence(result), words.say_context(result))
show(result)
widgets.closing(words.say_how_to_read(result), words.LIMITS)
