"""What is known of a cohort: `CohortResult`."""

from __future__ import annotations

from dataclasses import dataclass

from data.cohorts import Cohort


@dataclass(frozen=True)
class CohortResult:
    """A cohort, counted."""

    snapshot_id: str
    """The snapshot."""
    cohort: Cohort
    """The conditions."""
    words: str
    """The conditions for people: "declined, Jan 2026 to Mar 2026"."""
    n: int
    """Applications in it."""
    n_total: int
    """Applications the viewer may see."""
    approved: int
    """Of these, approved."""
    known_outcomes: int
    """Of these, with a known outcome."""
    outcomes: int
    """Of those, with the outcome the model estimates."""
    outcome_past: str
    """The outcome, of people it happened to: "did not repay"."""
    mean_estimate: float
    """Mean estimate, the estimate's own scale, as precise as the viewer may see it; NaN when empty."""
    is_probability: bool
    """Whether estimates are probabilities."""
    least: int
    """Fewer applications than this are not summed up for this viewer."""

    @property
    def enough(self) -> bool:
        """Return whether figures over it are shown."""
        return self.n >= self.least
