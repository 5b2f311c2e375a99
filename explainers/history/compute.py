"""What other snapshots say of the same application: `compute_history` → `HistoryResult`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from data.reader import Reader


@dataclass(frozen=True)
class HistoryEntry:
    """One application in one snapshot."""

    snapshot_id: str
    """The snapshot."""
    model: str
    """Name and version of the model."""
    as_of: str | None
    """Date of the snapshot's latest application, ISO; None without dates."""
    number: str
    """Number of the application there, as this viewer sees it."""
    estimate: float
    """Estimate scale, as precise as the viewer may see it."""
    cutoff: float
    """Cut-off that applied, estimate scale."""
    decision: str
    """"approved" or "declined"."""
    is_probability: bool
    """Whether the estimate is a probability."""
    current: bool
    """Whether it is the snapshot in force."""


@dataclass(frozen=True)
class HistoryResult:
    """One application in every snapshot that holds it."""

    snapshot_id: str
    """The snapshot in force."""
    n: int
    """Snapshots that hold it."""
    n_total: int
    """Snapshots looked at."""
    entries: tuple[HistoryEntry, ...]
    """By date, then model; the one in force among them."""


def compute_history(reader: Reader, number: str, others: Sequence[Reader]) -> HistoryResult:
    """Look for one application in other snapshots, by the lender's own number.

    Parameters
    ----------
    reader : Reader
        The snapshot in force, opened for a viewer.
    number : str
        The application.
    others : sequence of Reader
        Other snapshots, opened for the same viewer.

    Raises
    ------
    NotFoundForViewer
        No such application for this viewer in the snapshot in force.
    """
    found = [_entry(reader, number, current=True)]
    for other in others:
        there = reader.number_in(number, other)
        if there is not None:
            found.append(_entry(other, there, current=False))
    ordered = sorted(found, key=lambda e: (e.as_of or "", e.model))
    return HistoryResult(reader.snapshot_id, len(found), 1 + len(others), tuple(ordered))


def _entry(reader: Reader, number: str, *, current: bool) -> HistoryEntry:
    record, manifest = reader.application(number), reader.manifest
    return HistoryEntry(
        snapshot_id=reader.snapshot_id,
        model=f"{manifest.model_name}, version {manifest.model_version}",
        as_of=manifest.as_of,
        number=record.application_id,
        estimate=record.estimate,
        cutoff=record.cutoff,
        decision=record.decision,
        is_probability=reader.is_probability,
        current=current,
    )
