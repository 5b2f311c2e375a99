"""How often each family is a reason: `compute_frequency` → `FrequencyResult`."""

from __future__ import annotations

from dataclasses import dataclass, replace

from data.cohorts import Cohort
from data.policy import Policy
from data.reader import Reader
from explainers.cohorts.compute import least_for


@dataclass(frozen=True)
class FamilyFrequency:
    """How often one family is a reason."""

    family: str
    """Slug."""
    label: str
    """Neutral name."""
    first: int
    """Applications where it speaks most against approval."""
    among: int
    """Applications where it is one of the principal reasons, at most four."""


@dataclass(frozen=True)
class FrequencyResult:
    """How often each family is a reason, among the declined applications of a cohort."""

    snapshot_id: str
    """The snapshot."""
    n: int
    """Declined applications counted."""
    n_total: int
    """Applications the viewer may see."""
    families: tuple[FamilyFrequency, ...]
    """The most frequent first; none where too few applications are declined."""
    least: int
    """Fewer declined applications than this are not counted for this viewer."""

    def of(self, family: str) -> FamilyFrequency | None:
        """Return the figures of one family."""
        return next((f for f in self.families if f.family == family), None)


def compute_frequency(reader: Reader, cohort: Cohort) -> FrequencyResult:
    """Count how often each family is a reason for the declined applications of a cohort.

    Contributions are the stored ones: each application's own against its default comparison group.

    Parameters
    ----------
    reader : Reader
        The snapshot, opened for a viewer.
    cohort : Cohort
        Which applications; only the declined ones are counted.
    """
    room = reader.room
    sums = room.summaries(replace(cohort, decision="declined"))
    found = sums.reasons()
    families = [
        FamilyFrequency(str(name), room.card.families[str(name)].label, int(row["first"]), int(row["among"]))
        for name, row in found.iterrows()
    ]
    result = FrequencyResult(
        snapshot_id=reader.snapshot_id,
        n=int(sums.counts["n"]),
        n_total=int(reader.totals()["n"]),
        families=tuple(sorted(families, key=lambda f: (-f.among, -f.first, f.family))),
        least=least_for(reader.viewer.policy),
    )
    return disclose(result, reader.viewer.policy)


def disclose(result: FrequencyResult, policy: Policy) -> FrequencyResult:
    """Return the counts as an audience may see them: none over too few applications."""
    return result if result.n >= least_for(policy) else replace(result, families=())
