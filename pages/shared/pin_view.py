"""A pin on the screen: what was shown, drawn again from what was kept."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from html import escape

import pandas as pd
import streamlit as st

from data.access import Viewer
from data.errors import CandorError
from data.reader import Reader
from data.workspace import open_workspace
from data.workspace.pin_parts import ChartPart, MarkupPart, Part, Pin, TablePart, WordsPart
from data.workspace.pins import remove_pin
from explainers.pins import words
from explainers.pins.charts import chart_kept
from pages.shared import readers, session_answers, viewing, widgets


def show(reader: Reader, pin_id: str) -> None:
    """Arrange a pin: who kept it, what was shown, computing it again, earlier checks, where it comes from."""
    pin, checks = session_answers.open_pin(reader, pin_id)
    widgets.note(words.say_kept(pin))
    widgets.note(words.say_as_of(pin))
    for place, part in enumerate(pin.shown.parts):
        _draw(pin, part, f"{pin.pin_id[:8]}-{place}")
    _again(reader, pin)
    if checks:
        widgets.section("Computed again")
        widgets.paragraphs(words.say_checks(checks))
    if pin.who == reader.viewer.who:
        gone = partial(_remove, reader.viewer, pin_id)
        with st.container(horizontal=True):
            st.button("Remove this pin", key="pin-remove", type="tertiary", on_click=gone)
    technical = "".join(_markup(pin.shown.parts, "technical"))
    how, limits = ((*own, *_words(pin.shown.parts, kind)) for own, kind in _closing())
    widgets.closing(how, limits, words.table_source(pin) + technical)


def _closing() -> tuple[tuple[Sequence[str], str], ...]:
    return (words.HOW_TO_READ, "how"), (words.LIMITS, "limits")


def _draw(pin: Pin, part: Part, key: str) -> None:
    match part:
        case WordsPart(kind="finding"):
            widgets.finding(pin.shown.finding, pin.shown.context)
        case WordsPart(kind="section"):
            widgets.section(part.text)
        case WordsPart(kind="warning"):
            widgets.warning(part.text)
        case WordsPart(kind="note"):
            widgets.note(part.text)
        case WordsPart(kind="paragraph"):
            widgets.paragraphs([part.text])
        case MarkupPart(kind="html"):
            widgets.fragment(part.markup)
        case ChartPart(kind="chart"):
            widgets.chart(chart_kept(part), part.alt, part.title, save=False)
        case TablePart(kind="table"):
            widgets.plain_table(_frame(part))
        case TablePart(kind="figures"):
            widgets.table(_frame(part), f"pin-{key}")


def _again(reader: Reader, pin: Pin) -> None:
    """Offer to compute the pin again, on its own snapshot and on the newest of its model."""
    if viewing.account_words() is not None and pin.scope != reader.viewer.scope:
        widgets.note(words.say_other_view(pin))
        return
    source, links = pin.shown.source, [("Re-compute", session_answers.check_address(pin))]
    newest = next((c for c in readers.choices() if c.model_id == source.model_id), None)
    if newest is not None and newest.snapshot_id != source.snapshot_id:
        place = (newest.model_id, newest.snapshot_id)
        links.append((f"Re-compute {newest.snapshot_label}", session_answers.check_address(pin, place)))
    items = "".join(f'<a href="{escape(link)}" target="_self">{escape(label)}</a> ' for label, link in links)
    st.html(f'<p class="candor-link">{items}</p>')


def _remove(viewer: Viewer, pin_id: str) -> None:
    """Forget the pin and go back to the list."""
    try:
        remove_pin(open_workspace(), viewer, pin_id)
    except CandorError:
        return  # somebody else was quicker; the page says so
    st.query_params.pop("pin", None)


def _words(parts: Sequence[Part], kind: str) -> list[str]:
    return [part.text for part in parts if isinstance(part, WordsPart) and part.kind == kind]


def _markup(parts: Sequence[Part], kind: str) -> list[str]:
    return [part.markup for part in parts if isinstance(part, MarkupPart) and part.kind == kind]


def _frame(part: TablePart) -> pd.DataFrame:
    return pd.DataFrame(list(part.rows), columns=list(part.columns))
