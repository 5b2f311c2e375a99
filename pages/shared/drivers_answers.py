"""The answers of the Drivers page: cached by snapshot, scope and cohort, logged when shown."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from data.cohorts import Cohort, read_cohort
from data.reader import Reader
from explainers.drivers.absence import compute_absence
from explainers.drivers.compute import Sums, compute_drivers, compute_signals, sum_families, sum_signals
from explainers.drivers.contrast import Sides, compute_contrast, sides
from explainers.drivers.cross_check import compute_cross_check
from explainers.drivers.result import AbsenceResult, ContrastResult, CrossCheckResult, DriversResult, SignalsResult
from pages.shared import answers, readers

LONGEST_IN_LOG = answers.LONGEST_INPUT - 1


def drivers(reader: Reader, cohort: Cohort) -> DriversResult:
    """Return the families of the model over a cohort, ranked.

    Raises
    ------
    CohortProblems
        The viewer cannot choose these applications.
    NotFoundForViewer
        There are too few of them.
    """
    result = _drivers(reader.snapshot_id, reader.viewer.scope, cohort.text, reader)
    _log(reader, cohort, result)
    return result


def families(result: DriversResult) -> dict[str, str]:
    """Return the families to choose from, in the order they are ranked: key to label."""
    return {family.name: family.label for family in result.families}


def sees_signals(reader: Reader) -> bool:
    """Return whether the viewer may see signals one by one."""
    return reader.viewer.policy.signals == "every signal"


def signals(reader: Reader, cohort: Cohort, family: str | None, find: str) -> SignalsResult:
    """Return signals of a family, signals that fit the words, or the largest of all."""
    drivers(reader, cohort)
    return _signals(reader.snapshot_id, reader.viewer.scope, cohort.text, family, find.casefold().strip(), reader)


def absence(reader: Reader) -> AbsenceResult:
    """Return what the model does not use, and what it must not use."""
    return _absence(reader.snapshot_id, reader.viewer.scope, reader)


def comparisons(reader: Reader, cohort: Cohort) -> dict[str, Sides]:
    """Return what can be compared, by the key that stands in the address."""
    return _sides(reader.snapshot_id, reader.viewer.scope, cohort.text, reader)


def contrast(reader: Reader, cohort: Cohort, asked: Sides) -> ContrastResult:
    """Return two sides of a cohort compared.

    Raises
    ------
    NotFoundForViewer
        One of them holds too few applications.
    """
    drivers(reader, cohort)
    return _contrast(reader.snapshot_id, reader.viewer.scope, asked, reader)


def cross_check(reader: Reader, cohort: Cohort) -> CrossCheckResult:
    """Return the families ranked in a second way."""
    return _cross_check(reader.snapshot_id, reader.viewer.scope, cohort.text, reader)


def _log(reader: Reader, cohort: Cohort, result: DriversResult) -> None:
    """Write what the whole page shows. Each of its parts calls this when it reruns alone, with the same words."""
    sides = {key: one.label for key, one in comparisons(reader, cohort).items()}
    inputs = {
        "cohort": _short(cohort.text) or "all",
        "family": _short(_chosen("family", families(result))),
        "against": _short(_chosen("against", sides)),
    }
    answers.log(reader, "drivers", inputs, result.n)


def _chosen(key: str, labels: Mapping[str, str]) -> str:
    """Return the label of what is chosen; before its box was drawn for the first time, as the address says it."""
    asked = str(st.session_state[key] or "") if key in st.session_state else st.query_params.get(key, "")
    return labels.get(asked, asked) if asked in {*labels, *labels.values()} else "none"


def _short(text: str) -> str:
    """Return the beginning of a text: the log keeps no long ones."""
    return text if len(text) <= LONGEST_IN_LOG else f"{text[: LONGEST_IN_LOG - 1]}…"


@st.cache_data(max_entries=128, show_spinner="Summing up every application")
def _family_sums(snapshot_id: str, scope: str, text: str, spread: bool, _reader: Reader) -> Sums:
    return sum_families(_reader, read_cohort(text), spread=spread)


@st.cache_data(max_entries=64, show_spinner="Summing up every signal")
def _signal_sums(snapshot_id: str, scope: str, text: str, _reader: Reader) -> Sums:
    return sum_signals(_reader, read_cohort(text))


@st.cache_data(max_entries=128, show_spinner=False)
def _drivers(snapshot_id: str, scope: str, text: str, _reader: Reader) -> DriversResult:
    return compute_drivers(_reader, read_cohort(text), _family_sums(snapshot_id, scope, text, True, _reader))


@st.cache_data(max_entries=256, show_spinner=False)
def _signals(snapshot_id: str, scope: str, text: str, family: str | None, find: str, _reader: Reader) -> SignalsResult:
    sums = _signal_sums(snapshot_id, scope, text, _reader) if sees_signals(_reader) else None
    return compute_signals(_reader, read_cohort(text), sums, family, find)


@st.cache_data(max_entries=32, show_spinner=False)
def _absence(snapshot_id: str, scope: str, _reader: Reader) -> AbsenceResult:
    return compute_absence(_reader)


@st.cache_data(max_entries=128, show_spinner=False)
def _sides(snapshot_id: str, scope: str, text: str, _reader: Reader) -> dict[str, Sides]:
    return sides(_reader, read_cohort(text))


@st.cache_data(max_entries=128, show_spinner="Summing up both sides")
def _contrast(snapshot_id: str, scope: str, asked: Sides, _reader: Reader) -> ContrastResult:
    base = _family_sums(snapshot_id, scope, asked.base.text, False, _reader)
    side = _family_sums(snapshot_id, scope, asked.side.text, False, _reader)
    return compute_contrast(_reader, asked, base, side)


@st.cache_data(max_entries=64, show_spinner="Shuffling each family")
def _cross_check(snapshot_id: str, scope: str, text: str, _reader: Reader) -> CrossCheckResult:
    sums = _family_sums(snapshot_id, scope, text, True, _reader)
    with readers.ONE_AT_A_TIME:
        return compute_cross_check(_reader, read_cohort(text), sums)
