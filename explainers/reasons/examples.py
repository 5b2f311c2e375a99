"""Some applications that have a family among their reasons: `compute_examples` → `ExamplesResult`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from data.cohorts import Cohort
from data.errors import NotFoundForViewer
from data.policy import Policy
from data.reader import Reader
from data.reason_counts import find_with_reason
from explainers.cohorts.compute import least_for

SHOWN = 5
"""Applications listed; each counts as a look-up of its own."""


@dataclass(frozen=True)
class Example:
    """One application with the reason."""

    application_id: str
    """The lender's own number, or the masked one."""
    partner: str
    """The partner it came through."""
    application_date: date | None
    """Day of the application."""
    place: int
    """Place of the family among its reasons, 1 is the strongest."""


@dataclass(frozen=True)
class ExamplesResult:
    """Some applications that have a family among their reasons."""

    snapshot_id: str
    """The snapshot."""
    family: str
    """Slug."""
    label: str
    """Neutral name."""
    n: int
    """Applications with this reason."""
    n_total: int
    """Applications the viewer may see."""
    examples: tuple[Example, ...]
    """Those for which it ranks highest first, then the newest; at most `SHOWN`."""


def compute_examples(reader: Reader, cohort: Cohort, family: str) -> ExamplesResult:
    """List some applications of a cohort that have a family among their principal reasons.

    Parameters
    ----------
    reader : Reader
        The snapshot, opened for a viewer.
    cohort : Cohort
        Which applications; only those the model declined count.
    family : str
        Slug of a family.

    Raises
    ------
    NotFoundForViewer
        No such family, or fewer applications with it than this viewer's figures may be over.
    """
    room = reader.room
    card = room.card.families.get(family)
    if card is None:
        raise NotFoundForViewer("There is no such reason", "The model has no family of this name.", "Choose another.")
    found = find_with_reason(room.summaries(cohort), family, SHOWN)
    n = 0 if found.empty else int(found["n"].iloc[0])
    rows = found["row_no"].tolist()
    examples = tuple(
        Example(number, str(row["partner"]), row["day"], int(row["place"]))
        for number, row in zip(room.numbers(rows), found.to_dict("records"), strict=True)
    )
    result = ExamplesResult(reader.snapshot_id, family, card.label, n, int(reader.totals()["n"]), examples)
    return disclose(result, reader.viewer.policy)


def disclose(result: ExamplesResult, policy: Policy) -> ExamplesResult:
    """Return the list where it is long enough; numbers come masked from the reader, rows from the viewer's scope.

    Raises
    ------
    NotFoundForViewer
        Fewer applications have the reason than this audience's figures may be over.
    """
    if result.n < least_for(policy):
        told = "Too few applications have it among their reasons."
        raise NotFoundForViewer("There is nothing to list", told, "Choose another reason or more applications.")
    return result
