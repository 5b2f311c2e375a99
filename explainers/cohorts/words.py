"""A cohort in words."""

from __future__ import annotations

from datetime import date

from data.card_schema import Card, FeatureBlock
from data.cohorts import Cohort, SignalCondition
from explainers.cohorts.result import CohortResult
from explainers.style import month, of_100, percent, whole, with_unit

EVERYTHING = "all applications"
KNOWN_ENOUGH = 200
"""Known outcomes that a share needs before it is worth saying."""


def name_cohort(cohort: Cohort, card: Card, *, is_probability: bool) -> str:
    """Return the conditions of a cohort as a phrase: "declined, through Alder, Jan 2026 to Mar 2026".

    Parameters
    ----------
    cohort : Cohort
        Any.
    card : Card
        Labels and units of signals.
    is_probability : bool
        Whether estimates are written in percent.
    """
    parts = [cohort.decision] if cohort.decision else []
    if cohort.partners:
        parts.append(f"through {' or '.join(sorted(cohort.partners))}")
    if cohort.first_month or cohort.last_month:
        parts.append(_span(*(_month(m) for m in (cohort.first_month, cohort.last_month))))
    if cohort.low is not None or cohort.high is not None:
        ends = [
            None if end is None else percent(end, 1) if is_probability else f"{end:g}"
            for end in (cohort.low, cohort.high)
        ]
        parts.append(f"estimate {_span(*ends)}")
    if cohort.outcome:
        past = card.model.outcome_past
        parts.append(f"outcome: {past}" if cohort.outcome == "happened" else f"known outcome other than “{past}”")
    parts += [name_condition(c, card.features.get(c.name)) for c in cohort.signals]
    labels = {a.name: a.label for a in card.groups.attributes} if card.groups else {}
    parts += [f"{labels.get(g.name, 'group')}: {' or '.join(sorted(g.values))}" for g in cohort.groups]
    return ", ".join(parts) or EVERYTHING


def _month(text: str | None) -> str | None:
    return None if text is None else month(date.fromisoformat(f"{text}-01"))


def _span(low: str | None, high: str | None) -> str:
    if low is None:
        return f"up to {high}"
    if high is None:
        return f"from {low}"
    return low if low == high else f"{low} to {high}"


def name_condition(condition: SignalCondition, feature: FeatureBlock | None) -> str:
    """Return one condition on a signal as a phrase: "Income up to $40,000"."""
    if feature is None:
        return "another condition"
    if condition.missing:
        return f"{feature.label}: {feature.missing_means}"
    if condition.levels:
        return f"{feature.label}: {' or '.join(feature.levels.get(level, level) for level in condition.levels)}"
    ends = [None if end is None else _value(end, feature) for end in (condition.low, condition.high)]
    return f"{feature.label} {_span(*ends)}"


def _value(value: float, feature: FeatureBlock) -> str:
    return with_unit(value, feature.unit, levels=feature.levels, missing=feature.missing_means)


def say_cohort(result: CohortResult) -> str:
    """Return what a cohort is and what became of it, in one line."""
    share = "" if result.n == result.n_total else f" of {whole(result.n_total)}"
    text = f"{whole(result.n)}{share} applications ({result.words})"
    if not result.enough:
        return f"{text}: too few to sum up; at least {result.least} are needed."
    if result.cohort.decision is None:  # chosen by its decision it has no rate of its own
        text += f" · {percent(result.approved / result.n)} approved"
    if result.known_outcomes >= KNOWN_ENOUGH:
        happened = of_100(result.outcomes / result.known_outcomes)
        text += f" · {happened} {result.outcome_past} (of {whole(result.known_outcomes)} with a known outcome)"
    return text
