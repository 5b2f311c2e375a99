"""What is known of two snapshots side by side: `VersionsResult`. "Here" is the one in force, "there" the other."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class SnapshotSide:
    """One snapshot's part of the comparison."""

    snapshot_id: str
    """The snapshot."""
    label: str
    """For people: "version 4, as of 31 Oct 2026"."""
    n: int
    """Applications of the cohort in it."""
    approved: int
    """Of these, approved."""
    mean_estimate: float
    """Their mean estimate, estimate scale, as precise as the viewer may see it."""
    shares: tuple[float, ...]
    """Share of them in each equal step of the estimate from `VersionsResult.low` to `high`."""


@dataclass(frozen=True)
class DriverShift:
    """How strongly a family moves estimates in both."""

    label: str
    """The family's neutral name."""
    here: float
    """Mean size of its move here, estimate scale; 0 where the model has no such family."""
    there: float
    """Mean size of its move there."""


@dataclass(frozen=True)
class Shift:
    """How the estimates of the same applications differ, here less there."""

    mean: float
    """Mean difference, estimate scale."""
    mean_size: float
    """Mean absolute difference, estimate scale."""
    up: float
    """Share whose estimate is higher here by more than half a step."""
    down: float
    """Share whose estimate is lower here by more than half a step."""
    edges: tuple[float, ...]
    """Limits of the steps, estimate scale, symmetric around zero; what lies outside counts in the end steps."""
    shares: tuple[float, ...]
    """Share of the applications in each step."""


@dataclass(frozen=True)
class Swap:
    """Applications that change sides in one direction."""

    n: int
    """How many."""
    moved: tuple[tuple[str, float], ...]
    """Families with the mean difference of what they moved, here less there, estimate scale; the largest in the
    direction of the swap first. Empty for fewer than the least number."""
    examples: tuple[str, ...]
    """Numbers of some of them, the largest differences first, masked where numbers are."""


@dataclass(frozen=True)
class ReasonChange:
    """Whether the first reason stays, among applications declined in both."""

    n: int
    """Applications declined in both."""
    changed: int
    """Of these, with another family as the first reason."""
    before: str
    """Of the most common change: the first reason there; "" without any change."""
    after: str
    """The first reason here."""
    most_common: int
    """How many changed in this way."""


@dataclass(frozen=True)
class VersionsResult:
    """Two snapshots, or model versions, side by side."""

    snapshot_id: str
    """The snapshot in force: "here"."""
    n: int
    """Applications of the cohort here."""
    n_total: int
    """Applications here that the viewer may see."""
    cohort: str
    """The cohort in words."""
    everyone: bool
    """Whether the cohort has no condition."""
    outcome: str
    """What is estimated."""
    is_probability: bool
    """Whether estimates are probabilities."""
    riskier_up: bool
    """True when a higher estimate speaks against approval."""
    same_model: bool
    """Whether both were scored by the very same model file."""
    here: SnapshotSide
    """The snapshot in force."""
    there: SnapshotSide
    """The other one."""
    low: float
    """Left end of the drawn estimates, estimate scale."""
    high: float
    """Right end of the drawn estimates, estimate scale."""
    drivers: tuple[DriverShift, ...]
    """Every family, the strongest here first."""
    matched: int
    """Applications of the cohort here that are also there, found by their number."""
    least: int
    """Fewer matched applications than this are not summed up for this viewer."""
    shift: Shift | None
    """Differences of the estimates of matched applications; None for fewer than `least`."""
    now_declined: Swap | None
    """Matched applications approved there and declined here; None as for `shift`."""
    now_approved: Swap | None
    """Matched applications declined there and approved here; None as for `shift`."""
    reasons: ReasonChange | None
    """Whether first reasons stay; None as for `shift`, or for fewer than `least` declined in both."""
