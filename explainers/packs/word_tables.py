"""Tables of a pack in Word: native ones, whose head is repeated on every page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Inches, Pt

from data.workspace.pin_parts import Cell
from explainers import style
from explainers.packs.cells import column_widths, is_numeric
from explainers.packs.document import say_cell
from explainers.packs.word_frame import TEXT_WIDTH

if TYPE_CHECKING:
    from docx.document import Document as WordDocument

FULL, TIGHT = 9.5, 8.0
"""Size of text in points: of a table with few columns, and of one with many."""
MANY = 6
"""Columns from which a table is a tight one."""


def add_table(document: WordDocument, columns: Sequence[str], rows: Sequence[Sequence[Cell]], described: str) -> None:
    """Add a table with a head, numbers at the right.

    Parameters
    ----------
    document : docx Document
        Where it is added.
    columns : sequence of str
        Titles.
    rows : sequence of rows
        Cells as shown.
    described : str
        What the table is, for those who hear it.
    """
    if not columns:
        return
    size = TIGHT if len(columns) > MANY else FULL
    numeric = [is_numeric(rows, place) for place in range(len(columns))]
    texts = [[say_cell(cell) for cell in row] for row in rows]
    table = _begin(document, len(columns), column_widths(columns, texts, size, TEXT_WIDTH.inches), described)
    _fill(table.add_row(), columns, numeric, size, bold=True)
    _head(table.rows[0])
    for row in texts:
        _fill(table.add_row(), row, numeric, size)
    document.add_paragraph().paragraph_format.space_after = Pt(2)


def add_facts(document: WordDocument, rows: Sequence[tuple[str, str]], described: str) -> None:
    """Add names and values: a table without a head whose first column names the row."""
    table = _begin(document, 2, [TEXT_WIDTH.inches * share for share in (0.36, 0.64)], described)
    for name, value in rows:
        row = table.add_row()
        _fill(row, (name, value), [False, False], FULL)
        row.cells[0].paragraphs[0].runs[0].bold = True
    document.add_paragraph().paragraph_format.space_after = Pt(2)


def _begin(document: WordDocument, columns: int, sizes: Sequence[float], described: str) -> Any:
    table: Any = document.add_table(rows=0, cols=columns)
    table.alignment, table.autofit = WD_TABLE_ALIGNMENT.LEFT, False
    for column, size in zip(table.columns, sizes, strict=True):
        column.width = Inches(size)
    properties = table._tbl.tblPr
    properties.append(_rules())
    said = OxmlElement("w:tblDescription")
    said.set(qn("w:val"), described)
    properties.append(said)
    return table


def _rules() -> Any:
    """Return thin lines between rows, and none between columns."""
    borders = OxmlElement("w:tblBorders")
    for side in ("top", "bottom", "insideH"):
        line = OxmlElement(f"w:{side}")
        for key, value in (("val", "single"), ("sz", "4"), ("space", "0"), ("color", style.RULE[1:])):
            line.set(qn(f"w:{key}"), value)
        borders.append(line)
    return borders


def _head(row: Any) -> None:
    """Repeat a row on every page the table runs over."""
    repeated = OxmlElement("w:tblHeader")
    repeated.set(qn("w:val"), "true")
    row._tr.get_or_add_trPr().append(repeated)


def _fill(row: Any, texts: Sequence[str], numeric: Sequence[bool], size: float, *, bold: bool = False) -> None:
    whole = OxmlElement("w:cantSplit")
    whole.set(qn("w:val"), "true")
    row._tr.get_or_add_trPr().append(whole)
    for cell, text, number in zip(row.cells, texts, numeric, strict=True):
        line = cell.paragraphs[0]
        run = line.add_run(text)
        run.font.size, run.bold = Pt(size), bold or None
        line.paragraph_format.space_before = line.paragraph_format.space_after = Pt(2)
        if number:
            line.alignment = WD_ALIGN_PARAGRAPH.RIGHT
