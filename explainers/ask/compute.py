"""A question in plain words to the page that answers it: `compute_ask` → `AskResult`; always the same one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

from explainers.ask.links import link_for, topic_links
from explainers.ask.matcher import matcher
from explainers.ask.phrases import NONE
from explainers.ask.result import AskLink, AskResult, Slots, Vocabulary
from explainers.ask.slots import find_slots

SHOWN = 3
"""Links shown at most."""
SURE = 0.5
"""Likeliness from which the first link is opened at once; chosen on the tuning questions."""
AHEAD = 0.25
"""How much likelier than the second it must be."""
STRANGE = 0.34
"""Share of words never seen from which nothing is sure."""
LOST = 0.5
"""Share of words never seen from which a question is none that Candor knows."""
FAINT = 0.12
"""Likeliness below which no link is taken for an answer."""
USUAL = ("overview", "drivers", "decision")
"""What is offered when a question is none that Candor knows."""


def compute_ask(question: str, vocabulary: Vocabulary, application: str | None = None) -> AskResult:
    """Find the page that answers a question.

    Parameters
    ----------
    question : str
        In plain words; the first 300 letters are read.
    vocabulary : Vocabulary
        The pages the viewer can open and what the viewer's questions can name.
    application : str, optional
        Number of the application on the screen: "what would have to change?" is about it.
    """
    slots = find_slots(question, vocabulary)
    chances = matcher().likeliness(slots.masked)
    if not slots.numbers and application:
        slots = replace(slots, numbers=(application,))
    links = _ranked(slots, chances, vocabulary)
    intent = max(chances, key=lambda name: chances[name])
    state = _state(slots, chances, links)
    if not links or (state == "cannot" and slots.unknown >= LOST):
        usual = [link for name in USUAL if (link := link_for(name, _bare(slots), vocabulary, 0.0)) is not None]
        links = [*links, *(link for link in usual if not _same_place(link, links))]
    if state == "cannot":
        intent = NONE
    elif links:
        intent = links[0].intent
    return AskResult(vocabulary.snapshot_id, question, state, intent, tuple(links[:SHOWN]))


def _ranked(slots: Slots, chances: Mapping[str, float], vocabulary: Vocabulary) -> list[AskLink]:
    """Return a link for each place that may answer, the likeliest first; intents with one place count together."""
    found: dict[tuple[object, ...], AskLink] = {}
    for name in sorted(chances, key=lambda name: -chances[name]):
        link = link_for(name, slots, vocabulary, chances[name])
        if link is None:
            continue
        place = (link.page, link.query)
        if place in found:
            link = replace(found[place], confidence=found[place].confidence + link.confidence)
        found[place] = link
    links = sorted(found.values(), key=lambda link: -link.confidence)
    return [links[0], *topic_links(links[0], slots, vocabulary), *links[1:]] if links else []


def _state(slots: Slots, chances: Mapping[str, float], links: list[AskLink]) -> Literal["sure", "list", "cannot"]:
    """Return how sure the first link is."""
    first = links[0].confidence if links else 0.0
    if chances[NONE] >= max(first, FAINT) or first < FAINT or slots.unknown >= LOST:
        return "cannot"
    top = max(chances, key=lambda name: chances[name])
    hidden = chances[top] > first  # the page that would answer is not the viewer's
    second = max(links[1].confidence if len(links) > 1 else 0.0, chances[NONE])
    sure = first >= SURE and first - second >= AHEAD and slots.unknown < STRANGE and not hidden
    return "sure" if sure and not (links[0].intent == "signal" and slots.rivals) else "list"


def _same_place(link: AskLink, links: list[AskLink]) -> bool:
    return any((link.page, link.query) == (other.page, other.query) for other in links)


def _bare(slots: Slots) -> Slots:
    """Return slots without anything that a question names."""
    return replace(slots, numbers=(), partners=(), first_month=None, last_month=None, topics=(), groups=())
