"""Answers about pairs of signals or families; logged like every answer, spending no budget."""

from __future__ import annotations

import streamlit as st

from data.cohorts import Cohort, read_cohort
from data.reader import Reader
from explainers.interactions.compute import compute_group, compute_pair, compute_pairs
from explainers.interactions.result import Pair, PairResult, PairsResult
from pages.shared import answers, readers, signal_answers


def pairs(reader: Reader, cohort: Cohort) -> PairsResult:
    """Return the pairs that do most together in a cohort.

    Raises
    ------
    NotFoundForViewer
        There are too few applications.
    """
    return _pairs(reader.snapshot_id, reader.viewer.scope, cohort.text, reader)


def pair(reader: Reader, cohort: Cohort, asked: Pair) -> PairResult:
    """Return what two do together in a cohort.

    Raises
    ------
    NotFoundForViewer
        There is no such pair for this viewer, or too few applications.
    """
    keys = reader.snapshot_id, reader.viewer.scope, cohort.text
    result = _pair(*keys, asked.first, asked.second, reader)
    inputs = {"pair": asked.key, "cohort": cohort.text or "all"}
    short = {key: text[: answers.LONGEST_INPUT] for key, text in inputs.items()}
    answers.log(reader, "interactions", short, result.sample.n)
    return result


@st.cache_data(max_entries=256, show_spinner=False)
def _group_key(snapshot_id: str, scope: str, cohort: str, _reader: Reader) -> tuple[str, int]:
    return compute_group(_reader, read_cohort(cohort))


@st.cache_data(max_entries=64, show_spinner="Looking for pairs that work together")
def _pairs(snapshot_id: str, scope: str, cohort: str, _reader: Reader) -> PairsResult:
    group = readers.group(snapshot_id, scope, *_group_key(snapshot_id, scope, cohort, _reader), _reader)
    return compute_pairs(_reader, signal_answers.choices(_reader), group, read_cohort(cohort))


@st.cache_data(max_entries=256, show_spinner="Counting what the two do together")
def _pair(snapshot_id: str, scope: str, cohort: str, first: str, second: str, _reader: Reader) -> PairResult:
    group = readers.group(snapshot_id, scope, *_group_key(snapshot_id, scope, cohort, _reader), _reader)
    return compute_pair(_reader, signal_answers.choices(_reader), group, read_cohort(cohort), first, second)
