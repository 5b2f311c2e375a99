"""Choosing applications: one line says which they are, and the conditions unfold under it.

The choice stands in the address (`?cohort=…`) and stays from page to page of one visit.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

import streamlit as st

from data.cohorts import DECISIONS, EVERYONE, OUTCOMES, Cohort, CohortProblems, read_cohort
from data.reader import Reader
from explainers.cohorts.compute import compute_cohort
from explainers.cohorts.result import CohortResult
from explainers.cohorts.words import say_cohort
from pages.shared import cohort_groups, cohort_signals, saved_cohorts, widgets

LINK = "cohort"
"""Query parameter that holds the cohort's text."""
KEPT = "candor-cohort"
"""Session key of the cohort's text, so that it stays from page to page."""
SEEDED = "candor-cohort-seeded"
"""Session key of the text the inputs were last filled from."""
UNSEEN = (
    "This link names a partner whose applications you cannot see, or who is not here. That condition is left out: you"
    " see other applications than the person who sent it."
)
ENDS = ("low", "high")
"""Inputs of the estimate; in percent where it is a probability."""
INPUTS = ("partners", "decision", "first", "last", *ENDS, "outcome")
"""Inputs of a cohort, but for those of signals."""


@dataclass(frozen=True)
class Options:
    """What there is to choose from."""

    partners: tuple[str, ...]
    """Partners whose applications the viewer may see."""
    months: tuple[str, ...]
    """Months with an application: "2026-01"."""
    factor: float
    """What an estimate is multiplied with to be typed: 100 for a probability, else 1."""


def choose(reader: Reader) -> Cohort:
    """Draw the choice of applications and return it; every application when nothing is chosen."""
    asked = kept()
    line, told = st.empty(), st.container()
    options = _options(reader.snapshot_id, reader.viewer.scope, reader)
    with st.expander("Choose applications"):
        try:
            cohort = read_cohort(asked)
            count(reader, cohort)
            if not set(cohort.partners) <= set(options.partners):
                with told:
                    widgets.warning(UNSEEN)
            _seed(cohort, asked, options)
        except CohortProblems as error:
            with told:  # not under the fold: the link's sender saw other figures
                widgets.warning(_in_words(error))
            _seed(EVERYONE, "", options)
            keep("")
        saved_cohorts.pick(reader, kept(), take)
        cohort = _inputs(reader, options)
        cohort_signals.listed(reader)
        cohort_signals.add()
    keep(cohort.text)
    found = count(reader, cohort)
    line.html(f'<p class="candor-cohort" data-testid="candor-cohort">{escape(say_cohort(found))}</p>')
    return cohort


def kept() -> str:
    """Return the text of the cohort in the address, or of the one chosen before in this visit."""
    return str(st.query_params.get(LINK, st.session_state.get(KEPT, "")))


def keep(text: str) -> None:
    """Put a cohort into the address and keep it for the visit."""
    st.session_state[KEPT] = st.session_state[SEEDED] = text
    if st.query_params.get(LINK, "") == text:
        return
    st.query_params.pop(LINK, None)
    if text:
        st.query_params[LINK] = text


def take(text: str) -> None:
    """Choose another cohort: the inputs are filled from it at the next run."""
    keep(text)
    st.session_state.pop(SEEDED, None)


def count(reader: Reader, cohort: Cohort) -> CohortResult:
    """Return a cohort with its counts."""
    return _count(reader.snapshot_id, reader.viewer.scope, cohort.text, reader)


@st.cache_data(max_entries=256, show_spinner=False)
def _count(snapshot_id: str, scope: str, text: str, _reader: Reader) -> CohortResult:
    return compute_cohort(_reader, read_cohort(text))


@st.cache_data(max_entries=32, show_spinner=False)
def _options(snapshot_id: str, scope: str, _reader: Reader) -> Options:
    months = sorted({f"{month:%Y-%m}" for month in _reader.volume()["month"]})
    factor = 100.0 if compute_cohort(_reader, EVERYONE).is_probability else 1.0
    return Options(tuple(dict.fromkeys(_reader.cutoffs()["partner"])), tuple(months), factor)


def _in_words(error: CohortProblems) -> str:
    """Say why a cohort was not taken."""
    return f"{error.title}. {'; '.join(f'{p.place}: {p.found}' for p in error.problems)}. Every application is shown."


def _seed(cohort: Cohort, text: str, options: Options) -> None:
    """Fill the inputs from a text that did not come from them."""
    keys = [f"cohort-{name}" for name in INPUTS]
    if st.session_state.get(SEEDED) == text and all(key in st.session_state for key in keys):
        for key in keys:  # inputs of one page are not those of another: what is set by hand goes into both
            st.session_state[key] = st.session_state[key]
        st.session_state[cohort_groups.CHOSEN] = st.session_state.get(cohort_groups.CHOSEN, [])
        return
    typed = [None if end is None else round(end * options.factor, 9) for end in (cohort.low, cohort.high)]
    if options.factor != 1.0:  # a link may name what no probability can be; the inputs cannot
        typed = [None if end is None else min(max(end, 0.0), 100.0) for end in typed]
    values = {
        "partners": [name for name in cohort.partners if name in options.partners],
        "decision": cohort.decision,
        "first": cohort.first_month,
        "last": cohort.last_month,
        **dict(zip(ENDS, typed, strict=True)),
        "outcome": cohort.outcome,
    }
    for key, name in zip(keys, INPUTS, strict=True):
        st.session_state[key] = values[name]
    st.session_state[cohort_signals.CONDITIONS] = cohort.signals
    st.session_state[cohort_groups.CHOSEN] = cohort_groups.pairs(cohort.groups)


def _inputs(reader: Reader, options: Options) -> Cohort:
    """Draw the conditions and return them; a range that runs backwards is said, and left out."""
    left, middle, right = st.columns(3)
    with left:
        many = len(options.partners) > 1
        chosen = st.multiselect("Partner", options.partners, key="cohort-partners") if many else []
        decision = st.selectbox("Decision", DECISIONS, index=None, placeholder="either", key="cohort-decision")
    with middle:
        first, last = (
            st.selectbox(label, _months(options, key), index=None, placeholder=empty, key=f"cohort-{key}")
            for label, empty, key in (("From month", "the first", "first"), ("To month", "the last", "last"))
        )
    with right:
        low, high = _estimates(options)
    outcome = st.selectbox("Outcome", list(OUTCOMES), index=None, placeholder="any, or not known", key="cohort-outcome")
    signals = st.session_state[cohort_signals.CONDITIONS]
    groups = cohort_groups.choose(reader)
    cohort = Cohort(tuple(sorted(chosen)), decision, first, last, low, high, outcome, signals, groups)
    try:
        return read_cohort(cohort.text)
    except CohortProblems as error:
        widgets.warning(_in_words(error))
        return EVERYONE


def _months(options: Options, key: str) -> list[str]:
    """Return the months to choose from, with the one that a link from another snapshot names."""
    named = st.session_state.get(f"cohort-{key}")
    return sorted({*options.months, *([named] if named else [])})


def _estimates(options: Options) -> tuple[float | None, float | None]:
    """Draw the range of the estimate and return it on the estimate's own scale."""
    percent = options.factor != 1.0
    limits = {"min_value": 0.0, "max_value": 100.0, "step": 1.0} if percent else {}
    unit, ends = (" (%)" if percent else ""), []
    for key, label, empty in zip(ENDS, ("from", "to"), ("the lowest", "the highest"), strict=True):
        name = f"Estimate {label}{unit}"
        typed = st.number_input(name, value=None, placeholder=empty, format="%.6g", key=f"cohort-{key}", **limits)
        ends.append(None if typed is None else round(typed / options.factor, 12))
    return ends[0], ends[1]
