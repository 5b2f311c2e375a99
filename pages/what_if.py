"""What would change it? Values of one application edited within the lender's limits, and the smallest changes."""

from __future__ import annotations

from functools import partial

import streamlit as st

from explainers.recourse import words as recourse_words
from explainers.recourse.result import RecourseResult
from explainers.recourse.table import table_neighbour, table_option
from explainers.what_if import words
from explainers.what_if.changes import ChangeProblems
from explainers.what_if.charts import chart_what_if
from explainers.what_if.result import EditorResult, WhatIfResult
from explainers.what_if.table import table_changes, table_sides, table_what_if
from pages.shared import answers, editor, lookup, readers, widgets


def show_result(result: WhatIfResult) -> None:
    """Arrange the answer: what changed, the picture, both sides."""
    widgets.section(words.say_bars(result))
    widgets.chart(chart_what_if(result), alt=words.say_alt(result))
    widgets.fragment(table_changes(result))
    widgets.section("On file and with the changes")
    widgets.fragment(table_sides(result))
    widgets.table(table_what_if(result), f"what-if-{result.snapshot_id}")


def show_recourse(open_editor: EditorResult, result: RecourseResult) -> None:
    """Arrange the smallest changes found, each with a button that fills the inputs."""
    widgets.section(recourse_words.say_recourse(result))
    for place, option in enumerate(result.options):
        widgets.fragment(table_option(result, option))
        fill = partial(editor.fill, open_editor, option.question)
        st.button("Try it", key=f"try-{place}", on_click=fill)
    widgets.note(recourse_words.say_detail(result))
    if result.neighbour is not None:
        widgets.fragment(table_neighbour(result.neighbour))


def show(number: str) -> None:
    """Draw one application: the answer on top, the inputs, what moved, the smallest changes."""
    reader = readers.current()
    open_editor = answers.editor(reader, number)
    top = st.container()
    main, side = widgets.columns()
    with main:
        if open_editor.rows:
            widgets.section("Change a value")
        changes = editor.edit(open_editor)
        editor.reset(open_editor)
    with side:
        given = {"value": answers.unlimited(reader), "key": "smallest", "bind": "query-params"}
        find = st.toggle("Find the smallest changes", **given)
    try:
        result, search = answers.what_if(reader, number, changes, find=find)
    except ChangeProblems as error:
        widgets.warning(error.message)
        result, search = answers.what_if(reader, number, {}, find=find)
    with top:
        widgets.finding(words.say_what_if(result, closed=not open_editor.rows), words.say_context(result))
    with main:
        if result.changes:
            show_result(result)
        widgets.paragraphs(words.say_fixed(open_editor))
    with side:
        if search is not None:
            show_recourse(open_editor, search())
    how = (*words.say_how_to_read(result), *recourse_words.say_how_to_read())
    widgets.closing(how, words.LIMITS)


with st.container(horizontal=True, vertical_alignment="bottom", key="candor-inputs"):
    number = lookup.ask_number()
    lookup.offer_picks(readers.current())
if number:
    show(number)
else:
    widgets.question("What would change it?", words.say_which(int(readers.current().totals()["n"])))
