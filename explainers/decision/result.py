"""What is known about one decision: the result that screen, document and test share."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

Scale = Literal["probability", "outcome"]
"""probability: estimates between 0 and 1, shown in percent; outcome: the outcome's own units."""


Stage = Literal["policy rule", "model", "review"]
Side = Literal["above", "below", "same", "missing", "present", "category"]
"""above/below/same: beside the typical value; missing: no value here; present: a value where most of
the group have none; category: values without an order."""


@dataclass(frozen=True)
class SignalShare:
    """One signal's part in a decision."""

    name: str
    """The signal's name in the model."""
    label: str
    """Its words for people."""
    contribution: float | None
    """Raw-score units, exact; None for an audience that sees families only."""
    points: float | None
    """Estimate scale (1 = 100 percentage points for a probability); None as above."""
    value: str
    """This application's value, with its unit, in words."""
    typical: str
    """The comparison group's typical value, with its unit, in words."""
    exact: str | None
    """This application's value as it stands in the table, "" where there is none; None as above."""
    side: Side
    """Where the value lies beside the group's typical value."""


@dataclass(frozen=True)
class FamilyShare:
    """One family's part in a decision: the sum over its signals."""

    family: str
    """The family's id in the card."""
    label: str
    """Its neutral name: "Debt compared with income"."""
    statement: str
    """What is said of it: a reason where it counts against the applicant, else the neutral name."""
    contribution: float | None
    """Raw-score units, exact; None for an audience that sees points only."""
    points: float
    """Estimate scale."""
    raises: bool
    """Whether it raises the estimate."""
    principal: bool
    """Whether it is one of the principal reasons: see `explainers.reasons.ranking`."""
    leading: SignalShare | None
    """The signal the statement speaks of, or without one the signal that moved the family most in its own direction;
    None where its name is not for this audience."""
    signals: tuple[SignalShare, ...]
    """Its signals that this audience may see, the strongest in the family's own direction first."""
    n_signals: int
    """How many signals it holds."""


@dataclass(frozen=True)
class Comparison:
    """The group that the application is compared with."""

    name: str
    """"just_approved" or "all_applicants"."""
    n: int
    """Applications in it; the whole group is used."""
    own_only: bool
    """Whether the group is cut to the viewer's own applications, because too few of others are in it."""
    rule: str
    """The rule that defines it."""
    content_hash: str
    """SHA-256 over the model and the group's rows."""
    baseline: float | None
    """Mean raw score of the group; None for an audience that sees estimates only."""
    baseline_estimate: float
    """The estimate at that mean raw score (not the mean of the estimates)."""
    density: tuple[float, ...]
    """Share of the drawn applications in each step of the estimate between `low` and `high`."""
    drawn: int
    """Applications of the group drawn in `density`: those the viewer may see."""
    low: float
    """Left end of the drawn scale, estimate units."""
    high: float
    """Right end of the drawn scale, estimate units."""


@dataclass(frozen=True)
class Experience:
    """What happened to applications with an estimate like this one."""

    n: int
    """Applications with a known outcome and the closest estimates."""
    outcomes: int
    """How many of them had the outcome."""
    low: float
    """Lower end of the 95 % Wilson interval of the share."""
    high: float
    """Upper end of the 95 % Wilson interval of the share."""


@dataclass(frozen=True)
class DecisionResult:
    """One decision and what moved it."""

    snapshot_id: str
    """The snapshot it was read from."""
    n: int
    """Applications explained: 1."""
    n_total: int
    """Applications in the snapshot that this viewer may see."""
    application_id: str
    """The lender's own number."""
    partner: str
    """The partner it came through."""
    application_date: date | None
    """Day of the application."""
    decision: Literal["approved", "declined"]
    """By the policy rules and the cut-off of the card."""
    recorded_decision: str | None
    """The decision on record, where the table holds one."""
    stage: Stage
    """Where the decision was made; "review": by a person, near the cut-off."""
    rule_reason: str | None
    """The policy rule's reason, when one declined it."""
    outcome_words: str
    """What is estimated: completes "a 23 % chance of …"."""
    outcome_past: str
    """Completes "23 of 100 applications like this …"."""
    scale: Scale
    """How estimates are written."""
    riskier_up: bool
    """True when a higher estimate speaks against approval."""
    raw_score: float | None
    """LightGBM's own raw score; None for an audience that sees estimates only."""
    estimate: float
    """Estimate scale."""
    cutoff: float
    """Estimate scale; passing includes the cut-off itself."""
    explained: float
    """Share of the distance between raw score and baseline that the contributions make up, 0 to 1."""
    residual: float | None
    """Raw score less baseline less all contributions; 0 but for rounding; None as for `raw_score`."""
    comparison: Comparison
    """The group compared with."""
    families: tuple[FamilyShare, ...]
    """Every family, by contribution against approval, the strongest first."""
    experience: Experience | None
    """Past outcomes at this estimate; None where too few are known."""

    @property
    def total_points(self) -> float:
        """Return the difference of the two estimates: what all the bars add up to."""
        return self.estimate - self.comparison.baseline_estimate

    @property
    def against_cutoff(self) -> bool:
        """Return whether the estimate lies on the declining side of the cut-off."""
        return self.estimate > self.cutoff if self.riskier_up else self.estimate < self.cutoff

    def against(self, share: FamilyShare) -> bool:
        """Return whether a family counts against approval."""
        return share.raises == self.riskier_up


@dataclass(frozen=True)
class Agreement:
    """The same decision compared with another accepted group: do the reasons stay?"""

    group: str
    """Name of the other group."""
    listed: int
    """Reasons listed here, at most four."""
    kept: int
    """How many of them the other group lists too."""
    gone: tuple[str, ...]
    """Families listed here only."""
    come: tuple[str, ...]
    """Families the other group lists in their place."""


SHOWN_FOR = 4
SHOWN_LEAST = 0.0005
"""A family below a twentieth of a percentage point is not drawn as a bar of its own."""


@dataclass(frozen=True)
class ShownRows:
    """Which families get a bar of their own; the rest is one bar, so that the sum holds."""

    against: tuple[FamilyShare, ...]
    """The principal reasons, the strongest first, at most four."""
    helped: tuple[FamilyShare, ...]
    """For approval, the strongest first, at most four."""
    rest: tuple[FamilyShare, ...]
    """All others."""

    @property
    def rest_points(self) -> float:
        """Return what all other families add, estimate scale."""
        return sum(f.points for f in self.rest)

    @property
    def rest_signals(self) -> int:
        """Return how many signals the other families hold."""
        return sum(f.n_signals for f in self.rest)


def shown_rows(result: DecisionResult) -> ShownRows:
    """Split the families of a decision into bars of their own and the rest."""
    least = SHOWN_LEAST if result.scale == "probability" else 0.005 * abs(result.total_points)
    large = [f for f in result.families if abs(f.points) >= least]
    against = tuple(f for f in large if f.principal)
    helped = tuple([f for f in reversed(large) if not result.against(f)][:SHOWN_FOR])
    own = {f.family for f in against + helped}
    return ShownRows(against, helped, tuple(f for f in result.families if f.family not in own))
