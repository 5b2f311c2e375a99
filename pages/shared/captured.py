"""What a page showed, noted part by part while it is drawn, so that it can be kept as a pin.

The frame begins a new sheet before a page runs; `widgets` and `exports` note each part with one line. A part of a page
that runs again on its own (a fragment) takes the place of what it showed before; one that runs beside the page adds
its parts when they are there. So a sheet always says what stands on the screen. It holds what the viewer saw, which
the data layer has cut to the policy; what is not drawn by `widgets` (inputs, links, buttons) is not on it.

Nothing is converted until somebody pins: a page that is only looked at pays for a list of references.
"""

from __future__ import annotations

import csv
import io
import math
import re
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol

import pandas as pd
import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.scriptrunner_utils.script_run_context import ThreadState

from data.access import Viewer
from data.code_version import code_hash, library_versions
from data.reader import Reader
from data.workspace.pin_parts import (
    Cell,
    ChartPart,
    MarkupPart,
    Part,
    Shown,
    Source,
    TablePart,
    WordsKind,
    WordsPart,
)
from explainers.pins.compare import facts
from explainers.pins.figures import plain_figure

if TYPE_CHECKING:
    from pages.shared.frame import AsOf, PageSpec

KEY = "candor-captured"
"""Session key of the sheet of the page on screen."""
NOT_INPUTS = {"check", "pin", "walk", "step", "run", "walk-app", "walk-attribute", "walk-group"}
"""Query parameters that say nothing about the view."""
LAST = ("how", "limits", "technical")
FIRST = ("finding", "context")
_PAUSED: ContextVar[bool] = ContextVar("candor-captured-paused", default=False)


class Drawn(Protocol):
    """A figure of Plotly, as far as it is needed here."""

    def to_json(self) -> str:
        """Return the figure as JSON."""


@dataclass(frozen=True)
class _Figure:
    """A chart, not converted yet."""

    kind: Literal["chart", "picture"]
    title: str
    alt: str
    figure: Drawn


@dataclass(frozen=True)
class _Table:
    """A table, not converted yet."""

    kind: Literal["table", "figures"]
    name: str
    frame: pd.DataFrame


_Noted = WordsPart | MarkupPart | TablePart | _Figure | _Table


@dataclass
class Sheet:
    """The parts of the page on screen."""

    page: str
    question: str
    as_of: AsOf
    beside: tuple[str, ...]
    viewer: Viewer
    """Who the page was drawn for: nobody else keeps it, also where a role changed since."""
    snapshot_id: str
    """Snapshot the page was drawn from."""
    run: object
    """The run that draws the page."""
    entries: list[tuple[str | None, _Noted]] = field(default_factory=list)
    """(fragment that drew it or None, part)."""
    runs: dict[str, object] = field(default_factory=dict)
    """Fragment -> the run in which it drew last."""
    late: set[str] = field(default_factory=set)
    """Fragments that run beside the page: when they draw is chance, so their parts stand after the others."""
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, fragment: str | None, run: object, part: _Noted) -> None:
        """Add a part; the first one of a fragment's new run replaces what the fragment drew before."""
        with self.lock:
            place = len(self.entries)
            if fragment is not None:
                old = [i for i, (drawn_by, _) in enumerate(self.entries) if drawn_by == fragment]
                if old and self.runs.get(fragment) is not run:
                    place = old[0]
                    self.entries = [entry for entry in self.entries if entry[0] != fragment]
                elif old:
                    place = old[-1] + 1
                self.runs[fragment] = run
            self.entries.insert(place, (fragment, part))


def begin(spec: PageSpec, as_of: AsOf, reader: Reader, beside: Sequence[str]) -> None:
    """Begin the sheet of a page; a page that cannot be pinned has none."""
    if spec.can_pin:
        drawn_for = (reader.viewer, reader.snapshot_id)
        st.session_state[KEY] = Sheet(spec.url, spec.title, as_of, tuple(sorted(beside)), *drawn_for, _run())
    else:
        st.session_state.pop(KEY, None)


@contextmanager
def paused() -> Iterator[None]:
    """Draw without noting: what belongs to the frame, or is noted in another way."""
    token = _PAUSED.set(True)
    try:
        yield
    finally:
        _PAUSED.reset(token)


def words(kind: WordsKind, *texts: str) -> None:
    """Note sentences."""
    for text in texts:
        _note(WordsPart(kind, text))


def markup(kind: Literal["html", "technical"], text: str) -> None:
    """Note HTML of a template."""
    _note(MarkupPart(kind, text))


def chart(kind: Literal["chart", "picture"], figure: Drawn, title: str, alt: str) -> None:
    """Note a chart."""
    _note(_Figure(kind, title, alt, figure))


def table(kind: Literal["table", "figures"], frame: pd.DataFrame, name: str = "") -> None:
    """Note a table."""
    _note(_Table(kind, name, frame))


def csv_table(text: str, name: str) -> None:
    """Note a table that is offered as a file only."""
    columns, *rows = csv.reader(io.StringIO(text)) or [[]]
    _note(TablePart("figures", name, tuple(columns), tuple(tuple(row) for row in rows)))


def at_rest() -> bool:
    """Return whether the page and all that runs beside it are drawn: a later run of a part begins only then."""
    sheet: Sheet | None = st.session_state.get(KEY)
    return sheet is not None and sheet.run is not _run()


def has_finding() -> bool:
    """Return whether the page on screen has an answer that can be pinned."""
    sheet: Sheet | None = st.session_state.get(KEY)
    return sheet is not None and any(part.kind == "finding" for _, part in sheet.entries)


def shown(reader: Reader) -> Shown | None:
    """Return what stands on the screen, ready to be kept; None when nothing was drawn that this viewer can keep."""
    sheet: Sheet | None = st.session_state.get(KEY)
    if sheet is None or (sheet.viewer, sheet.snapshot_id) != (reader.viewer, reader.snapshot_id):
        return None
    with sheet.lock:
        entries, late = list(sheet.entries), set(sheet.late)
    noted = [_plain(part) for drawn_by, part in entries if drawn_by not in late]
    beside = [[_plain(part) for drawn_by, part in entries if drawn_by == one] for one in late]
    for parts in sorted(beside, key=_sign):
        noted += parts
    if not any(part.kind == "finding" for part in noted):
        return None
    ordered = [part for part in noted if part.kind in FIRST]
    ordered += [part for part in noted if part.kind not in (*FIRST, *LAST)]
    ordered += [part for part in noted if part.kind in LAST]
    return Shown(
        sheet.page, sheet.question, address(reader), tuple(ordered), _source(sheet, reader), sum(map(len, beside))
    )


def address(reader: Reader) -> tuple[tuple[str, str], ...]:
    """Return the query parameters of the page on screen, with the model and the snapshot that a new visit omits."""
    given = st.query_params
    kept = {(key, value) for key in given if key not in NOT_INPUTS for value in given.get_all(key)}
    kept = {(key, value) for key, value in kept if key not in ("model", "snapshot")}
    return tuple(sorted({*kept, ("model", reader.manifest.model_id), ("snapshot", reader.snapshot_id)}))


def _note(part: _Noted) -> None:
    if _PAUSED.get():
        return
    sheet: Sheet | None = st.session_state.get(KEY)
    if sheet is not None:
        state = ThreadState.get()
        if state.fragment_id is not None and state.is_parallel_worker:
            sheet.late.add(state.fragment_id)
        sheet.note(state.fragment_id, _run(), part)


def _run() -> object:
    """Return what Streamlit makes anew for every run: it tells a part that runs again from one that goes on."""
    context = get_script_run_ctx(suppress_warning=True)
    return None if context is None else context.parallel_coordinator


def _sign(parts: list[Part]) -> str:
    """Return what orders the parts of fragments that run beside the page: their first words, whatever the numbers."""
    return re.sub(r"[\d.,]+", "", " ".join(str(value) for _, value in facts(parts[0]))) if parts else ""


def _source(sheet: Sheet, reader: Reader) -> Source:
    manifest, as_of = reader.manifest, sheet.as_of
    return Source(
        model_id=manifest.model_id,
        model_label=as_of.model_label,
        snapshot_id=manifest.snapshot_id,
        snapshot_hash=manifest.fingerprint,
        inputs=dict(manifest.inputs),
        beside=sheet.beside,
        applications=as_of.applications,
        as_of=as_of.as_of,
        checks=as_of.checks,
        synthetic=as_of.synthetic,
        audience_label=as_of.audience,
        code_hash=code_hash(),
        libraries=dict(library_versions()),
    )


def _plain(part: _Noted) -> Part:
    if isinstance(part, _Figure):
        return ChartPart(part.kind, part.title, part.alt, plain_figure(part.figure.to_json()))
    if isinstance(part, _Table):
        rows = tuple(tuple(_cell(cell) for cell in row) for row in part.frame.astype(object).itertuples(index=False))
        return TablePart(part.kind, part.name, tuple(map(str, part.frame.columns)), rows)
    return part


def _cell(value: object) -> Cell:
    """Return a cell as plain JSON; a missing one is None."""
    plain = value.item() if hasattr(value, "item") else value
    if plain is None or plain is pd.NA or plain is pd.NaT or (isinstance(plain, float) and not math.isfinite(plain)):
        return None
    return plain if isinstance(plain, str | int | float | bool) else str(plain)
