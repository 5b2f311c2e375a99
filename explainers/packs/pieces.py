"""The parts of a pin as blocks of a document, in the order in which they were shown."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import takewhile

from data.workspace.pin_parts import ChartPart, MarkupPart, Part, Pin, TablePart, WordsPart
from explainers.packs import words
from explainers.packs.bars import COLUMNS
from explainers.packs.document import Block, ChartBlock, TableBlock, TextBlock, TextKind
from explainers.packs.markup import blocks_of_markup
from explainers.packs.numbering import Numbering

KINDS: dict[str, TextKind] = {
    "finding": "finding",
    "context": "context",
    "section": "heading",
    "note": "note",
    "warning": "warning",
    "paragraph": "text",
}
"""Kinds of sentences on a page and what they are in a document; the closing texts are not among them."""


def blocks_of_pin(pin: Pin, numbering: Numbering, *, technical: bool) -> tuple[Block, ...]:
    """Return what a pin shows.

    Parameters
    ----------
    pin : Pin
        An answer as it was shown.
    numbering : Numbering
        Gives tables and charts their numbers.
    technical : bool
        Whether the technical detail goes in.
    """
    found: list[Block] = []
    for part in pin.shown.parts:
        found += _blocks(part, pin, numbering, found)
    found = list(_without_empty(found))
    found += _closing(pin, words.HOW, "how")
    found += _closing(pin, words.LIMITS, "limits")
    if technical:
        found += _technical(pin, numbering)
    return tuple(found)


def _blocks(part: Part, pin: Pin, numbering: Numbering, before: list[Block]) -> Iterator[Block]:
    """Yield a part; a chart that was offered as a file only shows what the bars over it show, and is left out."""
    if isinstance(part, WordsPart) and part.kind in KINDS and part.text:
        yield TextBlock(KINDS[part.kind], part.text)
    elif isinstance(part, MarkupPart) and part.kind == "html":
        yield from blocks_of_markup(part.markup, numbering)
    elif isinstance(part, ChartPart) and part.kind == "chart":
        yield numbering.chart(part, f"{pin.shown.page} {part.title}")
    elif isinstance(part, TablePart):
        yield from _table(part, pin, numbering, before)


def _table(part: TablePart, pin: Pin, numbering: Numbering, before: list[Block]) -> tuple[TableBlock, ...]:
    """Return a table; the figures behind a chart are told which, and those of bars are not written out twice."""
    name = part.name or pin.shown.page
    after = list(takewhile(lambda block: not isinstance(block, ChartBlock), reversed(before)))
    chart = before[-len(after) - 1] if len(after) < len(before) else None
    heading = next((b.text for b in reversed(before) if isinstance(b, TextBlock) and b.kind == "heading"), "")
    apart = any(isinstance(block, TextBlock) and block.kind == "heading" for block in after)
    if part.kind == "table" or apart or not isinstance(chart, ChartBlock):
        return numbering.table(heading or pin.shown.question, part.columns, part.rows, name=name)
    told = any(isinstance(block, TableBlock) and block.columns == COLUMNS for block in after)
    title = words.say_figures(chart.number)
    return numbering.table(title, part.columns, part.rows, name=name, behind=chart.number, show=not told)


def _without_empty(blocks: list[Block]) -> Iterator[Block]:
    """Yield blocks without the questions under which the page showed nothing: a part that nobody opened."""
    for place, block in enumerate(blocks, start=1):
        following = blocks[place] if place < len(blocks) else None
        alone = following is None or (isinstance(following, TextBlock) and following.kind == "heading")
        if not (alone and isinstance(block, TextBlock) and block.kind == "heading" and block.text.endswith("?")):
            yield block


def _closing(pin: Pin, title: str, kind: str) -> Iterator[Block]:
    """Yield one of the two closing texts."""
    texts = [part.text for part in pin.shown.parts if isinstance(part, WordsPart) and part.kind == kind]
    if texts:
        yield TextBlock("heading", title)
        yield from (TextBlock("small", text) for text in texts)


def _technical(pin: Pin, numbering: Numbering) -> Iterator[Block]:
    parts = [part for part in pin.shown.parts if isinstance(part, MarkupPart) and part.kind == "technical"]
    if parts:
        yield TextBlock("heading", words.TECHNICAL)
        for part in parts:
            yield from blocks_of_markup(part.markup, numbering)
