"""A letter as a Word file, for lenders who finish letters by hand."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from explainers import office
from explainers.notices.render_html import check_ready, marked
from explainers.notices.result import NoticeResult, Part, Place, Recipient
from explainers.notices.wording import Words, words_of

if TYPE_CHECKING:
    from docx.document import Document

LANGUAGES = {"en": "en-US", "es": "es-US"}


def render_word(result: NoticeResult, recipient: Recipient | None = None, mark: str = "") -> bytes:
    """Return a letter as .docx: the same letter gives the same bytes.

    Parameters
    ----------
    result : NoticeResult
        A letter that is ready.
    recipient : Recipient, optional
        To whom it goes; merged here and kept nowhere.
    mark : str
        For whom the copy was made, where files are marked.

    Raises
    ------
    CandorError
        The letter is not ready.
    """
    check_ready(result)
    import docx  # half a second that only who makes a Word file waits for

    words, document = words_of(result.language), docx.Document()
    _prepare(document, result, words)
    _head(document, result, recipient, words)
    document.add_heading(words["title"], level=1)
    for part in result.parts:
        _part(document, part, words)
    if mark:
        document.add_paragraph(marked(result, mark))
    made = io.BytesIO()
    document.save(made)
    return office.without_times(made.getvalue())


def _prepare(document: Document, result: NoticeResult, words: Words) -> None:
    """Set page, letters, language and the file's own properties."""
    from docx.shared import Mm

    section = document.sections[0]
    section.page_width, section.page_height = Mm(215.9), Mm(279.4)
    section.left_margin = section.right_margin = Mm(22)
    section.top_margin = section.bottom_margin = Mm(20)
    office.set_letters(document, {"Normal": 11, "Heading 1": 17, "Heading 2": 12}, "Liberation Sans")
    language, author = LANGUAGES[result.language], result.sender.name if result.sender else ""
    office.set_language(document, language)
    title = f"{words['title']}: {result.application_id}"
    office.set_properties(document, title=title, author=author, language=language)


def _head(document: Document, result: NoticeResult, recipient: Recipient | None, words: Words) -> None:
    if result.sender is not None:
        _place(document, result.sender, words)
    document.add_paragraph(result.day)
    if recipient is not None:
        _lines(document, (recipient.name, *recipient.address))
    applied = (f"{words['applied']}: {result.applied}",) if result.applied else ()
    _lines(document, (f"{words['number']}: {result.application_id}", *applied))


def _part(document: Document, part: Part, words: Words) -> None:
    if part.heading:
        document.add_heading(part.heading, level=2)
    for text in part.paragraphs:
        document.add_paragraph(text)
    if part.facts:
        table = document.add_table(rows=0, cols=2)
        for label, value in part.facts:
            cells = table.add_row().cells
            cells[0].text, cells[1].text = label, value
        document.add_paragraph()
    number = _new_numbers(document) if part.ranked else None
    for item in part.items:
        line: Any = document.add_paragraph(style="List Bullet" if number is None else "List Number")
        if number is not None:
            line._p.get_or_add_pPr().get_or_add_numPr().get_or_add_numId().val = number
        line.add_run(item.text).bold = True
        if item.detail:
            line.add_run().add_break()
            line.add_run(item.detail)
    for place in part.places:
        _place(document, place, words)
    for text in part.after:
        document.add_paragraph(text)


def _new_numbers(document: Document) -> int:
    """Return the key of a list that begins at 1: lists of one style would go on counting where the last one ended."""
    numbering: Any = document.part.numbering_part.element
    style: Any = document.styles["List Number"].element
    like = numbering.num_having_numId(style.pPr.numPr.numId.val).abstractNumId.val
    made = numbering.add_num(like)
    made.add_lvlOverride(ilvl=0).add_startOverride(1)
    return int(made.numId)


def _place(document: Document, place: Place, words: Words) -> None:
    phone = (f"{words['contact']}: {place.phone}",) if place.phone else ()
    _lines(document, (place.name, *place.address, *phone), bold=True)


def _lines(document: Document, lines: tuple[str, ...], *, bold: bool = False) -> None:
    """Add lines as one paragraph, the first one strong where asked for."""
    paragraph = document.add_paragraph()
    for i, line in enumerate(lines):
        run = paragraph.add_run(line)
        run.bold = bold and i == 0
        if i < len(lines) - 1:
            run.add_break()
