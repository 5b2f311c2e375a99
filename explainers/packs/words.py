"""What a pack says of itself: who may read it, what is in it, what it cannot say."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime

from data.access import Audience
from data.workspace.pin_parts import Pin
from data.workspace.questions import Question
from explainers.packs.contents import Answers, Item, Kept, Pack, pins_of
from explainers.packs.document import Section, TableBlock
from explainers.pins.words import say_as_of
from explainers.style import day, whole

HOW = "How to read this"
LIMITS = "What this does not tell you"
TECHNICAL = "Technical detail"
ABOUT = "About this pack"
MISSING = "What is not in it"
IN_SHORT = "In short"
CONTENTS = "Contents"
CLOSING = "What this pack cannot say"
SYNTHETIC = "Synthetic data: the applications are made up."
TO_ANSWERS = "Go to the first answer"
TABLE = "Table"
CHART = "Chart"
HOW_TO_MAKE = (
    "A pack is a document made of answers that were kept. Nothing in it is computed anew: it says what the pins say.",
    "Choose what it is made from, put the contents in order, and make it. The same contents give the same files.",
    "The evidence file holds every form, the figures behind each chart and table, and a list of hashes.",
)
NOT_IN_PACKS = (
    "A pack holds answers of one view only. What was pinned in another view cannot stand beside them.",
    "Outsiders read only answers that a second person approved. The presenter's notes stay with specialists.",
)
APPROVED = "Answers approved for reuse"
ASKED = "Questions and answers"
NONE_APPROVED = "No answer in words: none was approved for these readers."
NOT_GONE = "Nobody signed or noted anything at this step, so nothing of it was kept."
NOT_SIGNED = "not signed off"
NO_ANSWER = "No answer yet."
STEP = {
    "how": "How it is computed",
    "recorded": "Where it is recorded",
    "limits": "What it does not show",
    "note": "Note",
    "signed": "Signed off",
}
"""Fields of a step and what they are called."""
EVERY_PACK = (
    "A pack says what Candor showed on the day named under each answer. New applications or another model may change"
    " it.",
    "It explains what the model used. It does not say that anything in an applicant's life was caused by it, and it is"
    " evidence, not a legal opinion.",
)


def say_audience(audience: Audience, partner: str | None) -> str:
    """Return who may read a pack: the line on every page."""
    if audience is Audience.PARTNER:
        return f"For {partner} only: partner view, own applications."
    if audience is Audience.REGULATOR:
        return "For examiners: regulator view, application numbers masked."
    return "For the lender's risk specialists only: specialist view."


def say_as_of_lines(items: Sequence[Item]) -> tuple[str, ...]:
    """Return what stood in the bar over the pages, once for each snapshot."""
    return tuple(dict.fromkeys(say_as_of(pin) for pin in pins_of(items)))


def say_made_on(items: Sequence[Item]) -> str:
    """Return the day of the latest thing in a pack; "" where nothing has a day."""
    moments = [moment for item in items for moment in _moments(item) if moment]
    return _day(max(moments)) if moments else ""


def say_lead(items: Sequence[Item]) -> tuple[str, ...]:
    """Return the findings in a pack, and how many questions are answered."""
    said = [pin.shown.finding for pin in pins_of(items)]
    for item in items:
        if isinstance(item, Answers):
            answered = sum(bool(one.answer) for one in item.answers)
            said.append(f"{item.title}: {whole(answered)} of {whole(len(item.answers))} answered.")
    return tuple(dict.fromkeys(filter(None, said)))


def say_title(pin: Pin) -> str:
    """Return what a pin's chapter is called: its title; the question where the title is a finding cut short."""
    return pin.shown.question if pin.title.endswith("…") else pin.title


def say_limits(pack: Pack) -> tuple[str, ...]:
    """Return what a pack cannot say."""
    return (*pack.limits, *EVERY_PACK)


def say_figures(chart: int) -> str:
    """Return the title of the figures behind a chart."""
    return f"Figures of chart {chart}"


def say_elsewhere(table: TableBlock) -> str:
    """Return where the figures of a chart are, for a form that does not write them out."""
    return f"{table.title}: in the HTML and Word forms of this pack."


def say_missing(what: str) -> str:
    """Return that a page is not in a pack that should have it."""
    return f"Nothing on {what}: no answer about it was pinned in this view and snapshot."


def say_asked(question: Question) -> str:
    """Return who asked and when, and whether it is open."""
    by = f" by {question.asked_by}" if question.asked_by else ""
    asked = f"Asked{by} on {_day(question.asked_at)}"
    return f"{asked}, open." if question.is_open else f"{asked}, answered on {_day(question.answered_at or '')}."


def say_approved(moment: str) -> str:
    """Return when an answer was approved."""
    return f"Approved by a second person on {_day(moment)}."


def say_state(*, supported: bool) -> str:
    """Return whether a step's claim held where it was shown."""
    return "This held when it was shown." if supported else "This did not hold on this snapshot."


def say_recorded(where: str, snapshot_id: str, snapshot_hash: str) -> str:
    """Return where a step is recorded."""
    return f"{where} Snapshot {snapshot_id}, SHA-256 {snapshot_hash}."


def say_snapshots(sections: Sequence[Section]) -> tuple[str, ...]:
    """Return the snapshots that a pack's figures come from, with their hashes."""
    sources = [section.source for section in sections if section.source is not None]
    return tuple(dict.fromkeys(f"Snapshot {one.snapshot_id}: SHA-256 {one.snapshot_hash}." for one in sources))


def say_pack_id(pack_id: str) -> str:
    """Return the id of a pack in a sentence."""
    return f"Pack {pack_id} (SHA-256 of what is in it)."


def say_made_of(scope: str, items: int) -> str:
    """Return what a pack holds, or may hold while nothing is chosen."""
    return f"Everything in it was shown in {scope}." if items else f"It can hold what was pinned in {scope}."


def file_stem(pack: Pack) -> str:
    """Return the name of a pack's files without the ending: its title and the beginning of its id."""
    short = re.sub(r"[^a-z0-9]+", "-", pack.title.lower()).strip("-")[:40].strip("-")
    return f"candor-{short or 'pack'}-{pack.pack_id[:8]}"


def say_problems(count: int) -> str:
    """Return the headline over what stands against a pack."""
    return "One thing stands against this pack" if count == 1 else f"{whole(count)} things stand against this pack"


def say_contents(items: int) -> str:
    """Return how much is chosen."""
    if not items:
        return "Nothing is chosen yet."
    return "One thing is in this pack." if items == 1 else f"{whole(items)} things are in this pack."


def _moments(item: Item) -> Iterable[str]:
    if isinstance(item, Kept):
        return [item.pin.pinned_at]
    if isinstance(item, Answers):
        return [one.at for one in item.answers]
    return [item.at, item.pin.pinned_at if item.pin else ""]


def _day(moment: str) -> str:
    return day(datetime.fromisoformat(moment).date())
