"""What every slide of a pack has: its finding as title, for whom it is, its number, the house's letters and colours."""

from __future__ import annotations

import io
import re
from typing import Any

import pptx
from pptx.dml.color import RGBColor
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.opc.constants import RELATIONSHIP_TYPE as RT
from pptx.oxml import parse_xml
from pptx.oxml.ns import nsdecls, qn
from pptx.util import Inches, Pt

from explainers import office, style
from explainers.packs import fit
from explainers.packs.document import Document
from explainers.packs.lines import say_foot

WIDTH, HEIGHT = 13.333, 7.5
"""Inches of a slide: 16:9."""
LEFT, ROOM = 0.6, 12.133
"""Where everything begins, and the width of it, in inches."""
TOP, BOTTOM = 0.4, 6.85
"""Where titles begin and contents end."""
FOOT = 7.0
SANS, SERIF = "Arial", "Georgia"
LANGUAGE = "en-US"
TITLES = ((26, 2), (22, 3), (18, 6))
"""Sizes of a title in points, the largest first, each with the lines it may take."""
COLOURS = {
    "dk1": style.INK,
    "lt1": style.PAPER,
    "dk2": style.MUTED,
    "lt2": style.SAND,
    "accent1": style.ACCENT,
    "accent2": style.RAISES,
    "accent3": style.LOWERS,
    "accent4": style.COMPARISON,
    "accent5": style.DENSITY,
    "accent6": style.RULE,
    "hlink": style.ACCENT,
    "folHlink": style.ACCENT,
}
"""Colours of PowerPoint's theme: what a reader chooses from fits the house."""
TITLE_ONLY = 5
"""The layout with a title and nothing else, in the library's own template."""
NUMBER = "{B6F15528-21DE-4FAA-801E-634DDDAF4B2B}"
"""Name of the field that writes the number of a slide."""
SLANT = -18.0
TRANSPARENT = 14_000
"""How much of the watermark's colour is seen, in thousandths of a percent."""


class Deck:
    """A presentation that grows slide by slide."""

    def __init__(self, pack: Document) -> None:
        self.pack = pack
        self.presentation: Any = pptx.Presentation()
        widened = Inches(WIDTH) / self.presentation.slide_width
        self.presentation.slide_width, self.presentation.slide_height = Inches(WIDTH), Inches(HEIGHT)
        master = self.presentation.slide_master
        for one in (master, *self.presentation.slide_layouts):
            _widen(one, widened)
        _dress_theme(master.part.part_related_by(RT.THEME))
        office.set_properties(
            self.presentation, title=pack.title, author="Candor", language=LANGUAGE, subject=pack.audience_line
        )

    def slide(self, title: str) -> tuple[Any, float]:
        """Add a slide with a title; return it and where its contents begin, in inches."""
        made = self.presentation.slides.add_slide(self.presentation.slide_layouts[TITLE_ONLY])
        self._surround(made)
        size, broken = fit_title(title)
        high = fit.height(len(broken), size) + 0.12
        place = made.shapes.title
        place.left, place.top, place.width, place.height = (Inches(v) for v in (LEFT, TOP, ROOM, high))
        write(place.text_frame, title, size, bold=True, font=SERIF)
        return made, TOP + high + 0.15

    def _surround(self, slide: Any) -> None:
        """Write watermark, audience line and number."""
        if self.pack.watermark:
            _watermark(slide, self.pack.watermark)
        foot = add_box(slide, LEFT, FOOT, ROOM - 1.0, 0.3)
        write(foot.text_frame, say_foot(self.pack), 10, colour=style.MUTED)
        number = add_box(slide, LEFT + ROOM - 1.0, FOOT, 1.0, 0.3)
        _number(number)

    def save(self) -> bytes:
        """Return the file."""
        target = io.BytesIO()
        self.presentation.save(target)
        return office.without_times(target.getvalue())


def fit_title(title: str) -> tuple[int, list[str]]:
    """Return the size of a title and the lines it takes."""
    for size, most in TITLES:
        broken = fit.lines(title, ROOM, size, fit.SERIF * fit.BOLD)
        if len(broken) <= most:
            break
    return size, broken


def add_box(slide: Any, left: float, top: float, width: float, high: float) -> Any:
    """Add a box for text without room around it, in inches."""
    return slide.shapes.add_textbox(Inches(left), Inches(top), Inches(width), Inches(high))


def write(frame: Any, text: str, size: float, *, bold: bool = False, colour: str = style.INK, font: str = SANS) -> Any:
    """Write the first paragraph of a frame and return it."""
    frame.word_wrap = True
    frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0
    frame.vertical_anchor = MSO_ANCHOR.TOP
    paragraph = frame.paragraphs[0]
    paragraph.alignment = PP_ALIGN.LEFT
    if text:
        put(paragraph, text, size, bold=bold, colour=colour, font=font)
    return paragraph


def put(
    paragraph: Any, text: str, size: float, *, bold: bool = False, colour: str = style.INK, font: str = SANS
) -> Any:
    """Add words to a paragraph, line by line, and return the last run."""
    for number, line in enumerate(text.split("\n")):
        if number:
            paragraph.add_line_break()
        run = paragraph.add_run()
        run.text = line
        run.font.size, run.font.bold, run.font.name = Pt(size), bold, font
        run.font.color.rgb = RGBColor.from_string(colour[1:])
        run.font._element.set("lang", LANGUAGE)
    return run


def describe(shape: Any, name: str, text: str) -> None:
    """Say what a chart, a picture or a table shows, for those who hear it."""
    told = shape._element.xpath(".//p:cNvPr")[0]
    told.set("name", name)
    told.set("descr", text)


def _number(box: Any) -> None:
    write(box.text_frame, "", 10)
    paragraph = box.text_frame.paragraphs[0]
    paragraph.alignment = PP_ALIGN.RIGHT
    fill = f'<a:solidFill><a:srgbClr val="{style.MUTED[1:]}"/></a:solidFill>'
    properties = f'<a:rPr lang="{LANGUAGE}" sz="1000">{fill}</a:rPr>'
    field = f'<a:fld {nsdecls("a")} id="{NUMBER}" type="slidenum">{properties}<a:t>‹#›</a:t></a:fld>'
    paragraph._p.append(parse_xml(field))


def _watermark(slide: Any, text: str) -> None:
    """Lay words across the slide, behind all that follows."""
    size = min(60.0, 11.0 * fit.POINTS / max(fit.length(text) * fit.SANS * fit.BOLD, 1.0))
    box = add_box(slide, 0.6, HEIGHT / 2 - 0.6, 12.1, 1.2)
    box.rotation = SLANT
    write(box.text_frame, text, size, bold=True, colour=style.MUTED)
    box.text_frame.paragraphs[0].alignment = PP_ALIGN.CENTER
    colour = box._element.xpath(".//a:srgbClr")[0]
    colour.append(parse_xml(f'<a:alpha {nsdecls("a")} val="{TRANSPARENT}"/>'))
    box._element.xpath(".//p:cNvPr")[0].set("name", "Watermark")


def _widen(own: Any, factor: float) -> None:
    """Move the places of a layout apart, from the 4:3 of the library's template."""
    for shape in own.placeholders:
        if shape._element.spPr.find(qn("a:xfrm")) is not None:
            shape.left, shape.width = int(shape.left * factor), int(shape.width * factor)


def _dress_theme(part: Any) -> None:
    """Set the theme's colours and letters."""
    text = part.blob.decode("utf-8")
    for name, colour in COLOURS.items():
        text = re.sub(
            rf"(<a:{name}>).*?(</a:{name}>)", rf'\g<1><a:srgbClr val="{colour[1:]}"/>\g<2>', text, flags=re.DOTALL
        )
    for kind, font in (("major", SERIF), ("minor", SANS)):
        text = re.sub(rf'(<a:{kind}Font>\s*<a:latin typeface=")[^"]*', rf"\g<1>{font}", text)
    part._blob = text.encode()
