"""Testing one reason of one application, and how solid its explanation is.

`compute_reason_test` → `ReasonTestResult`; `compute_solid` → `SolidResult`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from data.card_schema import Card
from data.errors import NotFoundForViewer
from data.policy import Policy
from data.reader import Reader
from explainers.decision.compute import GROUP_WORDS, FittedGroup, OnFile, explain_record
from explainers.decision.result import DecisionResult, FamilyShare
from explainers.evidence.sense import YES, answers_to
from explainers.precision import step_for, to_step
from explainers.reasons.ranking import NOTHING, ReasonRule, rank_reasons
from explainers.what_if.compute import POINT

ROWS = 500
"""Applications of the comparison group whose values are taken at most: every k-th one."""


@dataclass(frozen=True)
class ReasonTestResult:
    """One application with one family set to values of its comparison group."""

    snapshot_id: str
    """The snapshot."""
    n: int
    """Applications of the comparison group whose values were taken, one after the other."""
    n_total: int
    """Applications in the comparison group."""
    application_id: str
    """As the viewer sees it."""
    family: str
    """Slug of the family."""
    label: str
    """Its neutral name."""
    group: str
    """The comparison group in words."""
    scale: Literal["probability", "outcome"]
    """Scale of the estimates."""
    riskier_up: bool
    """Whether a higher estimate speaks against approval."""
    cutoff: float
    """Estimate scale."""
    before: float
    """The estimate on file."""
    after: float
    """Mean of the estimates with the family's signals taken from the group."""
    passed: bool
    """Whether the estimate on file is on the approved side."""
    passes: bool
    """Whether the mean is."""
    share_passing: float | None
    """Share of the values taken with which the estimate passes, 0 to 1; None where estimates are rounded."""
    rule: str | None
    """The policy rule that declines whatever the estimate; None without one."""
    step: float | None
    """What estimates are rounded to; None where they are exact."""


@dataclass(frozen=True)
class SolidResult:
    """What tells how far one application's reasons can be relied on."""

    snapshot_id: str
    """The snapshot."""
    named: tuple[str, ...]
    """Neutral names of its reasons, the strongest first."""
    held: tuple[str, ...]
    """Those whose leading signal has a better value than is typical: a person should look at them."""
    near_ties: tuple[str, ...]
    """Those that count almost as much as what comes after them, named or not."""
    unresponsive: tuple[str, ...] | None
    """Those within which no allowed change alone alters the decision; None where it was not tried."""


def compute_reason_test(reader: Reader, asked: OnFile, group: FittedGroup, family: str) -> ReasonTestResult:
    """Set one family's signals to those of applications of the comparison group, one by one, and score.

    Parameters
    ----------
    reader : Reader
        The snapshot, opened for a viewer.
    asked : OnFile
        The application, from `explainers.decision.compute.read_on_file`.
    group : FittedGroup
        The comparison group.
    family : str
        Slug of the family.

    Raises
    ------
    NotFoundForViewer
        The card has no such family.
    """
    room, policy = reader.room, reader.viewer.policy
    card, model, record = room.card, room.model, asked.record
    columns = [i for i, name in enumerate(model.feature_names) if card.features[name].family == family]
    if not columns:
        raise NotFoundForViewer("This reason cannot be tested", "The model has no signal of this family.", "")
    others = model.encode(room.spread_rows(group.record.group_no, ROWS))
    mixed = np.repeat(model.encode(asked.values), len(others), axis=0)
    mixed[:, columns] = others[:, columns]
    estimates = model.estimate(model.predict_raw(mixed, num_threads=1))
    after, riskier = float(estimates.mean()), card.model.higher_score_is == "riskier"

    def passing(estimate: float) -> bool:
        return estimate <= record.cutoff if riskier else estimate >= record.cutoff

    result = ReasonTestResult(
        snapshot_id=reader.snapshot_id,
        n=len(others),
        n_total=group.record.n,
        application_id=record.application_id,
        family=family,
        label=card.families[family].label,
        group=GROUP_WORDS.get(group.record.name, group.record.name),
        scale="probability" if model.link == "sigmoid" else "outcome",
        riskier_up=riskier,
        cutoff=record.cutoff,
        before=float(record.estimate),
        after=after,
        passed=passing(record.estimate),
        passes=passing(after),
        share_passing=float(np.mean([passing(float(e)) for e in estimates])),
        rule=None if record.rule_no is None else card.decision.policy_rules[record.rule_no].reason,
        step=None,
    )
    return disclose(result, policy)


def compute_solid(reader: Reader, asked: OnFile, group: FittedGroup) -> SolidResult:
    """Look at the reasons of one application: against common sense, near ties, and whether a change would matter.

    Parameters
    ----------
    reader : Reader
        The snapshot, opened for a viewer.
    asked : OnFile
        The application.
    group : FittedGroup
        The comparison group of its reasons.
    """
    card, policy = reader.room.card, reader.viewer.policy
    explained = explain_record(reader, asked.record, asked.values, group, asked.codes)
    named, ties = _ranked(card, explained)
    result = SolidResult(
        snapshot_id=reader.snapshot_id,
        named=tuple(share.label for share in named),
        held=tuple(share.label for share in named if against_sense(card, share)),
        near_ties=tuple(share.label for share, tie in zip(named, ties, strict=True) if tie),
        unresponsive=_unresponsive(reader, asked, group, named),
    )
    return disclose_solid(result, policy)


def _ranked(card: Card, explained: DecisionResult) -> tuple[list[FamilyShare], list[bool]]:
    """Return the families that are reasons, the strongest first, and which of them are nearly tied with the next."""
    shares = {share.family: share for share in explained.families}
    names = tuple(shares)
    values = np.array([[share.contribution or 0.0 for share in shares.values()]])
    sign = 1.0 if card.model.higher_score_is == "riskier" else -1.0
    ranked = rank_reasons(values, sign, names, ReasonRule())
    places = [i for i, position in enumerate(ranked.families[0]) if position != NOTHING]
    return [shares[names[ranked.families[0][i]]] for i in places], [bool(ranked.near_tie[0, i]) for i in places]


def against_sense(card: Card, share: FamilyShare) -> bool:
    """Return whether the leading signal of a reason lies on the side that the card declares to be the good one."""
    if share.leading is None or share.leading.side not in {"above", "below"}:
        return False
    raises = {"raises": 1, "lowers": -1, "either": 0}[card.features[share.leading.name].direction]
    way = raises if card.model.higher_score_is == "riskier" else -raises
    return way * (1 if share.leading.side == "above" else -1) < 0


def _unresponsive(
    reader: Reader, asked: OnFile, group: FittedGroup, named: list[FamilyShare]
) -> tuple[str, ...] | None:
    """Return the reasons that do not respond; None for a viewer whose what-if questions are counted."""
    declined = asked.record.decision == "declined" and asked.record.rule_no is None
    if reader.viewer.policy.what_ifs_per_hour is not None or not declined:
        return None
    row = {str(name): value for name, value in asked.values.iloc[0].items()}
    families = [share.family for share in named]
    engine = group.fitted.engine
    found = answers_to(reader.room.card, engine, row, asked.codes, families, asked.record.cutoff)
    return tuple(share.label for share, answer in zip(named, found, strict=True) if answer != YES)


def disclose(result: ReasonTestResult, policy: Policy) -> ReasonTestResult:
    """Return what an audience may see: where scores are not exact, estimates in steps of a what-if."""
    if policy.exact_scores:
        return result
    probability = result.scale == "probability"
    step = POINT if probability else step_for(False, max(abs(result.cutoff), abs(result.before)), 2)
    return replace(
        result,
        before=to_step(result.before, step),
        after=to_step(result.after, step),
        share_passing=None,
        step=step,
    )


def disclose_solid(result: SolidResult, policy: Policy) -> SolidResult:
    """Return what an audience may see: what changes would do is a what-if, and counted for some."""
    return result if policy.what_ifs_per_hour is None else replace(result, unresponsive=None)
