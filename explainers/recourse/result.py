"""The smallest changes that bring an estimate across the cut-off: the result that screen, document and test share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from explainers.what_if.result import Change

State = Literal["found", "none", "passes", "rule decides"]
"""found: options are listed; none: no allowed change is enough; passes: the estimate passes as it is; rule decides: a
policy rule declined it, the options (if any) are for the estimate alone."""


@dataclass(frozen=True)
class Option:
    """One set of changes."""

    changes: tuple[Change, ...]
    """One to three values to change, and then the ones that move along."""
    question: str
    """The same as text for a link."""
    hidden_moves: int
    """Values that move along whose labels are not for this audience."""
    effort: float
    """Sum over the changed values of the share of applications passed by, 0 to 3."""
    estimate: float | None
    """The model's own estimate with these changes; None for an audience that sees rounded estimates only."""


@dataclass(frozen=True)
class RuleNote:
    """The policy rule that declined an application."""

    reason: str
    """Its reason."""
    label: str | None
    """The signal it looks at; None where that is no signal of the model or not for this audience."""
    changeable: bool
    """Whether the card lets that signal change."""


@dataclass(frozen=True)
class Neighbour:
    """A real approved application close to this one in the model's eyes."""

    compared: int
    """Approved applications it was chosen from; all that this viewer may see."""
    differences: tuple[Change, ...]
    """The largest differences in words: `before` is this application, `after` the other. At most four."""
    same: int
    """Signals with the same value, of those shown to this audience."""


@dataclass(frozen=True)
class RecourseResult:
    """What would bring one estimate to the passing side of the cut-off."""

    snapshot_id: str
    """The snapshot."""
    n: int
    """Applications looked at: 1."""
    n_total: int
    """Applications that this viewer may see."""
    application_id: str
    """The number, masked where numbers are."""
    state: State
    """What was found."""
    options: tuple[Option, ...]
    """At most three, least effort first; none moves all that a better one moves, typed or linked."""
    scale: Literal["probability", "outcome"]
    """How estimates are written."""
    riskier_up: bool
    """True when a higher estimate speaks against approval."""
    cutoff: float
    """Estimate scale."""
    searched: int
    """Combinations of signals looked at."""
    full: bool
    """Whether every combination of up to three allowed changes was searched, so that nothing smaller exists."""
    full_size: int
    """Otherwise: every combination of up to so many was."""
    open_signals: int
    """Signals that may be changed."""
    population: int
    """Applications that effort is measured with; 0 where they are too few and effort is a share of the range."""
    rule: RuleNote | None
    """The policy rule that declined it, if one did."""
    neighbour: Neighbour | None
    """An approved application like it; None where there is none or it was not asked for."""
