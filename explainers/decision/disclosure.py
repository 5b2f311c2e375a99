"""Cutting a decision's result to what the viewer's policy allows, before it leaves `explainers`.

The result a page, chart, document or cache gets holds nothing else: what is hidden is not there.
"""

from __future__ import annotations

from dataclasses import replace

from data.card_schema import Card
from data.policy import Policy
from explainers.decision import result as r

TENTH = 0.001
"""A tenth of a percentage point, on the scale of a probability."""


def disclose(result: r.DecisionResult, policy: Policy, card: Card) -> r.DecisionResult:
    """Return the part of a decision's result that an audience may see.

    Parameters
    ----------
    result : DecisionResult
        Everything.
    policy : Policy
        The viewer's row of the policy table.
    card : Card
        Says which signals' labels are approved for partners.
    """
    if policy.exact_scores and policy.signals == "every signal":
        return result
    step = TENTH if result.scale == "probability" else _coarse(result)
    enough = result.comparison.n >= policy.smallest_count
    group = replace(
        result.comparison,
        baseline=None,
        baseline_estimate=_round(result.comparison.baseline_estimate, step),
        density=result.comparison.density if enough else (),
    )
    return replace(
        result,
        raw_score=None,
        residual=None,
        explained=round(result.explained, 6),
        estimate=_round(result.estimate, step),
        comparison=group,
        families=tuple(_family(f, step, card, enough) for f in result.families),
    )


def _family(family: r.FamilyShare, step: float, card: Card, enough: bool) -> r.FamilyShare:
    """Keep the family with its points; of its signals only those whose label is approved."""
    shown = tuple(_signal(s, enough) for s in family.signals if card.features[s.name].audience == "partner")
    leading = family.leading
    first = next((s for s in shown if leading is not None and s.name == leading.name), None)
    return replace(family, contribution=None, points=_round(family.points, step), leading=first, signals=shown)


def _signal(signal: r.SignalShare, enough: bool) -> r.SignalShare:
    typical = signal.typical if enough else "too few to say"
    return replace(signal, contribution=None, points=None, exact=None, typical=typical)


def _coarse(result: r.DecisionResult) -> float:
    """Return the step for an estimate that is no probability: a thousandth of the drawn scale."""
    return max((result.comparison.high - result.comparison.low) / 1000, 1e-12)


def _round(value: float, step: float) -> float:
    return round(round(value / step) * step, 12)
