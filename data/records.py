"""Rows of a snapshot as they leave the database."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import numpy as np
import numpy.typing as npt

NO_PARTNER = "all"
"""Stands for the partner in a table that names none."""


@dataclass(frozen=True)
class ApplicationRecord:
    """One application as it was scored."""

    row_no: int
    """Position in the snapshot; the key of all its tables."""
    application_id: str
    """The lender's own number, or the masked one."""
    partner: str
    """The partner it came through."""
    application_date: date | None
    """Day of the application."""
    outcome: int | None
    """1 the outcome happened, 0 it did not, None not known."""
    recorded_decision: str | None
    """"approved" or "declined" as on record; None when the table does not say."""
    raw_score: float | None
    """The model's raw score (log-odds for a probability); None for an audience that sees estimates only."""
    estimate: float
    """The raw score on the outcome's scale; rounded for such an audience."""
    cutoff: float
    """The cut-off that applied, on the estimate's scale."""
    decision: str
    """"approved" or "declined" by the policy rules and the cut-off."""
    stage: str
    """"policy rule", "model" or "review" (a person near the cut-off): where the decision was made."""
    rule_no: int | None
    """Which policy rule of the card declined it."""
    group_no: int
    """Its default comparison group, or the one that stands in for it where the viewer may not see that."""


@dataclass(frozen=True)
class GroupRecord:
    """One comparison group as a viewer may see it."""

    group_no: int
    """Key in the snapshot."""
    name: str
    """"just_approved" or "all_applicants"."""
    rule: str
    """The rule that defines it, in words."""
    cutoff: float | None
    """The cut-off it lies at; None for all applications."""
    band_low: float | None
    """Lowest estimate in it among the applications the viewer may see; None without one."""
    band_high: float | None
    """Highest estimate in it among these."""
    n: int
    """Applications in it."""
    seed: int
    """Seed of the build (groups are whole, never sampled)."""
    as_of: date | None
    """Date of the latest application."""
    content_hash: str
    """SHA-256 over the model and the whole group's encoded rows; "" where the viewer gets a part."""
    baseline: float | None
    """Mean raw score of the group; None for an audience that sees estimates only."""
    own_only: bool
    """Whether it is cut to the viewer's own applications, because too few of others are in it."""


@dataclass(frozen=True, eq=False)
class PatternList:
    """How many rows of a comparison group have which pattern at which leaf of the model, in the order of leaves.

    See `explainers/attribution/README.md` for what a pattern is.
    """

    leaf: npt.NDArray[np.int32] = field(repr=False)
    """Number of the leaf, counted over all trees in the order of the model file, (k,)."""
    pattern: npt.NDArray[np.int64] = field(repr=False)
    """Bit i stands for the i-th distinct signal on the way from the leaf to the root, (k,)."""
    n: npt.NDArray[np.uint32] = field(repr=False)
    """Rows of the group with this pattern at this leaf, (k,)."""
