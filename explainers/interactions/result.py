"""What is known of pairs that work together: `PairsResult`, and of one of them `PairResult`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Sample:
    """Which applications were asked, and against which comparison group."""

    n: int
    """Applications in the sample."""
    n_total: int
    """Applications it was taken from: all of the cohort."""
    rule: str
    """How it was taken."""
    cohort: str
    """The cohort in words."""
    group: str
    """The comparison group in words; it is the one that most of the cohort is compared with."""


@dataclass(frozen=True)
class Pair:
    """Two signals, or two families, and how much they do together."""

    first: str
    """Name in the model, or key of the family; the stronger of the two."""
    second: str
    """Name of the other."""
    first_label: str
    """Words for people."""
    second_label: str
    """Words for people."""
    mean_abs: float
    """Mean size of the interaction index, estimate units."""
    mean: float
    """Mean of the index, estimate units; positive: together they raise estimates further."""

    @property
    def key(self) -> str:
        """Return what names the pair in a link."""
        return f"{self.first}*{self.second}"

    @property
    def label(self) -> str:
        """Return the pair for people."""
        return f"{self.first_label} and {self.second_label}"


@dataclass(frozen=True)
class PairsResult:
    """The pairs that do most together."""

    snapshot_id: str
    """The snapshot."""
    sample: Sample
    """What was asked."""
    families: bool
    """Whether pairs are of families; then no signal is named."""
    strongest: int
    """Signals or families whose pairs were looked at: those that move most."""
    of: int
    """Signals or families that the model uses."""
    most_signals: int
    """Signals that stand for a family in this search, at most; 0 for pairs of signals."""
    pairs: tuple[Pair, ...]
    """Every pair looked at, the strongest first."""
    is_probability: bool
    """Whether estimates are probabilities; then points are percentage points."""
    smallest: float
    """Moves smaller than this are called none, estimate units."""

    def named(self, key: str | None) -> Pair | None:
        """Return the pair with a key."""
        return next((pair for pair in self.pairs if pair.key == key), None)


@dataclass(frozen=True)
class Cell:
    """Applications with similar values of both."""

    n: int
    """Applications of the sample."""
    mean: float | None
    """Mean interaction index, estimate units; None for too few applications."""


@dataclass(frozen=True)
class PairResult:
    """What two signals, or two families, do together beyond what each does alone."""

    snapshot_id: str
    """The snapshot."""
    sample: Sample
    """What was asked."""
    families: bool
    """Whether they are families: then the steps are of what each family moved, not of values."""
    pair: Pair
    """The two, with figures over this sample."""
    first_alone: float
    """Mean size of all that the first one moved, estimate units."""
    second_alone: float
    """Mean size of all that the second one moved, estimate units."""
    first_steps: tuple[str, ...]
    """Steps of the first one, ascending, for people."""
    second_steps: tuple[str, ...]
    """Steps of the second one."""
    first_short: tuple[str, ...]
    """Steps of the first one in a few letters, without units."""
    second_short: tuple[str, ...]
    """Steps of the second one in a few letters."""
    first_unit: str
    """Unit of the short steps of the first one; "" without one."""
    second_unit: str
    """Unit of the short steps of the second one."""
    cells: tuple[tuple[Cell, ...], ...]
    """A row for each step of the first, a column for each step of the second."""
    least: int
    """A cell of fewer applications has no mean."""
    is_probability: bool
    """Whether estimates are probabilities."""
    smallest: float
    """Moves smaller than this are called none, estimate units."""
    comparison_sha256: str | None
    """Hash of model and comparison group; None where it is not shown."""
