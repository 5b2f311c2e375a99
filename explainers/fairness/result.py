"""What is known of how groups were treated: frozen results, from which words, pictures and tables are made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from data.cohorts import Cohort

Test = Literal["z", "Fisher", ""]


@dataclass(frozen=True)
class Settings:
    """Screening values: conventions that a viewer may change, none of them a rule of law for lending."""

    ratio_below: float = 0.80
    """A ratio of approval rates below this, or above one over this, is large enough to look at."""
    least_points: float = 0.02
    """Smallest difference of approval rates worth a look, as a share (0.02 is two percentage points)."""
    chance: float = 0.05
    """Share of comparisons named by chance alone that is put up with, after allowing for all on the page."""
    proxy_threshold: float = 0.8
    """From this probability on, a proxy counts a person as of a group (second reading)."""


@dataclass(frozen=True)
class Line:
    """One group beside the one it is compared with."""

    value: str
    """The group."""
    n: int
    """Applications."""
    approved: int
    """Of these approved."""
    rate: float
    """Share approved; NaN without an application."""
    is_reference: bool
    """Whether others are compared with this one."""
    enough: bool
    """Whether there are enough applications, expected approvals and expected denials to judge."""
    needed: int
    """Applications that would be enough at this approval rate; 0 where there are."""
    ratio: float
    """Approval rate divided by the reference's (adverse impact ratio); NaN where it cannot be computed."""
    ratio_low: float
    """Lower end of its 95 % interval."""
    ratio_high: float
    """Upper end."""
    gap: float
    """Approval rate less the reference's, as a share (marginal effect)."""
    gap_low: float
    """Lower end of its 95 % interval."""
    gap_high: float
    """Upper end."""
    score_gap: float
    """Mean raw score less the reference's, in standard deviations of all applications; NaN where not shown."""
    test: Test
    """Which test."""
    chance: float
    """Probability of a difference as large or larger if the rates were equal; NaN where not judged."""
    adjusted: float
    """The same after allowing for every comparison on the page (Benjamini and Hochberg)."""
    closer: bool
    """Large enough, more than chance, and enough points: worth a closer look."""
    elderly: bool = False
    """Of an age: people who count as elderly."""

    @property
    def known(self) -> bool:
        """Return whether a comparison is shown."""
        return self.enough and not self.is_reference


@dataclass(frozen=True)
class ProxyReading:
    """One of two ways to count with probabilities."""

    n: float
    """Sum of probabilities, or people at or above the threshold."""
    effective: float
    """Applications that weigh as much as these: (Σp)²/Σp² (Kish); the number itself at a threshold."""
    rate: float
    """Share approved."""
    ratio: float
    """Ratio to the reference's rate."""
    ratio_low: float
    """Lower end of its 95 % interval, by effective numbers."""
    ratio_high: float
    """Upper end."""
    enough: bool
    """Whether there are enough to judge, by effective numbers."""


@dataclass(frozen=True)
class ProxyLine:
    """One value of a proxy, counted in both ways."""

    value: str
    """The group."""
    is_reference: bool
    """Whether others are compared with this one."""
    weighted: ProxyReading
    """Every person counts with their probability."""
    over: ProxyReading
    """Only people at or above the threshold count."""


@dataclass(frozen=True)
class AttributeResult:
    """One attribute: its groups beside the one they are compared with."""

    name: str
    """Name in the card, as in links."""
    label: str
    """Name for people."""
    kind: Literal["observed", "proxy"]
    """Told by the applicant, or estimated from other facts."""
    reference: str
    """The group that others are compared with."""
    card_reference: str
    """The one that the card names."""
    lines: tuple[Line, ...]
    """Groups of an observed attribute, the reference first, then by size; empty for a proxy."""
    proxy: tuple[ProxyLine, ...] = ()
    """Values of a proxy."""
    coverage: float = 1.0
    """Share of the applications for which the attribute (or a probability) is known."""
    folded: int = 0
    """Groups put together because they are too small for the viewer."""
    elderly: tuple[str, ...] = ()
    """Of an age: groups that count as elderly."""
    straddling: tuple[str, ...] = ()
    """Of an age: groups that begin below that age and end above."""

    @property
    def compared(self) -> tuple[Line, ...]:
        """Return the comparisons that are judged."""
        return tuple(line for line in self.lines if line.known)

    @property
    def closer(self) -> tuple[Line, ...]:
        """Return the groups worth a closer look."""
        return tuple(line for line in self.lines if line.closer)


@dataclass(frozen=True)
class FairnessResult:
    """Every attribute over a cohort."""

    snapshot_id: str
    """The snapshot."""
    cohort: Cohort
    """Which applications."""
    cohort_words: str
    """The same for people; "" for every application."""
    n: int
    """Applications counted."""
    n_total: int
    """Applications the viewer may see."""
    approved: int
    """Of those counted, approved."""
    differing: int
    """Applications whose decision on record is another one than the model, the cut-off and the rules give."""
    attributes: tuple[AttributeResult, ...]
    """In the card's order."""
    pair: AttributeResult | None
    """Two attributes together, where asked for."""
    settings: Settings
    """Screening values in force."""
    comparisons: int
    """Comparisons judged on the page; the adjustment for chance counts them all."""
    unusable: tuple[str, ...]
    """Proxies whose card does not say which column belongs to which value."""
    least: int
    """Groups below this many applications are not shown to this viewer; 1 shows all."""
    whole: bool
    """Whether the viewer sees every group and may choose any cohort."""
    synthetic: bool
    """Whether the applications are made up."""
    riskier: bool
    """Whether a higher score means more risk."""

    def attribute(self, name: str) -> AttributeResult:
        """Return one attribute; the first where there is none of this name."""
        return next((a for a in self.attributes if a.name == name), self.attributes[0])

    @property
    def headline(self) -> str:
        """Return the name of the attribute that the headline speaks of; the first one where it speaks of none."""
        return self.closer[0][0].name if self.closer else self.attributes[0].name

    @property
    def closer(self) -> tuple[tuple[AttributeResult, Line], ...]:
        """Return every comparison worth a closer look, the strongest evidence first."""
        parts = (*self.attributes, *(() if self.pair is None else (self.pair,)))
        found = [(a, line) for a in parts for line in a.closer]
        return tuple(sorted(found, key=lambda one: (one[1].adjusted, -abs(one[1].gap))))


@dataclass(frozen=True)
class MonthPoint:
    """One group in one month."""

    value: str
    """The group."""
    month: str
    """The month, "2026-01"."""
    n: int
    """Applications."""
    ratio: float
    """Ratio to the reference's rate of the same month; NaN where not shown."""
    low: float
    """Lower end of its 95 % interval."""
    high: float
    """Upper end."""
    enough: bool
    """Whether there are enough to judge."""


@dataclass(frozen=True)
class OutcomeLine:
    """What later happened to the people of a group, as far as it is known."""

    value: str
    """The group."""
    good: int
    """People without the outcome."""
    good_declined: int
    """Of these declined."""
    bad: int
    """People with the outcome."""
    bad_approved: int
    """Of these approved."""
    approved: int
    """Approved people whose outcome is known."""
    missed: tuple[float, float, float]
    """Share of the people without the outcome that were declined, with its 95 % interval; NaN where too few."""
    passed: tuple[float, float, float]
    """Share of the people with the outcome that were approved, with its 95 % interval; NaN where too few."""
    happened: tuple[float, float, float]
    """Share of the approved that had the outcome, with its 95 % interval; NaN where too few."""
    estimated: float
    """Mean estimate over everybody with a known outcome; NaN where not shown."""
    found: tuple[float, float, float]
    """Share of these that had the outcome, with its 95 % interval; NaN where too few."""


@dataclass(frozen=True)
class CurvePoint:
    """One group at one possible cut-off."""

    value: str
    """The group."""
    cutoff: float
    """The cut-off, the estimate's own scale."""
    rate: float
    """Share that would be approved."""
    ratio: float
    """Ratio to the reference's; NaN where too few would be approved or declined to judge."""


@dataclass(frozen=True)
class DetailResult:
    """One attribute closely: over time, at other cut-offs, and against what happened."""

    snapshot_id: str
    """The snapshot."""
    name: str
    """The attribute."""
    label: str
    """Its name for people."""
    reference: str
    """The group that others are compared with."""
    n: int
    """Applications counted."""
    n_total: int
    """Applications the viewer may see."""
    months: tuple[MonthPoint, ...]
    """Over time; empty where months are not known."""
    outcomes: tuple[OutcomeLine, ...]
    """Against what happened; empty where no outcome is known."""
    declined_known: int
    """Declined applications with a known outcome."""
    outcome: str
    """The outcome: "charge-off within 12 months"."""
    outcome_past: str
    """The same, of people it happened to: "did not repay"."""
    is_probability: bool
    """Whether estimates are probabilities."""
    curve: tuple[CurvePoint, ...]
    """At every possible cut-off; empty where not shown."""
    cutoff: float
    """The card's cut-off, the estimate's own scale."""
    settings: Settings
    """Screening values in force."""

    @property
    def over_time(self) -> bool:
        """Return whether there are two months or more to set beside each other."""
        return len({p.month for p in self.months if p.enough}) > 1


@dataclass(frozen=True)
class Change:
    """One group's ratio in two snapshots."""

    value: str
    """The group."""
    here: float
    """Ratio here."""
    there: float
    """Ratio in the other snapshot."""
    relative: float
    """Here divided by there."""
    low: float
    """Lower end of its 95 % interval; NaN where the snapshots share applications."""
    high: float
    """Upper end."""
    adjusted: float
    """Probability of a change as large by chance, after allowing for all; NaN where not tested."""


@dataclass(frozen=True)
class ChangeResult:
    """An attribute in two snapshots."""

    snapshot_id: str
    """This snapshot."""
    other_id: str
    """The other one."""
    label: str
    """The attribute."""
    reference: str
    """The group that others are compared with."""
    separate: bool
    """Whether only applications are compared that came after the other snapshot's last day: then it is tested."""
    n: int
    """Applications counted here."""
    n_total: int
    """Applications the viewer may see here."""
    changes: tuple[Change, ...]
    """Groups judged in both."""
