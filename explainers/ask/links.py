"""The page that an intent and what a question names lead to, with the page's inputs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from data.cohorts import Cohort
from explainers.ask.phrases import NONE
from explainers.ask.result import AskLink, Slots, Topic, Vocabulary
from explainers.ask.words import say_link

PAGE = {
    "overview": "overview",
    "decision": "decision",
    "reasons": "reasons",
    "notice": "notice",
    "evidence": "evidence",
    "drivers": "drivers",
    "absence": "drivers",
    "signal": "signal",
    "interactions": "interactions",
    "what_if": "what-if",
    "recourse": "what-if",
    "cohorts": "cohorts",
    "partners": "cohorts",
    "pair": "compare",
    "similar": "compare",
    "snapshots": "compare",
    "health": "health",
    "log": "log",
    "fairness": "fairness",
    "alternatives": "alternatives",
    "sessions": "sessions",
    "pins": "pins",
}
"""Intent to the last part of its page's address."""
ONE = frozenset(("decision", "notice", "what_if", "recourse", "pair", "similar"))
"""Intents about one application."""
CHOSEN = frozenset(("reasons", "drivers", "signal", "interactions", "cohorts", "partners", "fairness"))
"""Intents whose pages can be narrowed to some applications."""
BY_DECISION = frozenset(("cohorts", "drivers", "signal", "interactions"))
"""Of these, the ones where a decision says which applications are meant."""
ATTRIBUTE_WORDS = {"sex": ("sex", "gender"), "race": ("race", "ethnicity"), "age": ("age",)}


def link_for(intent: str, slots: Slots, vocabulary: Vocabulary, confidence: float) -> AskLink | None:
    """Return the link of an intent, None where the viewer has no such page.

    Parameters
    ----------
    intent : str
        A key of `PAGE`, or "none".
    slots : Slots
        What the question names.
    vocabulary : Vocabulary
        The viewer's pages and words.
    confidence : float
        How likely the intent is, 0 to 1.
    """
    if intent == NONE:
        return None
    intent = _settled(intent, slots)
    topic = next(iter(slots.topics), None)
    page = topic.page if intent == "signal" and topic is not None else PAGE[intent]
    if page not in vocabulary.pages:
        return None
    query = _query(intent, slots, vocabulary)
    return AskLink(intent, page, tuple(query.items()), say_link(intent, slots), confidence)


def topic_links(link: AskLink, slots: Slots, vocabulary: Vocabulary) -> list[AskLink]:
    """Return a link for each topic that fits a question about a signal as well as the first."""
    if link.intent != "signal":
        return []
    others = [replace(slots, topics=(topic, *slots.topics[1:])) for topic in slots.rivals]
    found = (link_for("signal", other, vocabulary, link.confidence) for other in others)
    return [one for one in found if one is not None]


def _settled(intent: str, slots: Slots) -> str:
    """Return the intent that fits what was named: a signal that none names is asked about among the drivers."""
    if intent == "signal" and not slots.topics:
        return "absence" if slots.groups else "drivers"
    if intent == "absence" and slots.topics and not slots.groups:
        return "signal"
    if intent in {"similar", "decision"} and len(slots.numbers) > 1:
        return "pair"
    if intent == "pair" and len(slots.numbers) == 0 and len(slots.partners) > 1:
        return "partners"
    return intent


def _query(intent: str, slots: Slots, vocabulary: Vocabulary) -> Mapping[str, str]:
    """Return the inputs of an intent's page."""
    query: dict[str, str] = {}
    if intent == "similar":
        query["mode"] = "Similar applications"
    if intent == "snapshots":
        query["mode"] = "Two snapshots"
    if intent in ONE and slots.numbers:
        query["app"] = slots.numbers[0]
    if intent == "pair" and len(slots.numbers) > 1:
        query["second"] = slots.numbers[1]
    if intent == "signal":
        query |= _signal(slots.topics)
    if intent == "fairness":
        query |= _attribute(slots, vocabulary)
    cohort = _cohort(intent, slots).text
    return query | {"cohort": cohort} if cohort else query


def _signal(topics: tuple[Topic, ...]) -> dict[str, str]:
    """Return the inputs of a signal's page, cut by a second one where two are named."""
    first, *more = topics
    query = {first.key: first.value}
    if more and more[0].key == first.key == "signal" and more[0].value != first.value:
        query["cut"] = more[0].value
    return query


def _attribute(slots: Slots, vocabulary: Vocabulary) -> dict[str, str]:
    """Return the attribute of groups that a question is about, where the viewer may know of it."""
    wanted = {word for kind in slots.groups for word in ATTRIBUTE_WORDS.get(kind, ())}
    for name, label in vocabulary.attributes:
        if wanted & set(f"{name} {label}".lower().replace("_", " ").split()):
            return {"attribute": label}
    return {}


def _cohort(intent: str, slots: Slots) -> Cohort:
    """Return the applications that are meant."""
    if intent == "snapshots":
        return Cohort(partners=slots.partners)
    if intent not in CHOSEN:
        return Cohort()
    decision = slots.decision if intent in BY_DECISION else None
    return Cohort(slots.partners, decision, slots.first_month, slots.last_month)
