"""What an applicant would be told and why: the result that page, notice and test share."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from explainers.decision.result import Stage


@dataclass(frozen=True)
class StatedReason:
    """One reason, as it would be told."""

    stage: Stage
    """The stage it comes from."""
    statement: str
    """What the applicant would be told."""
    approved: bool
    """Whether exactly these words are approved for people outside, today."""
    code: str | None
    """Code in the reason catalogue; None for words that are not in it."""
    explanation: str | None
    """The same in a plain sentence or two; None as above."""
    form_c1: str | None
    """The reason of sample form C-1 it corresponds to; None as above."""
    hmda: int | None
    """Denial reason of Regulation C, 1 to 9; None as above."""
    family: str | None
    """Slug of the family; None for a rule's or a reviewer's reason."""
    label: str
    """Neutral name of the family, or the rule's own words."""
    share: float | None
    """Share of everything that speaks against approval, 0 to 1; None where the model is not the stage."""
    near_tie: bool
    """Whether the reason after it, named or not, counts almost as much."""


@dataclass(frozen=True)
class CreditorReasons:
    """One creditor's decision on an application, and its reasons."""

    creditor: str
    """The partner who decides."""
    own: bool
    """Whether the application came through this creditor."""
    decision: Literal["approved", "declined"]
    """By this creditor's rules and cut-off, or by its reviewer."""
    stage: Stage
    """The stage that decided."""
    cutoff: float
    """Estimate scale."""
    group: str
    """Name of the comparison group the model's reasons are against."""
    group_rule: str
    """Its rule in words."""
    reasons: tuple[StatedReason, ...]
    """Principal reasons, the first counts most: at most four, none where approved."""
    explained: float | None
    """Share of everything that speaks against approval that the model's reasons here make up, 0 to 1; None where the
    model gave none."""
    material: int
    """Families that reach the floor; more than four when some are not named."""
    barriers: tuple[StatedReason, ...]
    """What else would have stood in the way, though it did not decide: never part of a notice's reasons."""


@dataclass(frozen=True)
class KeyFactors:
    """What the provider of a credit score says of it (FCRA 609(f)): a list of its own, never a creditor's reasons."""

    provider: str
    """Who made the score."""
    score: float
    """The score used, in the provider's own scale."""
    low: float
    """Lowest possible score under the model used."""
    high: float
    """Highest possible score."""
    created: date | None
    """The day it was made; None where the table does not say."""
    factors: tuple[str, ...]
    """Key factors in the provider's words and order: four, or five where inquiries are one."""


@dataclass(frozen=True)
class PrincipalResult:
    """The principal reasons for one application, creditor by creditor."""

    snapshot_id: str
    """The snapshot."""
    n: int
    """Applications: 1."""
    n_total: int
    """Applications the viewer may see."""
    application_id: str
    """The lender's own number, or the masked one."""
    application_date: date | None
    """Day of the application."""
    creditors: tuple[CreditorReasons, ...]
    """The creditor it came through first; others only where every creditor considers every application, and only for
    viewers who see all of them."""
    key_factors: KeyFactors | None
    """From the score provider; None where the table holds none."""

    @property
    def own(self) -> CreditorReasons:
        """Return the decision of the creditor the application came through."""
        return self.creditors[0]

    @property
    def declining(self) -> tuple[CreditorReasons, ...]:
        """Return the creditors who must give reasons: none where one of them approves (12 CFR 1002.9(g))."""
        if any(c.decision == "approved" for c in self.creditors):
            return ()
        return self.creditors
