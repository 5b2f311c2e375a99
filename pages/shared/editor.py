"""The editor of a what-if question: one input per signal that may change, empty while it stays as on file."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import streamlit as st

from explainers.what_if.address import LONGEST, read_changes, write_changes
from explainers.what_if.result import EditorResult, EditorRow

LINK = "set"
"""Query parameter that holds the changes."""
SEEDED = "candor-what-if-seeded"
"""Session key: the application whose inputs were filled from the link."""
MOST_ROWS = 24
"""More signals than this are picked by name first."""
COLUMNS = 3


def edit(editor: EditorResult) -> dict[str, float | str]:
    """Draw the inputs and return what is changed; the link follows."""
    unread = _seed(editor)
    rows = _chosen_rows(editor)
    changes: dict[str, float | str] = {}
    cells = [cell for _ in range(0, len(rows), COLUMNS) for cell in st.columns(COLUMNS)]
    for row, cell in zip(rows, cells, strict=False):
        with cell:
            value = _input(editor, row)
        if value is not None:
            changes[row.name] = value
    st.query_params.pop(LINK, None)
    if changes:
        st.query_params[LINK] = write_changes(changes)
    return {**unread, **changes}


def fill(editor: EditorResult, question: str) -> None:
    """Put the changes of a link or an option into the inputs, all others back as on file."""
    words = read_changes(question)
    for row in editor.rows:
        st.session_state[_key(editor, row)] = _read(row, words.get(row.name))
    picked = [row.name for row in editor.rows if row.name in words]
    st.session_state[_key(editor, None)] = picked


def reset(editor: EditorResult) -> None:
    """Draw the button that puts every value back as on file; none where nothing may be changed."""
    if editor.rows:
        st.button("Reset", key="what-if-reset", on_click=partial(fill, editor, ""))


def _seed(editor: EditorResult) -> dict[str, float | str]:
    """Fill the inputs from the link once per application; return what fits no input, so that it is complained of."""
    if st.session_state.get(SEEDED) == (editor.snapshot_id, editor.application_id):
        return {}
    st.session_state[SEEDED] = (editor.snapshot_id, editor.application_id)
    text = str(st.query_params.get(LINK, ""))[:LONGEST]
    fill(editor, text)
    readable = {row.name for row in editor.rows if st.session_state[_key(editor, row)] is not None}
    return {name: value for name, value in read_changes(text).items() if name not in readable}


def _read(row: EditorRow, word: str | None) -> float | str | None:
    """Return a word of a link as the input's own kind of value; None where the input cannot hold it."""
    if word is None or row.levels:
        return word if word in row.levels else None
    try:
        value = float(word)
    except ValueError:
        return None
    low = value if row.low is None else row.low
    high = value if row.high is None else row.high
    return value if low <= value <= high else None


def _key(editor: EditorResult, row: EditorRow | None) -> str:
    return f"set-{editor.snapshot_id}-{editor.application_id}-{'' if row is None else row.name}"


def _chosen_rows(editor: EditorResult) -> tuple[EditorRow, ...]:
    """Return every row, or of many the ones picked by name."""
    if len(editor.rows) <= MOST_ROWS:
        return editor.rows
    labels: Mapping[str, str] = {row.name: row.label for row in editor.rows}
    picked = st.multiselect("Signals to change", list(labels), format_func=labels.get, key=_key(editor, None))
    return tuple(row for row in editor.rows if row.name in picked)


def _input(editor: EditorResult, row: EditorRow) -> float | str | None:
    key, label, now = _key(editor, row), row.label, f"now {row.on_file}"
    if row.levels:
        return st.selectbox(
            label,
            list(row.levels),
            index=None,
            format_func=row.levels.get,
            placeholder=now,
            key=key,
            help=row.definition,
        )
    return st.number_input(
        label,
        min_value=row.low,
        max_value=row.high,
        value=None,
        step=row.step,
        format="%.0f" if row.step == round(row.step) else "%.12g",
        placeholder=now,
        key=key,
        help=row.definition,
    )
