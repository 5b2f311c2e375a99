"""How well estimates match what happened: in each tenth of the estimates, the share with the outcome."""

from __future__ import annotations

from dataclasses import dataclass

from data.reader import Reader
from explainers.assurance.intervals import wilson

BINS = 10
ENOUGH = 50
"""A step with fewer known outcomes is not drawn: its interval would cover most of the scale."""


@dataclass(frozen=True)
class ReliabilityStep:
    """One tenth of the applications, ordered by estimate."""

    n: int
    """Applications with a known outcome."""
    outcomes: int
    """How many of them had the outcome."""
    estimate: float
    """Their mean estimate, 0 to 1."""
    low: float
    """Lower end of the 95 % Wilson interval of the share."""
    high: float
    """Upper end of the 95 % Wilson interval of the share."""

    @property
    def share(self) -> float:
        """Return the share that had the outcome."""
        return self.outcomes / self.n

    @property
    def matches(self) -> bool:
        """Return whether the mean estimate lies within the interval of the share."""
        return self.low <= self.estimate <= self.high


@dataclass(frozen=True)
class ReliabilityResult:
    """Estimates against outcomes."""

    snapshot_id: str
    """The snapshot."""
    n: int
    """Applications with a known outcome (not trained on, where the table tells)."""
    n_total: int
    """Applications the viewer may see."""
    outcomes: int
    """How many of the `n` had the outcome."""
    mean_estimate: float
    """Mean estimate of the `n`, 0 to 1."""
    steps: tuple[ReliabilityStep, ...]
    """From the lowest estimates to the highest."""


def compute_reliability(reader: Reader) -> ReliabilityResult | None:
    """Compare estimates with outcomes; None when the estimate is no probability or too little is known."""
    if reader.room.model.link != "sigmoid":
        return None
    rows = reader.outcomes_by_estimate(BINS)
    known = int(rows["n"].sum()) if len(rows) else 0
    if known < ENOUGH:
        return None
    steps = []
    for n, outcomes, estimate in zip(rows["n"], rows["outcomes"], rows["estimate"], strict=True):
        if n >= ENOUGH:
            low, high = wilson(int(outcomes), int(n))
            steps.append(ReliabilityStep(int(n), int(outcomes), float(estimate), low, high))
    if not steps:
        return None
    mean = float((rows["estimate"] * rows["n"]).sum() / known)
    total = int(reader.totals()["n"])
    return ReliabilityResult(reader.snapshot_id, known, total, int(rows["outcomes"].sum()), mean, tuple(steps))
