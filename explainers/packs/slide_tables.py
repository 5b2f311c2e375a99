"""Tables on slides: native ones, as many rows as fit, never smaller letters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.oxml import parse_xml
from pptx.oxml.ns import nsdecls, qn
from pptx.util import Inches

from data.workspace.pin_parts import Cell
from explainers import style
from explainers.packs import fit
from explainers.packs.cells import BESIDE, column_widths, is_numeric
from explainers.packs.document import say_cell
from explainers.packs.slide_frame import LEFT, ROOM, describe, put

SIZE = 12
"""Points of every cell."""
SIDE, ABOVE = 0.08, 0.05
"""Inches between a cell's edge and its text."""
MOST_ROWS = 12
"""Rows of a table on slides; the evidence has all."""
MOST_LINES = 14
"""Lines of one cell: more do not fit on a slide."""
NAMES, VALUES = 3.3, 8.2
"""Inches of the two columns of facts."""
PLAIN = "{2D5ABB26-0587-4C30-8999-92F81FD0307C}"
"""PowerPoint's style without lines and colours."""


@dataclass(frozen=True)
class Plan:
    """A table as it will stand on slides."""

    columns: tuple[str, ...]
    """Titles of the columns that fit."""
    left_out: tuple[str, ...]
    """Titles of those that do not."""
    rows: tuple[tuple[str, ...], ...]
    """Cells of the rows that are shown."""
    numeric: tuple[bool, ...]
    """Which columns hold numbers."""
    widths: tuple[float, ...]
    """Inches of each column."""
    heights: tuple[float, ...]
    """Inches of the head, 0 without one, and of each row."""


def plan_table(columns: Sequence[str], rows: Sequence[Sequence[Cell]]) -> Plan:
    """Return how a table will stand on slides: its first columns and rows, and their sizes."""
    texts = [tuple(say_cell(cell) for cell in row) for row in rows[:MOST_ROWS]]
    n = max(1, next((i for i in range(len(columns), 0, -1) if _least(columns[:i], texts) <= ROOM), 1))
    cut = [row[:n] for row in texts]
    numeric = tuple(is_numeric([row[:n] for row in rows[:MOST_ROWS]], i) for i in range(n))
    return _plan(tuple(columns[:n]), tuple(columns[n:]), cut, numeric, column_widths(columns[:n], cut, SIZE, ROOM))


def plan_facts(rows: Sequence[tuple[str, str]]) -> Plan:
    """Return how names and values will stand on slides: all of them, without a head."""
    return _plan(("", ""), (), list(rows), (False, False), [NAMES, VALUES])


def _plan(
    columns: tuple[str, ...],
    left_out: tuple[str, ...],
    rows: Sequence[tuple[str, ...]],
    numeric: tuple[bool, ...],
    sizes: Sequence[float],
) -> Plan:
    cut = [tuple(_cut(text, size) for text, size in zip(row, sizes, strict=True)) for row in rows]
    head = _high(columns, sizes, bold=True) if any(columns) else 0.0
    heights = (head, *(_high(row, sizes, bold=False) for row in cut))
    return Plan(columns, left_out, tuple(cut), numeric, tuple(sizes), heights)


def _least(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> float:
    """Return the inches at which no word of a table is broken."""
    wide = fit.SANS * fit.BOLD
    words = [fit.longest_word([title, *(row[i] for row in rows)], SIZE, wide) for i, title in enumerate(columns)]
    return sum(min(word, ROOM / 3) + BESIDE for word in words)


def _high(texts: Sequence[str], sizes: Sequence[float], *, bold: bool) -> float:
    wide = fit.SANS * (fit.BOLD if bold else 1.0)
    most = max(len(fit.lines(text, size - 2 * SIDE, SIZE, wide)) for text, size in zip(texts, sizes, strict=True))
    return fit.height(most, SIZE) + 2 * ABOVE


def _cut(text: str, size: float) -> str:
    """Shorten a text that would take more lines than a row of a slide has."""
    broken = fit.lines(text, size - 2 * SIDE, SIZE)
    if len(broken) <= MOST_LINES:
        return text
    return " ".join(broken[:MOST_LINES])[:-1].rstrip(" .,;") + "…"


def add_plan(slide: Any, plan: Plan, first: int, last: int, top: float, name: str, described: str) -> None:
    """Add the head and some rows of a table.

    Parameters
    ----------
    slide : pptx slide
        Where it is added.
    plan : Plan
        From `plan_table`.
    first, last : int
        Rows from `first` up to, and without, `last`.
    top : float
        Where it begins, in inches.
    name, described : str
        What it is called, and what it is, for those who hear it.
    """
    heads = [plan.columns] if any(plan.columns) else []
    heights = [*plan.heights[:1][: len(heads)], *plan.heights[1 + first : 1 + last]]
    place = [Inches(v) for v in (LEFT, top, sum(plan.widths), sum(heights))]
    frame = slide.shapes.add_table(len(heights), len(plan.columns), *place)
    table = frame.table
    table._tbl.tblPr.find(qn("a:tableStyleId")).text = PLAIN
    table.horz_banding = False
    for column, width in zip(table.columns, plan.widths, strict=True):
        column.width = Inches(width)
    table.first_row = bool(heads)
    for row, high, texts in zip(table.rows, heights, (*heads, *plan.rows[first:last]), strict=True):
        row.height = Inches(high)
        head = texts is plan.columns
        for cell, text, number in zip(row.cells, texts, plan.numeric, strict=True):
            _fill(cell, text, number=number, head=head)
    describe(frame, name, described)


def _fill(cell: Any, text: str, *, number: bool, head: bool) -> None:
    cell.margin_left = cell.margin_right = Inches(SIDE)
    cell.margin_top = cell.margin_bottom = Inches(ABOVE)
    cell.vertical_anchor = MSO_ANCHOR.TOP
    paragraph = cell.text_frame.paragraphs[0]
    paragraph.alignment = PP_ALIGN.RIGHT if number else PP_ALIGN.LEFT
    put(paragraph, text, SIZE, bold=head)
    colour = style.COMPARISON if head else style.RULE
    rule = f'<a:solidFill><a:srgbClr val="{colour[1:]}"/></a:solidFill>'
    cell._tc.get_or_add_tcPr().append(parse_xml(f'<a:lnB {nsdecls("a")} w="{12700 if head else 6350}">{rule}</a:lnB>'))
