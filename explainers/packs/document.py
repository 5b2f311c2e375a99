"""What a pack says, before it has a form: sections of blocks that every writer (PDF, Word, PowerPoint, HTML) lays out.

A writer takes only this. It looks up nothing and computes nothing, so that the forms of one pack say the same to the
last digit.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from data.access import Audience
from data.workspace.pin_parts import Cell, ChartPart, Source
from explainers.style import MINUS, whole

TextKind = Literal["finding", "context", "heading", "text", "note", "warning", "small"]


@dataclass(frozen=True)
class TextBlock:
    """A sentence or a paragraph."""

    kind: TextKind
    """"finding" is the answer and stands first, "context" the sentence under it, "heading" the title of a part of a
    section, "text" a paragraph, "note" a quiet one, "warning" one that must not be missed, "small" a closing text."""
    text: str
    """Plain text."""


@dataclass(frozen=True)
class ListBlock:
    """Sentences one under the other."""

    items: tuple[str, ...]
    """Plain text."""
    ordered: bool = False
    """Whether they are numbered."""


@dataclass(frozen=True)
class FactsBlock:
    """Names and values: facts about the model, one check and what it found."""

    rows: tuple[tuple[str, str], ...]
    """(name, value)."""


@dataclass(frozen=True)
class TableBlock:
    """A table; every writer makes a table of its own form of it."""

    number: int
    """Number in the pack, from 1."""
    title: str
    """What stands over it, without the number."""
    columns: tuple[str, ...]
    """Titles."""
    rows: tuple[tuple[Cell, ...], ...]
    """Cells of the rows to show, written by `say_cell`. None at all where the page offered the table as a file only:
    a document then says so in one sentence (`say_rest`)."""
    n_total: int
    """Rows there are; more than `rows` where a document shows only the first, and the evidence file has all."""
    file: str
    """Name of its CSV in the evidence; "" where its readers get no evidence."""
    every: tuple[tuple[Cell, ...], ...] = ()
    """All `n_total` rows, for the evidence; empty where `rows` are all."""
    behind: int | None = None
    """Number of the chart whose figures these are; it stands right before. None where the table stands for itself."""

    @property
    def whole(self) -> tuple[tuple[Cell, ...], ...]:
        """Return every row."""
        return self.every or self.rows


@dataclass(frozen=True)
class ChartBlock:
    """A chart with its figures."""

    number: int
    """Number in the pack, from 1, counted for itself."""
    part: ChartPart
    """Title, description and figure as it was drawn."""
    file: str
    """Name of the CSV behind it in the evidence."""


def say_cell(cell: Cell) -> str:
    """Write a cell as every form of a pack does: a number with all its digits, nothing for an empty one."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    return cell if isinstance(cell, str) else str(cell).replace("-", MINUS)


def say_rest(table: TableBlock) -> str:
    """Return how many rows a document leaves out and where they are; "" where it has all."""
    if not table.n_total:
        return "It has no rows."
    if len(table.rows) == table.n_total:
        return ""
    if table.rows:
        first = f"The first {whole(len(table.rows))} of {whole(table.n_total)} rows"
        return f"{first}; all of them are in the evidence pack, file {table.file}." if table.file else f"{first}."
    rows = "One row" if table.n_total == 1 else f"{whole(table.n_total)} rows"
    return f"{rows}, in the evidence pack only: file {table.file}."


Block = TextBlock | ListBlock | FactsBlock | TableBlock | ChartBlock


@dataclass(frozen=True)
class Section:
    """One answer, step or chapter: a page of its own in print, one or more slides."""

    title: str
    """Stands in the table of contents."""
    question: str
    """The question it answers; "" where it answers none."""
    blocks: tuple[Block, ...]
    """In the order of reading."""
    notes: tuple[str, ...]
    """What the presenter may say; speaker notes on slides, nothing elsewhere."""
    source: Source | None
    """Where its figures come from; None for words of people."""
    pin_id: str | None
    """The pin it was made of."""
    kept: str
    """Who kept it and when, in one sentence; "" where nobody did."""


@dataclass(frozen=True)
class Document:
    """A pack as words and figures."""

    pack_id: str
    """SHA-256 of what it was made of: contents, order, title, audience. The same contents have the same id."""
    title: str
    """Of the whole."""
    subtitle: str
    """What it is: "Board pack", "Session on 20 Nov 2026"."""
    audience: Audience
    """Whose view everything in it was made in."""
    audience_line: str
    """Who may read it, in words; stands on every page."""
    watermark: str
    """Stands across every page; "" for none."""
    as_of: tuple[str, ...]
    """What stood in the bar over the pages, one line for each snapshot in it."""
    synthetic: bool
    """Whether any of the applications are made up; then every page says so."""
    made_on: str
    """Day of the latest thing in it, as people write it: a pack made again of the same things has the same day."""
    lead: tuple[str, ...]
    """The findings in it, one sentence each: what a hurried reader reads."""
    sections: tuple[Section, ...]
    """In the order of reading."""
    limits: tuple[str, ...]
    """What the pack cannot say; closes it."""

    def charts(self) -> Iterator[ChartBlock]:
        """Yield every chart in the order of reading."""
        return (block for section in self.sections for block in section.blocks if isinstance(block, ChartBlock))

    def tables(self) -> Iterator[TableBlock]:
        """Yield every table in the order of reading."""
        return (block for section in self.sections for block in section.blocks if isinstance(block, TableBlock))
