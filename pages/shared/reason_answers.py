"""Parts of the Reasons page that are asked for apart: what changed since the last snapshot, and single applications."""

from __future__ import annotations

import streamlit as st

from data.cohorts import Cohort, read_cohort
from data.reader import Reader
from data.workspace import QuestionKind
from explainers.reasons import drift_words, words
from explainers.reasons.drift import DriftResult, compute_drift
from explainers.reasons.examples import ExamplesResult, compute_examples
from explainers.reasons.frequency import FrequencyResult
from pages.shared import answers, links, readers, widgets

FAMILY = "reason"
"""Key of the choice of a reason, and its parameter in the address."""


def drift(reader: Reader) -> DriftResult | None:
    """Return what changed since the last earlier snapshot of the model; None where there is none."""
    there = readers.earlier(reader)
    if there is None:
        return None
    return _drift(reader.snapshot_id, reader.viewer.scope, there.snapshot_id, reader, there)


@st.cache_data(max_entries=64, show_spinner="Comparing with the last snapshot")
def _drift(snapshot_id: str, scope: str, earlier_id: str, _reader: Reader, _earlier: Reader) -> DriftResult | None:
    return compute_drift(_reader, _earlier)


def examples(reader: Reader, cohort: Cohort, family: str) -> ExamplesResult:
    """Return some applications with a reason; each counts as a look-up and is logged as shown.

    Raises
    ------
    BudgetSpent
        The viewer asked for as many applications as one may in an hour.
    NotFoundForViewer
        Too few applications have it.
    """
    result = _examples(reader.snapshot_id, reader.viewer.scope, cohort.text, family, reader)
    for one in result.examples:
        answers.ask(reader, QuestionKind.LOOK_UP, f"{reader.snapshot_id}|{one.application_id}")
    inputs = {"cohort": cohort.text[: answers.LONGEST_INPUT], "reason": family}
    answers.log(reader, "reasons", inputs, 1, part="examples", each=[one.application_id for one in result.examples])
    return result


@st.cache_data(max_entries=256, show_spinner=False)
def _examples(snapshot_id: str, scope: str, text: str, family: str, _reader: Reader) -> ExamplesResult:
    return compute_examples(_reader, read_cohort(text), family)


def draw_drift(reader: Reader) -> None:
    """Draw what changed since the last snapshot."""
    result = drift(reader)
    if result is None:
        return
    widgets.section(drift_words.say_drift(result))
    widgets.note(drift_words.say_drift_context(result))
    if result.families:
        widgets.table(drift_words.table_drift(result), f"reasons-since-{result.snapshot_id}")


def draw_examples(reader: Reader, cohort: Cohort, result: FrequencyResult) -> None:
    """Draw the choice of a reason and some applications that have it."""
    labels = {f.family: f.label for f in result.families if f.among >= result.least}
    family = st.selectbox(
        "See applications with this reason",
        list(labels),
        format_func=labels.get,
        index=None,
        key=FAMILY,
        bind="query-params",
    )
    if family is None:
        return
    found = examples(reader, cohort, family)
    widgets.note(words.say_examples(found))
    for one in found.examples:
        links.same_application("decision", words.say_example(one), one.application_id)
