"""A pack as a Word file that can be edited: real headings and tables, charts as pictures with their figures."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from explainers import office
from explainers.packs.document import (
    Block,
    ChartBlock,
    Document,
    FactsBlock,
    ListBlock,
    Section,
    TableBlock,
    TextBlock,
    say_rest,
)
from explainers.packs.lines import has_table, say_source, table_of, titles
from explainers.packs.pictures import picture_of
from explainers.packs.words import CLOSING, CONTENTS, IN_SHORT

if TYPE_CHECKING:
    from docx.document import Document as WordDocument

STYLES = {
    "finding": "Finding",
    "context": "Context",
    "heading": "Heading 2",
    "text": "Normal",
    "note": "Note",
    "warning": "Warning",
    "small": "Note",
}
"""Kind of a text -> its style."""
ONE_PAGE = 18
"""Findings and sections that the first page lists; more begin a page of contents."""
TALLEST = 7.6
"""Inches a picture may stand high, so that its title fits on the page with it."""


def render_word(pack: Document) -> bytes:
    """Return a pack as .docx: the same pack gives the same bytes.

    Parameters
    ----------
    pack : Document
        From `compose`.
    """
    import docx  # half a second that only who makes a Word file waits for

    from explainers.packs import word_frame

    document = docx.Document()
    word_frame.prepare(document, pack)
    _first_page(document, pack)
    for number, section in enumerate(pack.sections):
        word_frame.add_heading(document, section.title, number)
        _section(document, section)
    if pack.limits:
        word_frame.add_heading(document, CLOSING, len(pack.sections))
        _list(document, pack.limits)
    made = io.BytesIO()
    document.save(made)
    return office.without_times(made.getvalue())


def _first_page(document: WordDocument, pack: Document) -> None:
    """Write what the pack is and for whom, what it finds, and what is in it."""
    from explainers.packs import word_frame

    document.add_paragraph(pack.title, style="Title")
    document.add_paragraph(pack.subtitle, style="Subtitle")
    for line in (pack.audience_line, *pack.as_of, pack.made_on):
        if line:
            document.add_paragraph(line, style="Note")
    if pack.lead:
        document.add_heading(IN_SHORT, level=2)
        _list(document, pack.lead)
    heading: Any = document.add_heading(CONTENTS, level=2)
    heading.paragraph_format.page_break_before = len(pack.lead) + len(pack.sections) > ONE_PAGE
    word_frame.add_contents(document, titles(pack))


def _section(document: WordDocument, section: Section) -> None:
    if section.question and section.question != section.title:
        document.add_paragraph(section.question, style="Context")
    for block in section.blocks:
        _block(document, block, section)
    for text in (section.kept, say_source(section)):
        if text:
            document.add_paragraph(text, style="Frame")


def _block(document: WordDocument, block: Block, section: Section) -> None:
    if isinstance(block, TextBlock):
        if not (block.kind == "finding" and block.text == section.title):
            document.add_paragraph(block.text, style=STYLES[block.kind])
    elif isinstance(block, ListBlock):
        _list(document, block.items, ordered=block.ordered)
    elif isinstance(block, FactsBlock):
        from explainers.packs.word_tables import add_facts

        add_facts(document, block.rows, section.title)
    elif isinstance(block, TableBlock):
        _table(document, block)
    else:
        _chart(document, block, with_figures=not has_table(block, section))


def _list(document: WordDocument, items: Sequence[str], *, ordered: bool = False) -> None:
    for number, item in enumerate(items, start=1):
        if ordered:
            document.add_paragraph(f"{number}. {item}")
        else:
            document.add_paragraph(item, style="List Bullet")


def _table(document: WordDocument, block: TableBlock, *, counted: bool = True) -> None:
    """Add a table with its title; one whose rows are in the evidence only is one sentence."""
    from explainers.packs.word_tables import add_table

    title = f"Table {block.number}. {block.title}" if counted else block.title
    if block.rows or not block.n_total:
        document.add_paragraph(title, style="Caption")
        add_table(document, block.columns, block.rows, title)
    rest = say_rest(block)
    if rest:
        document.add_paragraph(rest if block.rows else f"{title}: {rest[:1].lower()}{rest[1:]}", style="Note")


def _chart(document: WordDocument, block: ChartBlock, *, with_figures: bool) -> None:
    """Add a picture with its description; under it its figures where no table follows that has them."""
    from docx.shared import Emu, Inches

    from explainers.packs.word_frame import TEXT_WIDTH

    document.add_paragraph(f"Chart {block.number}. {block.part.title}", style="Caption")
    picture: Any = document.add_picture(io.BytesIO(picture_of(block.part)), width=TEXT_WIDTH)
    if picture.height > Inches(TALLEST):
        picture.width, picture.height = Emu(int(picture.width * Inches(TALLEST) / picture.height)), Inches(TALLEST)
    told = picture._inline.docPr
    told.set("name", f"Chart {block.number}")
    told.set("descr", block.part.alt)
    figures = table_of(block) if with_figures else None
    if figures is not None and (figures.rows or figures.file):
        _table(document, figures, counted=False)
