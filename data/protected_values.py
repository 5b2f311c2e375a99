"""The values of a protected attribute: what is put together, and which one others are compared with."""

# ruff: noqa: S608 - statements hold columns of the snapshot's own list; values are parameters
from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import pandas as pd

from data.card_schema import GroupAttribute
from data.scoped import ScopedDatabase

NOT_KNOWN = "Not known"
FOLDED = "Small groups together"
REST = "Other values"
MOST_VALUES = 20
"""Values of one attribute that are told apart; the smallest beyond are put together."""
AGE_STARTS = (0, 25, 40)
"""Where bands of younger people begin, when ages are given in years."""
NUMBER = re.compile(r"\d+(?:\.\d+)?")
LEAST_FAVOURED = 30
"""Applications of a younger class that can be called the most favoured."""


@dataclass(frozen=True)
class GroupValue:
    """One value of an attribute."""

    name: str
    """As stored, or what it was put together into."""
    n: int
    """Applications the viewer may see; of a proxy, the sum of probabilities."""
    approved: int = 0
    """Of these approved; 0 for a proxy."""


@dataclass(frozen=True)
class Attribute:
    """A protected attribute as a viewer may see it."""

    name: str
    """Its name in the card."""
    label: str
    """Its name for people."""
    kind: Literal["observed", "proxy"]
    """Told by the applicant, or estimated from other facts."""
    values: tuple[GroupValue, ...]
    """Largest first; what is not known comes last."""
    reference: str
    """The value that others are compared with."""
    card_reference: str
    """The one that the card names; another is used where that one does not occur."""
    elderly: tuple[str, ...] = ()
    """Of an age: the values of people of 62 (or the card's age) and older."""
    straddling: tuple[str, ...] = ()
    """Of an age: values that begin below that age and end above it."""
    folded: tuple[str, ...] = ()
    """Values put together because they are too small for the viewer."""
    together: Mapping[str, list[str]] = field(default_factory=dict)
    """What is put together, and the stored values it is made of."""


def group_expression(database: ScopedDatabase, column: str, older: float | None) -> str:
    """Return the expression of an observed attribute's value; ages in years are put into bands.

    Parameters
    ----------
    database : ScopedDatabase
        The snapshot with its groups.
    column : str
        The stored column.
    older : float or None
        From which age a person is elderly.
    """
    plain = f"coalesce({column}, '{NOT_KNOWN}')"
    if older is None:
        return plain
    years = f"TRY_CAST({column} AS DOUBLE)"
    row = database.frame(f"SELECT count({column}) AS n, count({years}) AS years FROM seen").iloc[0]
    if not row["n"] or row["n"] != row["years"]:
        return plain
    starts = [start for start in AGE_STARTS if start < older]
    ends = [*starts[1:], older]
    bands = " ".join(
        f"WHEN {years} < {end:g} THEN '{f'{start} to {end - 1:g}' if start else f'under {end:g}'}'"
        for start, end in zip(starts, ends, strict=True)
    )
    return f"CASE WHEN {column} IS NULL THEN '{NOT_KNOWN}' {bands} ELSE '{older:g} or older' END"


def list_values(listed: pd.DataFrame) -> tuple[tuple[GroupValue, ...], tuple[str, ...]]:
    """Return the values of an attribute, largest first, and which are put together because there are too many.

    Parameters
    ----------
    listed : pandas.DataFrame
        `value`, `n`, `approved`.
    """
    known = listed.assign(last=listed["value"] == NOT_KNOWN)
    ordered = known.sort_values(["last", "n", "value"], ascending=[True, False, True], kind="stable")
    found = [
        GroupValue(str(v), int(n), int(a))
        for v, n, a in zip(ordered["value"], ordered["n"], ordered["approved"], strict=True)
    ]
    if len(found) <= MOST_VALUES:
        return tuple(found), ()
    kept, beyond = found[: MOST_VALUES - 1], [v for v in found[MOST_VALUES - 1 :] if v.name != NOT_KNOWN]
    rest = GroupValue(REST, sum(v.n for v in beyond), sum(v.approved for v in beyond))
    last = [v for v in found[MOST_VALUES - 1 :] if v.name == NOT_KNOWN]
    return (*kept, rest, *last), tuple(v.name for v in beyond)


def choose_reference(
    block: GroupAttribute, values: Sequence[GroupValue], merged: Sequence[str], folded: Sequence[str]
) -> Attribute:
    """Return an attribute with the value that others are compared with.

    The card names it. Where it does not occur, the largest group stands in. Of an age it is the younger class with the
    highest approval rate: an elderly applicant must be treated at least as well as that one.

    References
    ----------
    12 CFR 1002.6(b)(2) and comment 6(b)(2)-2: the most favored age group that is not elderly.
    """
    shown = [v for v in values if v.name not in folded]
    if folded:
        small = [v for v in values if v.name in folded]
        shown.append(GroupValue(FOLDED, sum(v.n for v in small), sum(v.approved for v in small)))
    named = [v for v in shown if v.name not in (NOT_KNOWN, FOLDED, REST)]
    elderly = tuple(v.name for v in named if block.older and (_range(v.name)[0] or 0) >= block.older)
    straddling = tuple(
        v.name for v in named if v.name not in elderly and block.older and _straddles(v.name, block.older)
    )
    largest = max(named or shown or [GroupValue(block.reference, 0)], key=lambda v: v.n).name
    reference = block.reference if block.reference in {v.name for v in named} else largest
    younger = [v for v in named if v.name not in (*elderly, *straddling) and v.n >= LEAST_FAVOURED]
    if elderly and younger:
        reference = max(younger, key=lambda v: (v.approved / v.n, v.n)).name
    together: dict[str, list[str]] = {REST: list(merged)} if merged else {}
    if folded:
        together[FOLDED] = list(folded)  # made after the rest, which may be among them
    return Attribute(
        name=block.name,
        label=block.label,
        kind=block.kind,
        values=tuple(shown),
        reference=reference,
        card_reference=block.reference,
        elderly=elderly,
        straddling=straddling,
        folded=tuple(folded),
        together=together,
    )


def _range(band: str) -> tuple[float | None, float | None]:
    """Return the lowest and highest age of a band as it is written: "40-61", "62 or older", "<25", ">74"."""
    numbers = [float(n) for n in NUMBER.findall(band)]
    if not numbers:
        return None, None
    text = band.lower()
    if len(numbers) > 1:
        return numbers[0], numbers[-1]
    if "<" in text or "under" in text or "below" in text or "younger" in text:
        return 0.0, numbers[0]
    if ">" in text or "over" in text:
        return numbers[0] + ("=" not in text), None
    return numbers[0], (None if "+" in text or "older" in text or "above" in text else numbers[0])


def _straddles(band: str, older: float) -> bool:
    low, high = _range(band)
    return low is not None and low < older and (high is None or high >= older)
