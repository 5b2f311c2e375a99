"""Rows of a snapshot as they leave the database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class ApplicationRecord:
    """One application as it was scored."""

    row_no: int
    """Position in the snapshot; the key of all its tables."""
    application_id: str
    """The lender's own number."""
    partner: str
    """The partner it came through."""
    application_date: date | None
    """Day of the application."""
    outcome: int | None
    """1 the outcome happened, 0 it did not, None not known."""
    recorded_decision: str | None
    """"approved" or "declined" as on record; None when the table does not say."""
    raw_score: float
    """The model's raw score (log-odds for a probability)."""
    estimate: float
    """The raw score on the outcome's scale."""
    cutoff: float
    """The cut-off that applied, on the estimate's scale."""
    decision: str
    """"approved" or "declined" by the policy rules and the cut-off."""
    stage: str
    """"policy rule" or "model": where the decision was made."""
    rule_no: int | None
    """Which policy rule of the card declined it."""
    group_no: int
    """Its default comparison group."""


@dataclass(frozen=True)
class GroupRecord:
    """One comparison group as stored."""

    group_no: int
    """Key in the snapshot."""
    name: str
    """"just_approved" or "all_applicants"."""
    rule: str
    """The rule that defines it, in words."""
    cutoff: float | None
    """The cut-off it lies at; None for all applications."""
    band_low: float | None
    """Lowest estimate in it."""
    band_high: float | None
    """Highest estimate in it."""
    n: int
    """Applications in it."""
    seed: int
    """Seed of the build (groups are whole, never sampled)."""
    as_of: date | None
    """Date of the latest application."""
    content_hash: str
    """SHA-256 over the model and the group's encoded rows."""
    baseline: float
    """Mean raw score of the group."""
