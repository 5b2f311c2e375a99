"""What surrounds the text of a pack in Word: page, styles, header with the watermark, footer, table of contents."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import quoteattr

from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Emu, Mm, Pt, RGBColor

from explainers import office, style
from explainers.packs.document import Document
from explainers.packs.lines import say_foot

if TYPE_CHECKING:
    from docx.document import Document as WordDocument

LANGUAGE = "en-US"
SANS, SERIF = "Arial", "Georgia"
"""Fonts that every Office has; the house's own come with the app only."""
MARGIN = Mm(20)
WIDE, HIGH = Mm(215.9), Mm(279.4)
TEXT_WIDTH = Emu(WIDE - 2 * MARGIN)
"""Width of the text on a page."""
SIZES = {"Normal": 10.5, "List Bullet": 10.5, "List Number": 10.5}
HEADINGS = {"Title": 28.0, "Heading 1": 18.0, "Heading 2": 12.5}
SMALLER = {"Subtitle": 13.0, "Caption": 10.0}
PARAGRAPHS: dict[str, tuple[float, str, bool]] = {
    "Finding": (14.0, style.INK, True),
    "Context": (11.0, style.MUTED, False),
    "Note": (9.5, style.MUTED, False),
    "Warning": (10.5, style.RAISES, True),
    "Frame": (8.5, style.MUTED, False),
    "TOC 1": (10.5, style.INK, False),
}
"""Name of a style of our own -> size in points, colour, bold."""
WATERMARK = (
    "<w:pict {spaces} xmlns:v='urn:schemas-microsoft-com:vml' xmlns:o='urn:schemas-microsoft-com:office:office'"
    " xmlns:w10='urn:schemas-microsoft-com:office:word'>"
    "<v:shapetype id='_x0000_t136' coordsize='21600,21600' o:spt='136' adj='10800'"
    " path='m@7,l@8,m@5,21600l@6,21600e'><v:formulas><v:f eqn='sum #0 0 10800'/><v:f eqn='prod #0 2 1'/>"
    "<v:f eqn='sum 21600 0 @1'/><v:f eqn='sum 0 0 @2'/><v:f eqn='sum 21600 0 @3'/><v:f eqn='if @0 @3 0'/>"
    "<v:f eqn='if @0 21600 @1'/><v:f eqn='if @0 0 @2'/><v:f eqn='if @0 @4 21600'/><v:f eqn='mid @5 @6'/>"
    "<v:f eqn='mid @8 @5'/><v:f eqn='mid @7 @8'/><v:f eqn='mid @6 @7'/><v:f eqn='sum @6 0 @5'/></v:formulas>"
    "<v:path textpathok='t' o:connecttype='custom' o:connectlocs='@9,0;@10,10800;@11,21600;@12,10800'"
    " o:connectangles='270,180,90,0'/><v:textpath on='t' fitshape='t'/></v:shapetype>"
    "<v:shape id='Watermark' o:spid='_x0000_s2049' type='#_x0000_t136' alt='' style='position:absolute;"
    "margin-left:0;margin-top:0;width:{width}pt;height:{height}pt;rotation:315;z-index:-251658752;"
    "mso-position-horizontal:center;mso-position-horizontal-relative:margin;mso-position-vertical:center;"
    "mso-position-vertical-relative:margin' o:allowincell='f' fillcolor='#5B6672' stroked='f'>"
    "<v:fill opacity='.14'/><v:textpath style='font-family:Arial;font-size:1pt' string={text}/></v:shape></w:pict>"
)
LONGEST = 470.0
"""Points that a watermark runs over the page at most."""
LETTER = 0.62
"""Width of a letter of the watermark, as a share of its height."""


def prepare(document: WordDocument, pack: Document) -> None:
    """Set page, styles, header and footer, language and the file's own properties."""
    section = document.sections[0]
    section.page_width, section.page_height = WIDE, HIGH
    section.left_margin = section.right_margin = MARGIN
    section.top_margin, section.bottom_margin = Mm(20), Mm(22)
    section.footer_distance = Mm(10)
    _styles(document)
    office.set_language(document, LANGUAGE)
    told = {"title": pack.title, "author": "Candor", "language": LANGUAGE, "subject": pack.audience_line}
    office.set_properties(document, **told)
    _footer(section, pack)
    if pack.watermark:
        _watermark(section, pack.watermark)


def _styles(document: WordDocument) -> None:
    office.set_letters(document, {**SIZES, **SMALLER}, SANS)
    office.set_letters(document, HEADINGS, SERIF)
    styles: Any = document.styles
    for name, (size, colour, bold) in PARAGRAPHS.items():
        own: Any = styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        own.base_style, own.font.size, own.font.bold = styles["Normal"], Pt(size), bold
        own.font.color.rgb = RGBColor.from_string(colour[1:])
        own.quick_style = True
    styles["Finding"].font.name = SERIF
    _space(styles["Normal"], 0, 6, 1.15)
    for name, (before, after) in {
        "Title": (60, 6),
        "Subtitle": (0, 18),
        "Heading 1": (0, 8),
        "Heading 2": (14, 4),
        "Finding": (0, 4),
        "Context": (0, 10),
        "Note": (0, 6),
        "Warning": (4, 8),
        "Caption": (12, 3),
        "TOC 1": (0, 3),
    }.items():
        _space(styles[name], before, after)
    for name in ("Heading 1", "Heading 2", "Finding", "Caption"):
        styles[name].paragraph_format.keep_with_next = True
    styles["Subtitle"].font.italic = False
    styles["Caption"].font.bold = True
    _without_rule(styles["Title"])


def _space(own: Any, before: float, after: float, line: float | None = None) -> None:
    own.paragraph_format.space_before, own.paragraph_format.space_after = Pt(before), Pt(after)
    if line is not None:
        own.paragraph_format.line_spacing = line


def _without_rule(title: Any) -> None:
    """Take away the line under the title of Word's own template."""
    rule = title.element.pPr.find(qn("w:pBdr"))
    if rule is not None:
        title.element.pPr.remove(rule)


def _footer(section: Any, pack: Document) -> None:
    """Write for whom the pack is, that the data are made up where they are, and the number of the page."""
    said, line = section.footer.paragraphs[0], section.footer.add_paragraph()
    for paragraph in (said, line):
        paragraph.style = "Frame"
        paragraph.paragraph_format.tab_stops.clear_all()
    said.add_run(say_foot(pack))
    line.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    line.add_run("Page ")
    add_field(line, "PAGE", "1")
    line.add_run(" of ")
    add_field(line, "NUMPAGES", "1")


def _watermark(section: Any, text: str) -> None:
    """Lay the watermark across every page, the way Word itself does."""
    height = min(60.0, LONGEST / (max(len(text), 1) * LETTER))
    width = min(LONGEST, height * LETTER * len(text))
    xml = WATERMARK.format(spaces=nsdecls("w"), text=quoteattr(text), width=f"{width:.0f}", height=f"{height:.0f}")
    header = section.header.paragraphs[0]
    header.style = "Frame"
    header.add_run()._r.append(parse_xml(xml))


def add_field(paragraph: Any, code: str, shown: str) -> None:
    """Add a field: what Word computes, and what stands there until it does."""
    _mark(paragraph, "begin")
    instruction = OxmlElement("w:instrText")
    instruction.set(qn("xml:space"), "preserve")
    instruction.text = f" {code} "
    paragraph.add_run()._r.append(instruction)
    _mark(paragraph, "separate")
    paragraph.add_run(shown)
    _mark(paragraph, "end")


def _mark(paragraph: Any, kind: str) -> None:
    mark = OxmlElement("w:fldChar")
    mark.set(qn("w:fldCharType"), kind)
    paragraph.add_run()._r.append(mark)


def add_contents(document: WordDocument, titles: Sequence[str]) -> None:
    """Write the table of contents: a field of Word, filled already, with a link for each entry.

    Page numbers are known to Word only, so the field leaves them out (its switch n).
    """
    if not titles:
        return
    for number, title in enumerate(titles):
        entry: Any = document.add_paragraph(style="TOC 1")
        if number == 0:
            _mark(entry, "begin")
            instruction = OxmlElement("w:instrText")
            instruction.set(qn("xml:space"), "preserve")
            instruction.text = ' TOC \\o "1-1" \\n \\h \\z '
            entry.add_run()._r.append(instruction)
            _mark(entry, "separate")
        link = OxmlElement("w:hyperlink")
        link.set(qn("w:anchor"), anchor(number))
        link.set(qn("w:history"), "1")
        run = entry.add_run(title)
        run.font.color.rgb = RGBColor.from_string(style.ACCENT[1:])
        link.append(run._r)
        entry._p.append(link)
        if number == len(titles) - 1:
            _mark(entry, "end")


def add_heading(document: WordDocument, title: str, number: int) -> None:
    """Write the heading of a section, which the table of contents links to."""
    heading: Any = document.add_heading(title, level=1)
    heading.paragraph_format.page_break_before = True
    start, end = OxmlElement("w:bookmarkStart"), OxmlElement("w:bookmarkEnd")
    for mark in (start, end):
        mark.set(qn("w:id"), str(number))
    start.set(qn("w:name"), anchor(number))
    heading._p.insert(1 if heading._p.pPr is not None else 0, start)
    heading._p.append(end)


def anchor(number: int) -> str:
    """Return the name of the place of a section."""
    return f"_Toc{100000 + number}"
