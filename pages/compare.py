"""What is different? Two applications, an application and ones like it, or two snapshots."""

from __future__ import annotations

from functools import partial

import streamlit as st

from data.reader import Reader
from explainers.compare import charts, pair_words, similar_words
from explainers.compare.table import table_pair, table_similar_one
from pages.shared import cohorts, compare_answers, links, lookup, readers, versions_view, widgets

TWO, SIMILAR, SNAPSHOTS = MODES = ("Two applications", "Similar applications", "Two snapshots")


def ask_second() -> str:
    """Draw the box for the second number and return what is in it."""
    given = {"key": "second", "bind": "query-params", "max_chars": 200, "width": 230}
    return (st.text_input("Second application", **given) or "").strip()


def show_pair(reader: Reader, first: str, second: str) -> None:
    """Arrange two applications side by side."""
    result = compare_answers.pair(reader, first, second)
    widgets.finding(pair_words.say_pair(result), pair_words.say_pair_context(result))
    main, side = widgets.columns()
    with main:
        widgets.section("The largest differences")
        widgets.paragraphs(pair_words.say_differences(result))
        widgets.chart(charts.chart_pair(result), alt=pair_words.say_pair_alt(result))
        widgets.table(pair_words.figures_pair(result), f"two-applications-{result.snapshot_id}")
    with side:
        widgets.fragment(table_pair(result))
    widgets.closing(pair_words.say_how_to_read(result), pair_words.LIMITS)


def put_beside(number: str) -> None:
    """Open the side by side view with a second application."""
    st.session_state["mode"], st.session_state["second"] = TWO, number
    st.query_params["second"] = number


def show_similar(reader: Reader, number: str) -> None:
    """Arrange the applications most like one."""
    result = compare_answers.similar(reader, number)
    widgets.finding(similar_words.say_similar(result), similar_words.say_similar_context(result))
    with st.container():
        for other in result.others:
            widgets.fragment(table_similar_one(result, other))
            words = links.plain(f"Side by side with {other.application_id}")
            beside = partial(put_beside, other.application_id)
            st.button(words, key=f"beside-{other.application_id}", type="tertiary", on_click=beside)
    widgets.table(similar_words.table_similar(result), f"similar-{result.snapshot_id}")
    counted = reader.viewer.policy.lookups_per_hour is not None
    widgets.closing(similar_words.say_how_to_read(counted=counted), similar_words.LIMITS)


reader = readers.current()
with st.container(horizontal=True, vertical_alignment="bottom", key="candor-inputs"):
    mode = st.radio("Compare", MODES, horizontal=True, key="mode", bind="query-params")
    first = lookup.ask_number() if mode != SNAPSHOTS else ""
    second = ask_second() if mode == TWO else ""
if mode == SNAPSHOTS:
    versions_view.draw(reader, cohorts.choose(reader))
elif mode == TWO and first and second:
    show_pair(reader, first, second)
elif mode == SIMILAR and first:
    show_similar(reader, first)
else:
    prompt = pair_words.say_prompt(int(reader.totals()["n"]), two=mode == TWO, has_first=bool(first))
    widgets.question("What is different?", prompt)
    with st.container(horizontal=True):
        lookup.offer_picks(reader, box="second" if first else lookup.NUMBER)
