"""The lines that writers of packs add around sections and charts: the same words in every form."""

from __future__ import annotations

import re

from data.workspace.pin_parts import Cell
from explainers.packs import words
from explainers.packs.document import ChartBlock, Document, Section, TableBlock
from explainers.packs.figures import figures_of
from explainers.packs.numbering import MOST_ROWS
from explainers.style import day_from_iso, whole

DAY = re.compile(r"\d{4}-\d\d-\d\d(T00:00:00(\.0+)?)?")
"""How a chart keeps a day."""
DIGITS = 6
"""Digits of a figure of a chart that a document shows."""


def say_source(section: Section) -> str:
    """Return where the figures of a section come from, in one line; "" for words of people."""
    source = section.source
    if source is None:
        return ""
    parts = [
        source.model_label,
        f"snapshot {source.snapshot_id}",
        f"{whole(source.applications)} applications as of {source.as_of}",
        source.checks,
        *(["synthetic data"] if source.synthetic else []),
        *([f"pin {section.pin_id}"] if section.pin_id else []),
    ]
    return "Figures: " + " · ".join(parts) + "."


def say_foot(pack: Document) -> str:
    """Return what stands at the foot of every page: who may read it, and that the data are made up where they are."""
    return " ".join([pack.audience_line, *([words.SYNTHETIC] if pack.synthetic else [])])


def titles(pack: Document) -> list[str]:
    """Return the entries of the table of contents."""
    return [section.title for section in pack.sections] + ([words.CLOSING] if pack.limits else [])


def table_of(chart: ChartBlock) -> TableBlock:
    """Return the figures of a chart as a table, for a chart that no table of its own follows.

    Documents show them where they are few, with as many digits as one reads; the evidence has all, and all digits.
    """
    found = figures_of(chart.part)
    few = found.rows if len(found.rows) <= MOST_ROWS else ()
    shown = tuple(tuple(_short(cell) for cell in row) for row in few)
    return TableBlock(
        chart.number,
        words.say_figures(chart.number),
        found.columns,
        shown,
        len(found.rows),
        chart.file,
        found.rows,
        chart.number,
    )


def _short(cell: Cell) -> Cell:
    """Return a number with as many digits as one reads, and a day as people write it."""
    if isinstance(cell, str) and DAY.fullmatch(cell):
        return day_from_iso(cell[:10])
    return float(f"{cell:.{DIGITS}g}") if isinstance(cell, float) else cell


def has_table(chart: ChartBlock, section: Section) -> bool:
    """Return whether a section shows the figures of a chart as a table already."""
    place = section.blocks.index(chart)
    following = [block for block in section.blocks[place + 1 :] if isinstance(block, TableBlock) and block.rows]
    beside = any(block in section.blocks[place + 1 : place + 2] for block in following)
    return beside or any(block.behind == chart.number for block in following)
