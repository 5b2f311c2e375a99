"""The stages of a decision beside the model: policy rules, a person's review, and what a score provider says.

Each looks at columns of the table that the model does not read. Here stands which columns these are and what must be
true of them before a build starts.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Protocol

from data.card_schema import Card
from data.cards import LoadedCard
from data.errors import CandorError, Problem
from data.policy_rules import parse_rule
from data.suggestions import did_you_mean


class Profile(Protocol):
    """What is asked of a column here; `data.card_match.ColumnProfile` has it."""

    @property
    def type(self) -> str:
        """Return "number", "text", "date" or "boolean"."""


def extra_columns(card: Card, signals: Collection[str]) -> tuple[str, ...]:
    """Return the columns that some stage looks at and the model does not read, each once.

    Parameters
    ----------
    card : Card
        Names the columns.
    signals : collection of str
        What the model reads.
    """
    named = [column for _, column in _columns(card)]
    for rule in card.decision.policy_rules:
        try:
            named.append(parse_rule(rule.when).column)
        except CandorError:
            continue  # the report on the card itself says what is wrong with it
    return tuple(dict.fromkeys(column for column in named if column not in signals))


def _columns(card: Card) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Yield the place in the card and the column, for review and consumer report."""
    review, report = card.decision.review, card.consumer_report
    if review is not None:
        for i, column in enumerate(review.reasons):
            yield ("decision", "review", "reasons", i), column
    if report is not None:
        yield ("consumer_report", "score"), report.score
        if report.created is not None:
            yield ("consumer_report", "created"), report.created
        for i, column in enumerate(report.key_factors):
            yield ("consumer_report", "key_factors", i), column


def stage_problems(loaded: LoadedCard, columns: Mapping[str, Profile]) -> Iterator[Problem]:
    """Yield what is wrong between the stages of a card and its table.

    Parameters
    ----------
    loaded : LoadedCard
        A card that `read_card` accepted.
    columns : mapping of str to ColumnProfile
        The columns of the table of applications, by name.
    """
    card = loaded.card
    for path, column in _columns(card):
        if column not in columns:
            remedy = f"{did_you_mean(column, columns)}Mend the name, or add the column."
            yield Problem(loaded.place(*path), f"no column {column[:60]!r} in the table", "a column", remedy)
    if card.decision.review is not None and card.applications.decision is None:
        found = "a review, but no column with the decision on record"
        remedy = "Name it under applications.decision: near the cut-off it is a person who decides."
        yield Problem(loaded.place("decision", "review"), found, "applications.decision", remedy)
    if card.decision.considered_by == "every partner" and card.applications.partner is None:
        remedy = "Name the column under applications.partner, or leave considered_by out."
        yield Problem(loaded.place("decision", "considered_by"), "no partner column", "a partner column", remedy)
    report = card.consumer_report
    if report is None:
        return
    if not report.score_low < report.score_high:
        found = f"{report.score_low:g} to {report.score_high:g}"
        yield Problem(loaded.place("consumer_report", "score_high"), found, "a range", "Write the provider’s range.")
    if report.score in columns and columns[report.score].type != "number":
        found = f"a column of {columns[report.score].type}"
        remedy = "Give the score as numbers."
        yield Problem(loaded.place("consumer_report", "score"), found, "a column of numbers", remedy)
    if len(report.key_factors) > MOST_FACTORS and not report.inquiries:
        allowed = "four columns, or the words that mean inquiries"
        remedy = "Only inquiries may be a fifth factor (15 USC 1681g(f)(9)): say under inquiries how they are worded."
        yield Problem(loaded.place("consumer_report", "key_factors"), "five columns", allowed, remedy)


MOST_FACTORS = 4
"""Key factors of a score at most, but for inquiries: 15 USC 1681g(f)(1)(C) and (f)(9)."""


def review_band(card: Card, cutoff: float) -> tuple[float, float] | None:
    """Return the estimates between which a person decides at a cut-off, both included; None without a review."""
    review = card.decision.review
    return None if review is None else (cutoff - review.below, cutoff + review.above)
