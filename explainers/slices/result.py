"""What is known of slices: parts of the applications in which two groups are compared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from explainers.fairness_drivers.result import Pair


@dataclass(frozen=True)
class SliceGap:
    """Two groups in one slice."""

    words: str
    """The slice in words: "Income from $40,000 to $60,000"."""
    cohort: str
    """Text of the cohort that is the same applications; "" where there is none (a protected attribute is in it)."""
    n_group: int
    """Applications of the group in the slice."""
    n_reference: int
    """Applications of the reference group."""
    group: float
    """Share of the group approved, or its mean error of estimate (outcome less estimate); NaN with too few."""
    reference: float
    """The same of the reference group."""
    size: float
    """Reference group less group: above zero the group is approved less often, or its estimates are more too high."""
    low: float
    """Lower end of the 95 % interval of `size`."""
    high: float
    """Upper end."""
    more: float
    """`size` less the same of all other applications."""
    p_value: float
    """Chance of such a `more` if there were none, two-sided; NaN with too few."""
    adjusted: float
    """The same for all slices shown together (Benjamini and Hochberg); NaN with too few."""
    enough: bool
    """Whether there are enough applications to judge."""
    holds: bool
    """Whether the gap differs from elsewhere beyond chance; a found slice also where it was not looked for."""


@dataclass(frozen=True)
class SlicesResult:
    """Slices of some applications, compared."""

    pair: Pair
    """Who is compared."""
    kind: Literal["chosen", "found"]
    """Chosen by a person, or found on one half and measured on the other."""
    figure: Literal["approval", "error"]
    """What is compared: approvals, or errors of estimates where outcomes are known."""
    by: str
    """Of chosen slices: what cuts them, in words; of found ones what was looked at."""
    slices: tuple[SliceGap, ...]
    """Chosen ones in their own order; found ones by evidence, the surest first."""
    n: int
    """Applications of both groups that were looked at."""
    n_possible: int
    """Applications of both groups there are; more than `n` where a sample was taken."""
    overall: float
    """The gap over everything measured: reference group less group; NaN with too few."""
    overall_low: float
    """Lower end of its 95 % interval."""
    overall_high: float
    """Upper end."""
    n_looked: int
    """How many signals and attributes were looked at; 1 for chosen slices."""
    least: int
    """Applications of each group that a slice needs."""
