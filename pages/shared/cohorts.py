"""Choosing applications: one line says which they are, and the conditions unfold under it.

The choice stands in the address (`?cohort=…`) and stays from page to page of one visit.
"""

from __future__ import annotations

from html import escape

import streamlit as st

from data.cohorts import DECISIONS, EVERYONE, OUTCOMES, Cohort, CohortProblems, read_cohort
from data.reader import Reader
from explainers.cohorts.compute import compute_cohort
from explainers.cohorts.result import CohortResult
from explainers.cohorts.words import say_cohort
from pages.shared import widgets

LINK = "cohort"
"""Query parameter that holds the cohort's text."""
KEPT = "candor-cohort"
"""Session key of the cohort's text, so that it stays from page to page."""
SEEDED = "candor-cohort-seeded"
"""Session key of the text the inputs were last filled from."""


def choose(reader: Reader) -> Cohort:
    """Draw the choice of applications and return it; every application when nothing is chosen."""
    asked = str(st.query_params.get(LINK, st.session_state.get(KEPT, "")))
    line = st.empty()
    with st.expander("Choose applications"):
        try:
            _seed(read_cohort(asked), asked)
        except CohortProblems as error:
            widgets.warning(f"{error.title}. {error.message}")
            _seed(EVERYONE, "")
        cohort = _inputs(reader)
    keep(cohort.text)
    found = _count(reader.snapshot_id, reader.viewer.scope, cohort.text, reader)
    line.html(f'<p class="candor-cohort" data-testid="candor-cohort">{escape(say_cohort(found))}</p>')
    return cohort


def keep(text: str) -> None:
    """Put a cohort into the address and keep it for the visit."""
    st.session_state[KEPT] = st.session_state[SEEDED] = text
    st.query_params.pop(LINK, None)
    if text:
        st.query_params[LINK] = text


@st.cache_data(max_entries=256, show_spinner=False)
def _count(snapshot_id: str, scope: str, text: str, _reader: Reader) -> CohortResult:
    return compute_cohort(_reader, read_cohort(text))


@st.cache_data(max_entries=32, show_spinner=False)
def _options(snapshot_id: str, scope: str, _reader: Reader) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the partners and the months there are to choose from."""
    volume = _reader.volume()
    months = sorted({f"{month:%Y-%m}" for month in volume["month"]})
    return tuple(dict.fromkeys(_reader.cutoffs()["partner"])), tuple(months)


def _seed(cohort: Cohort, text: str) -> None:
    """Fill the inputs from a text that did not come from them."""
    if st.session_state.get(SEEDED) == text and "cohort-decision" in st.session_state:
        return
    values = {
        "partners": list(cohort.partners),
        "decision": cohort.decision,
        "first": cohort.first_month,
        "last": cohort.last_month,
        "low": cohort.low,
        "high": cohort.high,
        "outcome": cohort.outcome,
        "signals": cohort.signals,
    }
    for name, value in values.items():
        st.session_state[f"cohort-{name}"] = value


def _inputs(reader: Reader) -> Cohort:
    """Draw the conditions and return them; a range that runs backwards is said, and left out."""
    partners, months = _options(reader.snapshot_id, reader.viewer.scope, reader)
    left, middle, right = st.columns(3)
    with left:
        chosen = st.multiselect("Partner", partners, key="cohort-partners") if len(partners) > 1 else []
        decision = st.selectbox("Decision", DECISIONS, index=None, placeholder="either", key="cohort-decision")
    with middle:
        first = st.selectbox("From month", months, index=None, placeholder="the first", key="cohort-first")
        last = st.selectbox("To month", months, index=None, placeholder="the last", key="cohort-last")
    with right:
        low = st.number_input("Estimate from", value=None, placeholder="the lowest", format="%.4g", key="cohort-low")
        high = st.number_input("Estimate to", value=None, placeholder="the highest", format="%.4g", key="cohort-high")
    outcome = st.selectbox("Outcome", list(OUTCOMES), index=None, placeholder="any, or not known", key="cohort-outcome")
    cohort = Cohort(
        tuple(sorted(chosen)), decision, first, last, low, high, outcome, st.session_state["cohort-signals"]
    )
    try:
        return read_cohort(cohort.text)
    except CohortProblems as error:
        widgets.warning(f"{error.title}. {error.message}")
        return EVERYONE
