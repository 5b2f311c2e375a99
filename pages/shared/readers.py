"""The one way of pages to a snapshot: a reader opened for the viewer, and what is cached of it.

`st.cache_data` and `st.cache_resource` are shared by all viewers of the process. Every key below
therefore begins with the snapshot's id and the viewer's scope, and nothing here reads session
state inside a cached function.

The first page needs no engine. What explains is therefore imported by the functions that explain: the engine's
kernels, LightGBM, SciPy and scikit-learn take longer to import than the first page takes in all. `startup` imports
them beside the first page, so that the first click does not wait for them either.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

import streamlit as st

from data.access import LOCAL_VIEWER, Viewer
from data.code_version import code_hash
from data.cohorts import read_cohort
from data.errors import NotFoundForViewer, SnapshotError
from data.files import snapshots_root
from data.listing import list_snapshots
from data.reader import Reader
from data.snapshots import Snapshot, open_reader, open_snapshot
from explainers.assurance.health import HealthResult, compute_health
from explainers.overview.compute import OverviewResult, compute_overview
from explainers.style import day_from_iso
from pages.shared import reason_fresh, viewing
from pages.shared.frame import AsOf, SnapshotChoice

if TYPE_CHECKING:
    from explainers.attribution import Comparison, Engine
    from explainers.decision.compute import FittedGroup, OnFile
    from explainers.decision.result import Agreement, DecisionResult
    from explainers.decision.second import SecondOpinionNote
    from explainers.history.compute import HistoryResult
    from explainers.reasons.frequency import FrequencyResult
    from explainers.recourse.candidates import Population
    from explainers.recourse.result import RecourseResult
    from explainers.second_opinion.compute import SecondOpinion
    from explainers.what_if.result import EditorResult, WhatIfResult

CURRENT = "candor-current"
"""Session key of the choice in force; the frame sets it before a page runs."""
MOST_AHEAD = 6
"""Comparison groups that are made ready before anybody asks for one."""
ONE_AT_A_TIME = threading.Lock()
"""Second opinions are computed one after the other: no page waits for them, so they must not slow down pages."""


def viewer() -> Viewer:
    """Return who is looking."""
    return viewing.viewer()


def partners(choice: SnapshotChoice) -> tuple[str, ...]:
    """Return the partners of a snapshot, for rehearsals in local mode."""
    whole = _open(choice.snapshot_id, choice.model_id, LOCAL_VIEWER)
    return _partners(whole.snapshot_id, whole.viewer.scope, whole)


@st.cache_data(max_entries=32, show_spinner=False)
def _partners(snapshot_id: str, scope: str, _reader: Reader) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_reader.cutoffs()["partner"]))


def _open(snapshot_id: str, model_id: str, who: Viewer) -> Reader:
    """Return a reader of a snapshot for exactly this viewer: what one asks is logged under one's own name."""
    return _reader(snapshot_id, who.scope, who.who, model_id, who)


def open_choice(choice: SnapshotChoice) -> Reader:
    """Return the reader of a snapshot beside the one in force, opened for the viewer: two are compared."""
    return _open(choice.snapshot_id, choice.model_id, viewer())


def earlier(reader: Reader) -> Reader | None:
    """Return the snapshot of the same model before the one in force; None where there is none."""
    found = choices()
    own = next((c.model_id for c in found if c.snapshot_id == reader.snapshot_id), None)
    same = [c for c in found if c.model_id == own]  # a model's snapshots come newest first
    place = next((i for i, c in enumerate(same) if c.snapshot_id == reader.snapshot_id), len(same))
    return open_choice(same[place + 1]) if place + 1 < len(same) else None


def choices() -> tuple[SnapshotChoice, ...]:
    """Return the snapshots that can be opened.

    Raises
    ------
    SnapshotError
        There is none; says why for each folder that is broken.
    """
    listing = list_snapshots(snapshots_root())
    if not listing.manifests:
        found = " ".join(listing.broken) or "The folder of snapshots is empty."
        remedy = "Build one with `python -m explainers build --card CARD.yaml`, or `python -m explainers demo`."
        raise SnapshotError("There is no snapshot to show", found, remedy)
    found = tuple(
        SnapshotChoice(
            m.model_id, f"{m.model_name}, version {m.model_version}", m.snapshot_id, _snapshot_label(m.as_of)
        )
        for m in listing.manifests
    )
    who = viewer()
    if who.policy.rows == "all":
        return found
    # who sees some applications only does not learn which models others are decided by
    mine = tuple(c for c in found if _holds(c.snapshot_id, who.scope, c.model_id, who))
    if mine or viewing.account_words() is None:  # in a rehearsal the way back to another view stays open
        return mine or found
    told = "No snapshot holds an application that you can see."
    raise NotFoundForViewer("There is nothing to show", told, "Ask the person who runs Candor.")


@st.cache_data(max_entries=4096, show_spinner=False)
def _holds(snapshot_id: str, scope: str, model_id: str, _viewer: Viewer) -> bool:
    """Return whether a snapshot holds an application that a viewer may see; one that cannot be opened holds none."""
    try:
        reader = _open(snapshot_id, model_id, _viewer)
    except SnapshotError:
        return False
    return count_applications(snapshot_id, scope, reader) > 0


def _snapshot_label(as_of: str | None) -> str:
    return f"as of {day_from_iso(as_of)}" if as_of else "without dates"


def as_of(choice: SnapshotChoice) -> AsOf:
    """Open the chosen snapshot, make it the one in force, and say what a reader must know of it."""
    st.session_state[CURRENT] = choice
    reason_fresh.refresh()
    reader = current()
    manifest = reader.manifest
    applications = count_applications(reader.snapshot_id, reader.viewer.scope, reader)
    if not applications:
        found = "This snapshot holds no application that you can see."
        raise NotFoundForViewer("There is nothing to show", found, "Switch to another snapshot in the bar above.")
    return AsOf(
        model_label=choice.model_label,
        applications=applications,
        as_of=day_from_iso(manifest.as_of) if manifest.as_of else "no date",
        checks="self-checks passed" if manifest.self_checks_passed else "self-checks failed",
        synthetic=manifest.synthetic,
        audience=": ".join(filter(None, (f"{reader.viewer.audience.capitalize()} view", reader.viewer.partner))),
    )


def current() -> Reader:
    """Return the reader of the snapshot in force, opened for the viewer."""
    reason_fresh.refresh_soon()
    choice: SnapshotChoice = st.session_state[CURRENT]
    who = viewer()
    return _open(choice.snapshot_id, choice.model_id, who)


def warm_first_page() -> None:
    """Open the first snapshot for the local viewer as far as the first page needs."""
    reader = _first()
    if reader is not None:
        overview(reader.snapshot_id, reader.viewer.scope, reader)


def warm_first_click() -> None:
    """Prepare, for the local viewer, what a first click on a decision needs of the first snapshot."""
    from explainers.recourse.warm import warm_search

    reader = _first()
    if reader is not None:
        for one in reader.groups()[:MOST_AHEAD]:
            group(reader.snapshot_id, reader.viewer.scope, one.name, one.group_no, reader)
        number = reader.pick("any", 0.5)  # the first look into a wide table takes longer than all that follow
        decision(reader.snapshot_id, reader.viewer.scope, number, *group_for(reader, number, None), reader)
        warm_search()
        code_hash()


def warm_ask() -> None:
    """Fit what matches questions to pages."""
    from explainers.ask.matcher import matcher

    matcher()


def _first() -> Reader | None:
    """Return a reader of the snapshot that a bare address opens, None while there is no snapshot."""
    manifests = list_snapshots(snapshots_root()).manifests
    return _open(manifests[0].snapshot_id, manifests[0].model_id, LOCAL_VIEWER) if manifests else None


@st.cache_resource(max_entries=8, show_spinner="Opening the snapshot and checking its files")
def _snapshot(snapshot_id: str, model_id: str) -> Snapshot:
    return open_snapshot(snapshots_root(), model_id, snapshot_id)


@st.cache_resource(max_entries=64, show_spinner=False)
def _reader(snapshot_id: str, scope: str, who: str, model_id: str, _viewer: Viewer) -> Reader:
    snapshot = _snapshot(snapshot_id, model_id)
    return open_reader(snapshot, _viewer, reason_fresh.follow(snapshot.catalogue))


@st.cache_data(max_entries=64, show_spinner=False)
def count_applications(snapshot_id: str, scope: str, _reader: Reader) -> int:
    """Return how many applications the viewer can see."""
    return int(_reader.totals()["n"])


@st.cache_data(max_entries=32, show_spinner="Counting every application")
def overview(snapshot_id: str, scope: str, _reader: Reader) -> OverviewResult:
    """Return the Overview of a snapshot for a viewer."""
    return compute_overview(_reader)


@st.cache_resource(max_entries=64, show_spinner=False)
def on_file(snapshot_id: str, scope: str, number: str, _reader: Reader) -> OnFile:
    """Return one application read for explaining; only explainers look into it."""
    from explainers.decision.compute import read_on_file

    return read_on_file(_reader, engine(snapshot_id, _reader), number)


@st.cache_data(max_entries=512, show_spinner=False)
def decision(snapshot_id: str, scope: str, number: str, name: str, group_no: int, _reader: Reader) -> DecisionResult:
    """Return one decision against a group."""
    from explainers.decision.compute import decide_on_file

    fitted = group(snapshot_id, scope, name, group_no, _reader)
    return decide_on_file(_reader, on_file(snapshot_id, scope, number, _reader), fitted)


@st.cache_data(max_entries=512, show_spinner=False)
def agreement(
    snapshot_id: str, scope: str, number: str, key: tuple[str, int], other: tuple[str, int], _reader: Reader
) -> Agreement:
    """Return whether the group `other` gives the same reasons for a decision as the group `key`; see `group_for`."""
    from explainers.decision.compute import agree_on_file

    result = decision(snapshot_id, scope, number, *key, _reader)
    fitted = group(snapshot_id, scope, *other, _reader)
    return agree_on_file(_reader, on_file(snapshot_id, scope, number, _reader), result, fitted)


@st.cache_data(max_entries=256, show_spinner=False)
def second_opinion(
    snapshot_id: str, scope: str, number: str, name: str, group_no: int, _reader: Reader
) -> SecondOpinionNote:
    """Return what LIME says of one decision."""
    from explainers.decision.second import second_on_file

    fitted = group(snapshot_id, scope, name, group_no, _reader)
    shared = _reader.group_scope(group_no)
    asked = on_file(snapshot_id, scope, number, _reader)
    second = _second(snapshot_id, shared, name, group_no, _reader)
    with ONE_AT_A_TIME:
        return second_on_file(_reader, asked, fitted, second)


@st.cache_resource(max_entries=8, show_spinner=False)
def _second(snapshot_id: str, scope: str, name: str, group_no: int, _reader: Reader) -> SecondOpinion:
    from explainers.decision.second import fit_second

    fitted = group(snapshot_id, _reader.viewer.scope, name, group_no, _reader)
    return fit_second(_reader, fitted)


@st.cache_resource(max_entries=4, show_spinner=False)
def engine(snapshot_id: str, _reader: Reader) -> Engine:
    """Return the attribution engine of a snapshot's model; it holds nothing of any application."""
    from explainers.attribution import Engine

    return Engine(_reader.room.model)


@st.cache_data(max_entries=64, show_spinner="Counting reasons")
def reasons(snapshot_id: str, scope: str, text: str, _reader: Reader) -> FrequencyResult:
    """Return how often each family is a reason, over a cohort."""
    from explainers.reasons.frequency import compute_frequency

    return compute_frequency(_reader, read_cohort(text))


@st.cache_data(max_entries=256, show_spinner=False)
def history(snapshot_id: str, scope: str, number: str, others: tuple[str, ...], _reader: Reader) -> HistoryResult:
    """Return what other snapshots, named by their ids, say of one application."""
    from explainers.history.compute import compute_history

    found = [_open(c.snapshot_id, c.model_id, _reader.viewer) for c in choices() if c.snapshot_id in others]
    return compute_history(_reader, number, found)


@st.cache_data(max_entries=256, show_spinner=False)
def editor(snapshot_id: str, scope: str, number: str, _reader: Reader) -> EditorResult:
    """Return what a viewer may change about one application."""
    from explainers.what_if.compute import compute_editor

    return compute_editor(_reader, number)


@st.cache_data(max_entries=512, show_spinner=False)
def what_if(
    snapshot_id: str, scope: str, number: str, name: str, group_no: int, question: str, _reader: Reader
) -> WhatIfResult:
    """Return one application with the changes of a question."""
    from explainers.what_if.address import read_changes
    from explainers.what_if.compute import compute_what_if

    fitted = group(snapshot_id, scope, name, group_no, _reader)
    return compute_what_if(_reader, number, fitted, read_changes(question))


@st.cache_data(max_entries=256, show_spinner=False)
def recourse(snapshot_id: str, scope: str, number: str, _reader: Reader) -> RecourseResult:
    """Return the smallest changes that would be enough for one application."""
    from explainers.recourse.compute import compute_recourse

    population = _population(snapshot_id, scope, _reader)
    return compute_recourse(_reader, engine(snapshot_id, _reader), number, population)


@st.cache_resource(max_entries=16, show_spinner="Counting how common values are")
def _population(snapshot_id: str, scope: str, _reader: Reader) -> Population:
    from explainers.recourse.compute import fit_population

    return fit_population(_reader)


@st.cache_data(max_entries=32, show_spinner="Counting by hand on trees of the model")
def health(snapshot_id: str, scope: str, _reader: Reader) -> HealthResult:
    """Return the state of a snapshot for a viewer."""
    return compute_health(_reader)


def group_names(reader: Reader) -> dict[str, str]:
    """Return the comparison groups to choose from; see `explainers.decision.compute.group_names`."""
    from explainers.decision import compute

    return compute.group_names(reader)


def group_for(reader: Reader, number: str, name: str | None) -> tuple[str, int]:
    """Return which stored group an application is compared with; see `explainers.decision.compute.group_for`."""
    from explainers.decision import compute

    return compute.group_for(reader, number, name)


@st.cache_resource(max_entries=24, show_spinner=False)  # each holds on to what was fitted: 25 to 110 MB
def group(snapshot_id: str, scope: str, name: str, group_no: int, _reader: Reader) -> FittedGroup:
    """Return a comparison group of a snapshot, ready to explain with."""
    from explainers.decision.compute import describe_group

    shared = _reader.group_scope(group_no)
    return describe_group(_reader, name, group_no, _comparison(snapshot_id, shared, name, group_no, _reader))


def fitting(reader: Reader) -> Callable[[str, int], FittedGroup]:
    """Return what gives a comparison group, by name and key, ready to explain with."""
    return lambda name, group_no: group(reader.snapshot_id, reader.viewer.scope, name, group_no, reader)


@st.cache_resource(max_entries=12, show_spinner="Reading the comparison group")
def _comparison(snapshot_id: str, scope: str, name: str, group_no: int, _reader: Reader) -> Comparison:
    """Return the fitted rows of a group; `scope` says whose applications are in it: viewers share whole groups."""
    from explainers.decision.compute import fit_rows

    return fit_rows(_reader, engine(snapshot_id, _reader), name, group_no)
