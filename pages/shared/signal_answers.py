"""Answers about signals, families and pairs of them; logged like every answer.

Nothing here spends a budget: every figure is over many applications of the viewer's own scope.
"""

from __future__ import annotations

from typing import Literal

import streamlit as st

from data.cohorts import Cohort, read_cohort
from data.reader import Reader
from explainers.signals.compute import compute_choices, compute_signal
from explainers.signals.family import compute_family
from explainers.signals.response import compute_response
from explainers.signals.result import ChoicesResult, FamilyResult, Option, ResponseResult, SignalResult
from pages.shared import answers

By = Literal["estimate", "month"]


def choices(reader: Reader) -> ChoicesResult:
    """Return what the viewer can look at: signals or families, the strongest first."""
    return _choices(reader.snapshot_id, reader.viewer.scope, reader)


def signal(reader: Reader, option: Option, cohort: Cohort, second: Option | None) -> SignalResult:
    """Return how one signal moves the estimate in a cohort, on request cut by a second one.

    Raises
    ------
    NotFoundForViewer
        There is no such signal for this viewer, or too few applications.
    """
    other = None if second is None else second.name
    result = _signal(reader.snapshot_id, reader.viewer.scope, cohort.text, option.name, other, reader)
    _log(reader, {"signal": option.name, "cut": other or "none", "cohort": cohort.text or "all"}, result.n)
    return result


def family(reader: Reader, option: Option, cohort: Cohort, by: By) -> FamilyResult:
    """Return how one family moves the estimate in a cohort.

    Raises
    ------
    NotFoundForViewer
        There is no such family, or too few applications.
    """
    result = _family(reader.snapshot_id, reader.viewer.scope, cohort.text, option.name, by, reader)
    _log(reader, {"signal": option.name, "by": by, "cohort": cohort.text or "all"}, result.n)
    return result


def response(reader: Reader, option: Option, cohort: Cohort) -> ResponseResult:
    """Return what the model answers when one signal alone is changed, of a signal just shown."""
    return _response(reader.snapshot_id, reader.viewer.scope, cohort.text, option.name, reader)


def _log(reader: Reader, inputs: dict[str, str], n: int) -> None:
    """Log an answer with the beginning of each input: the log keeps no long ones."""
    answers.log(reader, "signal", {key: text[: answers.LONGEST_INPUT] for key, text in inputs.items()}, n)


@st.cache_data(max_entries=32, show_spinner="Ranking what the model uses")
def _choices(snapshot_id: str, scope: str, _reader: Reader) -> ChoicesResult:
    return compute_choices(_reader)


@st.cache_data(max_entries=256, show_spinner="Counting every application")
def _signal(snapshot_id: str, scope: str, cohort: str, name: str, second: str | None, _reader: Reader) -> SignalResult:
    found = _choices(snapshot_id, scope, _reader)
    return compute_signal(_reader, found, name, read_cohort(cohort), second)


@st.cache_data(max_entries=256, show_spinner="Counting every application")
def _family(snapshot_id: str, scope: str, cohort: str, name: str, by: By, _reader: Reader) -> FamilyResult:
    found = _choices(snapshot_id, scope, _reader)
    return compute_family(_reader, found, name, read_cohort(cohort), by)


@st.cache_data(max_entries=64, show_spinner="Asking the model")
def _response(snapshot_id: str, scope: str, cohort: str, name: str, _reader: Reader) -> ResponseResult:
    return compute_response(_reader, name, read_cohort(cohort))
