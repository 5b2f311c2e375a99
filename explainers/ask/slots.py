"""What a question names: application numbers, partners, months, signals, groups of people, a decision."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache

from explainers.ask.months import find_months
from explainers.ask.numbers import find_numbers
from explainers.ask.phrases import read_phrases
from explainers.ask.result import Slots, Topic, Vocabulary
from explainers.ask.text import nearest, stem, tokens_of
from explainers.ask.topics import EMPTY, find_partners, find_topic, index_topics

PLACEHOLDER = re.compile(r"\{(\w+)\}")
MARKS = {"app": "xapp", "partner": "xpartner", "month": "xmonth", "signal": "xsignal", "group": "xgroup"}
"""Placeholder in a phrase to the word that stands for it when matching."""
LONGEST = 300
"""Letters of a question that are read."""
MOST_TOPICS = 2
DECIDED = {
    "approved": "approved accepted granted passed",
    "declined": "declined denied rejected refused turned",
}
FILLERS = frozenset(["please", "pls", "kindly", "actually", "really", "just", "also", "then", "so"])
"""Words that say nothing of what is asked."""
PEOPLE = frozenset(
    ["applications", "applicants", "application", "people", "customers", "ones", "cases", "loans", "borrowers", "folks"]
)
"""Words beside which a decision says which applications are meant."""


def find_slots(question: str, vocabulary: Vocabulary) -> Slots:
    """Return what a question names.

    Parameters
    ----------
    question : str
        As typed.
    vocabulary : Vocabulary
        What the viewer's questions can name.
    """
    tokens = [token for token in tokens_of(question[:LONGEST]) if token.lower() not in FILLERS]
    marks: dict[int, str] = {}
    numbers = find_numbers(tokens)
    marks.update(dict.fromkeys(numbers, MARKS["app"]))
    partners = {place: name for place, name in find_partners(tokens, vocabulary.partners).items() if place not in marks}
    marks.update(dict.fromkeys(partners, MARKS["partner"]))
    span, months = find_months(
        ["" if place in marks else token for place, token in enumerate(tokens)], vocabulary.months
    )
    marks.update(dict.fromkeys(months, MARKS["month"]))
    topics, rivals = _topics(tokens, marks, vocabulary)
    groups = _groups(tokens, marks)
    return Slots(
        numbers=tuple(dict.fromkeys(numbers.values())),
        partners=tuple(dict.fromkeys(partners.values())),
        first_month=span.first if span else None,
        last_month=span.last if span else None,
        topics=topics,
        rivals=rivals,
        groups=groups,
        decision=_decision(tokens),
        masked=_masked(tokens, marks, (len(set(numbers.values())), len(set(partners.values())), len(topics))),
        unknown=_unknown(tokens, marks),
    )


def _topics(
    tokens: Sequence[str], marks: dict[int, str], vocabulary: Vocabulary
) -> tuple[tuple[Topic, ...], tuple[Topic, ...]]:
    """Return up to two topics and what fits as well as the first; their words are marked."""
    index = index_topics(vocabulary.topics)
    topics: list[Topic] = []
    rivals: tuple[Topic, ...] = ()
    for turn in range(MOST_TOPICS):
        free = [place for place in range(len(tokens)) if place not in marks]
        found = find_topic(tokens, free, index, known_words())
        if found is None:
            break
        marks.update(dict.fromkeys(found.places, MARKS["signal"]))
        topics.append(found.topic)
        rivals = found.rivals if turn == 0 else rivals
    return tuple(topics), rivals


def _groups(tokens: Sequence[str], marks: dict[int, str]) -> tuple[str, ...]:
    """Return the kinds of groups of people that are named; their words are marked."""
    words, found = read_phrases().groups, []
    for place, token in enumerate(tokens):
        small = token.lower()
        small = small if small in words else (None if stem(small) in known_words() else nearest(small, words)) or small
        if place not in marks and small in words:
            marks[place] = MARKS["group"]
            found.append(words[small])
    return tuple(dict.fromkeys(found))


def _decision(tokens: Sequence[str]) -> str | None:
    """Return the decision of the applications that are meant: "declined applications", "who was declined"."""
    small = [token.lower() for token in tokens]
    if not PEOPLE & set(small) and "who" not in small and "many" not in small and "the" not in small:
        return None
    for decision, words in DECIDED.items():
        if set(words.split()) & set(small):
            return decision
    return None


def _masked(tokens: Sequence[str], marks: Mapping[int, str], counts: tuple[int, int, int]) -> str:
    """Return the question with one mark for each run of marked words, and which marks stand for two things.

    Parameters
    ----------
    tokens : sequence of str
        Words of the question.
    marks : mapping
        Place of a word to its mark.
    counts : tuple of int
        How many applications, partners and topics are named.
    """
    words: list[str] = []
    for place, token in enumerate(tokens):
        word = marks.get(place, token.lower())
        if not (place in marks and words and words[-1] == word and marks.get(place - 1) == word):
            words.append(word)
    counted = zip(("app", "partner", "signal"), counts, strict=True)
    return " ".join([*words, *(f"two{MARKS[name]}" for name, count in counted if count > 1)])


def mask_phrase(phrase: str) -> str:
    """Return a training phrase as `find_slots` would mask a question like it."""
    tokens = tokens_of(PLACEHOLDER.sub(lambda found: MARKS[found[1]], phrase))
    marks = {place: token for place, token in enumerate(tokens) if token in MARKS.values()}
    _, months = find_months(["" if place in marks else token for place, token in enumerate(tokens)], ())
    marks.update(dict.fromkeys(months, MARKS["month"]))
    for place, token in enumerate(tokens):
        if place not in marks and token.lower() in read_phrases().groups:
            marks[place] = MARKS["group"]
    first, second, third = (sum(token == MARKS[name] for token in tokens) for name in ("app", "partner", "signal"))
    return _masked(tokens, marks, (first, second, third))


@cache
def known_words() -> frozenset[str]:
    """Return the words of all training phrases, without plural endings."""
    lines = (PLACEHOLDER.sub(" ", line) for lines in read_phrases().intents.values() for line in lines)
    return frozenset(stem(token) for line in lines for token in tokens_of(line))


def _unknown(tokens: Sequence[str], marks: Mapping[int, str]) -> float:
    """Return the share of the words that say something and that no training phrase has."""
    words = [stem(token) for place, token in enumerate(tokens) if place not in marks]
    words = [word for word in words if word not in EMPTY]
    strange = [word for word in words if word not in known_words() and nearest(word, known_words()) is None]
    return len(strange) / len(tokens) if tokens else 1.0
