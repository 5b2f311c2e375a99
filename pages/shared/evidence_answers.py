"""Answers about how far the reasons can be relied on; logged like every answer."""

from __future__ import annotations

import streamlit as st

from data.reader import Reader
from data.workspace import QuestionKind
from explainers.decision.compute import group_for
from explainers.evidence.compute import compute_evidence
from explainers.evidence.result import EvidenceResult
from explainers.evidence.single import ReasonTestResult, SolidResult, compute_reason_test, compute_solid
from pages.shared import answers, readers


def evidence(reader: Reader) -> EvidenceResult:
    """Return what the tests of the snapshot's reasons found."""
    result = _evidence(reader.snapshot_id, reader.viewer.scope, reader)
    answers.log(reader, "evidence", {}, result.n)
    return result


@st.cache_data(max_entries=32, show_spinner="Adding up what the tests found")
def _evidence(snapshot_id: str, scope: str, _reader: Reader) -> EvidenceResult:
    return compute_evidence(_reader)


def solid(reader: Reader, number: str, group: str) -> SolidResult:
    """Return how far the reasons of a decision that was just shown can be relied on."""
    name, group_no = group_for(reader, number, group)
    return _solid(reader.snapshot_id, reader.viewer.scope, number, name, group_no, reader)


def reason_test(reader: Reader, number: str, group: str, family: str) -> ReasonTestResult:
    """Return one application with one family set to values of its comparison group; it is a what-if question.

    Raises
    ------
    BudgetSpent
        The viewer asked as many what-if questions as one may in an hour.
    """
    name, group_no = group_for(reader, number, group)
    answers.ask(reader, QuestionKind.WHAT_IF, f"{reader.snapshot_id}|{number}|{name}|without {family}")
    result = _reason_test(reader.snapshot_id, reader.viewer.scope, number, name, group_no, family, reader)
    answers.log(reader, "reason test", {"application": number, "group": name, "family": family}, 1, part="reason test")
    return result


@st.cache_data(max_entries=256, show_spinner=False)
def _solid(snapshot_id: str, scope: str, number: str, name: str, group_no: int, _reader: Reader) -> SolidResult:
    fitted = readers.group(snapshot_id, scope, name, group_no, _reader)
    return compute_solid(_reader, readers.on_file(snapshot_id, scope, number, _reader), fitted)


@st.cache_data(max_entries=256, show_spinner=False)
def _reason_test(
    snapshot_id: str, scope: str, number: str, name: str, group_no: int, family: str, _reader: Reader
) -> ReasonTestResult:
    fitted = readers.group(snapshot_id, scope, name, group_no, _reader)
    return compute_reason_test(_reader, readers.on_file(snapshot_id, scope, number, _reader), fitted, family)
