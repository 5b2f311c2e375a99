"""What a what-if question answers: the results that screen, document and test share."""

from __future__ import annotations

from dataclasses import dataclass

from explainers.decision.result import DecisionResult


@dataclass(frozen=True)
class EditorRow:
    """One signal that this viewer may change for one application."""

    name: str
    """The signal's name in the model."""
    label: str
    """Its words for people."""
    definition: str
    """What it is."""
    on_file: str
    """The value on file, with its unit, in words."""
    low: float | None
    """Lowest value that may be typed, signal units; None without a limit and for categories."""
    high: float | None
    """Highest value that may be typed; None as above."""
    step: float
    """Distance of allowed values, signal units."""
    levels: dict[str, str]
    """Other levels of a category with their words; empty for numbers."""


@dataclass(frozen=True)
class EditorResult:
    """What may be changed about one application."""

    snapshot_id: str
    """The snapshot."""
    n: int
    """Applications looked at: 1."""
    n_total: int
    """Applications that this viewer may see."""
    application_id: str
    """The number, masked where numbers are."""
    rows: tuple[EditorRow, ...]
    """Signals that may be changed, in the card's order."""
    missing: tuple[str, ...]
    """Labels of signals that could be changed, were there a value on file."""
    ended: tuple[str, ...]
    """Labels of signals that stand at the end of their allowed range."""
    fixed: tuple[str, ...]
    """Labels of signals that the lender's card keeps fixed."""


@dataclass(frozen=True)
class Change:
    """One value that is not as on file."""

    name: str
    """The signal's name in the model."""
    label: str
    """Its words for people."""
    before: str
    """The value on file, in words."""
    after: str
    """The value tried, in words."""
    linked: bool
    """Whether it moved with another one, by the card's links."""


@dataclass(frozen=True)
class FamilyMove:
    """What a change does to the part of one family."""

    family: str
    """The family's id."""
    label: str
    """Its neutral name."""
    before: float
    """Its points as on file, estimate scale."""
    after: float
    """Its points with the changes, estimate scale."""

    @property
    def moved(self) -> float:
        """Return the difference, estimate scale."""
        return self.after - self.before


@dataclass(frozen=True)
class WhatIfResult:
    """One application as on file and with changed values."""

    snapshot_id: str
    """The snapshot."""
    n: int
    """Applications looked at: 1."""
    n_total: int
    """Applications that this viewer may see."""
    question: str
    """The changes as they stand in a link; equal questions have equal texts."""
    original: DecisionResult
    """The decision on file; rounded to `step` like the changed one where the viewer gets rounded estimates."""
    changed: DecisionResult
    """The same with changed values. Its `experience` is None."""
    changes: tuple[Change, ...]
    """Every value that is not as on file, typed ones first."""
    hidden_moves: int
    """Linked signals that moved too, whose labels are not for this audience."""
    moves: tuple[FamilyMove, ...]
    """Families by size of their move, the largest first."""
    step: float | None
    """What estimates are rounded to, estimate scale; None where they are exact."""
    rule_unknown: bool
    """Whether a policy rule on a value outside the model could still decline."""

    @property
    def crossed(self) -> bool:
        """Return whether the decision by the rules and the cut-off is another one."""
        return self.original.decision != self.changed.decision

    @property
    def moved(self) -> float:
        """Return how far the estimate moves, estimate scale."""
        return self.changed.estimate - self.original.estimate
