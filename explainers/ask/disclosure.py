"""Cutting the words a question can name to what the viewer's policy allows, before they leave `explainers`."""

from __future__ import annotations

from dataclasses import replace

from data.card_schema import Card
from data.policy import Policy
from explainers.ask.result import Topic, Vocabulary


def disclose(vocabulary: Vocabulary, policy: Policy, card: Card) -> Vocabulary:
    """Return the part of a vocabulary that an audience may know.

    Who sees families only can name families, and approved labels, which lead to their families. A hidden signal is
    then a word like any other that Candor does not know.
    """
    if policy.signals == "every signal":
        return vocabulary
    families = {key: one.label for key, one in card.families.items()}
    approved = [one for one in card.features.values() if one.audience == "partner"]
    topics = [_family(label, label) for label in families.values()]
    topics += [_family(one.label, families[one.family]) for one in approved if one.label not in families.values()]
    return replace(vocabulary, topics=tuple(topics), attributes=())


def _family(label: str, family: str) -> Topic:
    return Topic(label, "signal", "signal-family", family, family=True)
