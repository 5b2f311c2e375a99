"""The principal reasons for one application, stage by stage and creditor by creditor: → `PrincipalResult`.

Where a decision was made decides where its reasons come from (official interpretations of 12 CFR 1002.9(b)(2)):

- a policy rule declined: the rule's own factor (comment 8). Rules after it, and the model, were not needed for the
  decision; what they would have said are "other barriers", never reasons;
- the model's estimate declined: the families that speak most against approval (comments 4 and 5, `ranking`);
- a person declined near the cut-off: the reviewer's reasons, then the model's, four in all (comments 6 and 7).

Where every creditor considers every application, each has its own cut-off and its own just-approved group, so that
reasons can differ and are kept apart (12 CFR 1002.9(g), comment 1).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd

from data.card_schema import Card, ConsumerReportBlock
from data.policy import Policy
from data.policy_rules import ColumnType, fit_rule, matches, parse_rule
from data.reader import Reader
from data.reason_catalogue import Catalogue
from data.records import ApplicationRecord
from data.stages import MOST_FACTORS
from explainers.decision import result as d
from explainers.decision.compute import FittedGroup, OnFile, explain_record, stage_of
from explainers.reasons.ranking import NOTHING, ReasonRule, rank_reasons
from explainers.reasons.result import CreditorReasons, KeyFactors, PrincipalResult, StatedReason

Fit = Callable[[str, int], FittedGroup]
"""Gives a stored comparison group by name and key, ready to explain with."""
RULE = ReasonRule()
SHARE_DIGITS = 2
"""Digits of a share for an audience without exact scores."""


def compute_principal(reader: Reader, asked: OnFile, fit: Fit) -> PrincipalResult:
    """Find the principal reasons for one application.

    Parameters
    ----------
    reader : Reader
        The snapshot, opened for a viewer.
    asked : OnFile
        The application, from `explainers.decision.compute.read_on_file`.
    fit : callable
        Gives a comparison group by name and key, ready to explain with.
    """
    card, record = reader.room.card, asked.record
    values = asked.values.join(reader.room.extra_values([record.row_no]))
    own = _creditor(reader, asked, values, fit, record, own=True)
    others = [_creditor(reader, asked, values, fit, one, own=False) for one in _others(reader, card, record)]
    result = PrincipalResult(
        snapshot_id=reader.snapshot_id,
        n=1,
        n_total=int(reader.totals()["n"]),
        application_id=record.application_id,
        application_date=record.application_date,
        creditors=(own, *others),
        key_factors=_key_factors(card.consumer_report, values),
    )
    return disclose(result, reader.viewer.policy, card)


def _others(reader: Reader, card: Card, record: ApplicationRecord) -> Iterator[ApplicationRecord]:
    """Yield the application as every other creditor decides it, by its own cut-off; for viewers who see all."""
    if card.decision.considered_by != "every partner" or reader.viewer.policy.rows != "all":
        return
    riskier = card.model.higher_score_is == "riskier"
    for partner, cutoff in sorted(card.decision.cutoffs.partners.items()):
        if partner == record.partner:
            continue
        passes = record.estimate <= cutoff if riskier else record.estimate >= cutoff
        approved = passes and record.rule_no is None
        stage = "model" if record.rule_no is None else "policy rule"
        decision = "approved" if approved else "declined"
        group = _group_at(reader, cutoff, record.group_no)
        yield replace(record, partner=partner, cutoff=cutoff, decision=decision, stage=stage, group_no=group)


def _group_at(reader: Reader, cutoff: float, otherwise: int) -> int:
    """Return the default comparison group of a cut-off."""
    wanted = reader.room.card.decision.comparison_group
    groups = reader.groups()
    at_cutoff = [g.group_no for g in groups if g.name == wanted and g.cutoff in (None, cutoff)]
    everyone = [g.group_no for g in groups if g.name == "all_applicants"]
    return next(iter([*at_cutoff, *everyone]), otherwise)


def _creditor(
    reader: Reader, asked: OnFile, values: pd.DataFrame, fit: Fit, record: ApplicationRecord, *, own: bool
) -> CreditorReasons:
    """Return one creditor's decision and the reasons for it."""
    card = reader.room.card
    name = next(g.name for g in reader.groups() if g.group_no == record.group_no)
    explained = explain_record(reader, record, asked.values, fit(name, record.group_no), asked.codes)
    by_model, share, material = model_reasons(explained, reader.room.catalogue, card)
    stage = stage_of(record)
    rules = tuple(_rule_reasons(card, reader.room.catalogue, record, values))
    reasons: tuple[StatedReason, ...] = by_model
    barriers: tuple[StatedReason, ...] = ()
    if stage == "policy rule":
        reasons, barriers = rules[:1], (*rules[1:], *(by_model if explained.against_cutoff else ()))
    elif stage == "review":
        reviewed = tuple(_review_reasons(card, reader.room.catalogue, values))
        reasons = (*reviewed, *by_model)[: RULE.most]
    declined = record.decision == "declined"
    from_model = any(reason.stage == "model" for reason in reasons) and declined
    return CreditorReasons(
        creditor=record.partner,
        own=own,
        decision="declined" if declined else "approved",
        stage=stage,
        cutoff=record.cutoff,
        group=explained.comparison.name,
        group_rule=explained.comparison.rule,
        reasons=reasons if declined else (),
        explained=share if from_model else None,
        material=material,
        barriers=barriers if declined else (),
    )


def model_reasons(
    explained: d.DecisionResult, catalogue: Catalogue, card: Card
) -> tuple[tuple[StatedReason, ...], float | None, int]:
    """Return the model's principal reasons, the share of the push they explain, and how many families are material.

    Parameters
    ----------
    explained : DecisionResult
        With exact contributions: not cut to an audience yet.
    catalogue : Catalogue
        Says which words are approved.
    card : Card
        Says which side of the raw score is risky.
    """
    families = {share.family: share for share in explained.families}
    names = tuple(families)
    values = np.array([[share.contribution or 0.0 for share in families.values()]])
    sign = 1.0 if card.model.higher_score_is == "riskier" else -1.0
    ranked = rank_reasons(values, sign, names, RULE)
    found = []
    for place, position in enumerate(ranked.families[0]):
        if position == NOTHING:
            break
        share = families[names[position]]
        part = float(ranked.contributions[0, place] / ranked.push[0])
        tie = bool(ranked.near_tie[0, place])
        found.append(
            replace(
                _stated("model", share.statement, share.label, catalogue), family=share.family, share=part, near_tie=tie
            )
        )
    whole = float(ranked.explained[0])
    return tuple(found), None if math.isnan(whole) else whole, int(ranked.material[0])


def _rule_reasons(
    card: Card, catalogue: Catalogue, record: ApplicationRecord, values: pd.DataFrame
) -> Iterator[StatedReason]:
    """Yield the reasons of the rules an application fails, in the card's order; the first one decided."""
    for position, rule in enumerate(card.decision.policy_rules):
        parsed = parse_rule(rule.when)
        kind: ColumnType = "number" if pd.api.types.is_numeric_dtype(values[parsed.column]) else "text"
        later = record.rule_no is not None and position > record.rule_no
        if position == record.rule_no or (later and bool(matches(fit_rule(parsed, kind), values)[0])):
            yield _stated("policy rule", rule.reason, rule.reason, catalogue)


def _review_reasons(card: Card, catalogue: Catalogue, values: pd.DataFrame) -> Iterator[StatedReason]:
    """Yield the reviewer's reasons, each once, in the order they were recorded."""
    review = card.decision.review
    codes = [] if review is None else [values[column].iloc[0] for column in review.reasons]
    for code in dict.fromkeys(str(code).strip() for code in codes if not pd.isna(code)):
        entry = catalogue.entries[code]  # the build refuses codes that are not there
        yield _stated("review", entry.statement, entry.statement, catalogue)


def _stated(stage: d.Stage, statement: str, label: str, catalogue: Catalogue) -> StatedReason:
    """Return a statement with what the catalogue knows of it."""
    found = catalogue.find(statement)
    code, entry = (None, None) if found is None else found
    return StatedReason(
        stage=stage,
        statement=statement,
        approved=catalogue.is_approved(statement, date.today()),
        code=code,
        explanation=None if entry is None else entry.explanation,
        form_c1=None if entry is None else entry.form_c1,
        hmda=None if entry is None else entry.hmda,
        family=None,
        label=label,
        share=None,
        near_tie=False,
    )


def _key_factors(block: ConsumerReportBlock | None, values: pd.DataFrame) -> KeyFactors | None:
    """Return the score provider's list: four factors, and inquiries beyond that (15 USC 1681g(f)(1)(C), (f)(9))."""
    if block is None or pd.isna(values[block.score].iloc[0]):
        return None
    given = [values[column].iloc[0] for column in block.key_factors]
    factors = list(dict.fromkeys(str(factor).strip() for factor in given if not pd.isna(factor)))
    kept = factors[:MOST_FACTORS] + [factor for factor in factors[MOST_FACTORS:] if factor in block.inquiries]
    created = None if block.created is None else pd.to_datetime(values[block.created].iloc[0])
    return KeyFactors(
        provider=block.provider,
        score=float(values[block.score].iloc[0]),
        low=block.score_low,
        high=block.score_high,
        created=None if created is None or pd.isna(created) else created.date(),
        factors=tuple(kept),
    )


def disclose(result: PrincipalResult, policy: Policy, card: Card) -> PrincipalResult:
    """Return the reasons as an audience may see them: outsiders get approved words only, and rounded shares.

    A credit score that is one of the model's inputs is shown only where its label is approved for partners.
    """
    if policy.exact_scores and policy.signals == "every signal":
        return result
    creditors = tuple(
        replace(
            creditor,
            explained=_rounded(creditor.explained),
            reasons=tuple(_outside(reason) for reason in creditor.reasons),
            barriers=tuple(_outside(reason) for reason in creditor.barriers),
        )
        for creditor in result.creditors
        if creditor.own
    )
    block = card.consumer_report
    feature = None if block is None else card.features.get(block.score)
    hidden = feature is not None and feature.audience != "partner"
    return replace(result, creditors=creditors, key_factors=None if hidden else result.key_factors)


def _outside(reason: StatedReason) -> StatedReason:
    """Return a reason for people outside: words that are not approved give way to the family's neutral name."""
    reason = replace(reason, share=_rounded(reason.share))
    if reason.approved:
        return reason
    if reason.family is None:
        return replace(
            reason, statement=NOT_APPROVED, label=NOT_APPROVED, code=None, explanation=None, form_c1=None, hmda=None
        )
    return replace(reason, statement=reason.label, code=None, explanation=None, form_c1=None, hmda=None)


NOT_APPROVED = "A reason whose wording is not approved yet"


def _rounded(share: float | None) -> float | None:
    return None if share is None else round(share, SHARE_DIGITS)
