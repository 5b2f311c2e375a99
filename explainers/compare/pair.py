"""Two applications side by side: `compute_pair` → `PairResult`. Made from two decisions as the viewer may see them."""

from __future__ import annotations

from dataclasses import dataclass

from explainers.decision.result import DecisionResult, FamilyShare


@dataclass(frozen=True)
class ValuePair:
    """One signal's value in both applications."""

    label: str
    """The signal's words for people."""
    first: str
    """The first application's value, in words."""
    second: str
    """The second one's."""


@dataclass(frozen=True)
class FamilyDifference:
    """One family in both applications, against the same comparison group."""

    family: str
    """The family's id in the card."""
    label: str
    """Its neutral name."""
    first: float
    """What it moved in the first application, estimate scale."""
    second: float
    """What it moved in the second one."""
    value: ValuePair | None
    """The signal of it that differs most between the two and that this audience may see; None without one."""

    @property
    def apart(self) -> float:
        """Return by how much the second lies above the first, estimate scale."""
        return self.second - self.first


@dataclass(frozen=True)
class PairResult:
    """Two applications, explained against the same comparison group."""

    snapshot_id: str
    """The snapshot."""
    n: int
    """Applications explained: 2."""
    n_total: int
    """Applications the viewer may see."""
    first: DecisionResult
    """The first application, cut to the viewer's policy."""
    second: DecisionResult
    """The second one, against the first one's comparison group."""
    differences: tuple[FamilyDifference, ...]
    """Every family, the one that differs most first."""

    @property
    def apart(self) -> float:
        """Return the difference of the two estimates: what all differences add up to, but for rounding."""
        return self.second.estimate - self.first.estimate


def compute_pair(first: DecisionResult, second: DecisionResult) -> PairResult:
    """Put two decisions side by side.

    Parameters
    ----------
    first, second : DecisionResult
        From `compute_decision`, of one snapshot and against the same comparison group.

    Raises
    ------
    ValueError
        The snapshots or the comparison groups differ: their parts would not add up to the difference.
    """
    same = first.snapshot_id == second.snapshot_id
    if not same or first.comparison.content_hash != second.comparison.content_hash:
        raise ValueError("two decisions compare only within a snapshot and against the same comparison group")
    others = {f.family: f for f in second.families}
    pairs = [(f, others[f.family]) for f in first.families]
    differences = [FamilyDifference(f.family, f.label, f.points, o.points, _value(f, o)) for f, o in pairs]
    return PairResult(
        snapshot_id=first.snapshot_id,
        n=2,
        n_total=first.n_total,
        first=first,
        second=second,
        differences=tuple(sorted(differences, key=lambda d: (-abs(d.apart), d.family))),
    )


def _value(first: FamilyShare, second: FamilyShare) -> ValuePair | None:
    """Return the signal that stands for a family: the one whose points differ most, else its leading one."""
    others = {s.name: s for s in second.signals}
    shared = [(s, others[s.name]) for s in first.signals if s.name in others and others[s.name].value != s.value]
    if not shared:
        return None
    sized = [(abs((o.points or 0.0) - (s.points or 0.0)), s, o) for s, o in shared]
    known = all(s.points is not None for s, _ in shared)
    if not known:  # without points the order would tell what the audience may not see: take the card's approved lead
        leads = {share.leading.name for share in (first, second) if share.leading is not None}
        sized = [(float(s.name in leads), s, o) for _, s, o in sized]
    _, s, o = max(sized, key=lambda one: one[0])
    return ValuePair(s.label, s.value, o.value)
