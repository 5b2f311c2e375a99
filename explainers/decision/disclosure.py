"""Cutting a decision's result to what the viewer's policy allows, before it leaves `explainers`.

The result a page, chart, document or cache gets holds nothing else: what is hidden is not there. Which
applications a comparison group may hold for a viewer is decided before, by `data.group_scope`, so that no
contribution is ever computed against too few applications of others.
"""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date

from data.card_schema import Card
from data.policy import Policy
from data.reason_catalogue import Catalogue
from explainers.decision import result as r
from explainers.precision import step_for, to_step

DIGITS = 4
"""Digits of the drawn scale that figures are rounded to where estimates are no probabilities."""


def disclose(result: r.DecisionResult, policy: Policy, card: Card, catalogue: Catalogue) -> r.DecisionResult:
    """Return the part of a decision's result that an audience may see.

    Parameters
    ----------
    result : DecisionResult
        Everything.
    policy : Policy
        The viewer's row of the policy table.
    card : Card
        Says which signals' labels are approved for partners.
    catalogue : Catalogue
        Says which statements are approved for people outside; in place of any other the family's name stands.
    """
    if policy.exact_scores and policy.signals == "every signal":
        return result
    step = step_for(result.scale == "probability", result.comparison.high - result.comparison.low, DIGITS)
    group = result.comparison
    group = replace(
        group,
        baseline=None,
        baseline_estimate=to_step(group.baseline_estimate, step),
        low=to_step(math.floor(group.low / step) * step, step),
        high=to_step(math.ceil(group.high / step) * step, step),
    )
    return replace(
        result,
        raw_score=None,
        residual=None,
        explained=round(result.explained, 6),
        estimate=to_step(result.estimate, step),
        comparison=group,
        families=tuple(_family(f, step, card, catalogue) for f in result.families),
    )


def _family(family: r.FamilyShare, step: float, card: Card, catalogue: Catalogue) -> r.FamilyShare:
    """Keep the family with its points; of its signals only those whose label is approved."""
    shown = tuple(_signal(s) for s in family.signals if card.features[s.name].audience == "partner")
    leading = family.leading
    first = next((s for s in shown if leading is not None and s.name == leading.name), None)
    statement = family.statement if catalogue.is_approved(family.statement, date.today()) else family.label
    points = to_step(family.points, step)
    return replace(family, statement=statement, contribution=None, points=points, leading=first, signals=shown)


def _signal(signal: r.SignalShare) -> r.SignalShare:
    return replace(signal, contribution=None, points=None, exact=None)
