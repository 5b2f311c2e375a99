"""The answers of the Cohorts and Compare pages, and a decision against a cohort: asked, cached, logged.

Everything cached is kept apart by snapshot and scope, as in `pages.shared.readers`.
"""

from __future__ import annotations

import streamlit as st

from data.cohorts import Cohort, CohortProblems, read_cohort
from data.reader import Reader
from data.workspace import QuestionKind
from explainers.cohorts.group import fit_cohort
from explainers.cohorts.look import LookResult, compute_look
from explainers.compare.pair import PairResult, compute_pair
from explainers.compare.similar import SHOWN, SimilarResult, compute_similar
from explainers.compare.versions import compute_versions
from explainers.compare.versions_result import VersionsResult
from explainers.decision.compute import FittedGroup, compute_agreement, compute_decision, group_for
from explainers.decision.result import Agreement, DecisionResult
from pages.shared import answers, cohorts, readers
from pages.shared.frame import SnapshotChoice

CHOSEN = "chosen"
"""Stands for the chosen applications among the names of comparison groups."""
CHOSEN_WORDS = "chosen applications"


def look(reader: Reader, cohort: Cohort) -> LookResult:
    """Return a cohort beside everyone.

    Raises
    ------
    NotFoundForViewer
        There are too few of them.
    """
    result = _look(reader.snapshot_id, reader.viewer.scope, cohort.text, reader)
    answers.log(reader, "cohorts", {"cohort": _short(cohort.text)}, result.n)
    return result


@st.cache_data(max_entries=64, show_spinner="Counting the applications")
def _look(snapshot_id: str, scope: str, text: str, _reader: Reader) -> LookResult:
    return compute_look(_reader, read_cohort(text))


def pair(reader: Reader, first: str, second: str) -> PairResult:
    """Return two applications side by side, both against the first one's default group; each is a look-up.

    Raises
    ------
    BudgetSpent
        The viewer asked for as many applications as one may in an hour.
    NotFoundForViewer
        One of them is not there for this viewer. It counts as a question too.
    """
    for number in (first, second):
        answers.ask(reader, QuestionKind.LOOK_UP, f"{reader.snapshot_id}|{number}")
    group = group_for(reader, first, None)
    keys = reader.snapshot_id, reader.viewer.scope
    sides = [readers.decision(*keys, number, *group, reader) for number in (first, second)]
    answers.log(reader, "compare", {"mode": "pair", "group": group[0]}, 2, each=(first, second))
    return compute_pair(*sides)


def similar(reader: Reader, number: str) -> SimilarResult:
    """Return the applications most like one; it and each of them count as a look-up.

    Raises
    ------
    BudgetSpent
        The viewer asked for as many applications as one may in an hour.
    NotFoundForViewer
        No such application for this viewer, or none like it. It counts as a question too.
    """
    answers.ask(reader, QuestionKind.LOOK_UP, f"{reader.snapshot_id}|{number}")
    result = _similar(reader.snapshot_id, reader.viewer.scope, number, reader)
    for other in result.others[:SHOWN]:
        answers.ask(reader, QuestionKind.LOOK_UP, f"{reader.snapshot_id}|{other.application_id}")
    numbers = (number, *(other.application_id for other in result.others))
    answers.log(reader, "compare", {"mode": "similar"}, result.n_total, each=numbers)
    return result


@st.cache_data(max_entries=256, show_spinner=False)
def _similar(snapshot_id: str, scope: str, number: str, _reader: Reader) -> SimilarResult:
    return compute_similar(_reader, number)


def versions(reader: Reader, other: SnapshotChoice, cohort: Cohort) -> VersionsResult:
    """Return two snapshots side by side.

    Raises
    ------
    CandorError
        The two cannot be compared.
    NotFoundForViewer
        There are too few applications in one of them.
    """
    there = readers.open_choice(other)
    result = _versions(reader.snapshot_id, reader.viewer.scope, there.snapshot_id, cohort.text, reader, there)
    inputs = {"mode": "snapshots", "other": there.snapshot_id, "cohort": _short(cohort.text)}
    answers.log(reader, "compare", inputs, result.n + result.there.n)
    return result


@st.cache_data(max_entries=64, show_spinner="Matching the applications of both snapshots")
def _versions(
    snapshot_id: str, scope: str, other_id: str, text: str, _reader: Reader, _there: Reader
) -> VersionsResult:
    return compute_versions(_reader, _there, read_cohort(text))


def others(choices: tuple[SnapshotChoice, ...], snapshot_id: str) -> dict[str, SnapshotChoice]:
    """Return the snapshots to compare with, by id: of the same model first, the newest first."""
    model = next((c.model_id for c in choices if c.snapshot_id == snapshot_id), "")
    ordered = sorted(choices, key=lambda c: c.model_id != model)
    return {c.snapshot_id: c for c in ordered if c.snapshot_id != snapshot_id}


def chosen_group(reader: Reader) -> dict[str, str]:
    """Return the chosen applications as one more comparison group, where some are chosen: name to words."""
    text = cohorts.kept()
    try:
        enough = bool(text) and cohorts.count(reader, read_cohort(text)).enough
    except CohortProblems:
        return {}
    return {CHOSEN: CHOSEN_WORDS} if enough else {}


def decision(reader: Reader, number: str, group: str | None) -> DecisionResult:
    """Return one decision against a stored group, or against the chosen applications.

    As `answers.decision`. Each choice of applications is a question of its own: each tells something more.
    """
    text = cohorts.kept()
    if group != CHOSEN or not text:
        return answers.decision(reader, number, None if group == CHOSEN else group)
    cohorts.keep(text)  # the link of this page must name them
    place = f"{reader.snapshot_id}|{number}"
    answers.ask(reader, QuestionKind.LOOK_UP, place)
    answers.ask(reader, QuestionKind.LOOK_UP, f"{place}|{text}")
    result = _against(reader.snapshot_id, reader.viewer.scope, number, text, reader)
    answers.log(reader, "decision", {"application": number, "group": _short(f"{CHOSEN}: {text}")}, 1)
    return result


def agreement(reader: Reader, number: str, group: str) -> Agreement | None:
    """Return whether another group gives the reasons just shown; for chosen applications the usual group."""
    text = cohorts.kept()
    if group != CHOSEN or not text:
        return answers.agreement(reader, number, group_for(reader, number, None)[0] if group == CHOSEN else group)
    keys = reader.snapshot_id, reader.viewer.scope, number
    usual = readers.decision(*keys, *group_for(reader, number, None), reader)
    return compute_agreement(_against(*keys, text, reader), usual)


@st.cache_data(max_entries=128, show_spinner=False)
def _against(snapshot_id: str, scope: str, number: str, text: str, _reader: Reader) -> DecisionResult:
    return compute_decision(_reader, number, _group(snapshot_id, scope, text, _reader))


@st.cache_resource(max_entries=4, show_spinner="Reading the chosen applications")
def _group(snapshot_id: str, scope: str, text: str, _reader: Reader) -> FittedGroup:
    return fit_cohort(_reader, readers.engine(snapshot_id, _reader), read_cohort(text))


def _short(text: str) -> str:
    """Return the beginning of a text: the log keeps no long ones."""
    most = answers.LONGEST_INPUT
    return (text if len(text) <= most else f"{text[: most - 1]}…") or "all"
