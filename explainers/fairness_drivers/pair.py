"""Choosing two groups and saying whether there are enough of them."""

from __future__ import annotations

from data.cohorts import Cohort
from data.errors import NotFoundForViewer
from data.protected import Protected
from data.protected_values import FOLDED, NOT_KNOWN, REST
from data.reader import Reader
from explainers.cohorts.words import name_cohort
from explainers.fairness_drivers.disclosure import disclose
from explainers.fairness_drivers.result import Pair

LEAST = 30
"""Applications of either group that figures here need."""
MANY = 200
"""Applications of a group that is offered first: smaller ones are rarely beyond chance."""
SEED = 7


def groups_to_choose(protected: Protected, attribute: str) -> tuple[str, ...]:
    """Return the values that can be compared with the reference group.

    The one approved least often comes first; of proxies, and among those with few applications, the largest.
    """
    found = protected.attribute(attribute)
    none = {found.reference, NOT_KNOWN, FOLDED, REST}
    named = [value for value in found.values if value.name not in none]
    if found.kind == "observed":
        named.sort(key=lambda value: (value.n < MANY, value.approved / value.n if value.n >= MANY else -value.n))
    return tuple(value.name for value in named)


def describe_pair(reader: Reader, attribute: str, group: str, cohort: Cohort) -> Pair:
    """Describe two groups before they are counted.

    Raises
    ------
    NotFoundForViewer
        There is no such attribute or group for this viewer.
    """
    protected = reader.protected_groups()
    if group not in groups_to_choose(protected, attribute):
        raise NotFoundForViewer("There is no such group", "This attribute has no group of that name.", "Choose one.")
    found, room = protected.attribute(attribute), reader.room
    sizes = {value.name: value.n for value in found.values}
    is_probability = room.model.link == "sigmoid"
    pair = Pair(
        snapshot_id=reader.snapshot_id,
        attribute=found.label,
        kind=found.kind,
        group=group,
        reference=found.reference,
        cohort=name_cohort(cohort, room.card, is_probability=is_probability) if cohort.text else "",
        n_group=sizes[group],
        n_reference=sizes[found.reference],
        n_total=int(reader.totals()["n"]),
        least=max(LEAST, protected.least),
        is_probability=is_probability,
        riskier_up=room.card.model.higher_score_is == "riskier",
        outcome=room.card.model.outcome,
        seed=SEED,
    )
    return disclose(pair, reader.viewer.policy)


def groups_of(reader: Reader, attribute: str) -> tuple[str, ...]:
    """Return the groups of an attribute that can be compared with its reference, as `groups_to_choose` orders them.

    Raises
    ------
    NotFoundForViewer
        The viewer may not see groups, or there is no such attribute.
    """
    return groups_to_choose(reader.protected_groups(), attribute)


def attributes_of(reader: Reader) -> dict[str, str]:
    """Return the attributes on file that have a group to compare: name to label."""
    protected = reader.protected_groups()
    found = {a.name: a.label for a in protected.attributes if a.kind == "observed"}
    return {name: label for name, label in found.items() if groups_to_choose(protected, name)}
