"""From signals to families: what is said of each, and which counts most."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from data.card_schema import Card, FeatureBlock, Unit
from explainers.decision import result as r
from explainers.reasons.ranking import NOTHING, ReasonRule, rank_reasons


def family_shares(card: Card, signals: Mapping[str, r.SignalShare], sign: float) -> tuple[r.FamilyShare, ...]:
    """Add up signals inside families, then rank: what counts most against approval comes first.

    Parameters
    ----------
    card : Card
        Says which signal belongs to which family.
    signals : mapping
        From `signal_shares`.
    sign : float
        +1 when a higher raw score speaks against approval, else −1.
    """
    members: dict[str, list[r.SignalShare]] = {family: [] for family in card.families}
    for share in signals.values():
        members[card.features[share.name].family].append(share)
    shares = [family_share(card, family, parts, sign) for family, parts in members.items() if parts]
    ranked = rank_reasons(
        np.array([[s.contribution or 0.0 for s in shares]]), sign, tuple(s.family for s in shares), ReasonRule()
    )
    principal = {shares[i].family for i in ranked.families[0] if i != NOTHING}
    marked = [replace(s, principal=s.family in principal) for s in shares]
    return tuple(sorted(marked, key=lambda s: (-sign * (s.contribution or 0.0), s.family)))


def family_share(card: Card, family: str, parts: Sequence[r.SignalShare], sign: float) -> r.FamilyShare:
    """Add up one family and choose what is said of it."""
    contribution = math.fsum(p.contribution or 0.0 for p in parts)
    direction = 1.0 if contribution >= 0 else -1.0
    ordered = tuple(sorted(parts, key=lambda p: (-direction * (p.contribution or 0.0), p.name)))
    block = card.families[family]
    adverse = sign * contribution > 0
    leading, said = _statement(card, ordered, sign) if adverse else (ordered[0], None)
    points = math.fsum(p.points or 0.0 for p in parts)
    return r.FamilyShare(
        family=family,
        label=block.label,
        statement=said or block.label,
        contribution=contribution,
        points=points,
        raises=contribution > 0,
        principal=False,
        leading=leading,
        signals=ordered,
        n_signals=len(ordered),
    )


NEARLY = 0.25
"""A signal speaks for its family only where it moved it at least this share of what the strongest one did."""


def _statement(card: Card, ordered: Sequence[r.SignalShare], sign: float) -> tuple[r.SignalShare, str | None]:
    """Return the signal that speaks for a family that counts against approval, and what is said of it.

    The strongest signal for which the card has a true statement: where the strongest of all has the group's typical
    value, or one on the better side, what could be said of it would contradict what everybody can see. With none the
    family's neutral name stands, and the strongest signal beside it.
    """
    least = NEARLY * abs(ordered[0].contribution or 0.0)
    for share in ordered:
        if sign * (share.contribution or 0.0) < max(least, 0.0) or not share.contribution:
            break
        said = reason_words(card.features[share.name], share, sign)
        if said:
            return share, said
    return ordered[0], None


def value_side(feature: FeatureBlock, value: float | str | None, typical: Mapping[Any, Any]) -> r.Side:
    """Say where a value lies beside the group's typical value."""
    if pd.isna(value):
        return "missing"
    if feature.unit is Unit.CATEGORY or isinstance(value, str) or feature.reason.value:
        usual = typical["median"] if pd.isna(typical["mode"]) else typical["mode"]
        return "same" if value == usual else "category"
    if typical["missing_share"] > 0.5 or pd.isna(typical["median"]):
        return "present"
    middle = float(typical["median"])
    return "same" if value == middle else "above" if float(value or 0.0) > middle else "below"


def reason_words(feature: FeatureBlock, share: r.SignalShare, sign: float) -> str | None:
    """Return the card's reason for a signal that counts against the applicant, or None.

    A missing value has a reason of its own. A number has one for high and one for low values; where
    the value is the typical one, or lies on the other side of it than the reason says, the reason
    would contradict what everybody can see, so none is given and the family's neutral name stands.
    """
    reason = feature.reason
    if share.side == "missing":
        return reason.missing
    if share.side == "category":
        return reason.value
    if feature.direction == "either":
        return {"above": reason.high, "below": reason.low}.get(share.side)
    high_counts_against = (feature.direction == "raises") == (sign > 0)
    if share.side in {"same", "below" if high_counts_against else "above"}:
        return None
    return reason.high if high_counts_against else reason.low
