"""The principal reasons in words: what the applicant would be told, and what else was found."""

from __future__ import annotations

from collections.abc import Sequence

from explainers.markup import render
from explainers.reasons.result import CreditorReasons, KeyFactors, PrincipalResult, StatedReason
from explainers.style import day, percent

TITLE = "Reasons for the notice"
BARRIERS = "Other barriers we found"
FACTORS = "What the score provider lists"
NOT_REASONS = "They did not decide, so they are not reasons. They could stand in the way of another try."
NOT_OURS = (
    "These are the provider’s words on its own score. They are not the creditor’s reasons and never replace them."
)


def say_principal(result: PrincipalResult) -> str:
    """Say in one sentence which stage decided and how many reasons there are."""
    own = result.own
    if own.decision == "approved":
        return "This application was approved, so there are no reasons to give."
    if len(result.creditors) > 1 and not result.declining:
        takers = [c.creditor for c in result.creditors if c.decision == "approved"]
        return f"{_list(takers)} would accept this application, so no notice of a decline is due."
    n = len(own.reasons)
    stage = {"policy rule": "a policy rule", "review": "a person near the cut-off", "model": "the model’s estimate"}
    given = "no reason is recorded" if not n else "one principal reason" if n == 1 else f"{n} principal reasons"
    return f"Declined by {stage[own.stage]}: {given}."


def say_explained(creditor: CreditorReasons) -> str | None:
    """Say how much of what speaks against approval the reasons make up, and what is close; None without the model."""
    if creditor.explained is None:
        return None
    said = f"Together they make up {percent(creditor.explained)} of what speaks against approval."
    model = [reason for reason in creditor.reasons if reason.stage == "model"]
    left = creditor.material - len(model)
    if left > 0:
        said += f" {left} more count{'s' if left == 1 else ''} more than a twentieth; at most four are named."
    ties = [reason.label for reason in model if reason.near_tie]
    if ties:
        said += f" Nearly equal to the next one: {_list([f'“{label}”' for label in ties])}."
    return said


def say_draft(reasons: Sequence[StatedReason]) -> str | None:
    """Say how many of the statements may not leave the house yet; None where all may."""
    drafts = sum(not reason.approved for reason in reasons)
    if not drafts:
        return None
    return f"{drafts} of {len(reasons)} statements {'is' if drafts == 1 else 'are'} not approved yet."


def say_score(factors: KeyFactors) -> str:
    """Say the score, its range and its day."""
    when = "" if factors.created is None else f", made on {day(factors.created)}"
    return f"{factors.provider}: {factors.score:g}, on a scale from {factors.low:g} to {factors.high:g}{when}."


def is_plain(result: PrincipalResult) -> bool:
    """Return whether the bars of the decision say it all: the model decided, for one creditor, and nothing else."""
    own = result.own
    return own.stage == "model" and len(result.creditors) == 1 and not own.barriers


def table_principal(result: PrincipalResult) -> str:
    """Draw reasons, other barriers and the score provider's list as three boxes that cannot be mistaken."""
    own = result.own
    creditors = [
        (c.creditor if len(result.creditors) > 1 else None, _decided(c), c.reasons, say_explained(c))
        for c in result.creditors
    ]
    factors = result.key_factors
    return render(
        "principal.html",
        title=TITLE,
        head=say_principal(result),
        creditors=creditors,
        drafts=say_draft([reason for c in result.creditors for reason in c.reasons]),
        barriers_title=BARRIERS,
        barriers=own.barriers,
        not_reasons=NOT_REASONS,
        factors_title=FACTORS,
        factors=None if factors is None else factors.factors,
        score=None if factors is None else say_score(factors),
        not_ours=NOT_OURS,
    )


def _decided(creditor: CreditorReasons) -> str:
    if creditor.decision == "approved":
        return "would accept"
    if creditor.stage == "model":
        return f"declines, compared with {creditor.group_rule}"
    return "declines"


def _list(names: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))
