"""What is known of one signal: `SignalResult`; of one family: `FamilyResult`; of the model itself: `ResponseResult`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from data.card_schema import Unit


@dataclass(frozen=True)
class Option:
    """A signal, or for partners a family, that can be looked at."""

    name: str
    """Name in the model; of a family its key in the card."""
    label: str
    """Words for people, different for every option."""
    mean_abs: float
    """Mean size of what it moved, estimate units; 0 for a signal the model does not use."""
    used: bool
    """Whether the model uses it."""


@dataclass(frozen=True)
class ChoicesResult:
    """What a viewer can choose from, the strongest first."""

    snapshot_id: str
    """The snapshot."""
    n: int
    """Applications behind the order: every one the viewer may see."""
    families: bool
    """Whether the options are families; then no signal is named."""
    options: tuple[Option, ...]
    """Signals or families, by mean size of what they moved, descending."""

    def named(self, label: str) -> Option | None:
        """Return the option with a label."""
        return next((option for option in self.options if option.label == label), None)

    def meant(self, asked: str) -> Option | None:
        """Return the option that a link means, by its label in any case or by its name in the model."""
        by_label = (option for option in self.options if option.label.casefold() == asked.casefold())
        return next(by_label, None) or next((option for option in self.options if option.name == asked), None)


@dataclass(frozen=True)
class Step:
    """Applications whose values lie close together."""

    words: str
    """The values for people: "20 % to under 25 %"."""
    low: float | None
    """Smallest value, included, in the signal's unit; None where it is open or no number."""
    high: float | None
    """First value beyond; None where it is open or no number."""
    value: float | None
    """Mean value; None for a category."""
    n: int
    """Applications."""
    approved: int
    """Of these, approved."""
    mean: float
    """Mean of what the signal moved, estimate units."""
    p10: float
    """10 % of the applications were moved by less, estimate units."""
    p90: float
    """10 % of the applications were moved by more, estimate units."""
    raw: float | None = None
    """Mean contribution in raw score; None where raw scores are not shown."""
    raw_error: float = 0.0
    """Standard error of `raw`."""


@dataclass(frozen=True)
class Bin:
    """A stretch of values with the number of applications in it."""

    low: float
    """Where it begins, in the signal's unit; the first bin also holds everything below."""
    high: float
    """Where it ends; the last bin also holds everything above."""
    n: int
    """Applications."""


@dataclass(frozen=True)
class Trend:
    """Which way the steps go in raw score, allowing for chance.

    Points would mislead here: they shrink where the whole estimate is low, whatever this signal does.
    """

    up: float
    """Largest share of the applications (with a value) in steps that never go down, 0 to 1."""
    down: float
    """Largest share of the applications in steps that never go up, 0 to 1."""
    against: tuple[int, ...]
    """Places of the steps that stand against the declared direction; empty where none is declared."""
    departs: float
    """Share of the applications (with a value) in those steps, 0 to 1."""
    only_scale: bool
    """Whether the points go against the declared direction somewhere although the raw scores do not."""


@dataclass(frozen=True)
class CutLine:
    """What a signal moved among applications with similar values of a second one."""

    words: str
    """The second signal's values for people."""
    n: int
    """Applications."""
    means: tuple[float | None, ...]
    """Mean of what the first signal moved in each of its steps, estimate units; None for too few applications."""


@dataclass(frozen=True)
class Cut:
    """A signal's steps cut by a second signal."""

    name: str
    """The second signal."""
    label: str
    """Its label."""
    lines: tuple[CutLine, ...]
    """Two to four, ascending; categories by how common they are."""


@dataclass(frozen=True)
class SignalResult:
    """How one signal moves the estimate, over every application of a cohort."""

    snapshot_id: str
    """The snapshot."""
    n: int
    """Applications counted: all of the cohort."""
    n_total: int
    """Applications the viewer may see."""
    cohort: str
    """The cohort in words."""
    name: str
    """The signal."""
    label: str
    """Its label."""
    definition: str
    """Its definition."""
    family: str
    """Label of its family."""
    unit: Unit
    """How its values are written."""
    ordered: bool
    """True: values are numbers on a line. False: categories, yes or no."""
    declared: Literal["raises", "lowers", "either"]
    """The card's direction."""
    used: bool
    """Whether the model uses it; if not, nothing below is filled."""
    rank: int
    """Place among the signals the model uses, by mean size, from 1; 0 when not used."""
    n_used: int
    """Signals the model uses."""
    mean_abs: float
    """Mean size of what it moved, estimate units."""
    up_share: float
    """Share of applications whose estimate it raised, 0 to 1."""
    smallest: float
    """Moves smaller than this are called no move, estimate units."""
    steps: tuple[Step, ...]
    """Ascending values; categories from the one that lowers most to the one that raises most."""
    missing: Step | None
    """Applications without a value; None when there are none or too few."""
    missing_words: str
    """What a missing value means."""
    left_out: int
    """Applications in steps too small for an average."""
    bins: tuple[Bin, ...]
    """Where the applications are, for ordered values; empty for categories."""
    trend: Trend | None
    """Which way it goes; None for categories and for fewer than two steps."""
    cut: Cut | None
    """The same by a second signal, when asked for."""
    is_probability: bool
    """Whether estimates are probabilities; then points are percentage points."""
    outcome: str
    """What is estimated."""


@dataclass(frozen=True)
class FamilyResult:
    """How one family of signals moves the estimate, over every application of a cohort; names no signal's values."""

    snapshot_id: str
    """The snapshot."""
    n: int
    """Applications counted: all of the cohort."""
    n_total: int
    """Applications the viewer may see."""
    cohort: str
    """The cohort in words."""
    label: str
    """The family's label."""
    definition: str | None
    """The family's definition."""
    parts: tuple[str, ...]
    """Labels of its signals that are approved for this viewer."""
    n_parts: int
    """All its signals."""
    by: Literal["estimate", "month"]
    """What the steps are: bands of the estimate, or months."""
    steps: tuple[Step, ...]
    """Ascending; `low`, `high` and `value` on the estimate's scale, None for months."""
    left_out: int
    """Applications in steps too small for this viewer, or without a date."""
    rank: int
    """Place among the families by mean size, from 1."""
    n_families: int
    """Families."""
    mean_abs: float
    """Mean size of what it moved, estimate units."""
    up_share: float
    """Share of applications whose estimate it raised, 0 to 1."""
    p10: float
    """10 % of the applications were moved by less, estimate units."""
    p90: float
    """10 % of the applications were moved by more, estimate units."""
    smallest: float
    """Moves smaller than this are called no move, estimate units."""
    is_probability: bool
    """Whether estimates are probabilities."""
    outcome: str
    """What is estimated."""


@dataclass(frozen=True)
class ResponseResult:
    """What the model itself answers when only one signal is changed, on a sample."""

    snapshot_id: str
    """The snapshot."""
    n: int
    """Applications in the sample."""
    n_total: int
    """Applications it was taken from: all of the cohort."""
    rule: str
    """How the sample was taken."""
    name: str
    """The signal."""
    label: str
    """Its label."""
    unit: Unit
    """How its values are written."""
    words: tuple[str, ...]
    """The values it was set to, for people."""
    grid: tuple[float, ...]
    """The same as numbers, ascending; places 0, 1, … for categories."""
    ordered: bool
    """Whether the values are numbers on a line."""
    mean: tuple[float, ...]
    """Partial dependence: mean change of the estimate from the one on file, estimate units."""
    p10: tuple[float, ...]
    """10 % of the applications change by less, estimate units."""
    p90: tuple[float, ...]
    """10 % of the applications change by more, estimate units."""
    ale: tuple[float, ...] | None
    """Accumulated local effects, centred on 0, estimate units; None for categories."""
    declared: Literal["raises", "lowers", "either"]
    """The card's direction."""
    against: int
    """Sampled applications whose estimate anywhere moves against the declared direction."""
    worst: float
    """Largest such move, estimate units; 0 without one."""
    is_probability: bool
    """Whether estimates are probabilities."""
