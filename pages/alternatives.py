"""Does another model differ less, and rank about as well? Candidates measured; none is picked."""

from __future__ import annotations

import streamlit as st

from data.reader import Reader
from data.workspace.alternatives import StoredSearch
from explainers.alternatives import charts, table, words
from pages.shared import alternatives_answers, alternatives_parts, readers, widgets


def show(reader: Reader, found: dict[str, StoredSearch]) -> None:
    """Arrange a search: finding, frontier, every candidate, what was left out, the tolerance with its reason."""
    top = st.container()
    search = alternatives_parts.choose(found)
    result = alternatives_answers.result(reader, search)
    main, side = widgets.columns()
    with side:
        chosen = alternatives_parts.tolerance()
        alternatives_parts.rationale(reader, search, chosen)
        widgets.fragment(table.table_excluded(result))
    with top:
        widgets.finding(words.say_search(result, chosen), words.say_context(result))
    with main:
        widgets.section(words.say_frontier(result))
        widgets.chart(charts.chart_frontier(result, chosen), alt=words.say_frontier_alt(result))
        widgets.note(words.LEGEND)
        widgets.note(words.say_shrinks(result))
        widgets.table(table.table_candidates(result, chosen), f"alternatives-{result.snapshot_id}")
    widgets.closing(words.say_how_to_read(result), words.LIMITS, table.table_technical(result))


reader = readers.current()
searches = alternatives_answers.searches(reader)
if searches:
    show(reader, searches)
else:
    widgets.finding(
        "No search for alternatives was made yet",
        "A search shows which other models differ less between two groups, and what that costs. It picks none.",
    )
alternatives_parts.ask(reader)
