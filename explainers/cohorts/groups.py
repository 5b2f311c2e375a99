"""The protected groups that a cohort can be chosen by: `group_choices`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from data.policy import Policy
from data.reader import Reader


@dataclass(frozen=True)
class GroupChoice:
    """One value of one protected attribute."""

    name: str
    """The attribute, as the card names it."""
    value: str
    """Its value."""
    words: str
    """Both in words: "Sex: female"."""


def group_choices(reader: Reader) -> tuple[GroupChoice, ...]:
    """Return the groups to choose by; none for who may not see every group, and none of a proxy."""
    if reader.viewer.policy.groups != "on" or reader.room.card.groups is None:
        return ()
    found = [
        GroupChoice(attribute.name, value.name, f"{attribute.label}: {value.name}")
        for attribute in reader.protected_groups().attributes
        if attribute.kind == "observed"
        for value in attribute.values
    ]
    return disclose(found, reader.viewer.policy)


def disclose(found: Sequence[GroupChoice], policy: Policy) -> tuple[GroupChoice, ...]:
    """Return the choices for who may see every group."""
    return tuple(found) if policy.groups == "on" else ()
