"""What the Evidence page shows: figures of the tests of reasons, over the applications a viewer may see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from explainers.evidence.reported import ReportedCode

State = Literal["met", "not met", "report only", "not tested"]
"""How a check ended. A check without a threshold is only reported."""


@dataclass(frozen=True)
class Figure:
    """One figure, with its interval where it is known."""

    value: float
    """The figure; its unit stands with the check that uses it."""
    low: float | None
    """Lower end of the 95 % interval; None where none is given."""
    high: float | None
    """Upper end."""
    n: int
    """Applications it is over."""


@dataclass(frozen=True)
class HeldFamily:
    """A family that is named although its value is better than is typical."""

    label: str
    """Neutral name."""
    held: int
    """Applications for which it is held for review."""
    named: int
    """Applications for which it is a reason."""


@dataclass(frozen=True)
class GroupQuality:
    """The quality of reasons for one group of people."""

    attribute: str
    """The protected attribute."""
    value: str
    """The group."""
    reference: bool
    """Whether it is the one that others are compared with."""
    swapped: Figure
    """Share of its applications whose decision the named reasons change in the swap test, 0 to 1."""
    same_first: Figure
    """Share that keeps its strongest reason when values change a little, 0 to 1."""
    explained: float
    """Mean share of what speaks against approval that the reasons make up, 0 to 1."""


@dataclass(frozen=True)
class EvidenceResult:
    """What the tests of reasons found."""

    snapshot_id: str
    """The snapshot."""
    n: int
    """Tested applications that the viewer may see."""
    n_total: int
    """Applications that the viewer may see and the model declined."""
    seed: int
    """Seed of the sample and of everything drawn."""
    figures: Mapping[str, Figure]
    """By name, see `compute`; a figure that was not tested, or over too few applications, is not there."""
    held: tuple[HeldFamily, ...]
    """Families held for review, the most frequent first."""
    groups: tuple[GroupQuality, ...]
    """By protected attribute; none where the viewer may not see groups."""
    reported: tuple[ReportedCode, ...]
    """Reasons that a lender reported, code by code; none where the snapshot holds none."""
    labels: Mapping[str, str]
    """Neutral names of families, by slug."""
    method: str
    """The other comparison group, in words."""
    whole: bool
    """Whether every check is shown; else the three that an outsider sees."""
    least: int
    """Fewer applications than this are not counted for this viewer."""

    def figure(self, name: str) -> Figure | None:
        """Return a figure, None where there is none."""
        return self.figures.get(name)
