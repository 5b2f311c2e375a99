"""Two snapshots side by side: the parts of the Compare page that only this mode needs."""

from __future__ import annotations

import streamlit as st

from data.cohorts import Cohort, CohortProblems
from data.reader import Reader
from explainers.compare import charts
from explainers.compare import versions_words as words
from explainers.compare.table import table_snapshots
from explainers.compare.versions_result import Swap, VersionsResult
from pages.shared import compare_answers, links, readers, widgets

LINK = "other"
"""Query parameter that names the other snapshot."""
KEY = "compare-other"
"""Session key of the choice."""


def draw(reader: Reader, cohort: Cohort) -> None:
    """Draw the choice of the other snapshot and the comparison with it."""
    others = compare_answers.others(readers.choices(), reader.snapshot_id)
    if not others:
        widgets.finding("There is one snapshot only.", "Build another one to compare it with.")
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        other = _pick(list(others))
        widgets.note(f"{others[other].model_label}, {others[other].snapshot_label}")
    try:
        show(compare_answers.versions(reader, others[other], cohort))
    except CohortProblems as error:
        widgets.finding("These applications cannot be chosen in both snapshots.", f"{error.message} Choose others.")


def _pick(ids: list[str]) -> str:
    """Draw the choice of the other snapshot; the address always names it, also where it is the first one."""
    asked = st.query_params.get(LINK)
    if asked in ids and KEY not in st.session_state:
        st.session_state[KEY] = asked
    other = st.selectbox("Compare with the snapshot", ids, key=KEY, width=300)
    st.query_params[LINK] = other
    return other


def show(result: VersionsResult) -> None:
    """Arrange the comparison: finding, who changes sides, differences, drivers, distributions."""
    widgets.finding(words.say_versions(result), words.say_versions_context(result))
    main, side = widgets.columns()
    name = f"{result.snapshot_id}-{result.there.snapshot_id}"
    with main:
        figure = charts.chart_shift(result)
        if figure is not None:
            swaps(result)
        if figure is not None and words.differs(result):
            widgets.section(words.say_shift(result))
            widgets.chart(figure, alt=words.say_shift_alt(result))
            note = words.say_shift_note(result)
            if note is not None:
                widgets.note(note)
            widgets.table(words.table_shift(result), f"differences-{name}")
        widgets.section(words.say_drivers(result))
        widgets.chart(charts.chart_drivers(result), alt=words.say_drivers_alt(result))
        widgets.table(words.table_drivers(result), f"drivers-{name}")
        widgets.section("Where the estimates lie in both")
        widgets.chart(charts.chart_spread(result), alt=words.say_spread_alt(result))
        widgets.table(words.table_spread(result), f"estimates-{name}")
    with side:
        widgets.fragment(table_snapshots(result))
        reasons = words.say_reasons(result)
        if reasons is not None:
            widgets.section("Do first reasons stay?")
            widgets.paragraphs([reasons])
    widgets.closing(words.say_how_to_read(result), words.LIMITS)


def swaps(result: VersionsResult) -> None:
    """Draw both directions of the applications that change sides, with some to look at."""
    for swap, declined in ((result.now_declined, True), (result.now_approved, False)):
        if swap is not None and swap.n:
            widgets.section(words.say_swap_title(result, swap, declined=declined))
            widgets.paragraphs([words.say_swap(result, swap)])
            examples(swap)


def examples(swap: Swap) -> None:
    """Draw links to the decisions of some applications, here."""
    widgets.note("Some of them, the largest differences first:")
    with st.container(horizontal=True, gap="small"):
        for number in swap.examples:
            links.link("decision.py", number, {"app": number})
