"""Signals, families and partners in a question: found by the words of their labels, in spite of typing errors."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from explainers.ask.phrases import read_phrases
from explainers.ask.result import Topic
from explainers.ask.text import nearest, stem, tokens_of

WEAK = 0.25
"""Weight of a word that alone names no signal."""
LEAST = 0.3
"""Fit from which a topic is taken, 0 to 1."""
RIVAL = 0.02
"""Topics whose fits differ by less are equally good."""
EMPTY = frozenset(
    [
        "a",
        "an",
        "and",
        "at",
        "by",
        "for",
        "from",
        "how",
        "in",
        "is",
        "of",
        "off",
        "on",
        "one",
        "or",
        "than",
        "the",
        "this",
        "to",
        "was",
        "with",
        "we",
        "us",
    ]
)
"""Words that weigh nothing."""
COMMON_NAMES = frozenset(
    [
        "bank",
        "credit",
        "union",
        "federal",
        "state",
        "first",
        "national",
        "community",
        "trust",
        "savings",
        "financial",
        "group",
        "company",
        "the",
        "of",
        "and",
    ]
)
"""Words of a partner's name that alone do not mean it."""


@dataclass(frozen=True)
class TopicIndex:
    """Words of labels, ready to search."""

    topics: tuple[Topic, ...]
    """In the order of the card."""
    weights: tuple[Mapping[str, float], ...]
    """Of each topic, word to weight."""
    by_word: Mapping[str, tuple[int, ...]]
    """Word to the places of the topics whose labels hold it."""


@lru_cache(maxsize=16)
def index_topics(topics: tuple[Topic, ...]) -> TopicIndex:
    """Make the words of labels ready to search; the last ones are kept."""
    common = {stem(word) for word in read_phrases().too_common}
    weights, by_word = [], defaultdict(list)
    for place, topic in enumerate(topics):
        words = {stem(word) for word in tokens_of(topic.label.replace("-", " "))} - EMPTY
        weights.append({word: WEAK if word in common else 1.0 for word in words})
        for word in words:
            by_word[word].append(place)
    return TopicIndex(topics, tuple(weights), {word: tuple(places) for word, places in by_word.items()})


@dataclass(frozen=True)
class Found:
    """A topic that a question names."""

    topic: Topic
    """The topic."""
    rivals: tuple[Topic, ...]
    """Others that fit as well."""
    places: frozenset[int]
    """Places of the words that name it."""


def find_topic(tokens: Sequence[str], free: Iterable[int], index: TopicIndex, known: frozenset[str]) -> Found | None:
    """Return the topic that fits best, None when no topic is named.

    Parameters
    ----------
    tokens : sequence of str
        Words of the question.
    free : iterable of int
        Places of words that name nothing else.
    index : TopicIndex
        The labels.
    known : frozenset of str
        Ordinary words of questions: they are not taken for mistyped words of labels.
    """
    hits = {place: words for place in free if (words := _words(tokens[place], index, known))}
    asked: set[str] = set().union(*hits.values())
    candidates = {topic for word in asked for topic in index.by_word[word]}
    fits = {place: _fit(index.weights[place], asked, index) for place in candidates}
    best = max(fits.values(), default=0.0)
    if best < LEAST:
        return None
    first, *others = sorted(place for place, fit in fits.items() if fit >= best - RIVAL)
    topic, taken = index.topics[first], index.weights[first]
    rivals = tuple(index.topics[place] for place in others if index.topics[place].label != topic.label)
    return Found(topic, rivals, frozenset(place for place, words in hits.items() if words & set(taken)))


def _fit(weights: Mapping[str, float], asked: set[str], index: TopicIndex) -> float:
    """Return how well a label fits the words asked for: the harmonic mean of what each covers of the other."""
    shared = asked & set(weights)
    strong = any(weights[word] == 1.0 for word in shared)
    if not strong and (len(shared) < len(weights) or len(shared) == 1):
        return 0.0
    matched = sum(weights[word] for word in shared)
    label = sum(weights.values())
    question = sum(max(index.weights[place][word] for place in index.by_word[word]) for word in asked)
    return 2 * matched / (label + question)


def _words(token: str, index: TopicIndex, known: frozenset[str]) -> set[str]:
    """Return the words of labels that a word of a question stands for."""
    parts = {stem(part) for part in token.split("-")} - EMPTY
    direct = {part for part in parts if part in index.by_word}
    if direct:
        return direct
    same = read_phrases().same_words.get(token.lower()) or read_phrases().same_words.get(stem(token))
    if same is not None:
        return {stem(word) for word in same.split()} & set(index.by_word)
    word = stem(token)
    close = None if word in known or token.lower() in read_phrases().groups else nearest(word, index.by_word)
    return {close} if close is not None else set()


def find_partners(tokens: Sequence[str], partners: Sequence[str]) -> dict[int, str]:
    """Return the partners that a question names: by the whole name, or by a word that only one of them has."""
    distinct = _distinct(tuple(partners))
    found: dict[int, str] = {}
    for place, token in enumerate(tokens):
        word = token.lower()
        name = word if word in distinct else nearest(word, distinct)
        if name is not None:
            found[place] = distinct[name]
    for place in list(found):  # the rest of a name belongs to it
        rest = {word.lower() for word in tokens_of(found[place])}
        for step in (-1, 1):
            beside = place + step
            while 0 <= beside < len(tokens) and tokens[beside].lower() in rest and beside not in found:
                found[beside] = found[place]
                beside += step
    return dict(sorted(found.items()))


@lru_cache(maxsize=16)
def _distinct(partners: tuple[str, ...]) -> Mapping[str, str]:
    """Return the words that stand for one partner alone."""
    by_word = defaultdict(set)
    for partner in partners:
        for word in tokens_of(partner):
            by_word[word.lower()].add(partner)
    return {word: next(iter(names)) for word, names in by_word.items() if len(names) == 1 and word not in COMMON_NAMES}
