"""Signals to choose applications by: which there are, for whom, and with which values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from data.card_schema import Unit
from data.cohort_rows import level_values
from data.cohorts import SignalCondition
from data.policy import Policy
from data.reader import Reader
from explainers.cohorts.compute import sums_of
from explainers.cohorts.words import name_condition

MOST_LEVELS = 40
"""Categories of one signal that are offered, the most common ones."""
MOST_FOUND = 20
"""Signals that a search lists."""
UNIT_WORDS = {
    Unit.DOLLARS: "dollars",
    Unit.THOUSAND_DOLLARS: "thousand dollars",
    Unit.NT_DOLLARS: "NT dollars",
    Unit.PERCENT: "%",
    Unit.SHARE: "a share from 0 to 1",
    Unit.RATIO: "a ratio",
    Unit.DAYS: "days",
    Unit.MONTHS: "months",
    Unit.YEARS: "years",
    Unit.POINTS: "points",
    Unit.YES_NO: "1 yes, 0 no",
}
"""What to type for a value of a unit; units without an entry are plain numbers."""


@dataclass(frozen=True)
class SignalChoice:
    """A signal that applications can be chosen by."""

    name: str
    """The signal's name in the model."""
    label: str
    """Its words for people."""
    definition: str
    """What it is."""
    unit: str
    """Unit of the values to type: "dollars"; "" for plain numbers and categories."""
    is_number: bool
    """Whether it is chosen by a range; otherwise by categories."""
    missing: str
    """What no value means: "No card accounts on file"."""


def signal_choices(reader: Reader) -> tuple[SignalChoice, ...]:
    """Return the signals that a viewer may choose applications by, in the card's order."""
    card, kinds = reader.room.card, reader.room.summaries().kinds
    found = tuple(
        SignalChoice(
            name=name,
            label=card.features[name].label,
            definition=card.features[name].definition,
            unit=UNIT_WORDS.get(card.features[name].unit, ""),
            is_number=kind == "number",
            missing=card.features[name].missing_means,
        )
        for name, kind in kinds.items()
    )
    return disclose(found, reader.viewer.policy)


def disclose(choices: tuple[SignalChoice, ...], policy: Policy) -> tuple[SignalChoice, ...]:
    """Return the choices an audience may know of: all or none."""
    return choices if policy.signals == "every signal" else ()


def find_signals(choices: tuple[SignalChoice, ...], words: str) -> tuple[SignalChoice, ...]:
    """Return the signals whose label, name or definition holds every word that was typed, the best first."""
    wanted = words.casefold().split()
    scored = [(_score(choice, wanted), place, choice) for place, choice in enumerate(choices)]
    hits = sorted((score, place) for score, place, _ in scored if score is not None)
    return tuple(choices[place] for _, place in hits[:MOST_FOUND])


def _score(choice: SignalChoice, wanted: list[str]) -> int | None:
    """Rank a match: 0 in the label, 1 in the name, 2 in the definition; None without one."""
    texts = (choice.label, f"{choice.label} {choice.name}", f"{choice.label} {choice.name} {choice.definition}")
    return next((rank for rank, text in enumerate(texts) if all(word in text.casefold() for word in wanted)), None)


def name_conditions(reader: Reader, conditions: Sequence[SignalCondition]) -> tuple[str, ...]:
    """Return conditions on signals as phrases, in the same order; none for a viewer who may not choose by signals."""
    if not signal_choices(reader):
        return tuple("another condition" for _ in conditions)
    features = reader.room.card.features
    return tuple(name_condition(condition, features.get(condition.name)) for condition in conditions)


def signal_levels(reader: Reader, name: str) -> dict[str, str]:
    """Return the categories of a signal that occur: value to words; empty for one the viewer may not choose by."""
    if name not in {choice.name for choice in signal_choices(reader)}:
        return {}
    words = reader.room.card.features[name].levels
    return {level: words.get(level, level) for level in level_values(sums_of(reader), name, MOST_LEVELS)}
