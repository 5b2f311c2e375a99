"""A pack as slides: each finding is a title, charts and tables are PowerPoint's own, notes say how it is computed."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from pptx.opc.constants import RELATIONSHIP_TYPE as RT
from pptx.oxml import parse_xml
from pptx.oxml.ns import nsdecls, qn
from pptx.util import Inches

from data.workspace.pin_parts import ChartPart
from explainers import style
from explainers.packs import fit, words
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
from explainers.packs.figures import layout
from explainers.packs.lines import has_table, say_source, table_of, titles
from explainers.packs.pictures import picture_of
from explainers.packs.slide_axes import CannotDraw
from explainers.packs.slide_charts import read_drawing
from explainers.packs.slide_frame import BOTTOM, LEFT, ROOM, SERIF, TOP, Deck, add_box, describe, put, write
from explainers.packs.slide_natives import PIXELS, add_native
from explainers.packs.slide_tables import Plan, add_plan, plan_facts, plan_table

GAP = 0.14
"""Inches between two things."""
READABLE = 10.6
"""Inches of a line of text that is read with ease."""
TEXTS: dict[str, tuple[float, bool, str]] = {
    "finding": (20, True, style.INK),
    "context": (16, False, style.MUTED),
    "heading": (16, True, style.INK),
    "text": (14, False, style.INK),
    "note": (12, False, style.MUTED),
    "warning": (14, True, style.RAISES),
}
"""Kind of a text -> size in points, bold, colour."""
NOTES = ("small",)
"""Kinds of text that stand in the speaker's notes."""
ITEM = 14
"""Points of an entry of a list."""
ENTRIES = 14
"""Entries of the table of contents on one slide."""
LONGEST = 130
"""Letters of a title; a longer description of a chart stands under one."""
SQUEEZED = 0.72
"""Share of its height that a chart must have left; else it begins a new slide."""
USUAL = 360.0
"""Pixels of a chart that names no height."""


def render_slides(pack: Document) -> bytes:
    """Return a pack as .pptx, 16:9: the same pack gives the same bytes.

    Parameters
    ----------
    pack : Document
        From `compose`.
    """
    deck = Deck(pack)
    _first(deck)
    if pack.lead:
        _Flow(deck, words.IN_SHORT).items(pack.lead)
    names = titles(pack)
    contents = [deck.slide(words.CONTENTS) for _ in range(0, len(names), ENTRIES)]
    starts = [_section(deck, section) for section in pack.sections]
    if pack.limits:
        flow = _Flow(deck, words.CLOSING)
        starts.append(flow.slide)
        flow.items(pack.limits)
    _fill_contents(deck, contents, names, starts)
    return deck.save()


def _first(deck: Deck) -> None:
    """Write what the pack is, for whom, and from what."""
    pack = deck.pack
    slide, _ = deck.slide(pack.title)
    title = slide.shapes.title
    broken = fit.lines(pack.title, ROOM, 40, fit.SERIF * fit.BOLD)
    high = fit.height(len(broken), 40) + 0.1
    title.top, title.height = Inches(2.0), Inches(high)
    title.text_frame.clear()
    write(title.text_frame, pack.title, 40, bold=True, font=SERIF)
    box = add_box(slide, LEFT, 2.2 + high, ROOM, 0.5)
    write(box.text_frame, pack.subtitle, 20, colour=style.MUTED)
    told = add_box(slide, LEFT, 3.1 + high, ROOM, 1.5)
    frame = told.text_frame
    write(frame, pack.audience_line, 14)
    for line in (*pack.as_of, pack.made_on):
        if line:
            put(frame.add_paragraph(), line, 14, colour=style.MUTED)


@dataclass
class _Flow:
    """Puts one thing under the other, and begins a slide where there is no room left."""

    deck: Deck
    title: str
    """Of the slide; the next ones say that they go on."""
    part_of: str = ""
    """Notes of slides after the first."""
    slide: Any = field(init=False)
    top: float = field(init=False)
    empty: bool = field(init=False, default=True)
    """Whether nothing stands under the title yet."""
    waiting: str = field(init=False, default="")
    """A heading that stands with what follows it."""
    said: set[str] = field(init=False, default_factory=set)
    """What stands on the slide, so that no title stands on it twice."""

    def __post_init__(self) -> None:
        self.slide, self.top = self.deck.slide(self.title)
        self.said = {_bare(self.title)}

    def begin(self, title: str) -> None:
        """Begin a slide."""
        self.said = {_bare(title)}
        if title == self.title:
            title = f"{title.rstrip('.')} (continued)"
        self.slide, self.top = self.deck.slide(title)
        self.empty = True
        if self.part_of:
            self.slide.notes_slide.notes_text_frame.text = self.part_of

    def need(self, inches: float) -> None:
        """Begin a slide where so many inches are not left, and write the heading that waits."""
        extra = fit.height(1, TEXTS["heading"][0]) + GAP if self.waiting else 0.0
        if self.top + inches + extra > BOTTOM and not (self.empty and self.top + extra < BOTTOM / 2):
            self.begin(self.title)
        if self.waiting:
            heading, self.waiting = self.waiting, ""
            self.said.add(_bare(heading))
            self.text(heading, **_look("heading"))

    def text(self, text: str, size: float, *, bold: bool, colour: str) -> None:
        """Write a paragraph; a long one goes on on the next slide."""
        wide = fit.SANS * (fit.BOLD if bold else 1.0)
        left = broken = fit.lines(text, READABLE, size, wide)
        while left:
            fits = max(1, int((BOTTOM - self.top) / fit.height(1, size)))
            if fits < min(len(left), 2) and not self.empty:
                self.begin(self.title)
                continue
            now, left = left[:fits], left[fits:]
            high = fit.height(len(now), size)
            box = add_box(self.slide, LEFT, self.top, READABLE + 0.2, high)
            write(box.text_frame, text if now == broken else " ".join(now), size, bold=bold, colour=colour)
            self.top, self.empty = self.top + high + GAP, False

    def items(self, items: Sequence[str], *, ordered: bool = False) -> None:
        """Write a list."""
        for number, item in enumerate(items, start=1):
            high = fit.height(len(fit.lines(item, READABLE - 0.35, ITEM)), ITEM)
            self.need(high)
            box = add_box(self.slide, LEFT, self.top, READABLE + 0.2, high)
            paragraph = write(box.text_frame, item, ITEM)
            _bullet(paragraph, f"{number}." if ordered else "•")
            self.top, self.empty = self.top + high + GAP * 0.6, False
        self.top += GAP * 0.4


def _look(kind: str) -> dict[str, Any]:
    """Return how a kind of text looks."""
    return dict(zip(("size", "bold", "colour"), TEXTS[kind], strict=True))


def _bullet(paragraph: Any, mark: str) -> None:
    """Set a mark before a paragraph, whose lines stand in one edge."""
    properties = paragraph._p.get_or_add_pPr()
    properties.set("marL", str(Inches(0.35)))
    properties.set("indent", str(-Inches(0.35)))
    number = [f'<a:buFont {nsdecls("a")} typeface="Arial"/>', f'<a:buChar {nsdecls("a")} char="•"/>']
    if mark != "•":
        number = [f'<a:buAutoNum {nsdecls("a")} type="arabicPeriod" startAt="{mark.rstrip(".")}"/>']
    for xml in number:
        properties.append(parse_xml(xml))


def _section(deck: Deck, section: Section) -> Any:
    """Write a section and return its first slide."""
    finding = next((b.text for b in section.blocks if isinstance(b, TextBlock) and b.kind == "finding"), section.title)
    flow = _Flow(deck, finding, f"Part of: {section.title}")
    first, told = flow.slide, False
    first.notes_slide.notes_text_frame.text = _notes(section)
    native: set[int] = set()
    for block in _on_slides(section):
        if isinstance(block, TextBlock):
            if block.kind == "finding" and not told:
                told = True
            else:
                _text(flow, block)
        elif isinstance(block, ListBlock):
            flow.items(block.items, ordered=block.ordered)
        elif isinstance(block, FactsBlock):
            _rows(flow, plan_facts(block.rows), section.title, section.title)
        elif isinstance(block, ChartBlock):
            if _chart(flow, block, _below(section, block)):
                native.add(block.number)
            elif not has_table(block, section) and (figures := table_of(block)).rows:
                _table(flow, figures)
        elif block.rows and block.behind not in native:
            _table(flow, block)
    return first


def _on_slides(section: Section) -> list[Block]:
    """Return the blocks that stand on slides: what closes a page is said by the presenter."""
    found: list[Block] = []
    for block in section.blocks:
        if isinstance(block, TextBlock) and block.kind in NOTES:
            while found and isinstance(found[-1], TextBlock) and found[-1].kind == "heading":
                found.pop()
        else:
            found.append(block)
    return found


def _text(flow: _Flow, block: TextBlock) -> None:
    if block.kind == "heading":
        flow.waiting = block.text
        return
    flow.need(fit.height(min(2, len(fit.lines(block.text, READABLE, TEXTS[block.kind][0]))), TEXTS[block.kind][0]))
    flow.text(block.text, **_look(block.kind))


def _notes(section: Section) -> str:
    """Return what the presenter may say, how it is computed, and where the figures come from."""
    small = [b.text for b in section.blocks if isinstance(b, TextBlock) and b.kind in NOTES]
    question = f"Question: {section.question}" if section.question else ""
    beside = [f"{b.title}: {say_rest(b)}" for b in section.blocks if isinstance(b, TableBlock) and say_rest(b)]
    parts = [*section.notes, question, *small, *beside, section.kept, say_source(section)]
    return "\n\n".join(part for part in parts if part)


def _below(section: Section, chart: ChartBlock) -> float:
    """Return the inches of the quiet sentences right under a chart, which should stand on its slide."""
    high = 0.0
    for block in section.blocks[section.blocks.index(chart) + 1 :]:
        if isinstance(block, TableBlock) and block.behind == chart.number:
            continue
        if not isinstance(block, TextBlock) or block.kind != "note":
            break
        high += fit.height(len(fit.lines(block.text, READABLE, TEXTS["note"][0])), TEXTS["note"][0]) + GAP
    return high


def _chart(flow: _Flow, block: ChartBlock, below: float) -> bool:
    """Add a chart and leave room for what stands below; return whether it is one of PowerPoint, and not a picture."""
    part = block.part
    wanted = float(layout(part).get("height") or USUAL) * ROOM / PIXELS
    least = min(wanted, (BOTTOM - TOP) * 0.75) * SQUEEZED
    title = "" if _bare(part.title) in {*flow.said, _bare(flow.waiting)} else part.title
    above = fit.height(len(fit.lines(title, READABLE, 14, fit.SANS * fit.BOLD)), 14) + GAP if title else 0.0
    above += fit.height(1, TEXTS["heading"][0]) + GAP if flow.waiting else 0.0
    if not flow.empty and flow.top + least + above > BOTTOM:
        begun = title if len(title) <= LONGEST else flow.waiting
        flow.waiting = "" if begun == flow.waiting else flow.waiting
        flow.begin(begun or flow.title)
        title = "" if begun == title else title
    flow.need(0.0)
    if title:
        flow.text(title, size=14, bold=True, colour=style.INK)
    left = BOTTOM - flow.top
    high = min(wanted, left - below if left - below >= least else left)
    try:
        frame = add_native(
            flow.slide, read_drawing(part, low=high < wanted * SQUEEZED), (LEFT, flow.top, ROOM, high), _margins(part)
        )
        native = True
    except CannotDraw:
        frame, native = _picture(flow, part, high), False
    describe(frame, f"Chart {block.number}", part.alt)
    flow.top, flow.empty = flow.top + high + GAP, False
    return native


def _bare(title: str) -> str:
    """Return a title without the full stop it may end with."""
    return title.rstrip(" .")


def _margins(part: ChartPart) -> dict[str, float]:
    margin, high = layout(part).get("margin") or {}, float(layout(part).get("height") or USUAL)
    return {side: float(margin.get(side) or 0) / (PIXELS if side in "lr" else high) for side in "lrtb"}


def _picture(flow: _Flow, part: ChartPart, high: float) -> Any:
    frame = flow.slide.shapes.add_picture(
        io.BytesIO(picture_of(part)), Inches(LEFT), Inches(flow.top), width=Inches(ROOM)
    )
    if frame.height > Inches(high):
        frame.width, frame.height = int(frame.width * Inches(high) / frame.height), Inches(high)
    return frame


def _table(flow: _Flow, block: TableBlock) -> None:
    plan = plan_table(block.columns, block.rows)
    flow.waiting = flow.waiting or ("" if _bare(block.title) in flow.said else block.title)
    _rows(flow, plan, f"Table {block.number}", block.title)
    _more(flow, plan, block.n_total, block.file)


def _more(flow: _Flow, plan: Plan, n_total: int, file: str) -> None:
    """Say what of a table is not here, and where it is."""
    said = [f"And {n_total - len(plan.rows):,} more rows"] if n_total > len(plan.rows) else []
    said += [f"the columns {', '.join(plan.left_out)}"] if plan.left_out else []
    if said:
        text = " and ".join(said)
        where = f" in the evidence file, {file}" if file else ""
        flow.text(f"{text[:1].upper()}{text[1:]}{where}.", **_look("note"))


def _rows(flow: _Flow, plan: Plan, name: str, described: str) -> None:
    """Add a table, on as many slides as its rows need."""
    first, n = 0, len(plan.rows)
    if not n and not any(plan.columns):
        return
    flow.need(sum(plan.heights[:4]))
    while first < n or (n == 0 and first == 0):
        left, last = BOTTOM - flow.top - plan.heights[0], first
        while last < n and (plan.heights[1 + last] <= left or (last == first and flow.empty)):
            left -= plan.heights[1 + last]
            last += 1
        if last == first and n:
            flow.begin(flow.title)
            continue
        add_plan(flow.slide, plan, first, last, flow.top, name, described)
        flow.top += plan.heights[0] + sum(plan.heights[1 + first : 1 + last]) + GAP
        flow.empty, first = False, last if n else 1


def _fill_contents(
    deck: Deck, contents: Sequence[tuple[Any, float]], names: Sequence[str], starts: Sequence[Any]
) -> None:
    """Write the table of contents, each entry with the number of its slide and a link to it."""
    numbers = {slide.slide_id: i for i, slide in enumerate(deck.presentation.slides, start=1)}
    for page, (slide, top) in enumerate(contents):
        for name, start in list(zip(names, starts, strict=True))[page * ENTRIES : (page + 1) * ENTRIES]:
            text = fit.lines(name, ROOM - 1.2, 14)
            shown = text[0] if len(text) == 1 else f"{text[0].rstrip(' ,;.')}…"
            box = add_box(slide, LEFT, top, ROOM - 1.0, 0.3)
            run = put(write(box.text_frame, "", 14), shown, 14, colour=style.ACCENT)
            _link(slide, run, start)
            number = add_box(slide, LEFT + ROOM - 1.0, top, 1.0, 0.3)
            paragraph = write(number.text_frame, str(numbers[start.slide_id]), 14)
            paragraph.alignment = 3
            top += 0.41


def _link(slide: Any, run: Any, target: Any) -> None:
    """Let words lead to another slide."""
    key = slide.part.relate_to(target.part, RT.SLIDE)
    properties = run._r.get_or_add_rPr()
    link = parse_xml(f'<a:hlinkClick {nsdecls("a", "r")} r:id="{key}" action="ppaction://hlinksldjump"/>')
    last = properties.find(qn("a:latin"))
    (last if last is not None else properties[-1]).addnext(link)
