"""A pack as one HTML page: without a script, without another file, its charts drawn in it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from markupsafe import Markup

from explainers.markup import environment
from explainers.packs import words
from explainers.packs.cells import column_widths, is_numeric
from explainers.packs.document import ChartBlock, Document, TableBlock, say_cell, say_rest
from explainers.packs.drawings import inline_svg
from explainers.packs.lines import has_table, say_foot, say_source, table_of

FOLDER = Path(__file__).resolve().parents[2] / "assets" / "packs"

MANY = 7
"""Columns of a table in letters of the ordinary size; one with more has smaller ones."""
LETTERS, SMALL_LETTERS, ROOM = 8.5, 7.0, 6.9
"""Points of the letters of tables on paper, and inches of a line there."""


def render_html(pack: Document) -> str:
    """Return a pack as HTML.

    Parameters
    ----------
    pack : Document
        From `compose`.
    """
    # the drawing is made by the painter from figures; the house's own markup, no text of a user is in it unescaped
    return fill(pack, lambda chart: Markup(inline_svg(chart.part, f"chart-{chart.number}-")), paper=False)  # noqa: S704


def style(*, paper: bool) -> str:
    """Return the stylesheet of packs, on request with what only paper has."""
    names = ("pack.css", "paper.css") if paper else ("pack.css",)
    return "\n".join((FOLDER / name).read_text("utf-8") for name in names)


def fill(pack: Document, picture: Callable[[ChartBlock], str], *, paper: bool, watermark: str = "") -> str:
    """Return a pack as HTML, for the screen or for paper.

    Parameters
    ----------
    pack : Document
        From `compose`.
    picture : callable
        Gives what stands for a chart: its drawing, or on paper its address.
    paper : bool
        Whether it becomes PDF: then it has no stylesheet, and nothing is folded.
    watermark : str
        Address of the picture behind every page, on paper.
    """
    context: dict[str, Any] = {
        "pack": pack,
        "anchors": [f"answer-{number}" for number in range(1, len(pack.sections) + 1)] or ["closing"],
        "own": _figures(pack),
        "words": words,
        "say_cell": say_cell,
        "say_rest": say_rest,
        "say_source": say_source,
        "foot": say_foot(pack),
        "number": _number,
        "widths": _widths,
        "many": MANY,
        "picture": picture,
        "paper": paper,
        "watermark": watermark,
    }
    return environment(FOLDER).get_template("pack.html").render(**context)


def _number(table: TableBlock, column: int) -> Markup:
    """Return the class of a column of numbers: they stand at the right."""
    return Markup(' class="number"') if is_numeric(table.rows, column) else Markup("")


def _widths(table: TableBlock) -> list[float]:
    """Return the share of a page's width that each column has, in percent: paper does not measure tables itself."""
    rows = [[say_cell(cell) for cell in row] for row in table.rows]
    size = LETTERS if len(table.columns) <= MANY else SMALL_LETTERS
    inches = column_widths(table.columns, rows, size, ROOM)
    return [round(one / sum(inches) * 100, 2) for one in inches]


def _figures(pack: Document) -> dict[int, TableBlock]:
    """Return the figures of every chart that no table shows, by the chart's number."""
    return {
        block.number: table_of(block)
        for section in pack.sections
        for block in section.blocks
        if isinstance(block, ChartBlock) and not has_table(block, section)
    }
