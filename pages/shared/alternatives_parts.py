"""The parts of Alternatives: asking for a search, watching it, choosing one, and the tolerance with its reason."""

from __future__ import annotations

import streamlit as st

from data.errors import CandorError
from data.reader import Reader
from data.workspace.alternatives import LONGEST_RATIONALE, StoredSearch
from explainers.style import day_from_iso, percent
from pages.shared import alternatives_answers, readers, widgets

SAID = "candor-alternatives-said"
"""Session key of what became of the last click, shown once."""
WATCHED = "candor-alternatives-watched"
"""Session key: a search was seen running, so its end is worth a new run of the page."""
TOLERANCE = "tolerance"
TYPED = "alternatives-rationale"
EVERY = 1.5
"""Seconds between two looks at a running search."""
MOST = 0.05
STEP = 0.001
FIRST = 0.01


def ask(reader: Reader) -> None:
    """Draw what to search by, the button that starts a search, and how far a running one is."""
    labels = alternatives_answers.attributes(reader)
    if not labels:
        widgets.note("This snapshot has no attribute on file with two groups to compare.")
        return
    with st.expander("Search for alternatives", expanded=not alternatives_answers.searches(reader)):
        widgets.paragraphs(
            (
                "A search trains about twenty small models on past applications whose outcome is known. It runs in the"
                " background, one at a time, and takes a minute or so. Only its end is kept.",
            )
        )
        with st.container(horizontal=True, vertical_alignment="bottom"):
            attribute = str(
                st.selectbox("Attribute", list(labels), format_func=labels.get, key="alternatives-attribute", width=260)
            )
            groups = alternatives_answers.groups(reader, attribute)
            group = str(st.selectbox("Group", groups, key="alternatives-group", width=220))
            st.button(
                "Search", key="alternatives-start", type="primary", on_click=_start, args=(reader, attribute, group)
            )
        watch(reader)
        if said := st.session_state.pop(SAID, None):
            widgets.warning(said)


def watch(reader: Reader) -> None:
    """Draw how far the search is, again and again while one runs; its end draws the page anew."""
    running = alternatives_answers.running(reader).state == "running"
    st.fragment(_watch, run_every=EVERY if running else None)()


def _watch() -> None:
    reader = readers.current()
    now = alternatives_answers.running(reader)
    if now.state == "running":
        st.session_state[WATCHED] = True
        st.progress(now.done, text=f"{percent(now.done)}: {now.doing} ({now.about})")
        st.button("Stop", key="alternatives-stop", on_click=alternatives_answers.stop, args=(reader,))
        return
    if st.session_state.pop(WATCHED, False):
        st.rerun()
    if now.state == "failed":
        widgets.warning(f"The last search failed. {now.found}")
    elif now.state == "stopped":
        widgets.note("The last search was stopped. Nothing of it was kept.")


def _start(reader: Reader, attribute: str, group: str) -> None:
    try:
        alternatives_answers.start(reader, attribute, group)
    except CandorError as error:
        st.session_state[SAID] = str(error)


def choose(found: dict[str, StoredSearch]) -> StoredSearch:
    """Draw the choice of a finished search, where there are several, and return it; the newest by default."""
    if len(found) == 1:
        return next(iter(found.values()))
    key = st.selectbox(
        "Search",
        list(found),
        format_func=lambda key: _name(found[key]),
        key="search",
        bind="query-params",
        width=420,
    )
    return found[str(key)]


def _name(search: StoredSearch) -> str:
    return f"{search.attribute}, {day_from_iso(search.finished_at[:10])} {search.finished_at[11:16]} UTC"


def tolerance() -> float:
    """Draw the slider of the tolerance and return it."""
    label = "How much ranking may be given up (AUC)"
    chosen = st.slider(label, 0.0, MOST, FIRST, STEP, format="%.3f", key=TOLERANCE, bind="query-params", width=420)
    return float(chosen)


def rationale(reader: Reader, search: StoredSearch, chosen: float) -> None:
    """Draw the reason for a tolerance, the button that keeps it, and those kept before."""
    widgets.section("Why this tolerance?")
    widgets.note(
        "How much ranking may be given up is a choice of the lender. Write down why; it is kept with your name."
    )
    st.text_area("Reason", key=TYPED, max_chars=LONGEST_RATIONALE)
    st.button("Keep it", key="alternatives-keep", on_click=_keep, args=(reader, search, chosen))
    if told := st.session_state.pop(f"{SAID}-kept", None):
        widgets.note(told)
    for one in alternatives_answers.tolerances(reader, search):
        when = day_from_iso(one.written_at[:10])
        widgets.paragraphs((f"{one.tolerance / alternatives_answers.STEPS:.3f} — {one.rationale} ({one.who}, {when})",))


def _keep(reader: Reader, search: StoredSearch, chosen: float) -> None:
    try:
        alternatives_answers.keep_tolerance(reader, search, chosen, st.session_state[TYPED] or "")
        st.session_state[f"{SAID}-kept"] = f"Kept: a tolerance of {chosen:.3f}."
        st.session_state[TYPED] = ""
    except CandorError as error:
        st.session_state[f"{SAID}-kept"] = str(error)
