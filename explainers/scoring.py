"""From raw scores to decisions and comparison groups, over every application of a build."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from data.card_schema import Card
from data.errors import Problem
from data.stages import review_band

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

ENOUGH = 1000
"""A just-approved group holds at least this many applications, where there are as many."""
BANDS = (0.005, 0.01, 0.015, 0.02, 0.03, 0.05, 0.08, 0.12, 0.2, 0.3, 0.5, 1.0)
"""Widths tried for the just-approved band: percentage points / 100, or shares of the spread of estimates."""
NEAR = 0.01
"""How close to the cut-off "near the cut-off" is, on the same scale as `BANDS`."""


@dataclass(frozen=True)
class Decisions:
    """What was decided on every application, in row order."""

    estimate: Floats
    """Shape (n,), estimate scale."""
    cutoff: Floats
    """Shape (n,), the cut-off that applied, estimate scale."""
    approved: Bools
    """Shape (n,), passes every rule and the cut-off."""
    rule_no: Ints
    """Shape (n,), the policy rule that declined, −1 where none did."""
    near_cutoff: Bools
    """Shape (n,), decided by the model within `NEAR` of the cut-off."""
    passes: Bools
    """Shape (n,), the estimate passes the cut-off."""
    reviewed: Bools
    """Shape (n,), a person decided: no rule declined, the estimate lies in the card's band, the decision is on
    record."""


@dataclass(frozen=True)
class Scale:
    """The scale of a model's estimates."""

    spread: float
    """Unit of `BANDS` and `NEAR`: 1 for a probability, else the range of the estimates."""
    value: Callable[[float], str]
    """Writes an estimate."""
    distance: Callable[[float], str]
    """Writes a difference of estimates."""

    def within(self, distance: Floats, width: float) -> Bools:
        """Return which distances are at most a width of `BANDS`; 0.20 − 0.19 counts as 0.01, as people count."""
        return distance <= (width + 1e-12) * self.spread


@dataclass(frozen=True)
class GroupMembers:
    """A comparison group before it is fitted."""

    group_no: int
    """Key in the snapshot."""
    name: str
    """"just_approved" or "all_applicants"."""
    rule: str
    """The rule in words."""
    cutoff: float | None
    """The cut-off it lies at; None for all applications."""
    band_low: float | None
    """Lowest estimate in it."""
    band_high: float | None
    """Highest estimate in it."""
    rows: Ints
    """Row numbers of its members, ascending."""


def decide(
    card: Card,
    estimate: Floats,
    partner: npt.NDArray[np.object_],
    rule_no: Ints,
    recorded: npt.NDArray[np.object_],
    scale: Scale,
) -> Decisions:
    """Apply policy rules, a person's review near the cut-off, and cut-offs. Passing includes the cut-off itself.

    Parameters
    ----------
    card : Card
        Holds the cut-offs.
    estimate, partner, rule_no : ndarray, shape (n,)
        Estimates, partners, and the policy rule that declined (−1 for none).
    recorded : ndarray, shape (n,)
        The decision on record: "approved", "declined", or nothing.
    scale : Scale
        From `estimate_scale`.
    """
    names, place = np.unique(partner, return_inverse=True)
    cutoff = np.array([card.cutoff_for(str(name)) for name in names])[place]
    passes = estimate <= cutoff if card.model.higher_score_is == "riskier" else estimate >= cutoff
    on_record = (recorded == "approved") | (recorded == "declined")
    reviewed = (rule_no < 0) & _in_band(card, estimate, cutoff) & on_record
    by_model = (rule_no < 0) & ~reviewed
    near = by_model & scale.within(np.abs(estimate - cutoff), NEAR)
    approved = np.where(reviewed, recorded == "approved", passes & by_model)
    return Decisions(estimate, cutoff, approved, rule_no, near, passes, reviewed)


def _in_band(card: Card, estimate: Floats, cutoff: Floats) -> Bools:
    """Return which estimates lie where a person decides."""
    inside = np.zeros(len(estimate), dtype=bool)
    for value in np.unique(cutoff):
        band = review_band(card, float(value))
        if band is not None:
            inside |= (cutoff == value) & (estimate >= band[0]) & (estimate <= band[1])
    return inside


def comparison_groups(card: Card, decisions: Decisions, scale: Scale) -> list[GroupMembers]:
    """Choose the comparison groups: one just-approved group per cut-off, then all applications.

    The just-approved group at a cut-off holds every approved application decided by that cut-off
    whose estimate lies within the narrowest band of `BANDS` that holds at least `ENOUGH` of them
    (Regulation B commentary 9(b)(2)-5: "at or slightly above the minimum passing score").

    Parameters
    ----------
    card : Card
        Says which side is risky.
    decisions : Decisions
        From `decide`.
    scale : Scale
        From `estimate_scale`.
    """
    groups: list[GroupMembers] = []
    for cutoff in np.unique(decisions.cutoff):
        group = _just_approved(card, decisions, float(cutoff), scale, len(groups))
        if group is not None:
            groups.append(group)
    everyone = np.arange(len(decisions.estimate), dtype=np.int64)
    low, high = float(decisions.estimate.min()), float(decisions.estimate.max())
    rule = "every application of the snapshot, approved or declined"
    groups.append(GroupMembers(len(groups), "all_applicants", rule, None, low, high, everyone))
    return groups


def _just_approved(card: Card, decisions: Decisions, cutoff: float, scale: Scale, number: int) -> GroupMembers | None:
    candidates = np.flatnonzero(decisions.approved & decisions.passes & (decisions.cutoff == cutoff))
    if len(candidates) < 2:
        return None
    distance = np.abs(decisions.estimate[candidates] - cutoff)
    inside = [(width, scale.within(distance, width)) for width in BANDS]
    wanted = min(ENOUGH, len(candidates))
    width, chosen = next(((w, c) for w, c in inside if int(c.sum()) >= wanted), (None, distance >= 0))
    rows = candidates[chosen]
    estimates = decisions.estimate[rows]
    side = "at or below" if card.model.higher_score_is == "riskier" else "at or above"
    band = "" if width is None else f" and at most {scale.distance(width * scale.spread)} away from it"
    few = "" if len(rows) >= ENOUGH else f" (all there are: fewer than {ENOUGH:,})"
    rule = f"approved applications with an estimate {side} the cut-off of {scale.value(cutoff)}{band}{few}"
    low, high = float(estimates.min()), float(estimates.max())
    return GroupMembers(number, "just_approved", rule, cutoff, low, high, rows.astype(np.int64))


def default_group(card: Card, decisions: Decisions, groups: list[GroupMembers]) -> Ints:
    """Return the number of every application's default comparison group, shape (n,).

    Where a cut-off has no just-approved group (nobody was approved), all applications stand in.
    """
    everyone = groups[-1].group_no
    chosen = np.full(len(decisions.estimate), everyone, dtype=np.int64)
    if card.decision.comparison_group == "just_approved":
        for group in groups[:-1]:
            chosen[decisions.cutoff == group.cutoff] = group.group_no
    return chosen


def group_notes(card: Card, decisions: Decisions, groups: list[GroupMembers], scale: Scale) -> tuple[str, ...]:
    """Say at which cut-offs no just-approved group could be made, so that all applications stand in."""
    if card.decision.comparison_group != "just_approved":
        return ()
    there = {group.cutoff for group in groups[:-1]}
    return tuple(
        f"Fewer than 2 applications were approved by the cut-off of {scale.value(float(cutoff))}:"
        " those decided by it are compared with all applications."
        for cutoff in np.unique(decisions.cutoff)
        if float(cutoff) not in there
    )


def check_production_score(column: str, production: Floats, own: Floats, *, tolerance: float = 1e-6) -> list[Problem]:
    """Compare the score on record with the model's own; a difference means another model or other data.

    Parameters
    ----------
    column : str
        Name of the column with the score on record.
    production : ndarray, shape (n,)
        The score on record, NaN where there is none.
    own : ndarray, shape (n,)
        The model's own, on the same scale.
    tolerance : float
        Largest accepted absolute difference.

    Returns
    -------
    list of Problem
        One that says how many disagree and the worst difference, or none.
    """
    difference = np.abs(production - own)
    wrong = int((difference > tolerance).sum())
    if not wrong:
        return []
    worst = float(np.nanmax(difference))
    known = int(np.isfinite(difference).sum())
    return [
        Problem(
            f"column {column}",
            f"{wrong:,} of {known:,} scores that differ from the model's own, the worst by {worst:.3g}",
            f"differences up to {tolerance:g}",
            "Give the model and the signals that made these scores, or leave `score` out of the card.",
        )
    ]


def estimate_scale(is_probability: bool, estimate: Floats) -> Scale:
    """Return how estimates of a model are written and how far apart they lie."""
    if is_probability:
        return Scale(1.0, lambda v: f"{v * 100:.4g} %", _points)
    return Scale(float(np.ptp(estimate)), lambda v: f"{v:.6g}", lambda v: f"{v:.3g}")


def _points(share: float) -> str:
    number = f"{share * 100:.4g}"
    return f"{number} percentage point{'' if number == '1' else 's'}"
