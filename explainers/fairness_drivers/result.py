"""What is known of the gap between two groups."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Pair:
    """Two groups of people, and over which applications they are compared."""

    snapshot_id: str
    """The snapshot."""
    attribute: str
    """The attribute's name for people: "Race and ethnicity"."""
    kind: Literal["observed", "proxy"]
    """Told by the applicant, or estimated as chances."""
    group: str
    """The group."""
    reference: str
    """The group it is compared with."""
    cohort: str
    """Which applications, in words; "" for all."""
    n_group: float
    """Applications of the group; of a proxy the sum of chances."""
    n_reference: float
    """Applications of the reference group; of a proxy the sum of chances."""
    n_total: int
    """Applications that the viewer may see."""
    least: int
    """Applications of either group that are needed before anything is said."""
    is_probability: bool
    """Whether estimates are probabilities."""
    riskier_up: bool
    """Whether a higher estimate speaks against approval."""
    outcome: str
    """What is estimated."""
    seed: int
    """Seed of everything drawn at random."""

    @property
    def n(self) -> int:
        """Return the applications of both groups."""
        return round(self.n_group + self.n_reference)

    @property
    def enough(self) -> bool:
        """Return whether there are enough of both to say anything."""
        return min(self.n_group, self.n_reference) >= self.least


@dataclass(frozen=True)
class GapPart:
    """One part of the gap between two groups' mean estimates."""

    name: str
    """The family's id; "" for what is not a family."""
    label: str
    """Its name for people."""
    size: float
    """Mean of the group less mean of the reference group, estimate scale (1 = 100 percentage points)."""
    low: float
    """Lower end of the 95 % bootstrap interval, estimate scale."""
    high: float
    """Upper end."""
    raw: float
    """The same of the raw score; NaN for viewers without raw scores."""
    raw_low: float
    """Lower end, raw score."""
    raw_high: float
    """Upper end, raw score."""

    @property
    def sure(self) -> bool:
        """Return whether the interval leaves out zero."""
        return self.low > 0 or self.high < 0


@dataclass(frozen=True)
class GapResult:
    """The gap between two groups' mean estimates and the parts that add up to it."""

    pair: Pair
    """Who is compared."""
    group_mean: float
    """Mean estimate of the group; NaN with too few."""
    reference_mean: float
    """Mean estimate of the reference group; NaN with too few."""
    gap: GapPart
    """The whole difference."""
    parts: tuple[GapPart, ...]
    """Families, the largest first, then what comes from different cut-offs. Their sizes add up to the gap."""
    resamples: int
    """Bootstrap samples behind the intervals."""


@dataclass(frozen=True)
class Neutral:
    """One family drawn from the reference group."""

    name: str
    """The family's id."""
    label: str
    """Its name for people."""
    rate: float
    """Share of the group approved then, 0 to 1: as it is, plus the change."""
    change: float
    """Change of the share approved against values drawn from the group itself, 1 = 100 percentage points."""
    low: float
    """Lower end of the 95 % interval of the change."""
    high: float
    """Upper end."""


@dataclass(frozen=True)
class NeutralResult:
    """What the group's share of approvals would be with one family's signals of the reference group."""

    pair: Pair
    """Who is compared."""
    n_group: int
    """Applications of the group that were scored again."""
    n_reference: int
    """Applications of the reference group that values were drawn from."""
    group_rate: float
    """Share of the group approved by cut-off and rules, 0 to 1."""
    reference_rate: float
    """Share of the reference group, 0 to 1."""
    families: tuple[Neutral, ...]
    """The one that changes most first."""


@dataclass(frozen=True)
class Power:
    """How well a family or signal tells the two groups apart, beside its part of the gap."""

    name: str
    """The family's or signal's id."""
    label: str
    """Its name for people."""
    family: str
    """Of a signal: its family's name for people; "" for a family."""
    auc: float
    """Share of pairs (one of each group) told apart rightly, 0.5 is chance; NaN where it cannot be measured."""
    low: float
    """Lower end of the 95 % interval."""
    high: float
    """Upper end."""
    size: float
    """Its part of the gap, estimate scale."""
    size_low: float
    """Lower end of that part's interval; NaN for a signal."""
    size_high: float
    """Upper end."""


@dataclass(frozen=True)
class ProxyResult:
    """Which families and signals stand close to a protected attribute."""

    pair: Pair
    """Who is compared."""
    n_learnt: int
    """Applications that the small models learnt from."""
    n_measured: int
    """Other applications that they were measured on."""
    together: Power
    """All signals of the model at once."""
    families: tuple[Power, ...]
    """The one that tells most first."""
    signals: tuple[Power, ...]
    """Single signals, the one that tells most first; empty for viewers who see families only."""
    n_signals: int
    """How many signals were measured."""
