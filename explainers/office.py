"""What Word and PowerPoint files of the house have in common: letters, language, and nothing of when they were made."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from docx.document import Document

FIXED = datetime(2000, 1, 1)
"""Stands for the time of making, so that the same contents give the same bytes."""
INK = "1F2933"
"""Colour of text, as Office writes it."""
CREATED = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*(<)")
MOMENT = FIXED.strftime("%Y-%m-%dT%H:%M:%SZ").encode()


def set_letters(document: Document, sizes: Mapping[str, float], font: str) -> None:
    """Set the font of styles of a Word file, in ink.

    Parameters
    ----------
    document : docx Document
        The file.
    sizes : mapping
        Name of a style -> size in points.
    font : str
        For every script of these styles; the theme's own fonts give way.
    """
    from docx.oxml.ns import qn
    from docx.shared import Pt, RGBColor

    for name, size in sizes.items():
        style: Any = document.styles[name]
        style.font.name, style.font.size = font, Pt(size)
        style.font.color.rgb = RGBColor.from_string(INK)
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for kind in ("w:asciiTheme", "w:hAnsiTheme", "w:eastAsiaTheme", "w:cstheme"):
            fonts.attrib.pop(qn(kind), None)
        fonts.set(qn("w:hAnsi"), font)


def set_language(document: Document, language: str) -> None:
    """Say in which language a Word file is written: "en-US"."""
    from docx.oxml.ns import qn

    for one in document.styles.element.iter(qn("w:lang")):
        one.set(qn("w:val"), language)


def set_properties(made: Any, *, title: str, author: str, language: str, subject: str = "") -> None:
    """Set what a Word or PowerPoint file tells of itself; nothing of when it was made, or by which program."""
    told = made.core_properties
    told.title, told.author, told.subject, told.language = title[:255], author[:255], subject[:255], language
    told.comments, told.last_modified_by = "", ""
    told.created = told.modified = FIXED


def without_times(made: bytes) -> bytes:
    """Return an Office file whose entries, and those of the workbooks in it, carry no time of making."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(made)) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            content = old.read(entry)
            if entry.filename.endswith(".xlsx"):
                content = without_times(content)
            elif entry.filename == "docProps/core.xml":
                content = CREATED.sub(rb"\g<1>" + MOMENT + rb"\g<2>", content)
            new.writestr(zipfile.ZipInfo(entry.filename), content, zipfile.ZIP_DEFLATED)
    return target.getvalue()
