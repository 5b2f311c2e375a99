"""A pack's contents as a document: one section each, numbered, with what it cannot say at its end."""

from __future__ import annotations

from collections.abc import Iterator

from data.access import Viewer
from explainers.packs import words
from explainers.packs.contents import Answer, Answers, Item, Kept, Pack, Step, pins_of
from explainers.packs.document import Block, Document, FactsBlock, ListBlock, Section, TextBlock
from explainers.packs.numbering import Numbering
from explainers.packs.pieces import blocks_of_pin
from explainers.packs.scope import check_pack, has_evidence
from explainers.pins.words import say_kept


def compose(viewer: Viewer, pack: Pack) -> Document:
    """Return a pack as a document.

    Parameters
    ----------
    viewer : Viewer
        Who makes it.
    pack : Pack
        What is asked for.

    Raises
    ------
    InputProblems
        It mixes views, or holds what its readers may not have; with every problem.
    """
    check_pack(viewer, pack)
    numbering = Numbering(evidence=has_evidence(pack.audience))
    return Document(
        pack_id=pack.pack_id,
        title=pack.title,
        subtitle=pack.subtitle,
        audience=pack.audience,
        audience_line=words.say_audience(pack.audience, pack.partner),
        watermark=pack.mark,
        as_of=words.say_as_of_lines(pack.items),
        synthetic=any(pin.shown.source.synthetic for pin in pins_of(pack.items)),
        made_on=words.say_made_on(pack.items),
        lead=words.say_lead(pack.items),
        sections=(*_opening(pack), *(_section(item, numbering, technical=pack.technical) for item in pack.items)),
        limits=words.say_limits(pack),
    )


def _opening(pack: Pack) -> Iterator[Section]:
    """Yield the opening words and what is missing, where there is any of it."""
    blocks: list[Block] = [TextBlock("text", text) for text in pack.intro]
    if pack.missing:
        blocks += [TextBlock("heading", words.MISSING), ListBlock(pack.missing)]
    if blocks:
        yield Section(words.ABOUT, "", tuple(blocks), (), None, None, "")


def _section(item: Item, numbering: Numbering, *, technical: bool) -> Section:
    if isinstance(item, Kept):
        return _kept(item, numbering, technical=technical)
    return _answers(item) if isinstance(item, Answers) else _step(item, numbering, technical=technical)


def _kept(item: Kept, numbering: Numbering, *, technical: bool) -> Section:
    pin = item.pin
    return Section(
        title=words.say_title(pin),
        question=pin.shown.question,
        blocks=blocks_of_pin(pin, numbering, technical=technical),
        notes=item.notes,
        source=pin.shown.source,
        pin_id=pin.pin_id,
        kept=say_kept(pin),
    )


def _answers(item: Answers) -> Section:
    blocks = [block for answer in item.answers for block in _answer(answer)]
    return Section(item.title, "", tuple(blocks), (), None, None, "")


def _answer(answer: Answer) -> Iterator[Block]:
    yield TextBlock("heading", answer.question)
    yield TextBlock("text", answer.answer or words.NO_ANSWER)
    yield TextBlock("small", answer.about)


def _step(item: Step, numbering: Numbering, *, technical: bool) -> Section:
    facts = tuple((name, getattr(item, field)) for field, name in words.STEP.items() if getattr(item, field))
    blocks: list[Block] = [TextBlock("finding", item.claim), TextBlock("context", item.state)]
    if facts:
        blocks.append(FactsBlock(facts))
    pin = item.pin
    if pin is not None:
        own = blocks_of_pin(pin, numbering, technical=technical)
        first = own[0]
        if isinstance(first, TextBlock) and first.kind == "finding":
            own = (TextBlock("heading", first.text), *own[1:])
        blocks += own
    return Section(
        title=item.title,
        question=pin.shown.question if pin else "",
        blocks=tuple(block for block in blocks if not isinstance(block, TextBlock) or block.text),
        notes=(),
        source=pin.shown.source if pin else None,
        pin_id=pin.pin_id if pin else None,
        kept=say_kept(pin) if pin else "",
    )
