"""The answers of Alternatives: searches kept in the workspace, the one that runs, and tolerances with their reasons."""

from __future__ import annotations

import streamlit as st

from data.alternatives_process import SEARCH, SearchState
from data.files import snapshots_root
from data.reader import Reader
from data.workspace import open_workspace
from data.workspace.alternatives import (
    StoredSearch,
    StoredTolerance,
    check_specialist,
    list_searches,
    list_tolerances,
    save_tolerance,
)
from explainers.alternatives.result import SearchResult, read_result
from explainers.fairness_drivers.pair import attributes_of, groups_of
from pages.shared import answers

STEPS = 10_000
"""Tolerances are kept in ten-thousandths of AUC."""


def attributes(reader: Reader) -> dict[str, str]:
    """Return the attributes to search by: name to label.

    Raises
    ------
    NotFoundForViewer
        The viewer may not look for alternatives.
    """
    check_specialist(reader.viewer)
    return _attributes(reader.snapshot_id, reader.viewer.scope, reader)


@st.cache_data(max_entries=32, show_spinner=False)
def _attributes(snapshot_id: str, scope: str, _reader: Reader) -> dict[str, str]:
    return attributes_of(_reader)


def groups(reader: Reader, attribute: str) -> tuple[str, ...]:
    """Return the groups that can be set against the reference."""
    check_specialist(reader.viewer)
    return _groups(reader.snapshot_id, reader.viewer.scope, attribute, reader)


@st.cache_data(max_entries=64, show_spinner=False)
def _groups(snapshot_id: str, scope: str, attribute: str, _reader: Reader) -> tuple[str, ...]:
    return groups_of(_reader, attribute)


def searches(reader: Reader) -> dict[str, StoredSearch]:
    """Return the finished searches over the snapshot by their keys, the newest first."""
    found = list_searches(open_workspace(), reader.viewer, reader.manifest.fingerprint)
    return {search.search_id: search for search in found}


def result(reader: Reader, search: StoredSearch) -> SearchResult:
    """Return what a search found; the showing is logged."""
    check_specialist(reader.viewer)
    found = _read(reader.snapshot_id, reader.viewer.scope, search.content)
    inputs = {"attribute": found.attribute, "group": found.group, "search": search.search_id}
    answers.log(reader, "alternatives", inputs, found.n_train + found.n_choose + found.n_report)
    return found


@st.cache_data(max_entries=16, show_spinner=False)
def _read(snapshot_id: str, scope: str, content: str) -> SearchResult:
    return read_result(content)


def start(reader: Reader, attribute: str, group: str) -> None:
    """Start a search in the background.

    Raises
    ------
    CandorError
        One is running already, or the viewer may not.
    """
    check_specialist(reader.viewer)
    label = attributes(reader)[attribute]
    folder = snapshots_root() / reader.manifest.model_id / reader.snapshot_id
    asked = [f"--attribute={attribute}", f"--group={group}", f"--who={reader.viewer.who}"]
    SEARCH.start(folder, asked, reader.snapshot_id, f"{label}: {group}")


def running(reader: Reader) -> SearchState:
    """Return how far the search of this server is."""
    check_specialist(reader.viewer)
    return SEARCH.progress()


def stop(reader: Reader) -> None:
    """End the search that runs; nothing of it is kept."""
    check_specialist(reader.viewer)
    SEARCH.cancel()


def tolerances(reader: Reader, search: StoredSearch) -> tuple[StoredTolerance, ...]:
    """Return the tolerances set over a search, the newest first."""
    return list_tolerances(open_workspace(), reader.viewer, search.search_id)


def keep_tolerance(reader: Reader, search: StoredSearch, tolerance: float, rationale: str) -> None:
    """Keep a tolerance with its reason.

    Raises
    ------
    CandorError
        The reason is too short or too long.
    """
    save_tolerance(open_workspace(), reader.viewer, search.search_id, round(tolerance * STEPS), rationale)
