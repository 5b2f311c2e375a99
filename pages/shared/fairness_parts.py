"""The parts of Fairness that run on their own: what a gap goes with, and slices in which it is larger.

Whether the viewer may see groups is asked at every call, before anything that is cached.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, cast

import streamlit as st

from data.cohorts import Cohort, read_cohort
from data.errors import NotFoundForViewer
from data.reader import Reader
from explainers.fairness import charts as fairness_charts
from explainers.fairness import level_words
from explainers.fairness.levels import LevelsResult, compute_levels
from explainers.fairness_drivers import charts, table, words
from explainers.fairness_drivers.compute import compute_gap, compute_neutral, compute_proxies
from explainers.fairness_drivers.pair import groups_of
from explainers.fairness_drivers.result import GapResult, NeutralResult, ProxyResult
from explainers.slices import charts as slice_charts
from explainers.slices import table as slice_table
from explainers.slices import words as slice_words
from explainers.slices.compute import choices, compute_chosen, compute_found
from explainers.slices.result import SlicesResult
from pages.shared import answers, links, readers, widgets

GROUP = "gap-group"
"""Key of the group that is set against the reference, and its parameter in the address."""
BY = "slices-by"
"""Key of what slices are made by, and its parameter in the address."""
FOUND = {"found.approval": "Look for slices: approvals", "found.error": "Look for slices: errors of estimates"}


def draw_drivers(reader: Reader, attribute: str, cohort: Cohort) -> None:
    """Draw what the gap between two groups goes with.

    Parameters
    ----------
    reader : Reader
        The snapshot in force.
    attribute : str
        A protected attribute, by its name in the card.
    cohort : Cohort
        Which applications; viewers of aggregates see all only.
    """
    _draw_drivers(attribute, cohort.text)


def draw_levels(reader: Reader, attribute: str, cohort: Cohort) -> None:
    """Draw, for who sees every group and asks for it, whether estimates hold at every level.

    Parameters as for `draw_drivers`.
    """
    if reader.viewer.policy.groups != "on" or not reader.is_probability:
        return
    if not st.toggle("Do estimates hold at every level?", key=f"levels-{attribute}"):
        return
    reader.protected_groups()
    result = _levels(reader.snapshot_id, reader.viewer.scope, attribute, cohort.text, reader)
    widgets.section(level_words.say_levels(result))
    if result.judged:
        widgets.chart(fairness_charts.chart_levels(result), alt=level_words.say_levels_alt(result))
        widgets.note(level_words.say_levels_note(result))
        widgets.table(level_words.table_levels(result), f"groups-by-level-{result.snapshot_id}")


@st.cache_data(max_entries=64, show_spinner="Looking at every level")
def _levels(snapshot_id: str, scope: str, attribute: str, text: str, _reader: Reader) -> LevelsResult:
    return compute_levels(_reader, attribute, read_cohort(text))


def draw_slices(reader: Reader, attribute: str, cohort: Cohort) -> None:
    """Draw slices in which two groups differ more than elsewhere; nothing for viewers who see families only.

    Parameters as for `draw_drivers`.
    """
    if reader.viewer.policy.signals == "every signal":
        _draw_slices(attribute, cohort.text)


@st.fragment
def _draw_drivers(attribute: str, text: str) -> None:
    reader, title = readers.current(), st.container()
    try:
        reader.protected_groups()
        group = _choose_group(reader, attribute)
        if group is None:
            return
        result = gap(reader, attribute, group, read_cohort(text))
    except NotFoundForViewer as error:
        widgets.warning(f"{error.title}. {error.message}")
        return
    with title:
        widgets.section(words.say_gap(result))
    widgets.note(words.say_gap_context(result))
    if not result.pair.enough:
        return
    widgets.chart(charts.chart_gap(result), alt=words.say_gap_alt(result))
    widgets.note(words.say_gap_legend(result.pair))
    widgets.table(table.table_gap(result), f"gap-{result.pair.snapshot_id}")
    if result.pair.kind == "observed":
        if st.toggle("What if one family looked as in the reference group?", key=f"what-if-{attribute}"):
            _draw_neutral(reader, attribute, group, read_cohort(text))
        if st.toggle("Does a signal stand in for the group?", key=f"stand-in-{attribute}"):
            _draw_proxies(reader, attribute, read_cohort(text), result)
    with st.expander("How the parts are computed, and what they cannot tell"):
        widgets.paragraphs((*words.say_how_to_read(result), *words.LIMITS))
        widgets.fragment(table.table_technical(result))


def _choose_group(reader: Reader, attribute: str) -> str | None:
    """Draw the choice of a group and return it; None where there is nothing to compare."""
    groups = _groups(reader.snapshot_id, reader.viewer.scope, attribute, reader)
    if not groups:
        widgets.note("There is one group only: nothing to compare.")
        return None
    return str(st.selectbox("Group", groups, key=GROUP, bind="query-params", width=300))


def _draw_neutral(reader: Reader, attribute: str, group: str, cohort: Cohort) -> None:
    result = neutral(reader, attribute, group, cohort)
    if result is None:
        widgets.note("Too few applications to ask this.")
        return
    widgets.section(words.say_neutral(result))
    widgets.note(words.say_neutral_context(result))
    widgets.chart(charts.chart_neutral(result), alt=words.say_neutral_alt(result))
    widgets.table(table.table_neutral(result), f"gap-what-if-{result.pair.snapshot_id}")


def _draw_proxies(reader: Reader, attribute: str, cohort: Cohort, found: GapResult) -> None:
    result = proxies(reader, attribute, cohort, found)
    if result is None:
        widgets.note("Too few applications to measure this.")
        return
    widgets.section(words.say_proxies(result))
    widgets.note(words.say_proxies_context(result))
    widgets.chart(charts.chart_proxies(result), alt=words.say_proxies_alt(result))
    widgets.table(table.table_proxies(result), f"stand-ins-{result.pair.snapshot_id}")
    if result.signals:
        widgets.table(table.table_signals(result), f"stand-in-signals-{result.pair.snapshot_id}")


@st.fragment
def _draw_slices(attribute: str, text: str) -> None:
    reader, title = readers.current(), st.container()
    try:
        reader.protected_groups()
        groups = _groups(reader.snapshot_id, reader.viewer.scope, attribute, reader)
        made = FOUND | _choices(reader.snapshot_id, reader.viewer.scope, attribute, reader)
        if not groups:
            return
        asked = st.session_state.get(GROUP) or st.query_params.get(GROUP)
        group = asked if asked in groups else groups[0]
        by = st.selectbox("Slices by", list(made), format_func=made.get, key=BY, bind="query-params", width=420)
        result = slices(reader, attribute, group, by, read_cohort(text))
    except NotFoundForViewer as error:
        widgets.warning(f"{error.title}. {error.message}")
        return
    with title:
        widgets.section(slice_words.say_slices(result))
    widgets.note(slice_words.say_slices_context(result))
    if slice_words.shown(result):
        widgets.chart(slice_charts.chart_slices(result), alt=slice_words.say_slices_alt(result))
        widgets.note(slice_words.say_legend(result))
    if result.slices:
        widgets.table(slice_table.table_slices(result), f"slices-{result.pair.snapshot_id}")
    _link_slices(result)
    with st.expander("What slices cannot tell"):
        widgets.paragraphs(slice_words.LIMITS)


def _link_slices(result: SlicesResult) -> None:
    """Lead to the applications of the first slices that hold."""
    with st.container(horizontal=True):
        full = [one for one in slice_words.shown(result) if one.holds]
        for place, one in zip(("first", "second", "third"), full, strict=False):
            if one.cohort:
                links.link("cohorts.py", f"Applications of the {place} full dot", {"cohort": one.cohort})


def gap(reader: Reader, attribute: str, group: str, cohort: Cohort) -> GapResult:
    """Return the parts of the gap between a group and its reference.

    Raises
    ------
    NotFoundForViewer
        The viewer may not see it.
    """
    reader.protected_groups()
    result = _gap(reader.snapshot_id, reader.viewer.scope, attribute, group, cohort.text, reader)
    _log(reader, "fairness drivers", {"attribute": attribute, "group": group, "part": "gap"}, cohort, result.pair.n)
    return result


def neutral(reader: Reader, attribute: str, group: str, cohort: Cohort) -> NeutralResult | None:
    """Return what would change with one family as in the reference group; None with too few."""
    reader.protected_groups()
    result = _neutral(reader.snapshot_id, reader.viewer.scope, attribute, group, cohort.text, reader)
    if result is not None:
        inputs = {"attribute": attribute, "group": group, "part": "what if"}
        _log(reader, "fairness drivers", inputs, cohort, result.n_group)
    return result


def proxies(reader: Reader, attribute: str, cohort: Cohort, found: GapResult) -> ProxyResult | None:
    """Return which signals tell the groups apart; None with too few."""
    reader.protected_groups()
    result = _proxies(reader.snapshot_id, reader.viewer.scope, attribute, found.pair.group, cohort.text, reader)
    if result is not None:
        inputs = {"attribute": attribute, "group": found.pair.group, "part": "stand-ins"}
        _log(reader, "fairness drivers", inputs, cohort, result.n_learnt + result.n_measured)
    return result


def slices(reader: Reader, attribute: str, group: str, by: str, cohort: Cohort) -> SlicesResult:
    """Return slices of two groups, found or by what was chosen.

    Raises
    ------
    NotFoundForViewer
        The viewer may not see them.
    """
    reader.protected_groups()
    result = _slices(reader.snapshot_id, reader.viewer.scope, attribute, group, by, cohort.text, reader)
    _log(reader, "fairness slices", {"attribute": attribute, "group": group, "by": by}, cohort, result.n)
    return result


def _log(reader: Reader, page: str, inputs: Mapping[str, str], cohort: Cohort, n: int) -> None:
    """Write that a part is shown; the gap, what if, stand-ins and slices have a place each."""
    said = {**inputs, "cohort": cohort.text[: answers.LONGEST_INPUT] or "all"}
    answers.log(reader, page, said, n, part=inputs.get("part", page))


@st.cache_data(max_entries=64, show_spinner=False)
def _groups(snapshot_id: str, scope: str, attribute: str, _reader: Reader) -> tuple[str, ...]:
    return groups_of(_reader, attribute)


@st.cache_data(max_entries=64, show_spinner=False)
def _choices(snapshot_id: str, scope: str, attribute: str, _reader: Reader) -> dict[str, str]:
    return choices(_reader, attribute)


@st.cache_data(max_entries=64, show_spinner="Splitting the gap into parts")
def _gap(snapshot_id: str, scope: str, attribute: str, group: str, text: str, _reader: Reader) -> GapResult:
    return compute_gap(_reader, attribute, group, read_cohort(text))


@st.cache_data(max_entries=64, show_spinner="Scoring applications again")
def _neutral(
    snapshot_id: str, scope: str, attribute: str, group: str, text: str, _reader: Reader
) -> NeutralResult | None:
    with readers.ONE_AT_A_TIME:
        return compute_neutral(_reader, attribute, group, read_cohort(text))


@st.cache_data(max_entries=64, show_spinner="Measuring how well signals tell groups apart")
def _proxies(
    snapshot_id: str, scope: str, attribute: str, group: str, text: str, _reader: Reader
) -> ProxyResult | None:
    found = _gap(snapshot_id, scope, attribute, group, text, _reader)
    with readers.ONE_AT_A_TIME:
        return compute_proxies(_reader, attribute, read_cohort(text), found)


@st.cache_data(max_entries=128, show_spinner="Comparing slices")
def _slices(
    snapshot_id: str, scope: str, attribute: str, group: str, by: str, text: str, _reader: Reader
) -> SlicesResult:
    if by in FOUND:
        figure = cast(Literal["approval", "error"], by.removeprefix("found."))
        return compute_found(_reader, attribute, group, figure, read_cohort(text))
    return compute_chosen(_reader, attribute, group, by, read_cohort(text))
