"""What a pin holds: one page as it was shown, in plain values.

A `Pin` is made of JSON values only. It can be kept, shown again, compared with a later showing, and written into a
document, without the snapshot and without the libraries that drew it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from functools import cached_property
from typing import Any, Literal

from pydantic import TypeAdapter

from data.access import Audience
from data.workspace.chain import canonical

Cell = str | int | float | bool | None
"""One cell of a table; None is an empty one."""
WordsKind = Literal["finding", "context", "section", "note", "warning", "paragraph", "how", "limits"]


@dataclass(frozen=True)
class WordsPart:
    """A sentence or a paragraph."""

    kind: WordsKind
    """"finding" is the page's answer, "context" the sentence under it, "section" the title of a part, "note" a quiet
    sentence, "warning" one that must not be missed, "how" and "limits" the two closing texts."""
    text: str
    """Plain text, as it was shown."""


@dataclass(frozen=True)
class MarkupPart:
    """HTML of the house's own templates, with every value escaped: bars, facts, checks."""

    kind: Literal["html", "technical"]
    """"technical" stood under "Technical detail"."""
    markup: str
    """HTML that `assets/theme` styles."""


@dataclass(frozen=True)
class ChartPart:
    """A chart with its figures."""

    kind: Literal["chart", "picture"]
    """"chart" was drawn; "picture" was offered as a file only."""
    title: str
    """Its finding."""
    alt: str
    """Its finding and numbers in words."""
    figure: Mapping[str, Any]
    """Plotly's JSON as drawn on light paper: lists of plain numbers, nothing encoded."""


@dataclass(frozen=True)
class TablePart:
    """A table."""

    kind: Literal["table", "figures"]
    """"table" stood on the page; "figures" are those behind the chart before it, as unfolded or saved as CSV."""
    name: str
    """Name of its file, without the ending; "" without one."""
    columns: tuple[str, ...]
    """Titles."""
    rows: tuple[tuple[Cell, ...], ...]
    """Cells, as shown."""


Part = WordsPart | MarkupPart | ChartPart | TablePart


@dataclass(frozen=True)
class Source:
    """Where the figures came from: what stood in the bar over the page, and the hashes."""

    model_id: str
    """Slug of the model."""
    model_label: str
    """Name and version of the model, for people."""
    snapshot_id: str
    """Snapshot that was shown."""
    snapshot_hash: str
    """`fingerprint` of its manifest: card, model, table, seed and layout."""
    inputs: Mapping[str, str]
    """SHA-256 of card, model and source; empty for a view that is not told them."""
    beside: tuple[str, ...]
    """The other snapshots that were there; some parts of pages look at them too."""
    applications: int
    """How many applications the viewer could see."""
    as_of: str
    """Date of the latest application, as people write it."""
    checks: str
    """State of the self-checks in words."""
    synthetic: bool
    """Whether the applications are made up."""
    audience_label: str
    """Whose view it was, in words: "Partner view: First Harbor Bank"."""
    code_hash: str
    """SHA-256 over the app's own code and assets."""
    libraries: Mapping[str, str]
    """Versions of Python and of the libraries the figures pass through."""


@dataclass(frozen=True)
class Shown:
    """One page as one viewer saw it."""

    page: str
    """Last part of the page's address: "decision"."""
    question: str
    """The question the page answers."""
    address: tuple[tuple[str, str], ...]
    """Query parameters that open the same view: model, snapshot, inputs; sorted by name."""
    parts: tuple[Part, ...]
    """What was shown: finding and context first, then in the order of drawing, closing texts last."""
    source: Source
    """Where the figures came from."""
    late: int = 0
    """How many of the parts were drawn beside the page, after it; they stand before the closing texts."""

    @property
    def finding(self) -> str:
        """Return the page's answer."""
        return next((p.text for p in self.parts if isinstance(p, WordsPart) and p.kind == "finding"), "")

    @property
    def context(self) -> str:
        """Return the sentence under it."""
        return next((p.text for p in self.parts if isinstance(p, WordsPart) and p.kind == "context"), "")


@dataclass(frozen=True)
class Pin:
    """An answer kept as it was shown."""

    pin_id: str
    """UUID."""
    title: str
    """What the person who kept it calls it; the finding where nothing was typed."""
    who: str
    """Account that kept it."""
    audience: Audience
    """View it was made in: it holds nothing that this audience may not see."""
    partner: str | None
    """The partner of that view; None where it was of every partner."""
    session_id: str | None
    """The session it was made in."""
    pinned_at: str
    """When, UTC with microseconds, as text."""
    shown: Shown
    """What was shown."""

    @property
    def scope(self) -> str:
        """Return the view it was made in as one word, like `Viewer.scope`."""
        return f"{self.audience}|{self.partner if self.partner is not None else '*'}"

    @cached_property
    def text(self) -> str:
        """Return the pin as canonical JSON: what the workspace keeps and hashes."""
        return canonical(_plain(self))

    @cached_property
    def content_hash(self) -> str:
        """Return the SHA-256 of `text`."""
        return hashlib.sha256(self.text.encode()).hexdigest()


_SHAPE = TypeAdapter(Pin)


def _plain(value: object) -> object:
    """Return dataclasses as mappings; what is in a mapping already, figures above all, is taken as it is."""
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    return [_plain(one) for one in value] if isinstance(value, tuple) else value


def read_pin_text(text: str) -> Pin:
    """Return a pin from its JSON.

    Raises
    ------
    ValueError
        The text is not a pin.
    """
    return _SHAPE.validate_json(text)
