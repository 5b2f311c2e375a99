"""What is known of a model's drivers: the results that charts, words and tables are made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Metric = Literal["pairs ranked rightly", "estimate moved"]


@dataclass(frozen=True)
class Driver:
    """A family or a signal, and how it moved estimates."""

    name: str
    """The family's key in the card, or the signal's name."""
    label: str
    """Words for people."""
    family: str
    """Label of its family; of a family its own."""
    size: float
    """Mean size of its contribution, estimate units (0.041 is 4.1 percentage points of a probability)."""
    mean: float
    """Mean contribution with its sign, estimate units."""
    low: float
    """A tenth of the applications lie below, estimate units; NaN where it was not counted."""
    high: float
    """A tenth of the applications lie above, estimate units; NaN where it was not counted."""
    up: float
    """Share of applications whose estimate it raised, 0 to 1."""


@dataclass(frozen=True)
class DriversResult:
    """The families of a model, ranked by how far they move estimates."""

    snapshot_id: str
    """The snapshot."""
    n: int
    """Applications summed up: every one of the cohort."""
    n_total: int
    """Applications the viewer may see."""
    cohort: str
    """The cohort in words."""
    group: str
    """What each application is compared with, in words."""
    is_probability: bool
    """Whether estimates are probabilities, so that figures are percentage points."""
    families: tuple[Driver, ...]
    """Every family with a signal, largest mean size first."""
    half: int
    """The fewest families that carry half of the sum of all mean sizes; 0 when nothing moves."""


@dataclass(frozen=True)
class SignalsResult:
    """Signals of a model: of one family, found by words, or the largest of all."""

    snapshot_id: str
    """The snapshot."""
    n: int
    """Applications summed up: every one of the cohort."""
    n_total: int
    """Applications the viewer may see."""
    cohort: str
    """The cohort in words."""
    is_probability: bool
    """Whether estimates are probabilities, so that figures are percentage points."""
    family: str | None
    """Label of the family asked for; None for every family."""
    definition: str | None
    """What the family means, from the card."""
    find: str
    """The words asked for; empty without."""
    rows: tuple[Driver, ...]
    """Signals the model uses, largest mean size first, cut to what fits one picture; none for families only."""
    matched: int
    """Signals that fit what was asked, used or not."""
    matched_used: int
    """Of these, signals the model uses."""
    unused: tuple[str, ...]
    """Labels of signals that fit but that no tree of the model uses, cut to what fits one line."""
    half: int
    """The fewest signals of the whole model that carry half of the sum of all mean sizes; 0 when not shown."""
    n_signals: int
    """Signals the model could use."""
    approved: tuple[str, ...]
    """Labels approved for partners among those that fit, in the card's order."""
    names_hidden: bool
    """Whether the viewer sees families only, so that `rows` is empty."""


@dataclass(frozen=True)
class Named:
    """A signal by name."""

    name: str
    """The signal; empty where the viewer may not see it."""
    label: str
    """Words for people."""
    approved: bool
    """Whether its label may be shown to partners."""
    basis: str = ""
    """What its name points to, such as "age"; empty for nothing."""


@dataclass(frozen=True)
class AbsenceResult:
    """What a model does not use, and what it must not use."""

    snapshot_id: str
    """The snapshot."""
    n_signals: int
    """Inputs of the model."""
    unused: tuple[Named, ...]
    """Inputs that no tree splits on, in the card's order."""
    n_unused: int
    """How many these are, also where names are hidden."""
    found: tuple[Named, ...]
    """Inputs whose name points to a prohibited basis; none in a sound model."""
    n_found: int
    """How many these are, also where names are hidden."""
    care: tuple[Named, ...]
    """Inputs that are allowed but need care, such as age."""
    n_care: int
    """How many these are, also where names are hidden."""
    own_list: tuple[str, ...]
    """Columns the card itself forbids; empty where names are hidden."""
    n_own_list: int
    """How many columns the card itself forbids."""
    model_hash: str
    """SHA-256 of the model's file whose names were read."""


@dataclass(frozen=True)
class Pair:
    """A family on two sides."""

    label: str
    """Label of the family."""
    first: float
    """Mean contribution on the first side, estimate units."""
    second: float
    """Mean contribution on the second side, estimate units."""
    first_size: float
    """Mean size on the first side, estimate units."""
    second_size: float
    """Mean size on the second side, estimate units."""

    @property
    def gap(self) -> float:
        """Return how far the mean of the first side lies above the second's, estimate units."""
        return self.first - self.second


@dataclass(frozen=True)
class ContrastResult:
    """Two sides of a book: what moves estimates more on one of them."""

    snapshot_id: str
    """The snapshot."""
    n: int
    """Applications of both sides: nothing is sampled."""
    n_total: int
    """Applications the viewer may see."""
    is_probability: bool
    """Whether estimates are probabilities, so that figures are percentage points."""
    first: str
    """The first side in words."""
    second: str
    """The second side in words."""
    n_first: int
    """Applications of the first side."""
    n_second: int
    """Applications of the second side."""
    pairs: tuple[Pair, ...]
    """Every family, largest difference of the means first."""


@dataclass(frozen=True)
class Shuffled:
    """A family whose values were dealt out anew."""

    label: str
    """Label of the family."""
    size: float
    """Mean size of its contribution over the cohort, estimate units."""
    lost: float
    """What its shuffling cost: the fall of the share of pairs ranked rightly (0 to 1), or the mean size of the change
    of the estimate (estimate units)."""


@dataclass(frozen=True)
class CrossCheckResult:
    """A second way of ranking families: shuffle one family's values and see what that costs."""

    snapshot_id: str
    """The snapshot."""
    n: int
    """Applications sampled."""
    n_total: int
    """Applications of the cohort."""
    seed: int
    """Seed of the shuffling; the sample needs none, it is chosen by hashes of the numbers."""
    metric: Metric
    """What was measured."""
    before: float
    """Share of pairs ranked rightly without shuffling, 0 to 1; NaN for the other metric."""
    is_probability: bool
    """Whether estimates are probabilities."""
    rows: tuple[Shuffled, ...]
    """Every family, in the order of its mean size."""
    agreement: float
    """Rank correlation (Spearman) of both orders, −1 to 1; NaN with fewer than three families."""
