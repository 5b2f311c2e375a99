"""The sentences of a search for alternatives. Made from the result alone; none of them picks a model."""

from __future__ import annotations

import math

from explainers.alternatives.result import Candidate, SearchResult
from explainers.style import MINUS, percent, whole

SURE = 0.05
"""Share of "differs less" that may be chance."""
WITHIN = {"yes": "within", "maybe": "cannot tell", "no": "outside"}


def baseline(result: SearchResult) -> Candidate:
    """Return the model trained anew on all signals, which the others are compared with."""
    return next(one for one in result.candidates if one.kind == "anew")


def others(result: SearchResult) -> tuple[Candidate, ...]:
    """Return the candidates that are alternatives."""
    return tuple(one for one in result.candidates if one.kind not in ("current", "anew"))


def within(one: Candidate, tolerance: float) -> str:
    """Return whether a candidate ranks as well as the model trained anew, but for a tolerance.

    Parameters
    ----------
    one : Candidate
        Any.
    tolerance : float
        Loss of AUC that is accepted.

    Returns
    -------
    {"yes", "maybe", "no"}
        "yes" only where the whole interval of the difference says so, "no" where none of it does.
    """
    if math.isnan(one.change.auc_low):
        return "maybe"
    return "yes" if one.change.auc_low >= -tolerance else "no" if one.change.auc_high < -tolerance else "maybe"


def less_different(one: Candidate) -> bool:
    """Return whether the groups are approved more alike than by the model trained anew, beyond chance.

    Chance is counted for all alternatives together.
    """
    return one.adjusted <= SURE and one.change.air > 1 and one.reported.air <= 1


def say_search(result: SearchResult, tolerance: float) -> str:
    """Return the finding at a tolerance: how many alternatives differ less and rank as well."""
    found = [one for one in others(result) if less_different(one)]
    sure = [one for one in found if within(one, tolerance) == "yes"]
    unsure = [one for one in found if within(one, tolerance) == "maybe"]
    tried = f"{len(others(result))} alternatives were tried"
    if not found:
        return f"{tried}: none differs less between the groups beyond chance."
    how = f"{len(found)} differ{'s' if len(found) == 1 else ''} less between the groups beyond chance"
    cost = f"{len(sure)} of them rank{'s' if len(sure) == 1 else ''} as well, within {say_loss(tolerance)}"
    doubt = f"; for {len(unsure)} that cannot be told" if unsure else ""
    return f"{tried}: {how}. {cost}{doubt}."


def say_loss(value: float) -> str:
    """Write a loss of AUC."""
    return f"{value:.3f} of AUC"


def say_context(result: SearchResult) -> str:
    """Return what was compared, on which rows."""
    return (
        f"“{result.group}” against “{result.reference}” ({result.attribute_label}). Each model approves"
        f" {percent(result.share)}, as the current cut-offs do. Learnt on {whole(result.n_train)} rows, chosen on"
        f" {whole(result.n_choose)}, reported on {whole(result.n_report)} others: {result.source}."
    )


def say_candidate(one: Candidate) -> str:
    """Write one candidate with its figures."""
    return (
        f"{one.label}: AUC {one.reported.auc:.3f} ({one.reported.auc_low:.3f} to {one.reported.auc_high:.3f}), impact"
        f" ratio {one.reported.air:.2f} ({one.reported.air_low:.2f} to {one.reported.air_high:.2f})"
    )


def say_frontier(result: SearchResult) -> str:
    """Return the title of the picture."""
    edge = [one for one in result.candidates if one.frontier]
    return f"Better on one means worse on the other: {len(edge)} models that no other beats on both"


def say_frontier_alt(result: SearchResult) -> str:
    """Describe the picture for readers who do not see it."""
    return f"{say_frontier(result)}. {'; '.join(say_candidate(one) for one in result.candidates)}."


def say_shrinks(result: SearchResult) -> str:
    """Return how much of what looked better where it was chosen is left where it is reported."""
    edge = [one for one in others(result) if one.frontier]
    if not edge:
        return "No alternative is on the frontier."
    base = baseline(result)
    there = sum(one.chosen.air - base.chosen.air for one in edge) / len(edge)
    here = sum(one.reported.air - base.reported.air for one in edge) / len(edge)
    return (
        f"Alternatives on the frontier have an impact ratio {_signed(there)} against the model trained anew where they"
        f" were chosen, and {_signed(here)} where they are reported. Choosing the best of many flatters them."
    )


def _signed(value: float) -> str:
    text = f"{abs(value):.3f}"
    return f"{MINUS}{text}" if value < 0 else f"+{text}"


LEGEND = (
    "Each dot is a model on rows it never saw: to the right it ranks better, higher up the groups are approved more"
    " alike (1.00 is alike). Full dots, with 95 % intervals: no other was better on both where it was chosen. The"
    " band is what the tolerance accepts. No model is picked here."
)

LIMITS = (
    "It does not pick a model. How much ranking may be given up, and for what, is a decision of people, with reasons.",
    "A ratio near 1 is not proof that a model treats people well, and one below 0.80 is not proof that it does not.",
    "The rows are past applications. Where declined ones have no outcome on record, what they would have done is not"
    " known.",
    "Only the ways listed were tried, with small models. Another search can find others.",
    "Only one group is compared with the reference here. Look at the others too before anything is changed.",
    "Policy rules and decisions by hand are left out: only the model’s own part is compared.",
)


def say_how_to_read(result: SearchResult) -> tuple[str, ...]:
    """Return the paragraphs of "How to read this"."""
    return (
        "AUC: how often a model gives the higher estimate to the one of two applications with the outcome."
        " Impact ratio: the group’s share of approvals over the reference group’s.",
        "The model trained anew has the same signals as the current one and learns from the same rows as all"
        " alternatives. It is what they are compared with; the current model learnt from other rows.",
        f"Differences are paired: both models are measured on the same {whole(result.n_report)} rows. “Cannot tell”"
        " means that the interval reaches over the tolerance.",
        "The group is used in training by the kinds named so, and never when a model estimates.",
    )
