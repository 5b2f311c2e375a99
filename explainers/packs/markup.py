"""Fragments of pages (bars, facts, checks) as blocks of a document: every word and number of them, and no other."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from explainers.packs.bars import blocks_of_bars
from explainers.packs.document import Block, FactsBlock, ListBlock, TextBlock, TextKind
from explainers.packs.elements import Element, is_inline, read_markup, text_of
from explainers.packs.numbering import Numbering

HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
NAMELESS = {"Table", "Technical detail"}
"""Names of regions that say nothing about what is in them."""
KINDS: dict[str, TextKind] = {"candor-note": "note", "candor-warning": "warning", "letter-draft": "warning"}


def blocks_of_markup(markup: str, numbering: Numbering) -> tuple[Block, ...]:
    """Return HTML of a template as blocks.

    Parameters
    ----------
    markup : str
        Made by a template of `assets/templates`, or the letter of `assets/notices`.
    numbering : Numbering
        Gives tables and charts their numbers.
    """
    return tuple(_joined(_blocks(read_markup(markup), numbering)))


def _blocks(element: Element, numbering: Numbering) -> Iterator[Block]:
    """Yield what is in an element: loose text as paragraphs, elements by their kind."""
    loose: list[Element | str] = []
    for child in [*element.children, None]:
        if child is not None and is_inline(child):
            loose.append(child)
            continue
        if text := text_of(*loose):
            yield TextBlock("text", text)
        loose = []
        if isinstance(child, Element):
            yield from _block(child, numbering)


def _block(element: Element, numbering: Numbering) -> Iterator[Block]:
    if "candor-bars" in element.classes:
        yield from blocks_of_bars(element, numbering)
    elif "candor-check" in element.classes:
        yield from _check(element, numbering)
    else:
        yield from _BY_TAG.get(element.tag, _blocks)(element, numbering)


def _heading(element: Element, _numbering: Numbering) -> Iterator[Block]:
    yield TextBlock("heading", text_of(*element.children))


def _paragraph(element: Element, _numbering: Numbering) -> Iterator[Block]:
    kind: TextKind = next((KINDS[name] for name in element.classes if name in KINDS), "text")
    if text := text_of(*element.children):
        yield TextBlock(kind, text)


def _facts(element: Element, _numbering: Numbering) -> Iterator[Block]:
    names = [text_of(*one.children) for one in element.all("dt")]
    values = [text_of(*one.children) for one in element.all("dd")]
    yield FactsBlock(tuple(zip(names, values, strict=True)))


def _list(element: Element, _numbering: Numbering) -> Iterator[Block]:
    items = tuple(text_of(*one.children) for one in element.all("li"))
    if items:
        yield ListBlock(items, ordered=element.tag == "ol")


def _details(element: Element, numbering: Numbering) -> Iterator[Block]:
    (summary,) = element.all("summary")
    rest = Element("div", {}, [child for child in element.children if child is not summary])
    inside = tuple(_blocks(rest, numbering))
    if len(inside) == 1 and isinstance(inside[0], TextBlock):
        yield FactsBlock(((text_of(*summary.children), inside[0].text),))
    else:
        yield TextBlock("heading", text_of(*summary.children))
        yield from inside


def _table(element: Element, numbering: Numbering) -> Iterator[Block]:
    head = [line for part in element.all("thead") for line in part.all("tr")]
    lines = [[text_of(*cell.children) for cell in line.all("th", "td")] for line in element.all("tr")]
    if not head and all(len(line) == 2 for line in lines):
        yield FactsBlock(tuple((line[0], line[1]) for line in lines))
        return
    columns, rows = (lines[0], lines[1:]) if head else ([""] * max(map(len, lines), default=0), lines)
    title = element.attributes.get("aria-label", "")
    padded = [(*line, *[None] * (len(columns) - len(line))) for line in rows]
    yield from numbering.table("" if title in NAMELESS else title, columns, padded)


def _check(element: Element, numbering: Numbering) -> Iterator[Block]:
    """Yield a name and what was found; a list in it stands for itself."""
    name = ""
    said: list[Element | str] = []
    for child in [*element.children, None]:
        if isinstance(child, Element) and child.tag == "b" and not name and not said:
            name = text_of(*child.children)
        elif child is not None and is_inline(child):
            said.append(child)
        else:
            yield from _fact(name, text_of(*said))
            if isinstance(child, Element):
                name, said = "", []
                yield from _block(child, numbering)


def _fact(name: str, text: str) -> Iterator[Block]:
    if name:
        yield FactsBlock(((name, text),))
    elif text:
        yield TextBlock("text", text)


def _joined(blocks: Iterator[Block]) -> list[Block]:
    """Return blocks with facts that follow each other in one."""
    found: list[Block] = []
    for block in blocks:
        last = found[-1] if found else None
        if isinstance(block, FactsBlock) and isinstance(last, FactsBlock):
            found[-1] = FactsBlock((*last.rows, *block.rows))
        else:
            found.append(block)
    return found


_BY_TAG: dict[str, Callable[[Element, Numbering], Iterator[Block]]] = {
    **dict.fromkeys(HEADINGS, _heading),
    "p": _paragraph,
    "dl": _facts,
    "ol": _list,
    "ul": _list,
    "table": _table,
    "details": _details,
}
