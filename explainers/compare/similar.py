"""Applications like a given one: `compute_similar` → `SimilarResult`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from data.errors import NotFoundForViewer
from data.neighbours import Neighbours, nearest
from data.policy import Policy
from data.reader import Reader
from explainers.cohorts.compute import sums_of
from explainers.precision import step_for, to_step

SHOWN = 5
"""Similar applications that are shown."""
DIGITS = 3
"""Digits of an estimate that is no probability."""


@dataclass(frozen=True)
class FamilyGap:
    """One family in two applications that are much alike."""

    label: str
    """Its neutral name."""
    here: float
    """What it moved in the application asked for, estimate scale."""
    there: float
    """What it moved in the similar one."""

    @property
    def apart(self) -> float:
        """Return by how much the similar one lies higher, estimate scale."""
        return self.there - self.here


@dataclass(frozen=True)
class Similar:
    """One similar application."""

    application_id: str
    """Its number, masked where numbers are."""
    decision: str
    """"approved" or "declined"."""
    estimate: float
    """Estimate scale, as precise as the viewer may see it."""
    apart: float
    """Mean over families of the absolute difference of what they moved, estimate scale."""
    gaps: tuple[FamilyGap, ...]
    """Every family, the one that differs most first."""


@dataclass(frozen=True)
class SimilarResult:
    """An application and the ones nearest to it in what moved their estimates."""

    snapshot_id: str
    """The snapshot."""
    n: int
    """Applications shown, without the one asked for."""
    n_total: int
    """Applications that were compared: those with the same comparison group."""
    application_id: str
    """The application asked for."""
    decision: Literal["approved", "declined"]
    """What was decided about it."""
    estimate: float
    """Its estimate, as precise as the viewer may see it."""
    is_probability: bool
    """Whether estimates are probabilities."""
    others: tuple[Similar, ...]
    """The nearest first."""


def compute_similar(reader: Reader, application_id: str) -> SimilarResult:
    """Find the applications whose estimates were moved most alike.

    Parameters
    ----------
    reader : Reader
        The snapshot, opened for a viewer.
    application_id : str
        The number, masked where numbers are.

    Raises
    ------
    NotFoundForViewer
        No such application for this viewer, or none that it can be compared with.
    """
    room = reader.room
    record = room.application(application_id)
    found = nearest(sums_of(reader), record.row_no, SHOWN)
    if found is None or found.compared == 0:
        raise NotFoundForViewer(
            "There is nothing to set beside this application",
            "Too few applications were compared with the same group.",
            "Choose another application.",
        )
    result = SimilarResult(
        snapshot_id=reader.snapshot_id,
        n=len(found.rows) - 1,
        n_total=found.compared,
        application_id=record.application_id,
        decision="approved" if record.decision == "approved" else "declined",
        estimate=record.estimate,
        is_probability=room.model.link == "sigmoid",
        others=_others(reader, found),
    )
    return disclose(result, reader.viewer.policy)


def _others(reader: Reader, found: Neighbours) -> tuple[Similar, ...]:
    families = reader.room.card.families
    labels = {name: families[name].label for name in found.points.columns}
    here, numbers = found.points.iloc[0], reader.room.numbers(found.rows["row_no"].tolist()[1:])
    others = []
    for place, number in enumerate(numbers, start=1):
        there, row = found.points.iloc[place], found.rows.iloc[place]
        gaps = [FamilyGap(labels[f], float(here[f]), float(there[f])) for f in labels]
        mean = sum(abs(g.apart) for g in gaps) / max(len(gaps), 1)
        ordered = tuple(sorted(gaps, key=lambda g: (-abs(g.apart), g.label)))
        others.append(Similar(number, str(row["decision"]), float(row["estimate"]), mean, ordered))
    return tuple(others)


def disclose(result: SimilarResult, policy: Policy) -> SimilarResult:
    """Return the part of the result that an audience may see: rounded where scores are not exact."""
    if policy.exact_scores:
        return result
    largest = max(abs(estimate) for estimate in (result.estimate, *(one.estimate for one in result.others)))
    step = step_for(result.is_probability, largest, DIGITS)
    others = tuple(
        replace(
            one,
            estimate=to_step(one.estimate, step),
            apart=to_step(one.apart, step),
            gaps=tuple(replace(g, here=to_step(g.here, step), there=to_step(g.there, step)) for g in one.gaps),
        )
        for one in result.others
    )
    return replace(result, estimate=to_step(result.estimate, step), others=others)
