"""Whether reasons became more or less common since an earlier snapshot: `compute_drift` → `DriftResult`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from statistics import NormalDist

from data.cohorts import Cohort
from data.policy import Policy
from data.reader import Reader
from explainers.assurance.intervals import newcombe
from explainers.cohorts.compute import least_for
from explainers.reasons.frequency import FrequencyResult, compute_frequency

CHANCE = 0.05
"""Chance of calling any family changed when none is, over all families together (Bonferroni)."""


@dataclass(frozen=True)
class FamilyDrift:
    """How common one family is as a reason, then and now."""

    family: str
    """Slug."""
    label: str
    """Neutral name."""
    before: float
    """Share of declined applications of the earlier snapshot, 0 to 1."""
    now: float
    """Share of those since, 0 to 1."""
    low: float
    """Lower end of the interval of the change, −1 to 1; wide enough for all families together."""
    high: float
    """Upper end."""

    @property
    def changed(self) -> bool:
        """Return whether the change is more than chance."""
        return self.low > 0 or self.high < 0


@dataclass(frozen=True)
class DriftResult:
    """Reasons since an earlier snapshot of the same model."""

    snapshot_id: str
    """The snapshot in force."""
    earlier_id: str
    """The earlier one."""
    earlier_as_of: str
    """Its latest application, ISO."""
    n: int
    """Applications the model declined since then."""
    n_before: int
    """Applications the model declined in the earlier snapshot."""
    n_total: int
    """Applications of the snapshot in force that the viewer may see."""
    since: str
    """First month counted as since then, "2026-10"."""
    least: int
    """Fewer declined applications than this on either side are not compared."""
    families: tuple[FamilyDrift, ...]
    """The largest change first; none where there are too few."""


def compute_drift(reader: Reader, earlier: Reader) -> DriftResult | None:
    """Compare how common reasons are since an earlier snapshot with how common they were in it.

    Only applications of later months are counted as "since": the two sides then share none, and chance can be told
    from change.

    Parameters
    ----------
    reader : Reader
        The snapshot in force, opened for a viewer.
    earlier : Reader
        An earlier snapshot of the same model, opened for the same viewer.

    Returns
    -------
    DriftResult or None
        None where applications have no dates, or no later month is there.
    """
    then, now = earlier.manifest.as_of, reader.manifest.as_of
    if then is None or now is None:
        return None
    since = _month_after(date.fromisoformat(then))
    if since > now[:7]:
        return None
    recent, past = compute_frequency(reader, Cohort(first_month=since)), compute_frequency(earlier, Cohort())
    result = DriftResult(
        snapshot_id=reader.snapshot_id,
        earlier_id=earlier.snapshot_id,
        earlier_as_of=then,
        n=recent.n,
        n_before=past.n,
        n_total=recent.n_total,
        since=since,
        least=recent.least,
        families=_changes(recent, past),
    )
    return disclose(result, reader.viewer.policy)


def _month_after(day: date) -> str:
    """Return the first month that lies wholly after a day: the day's own month when it is the month's last."""
    following = day + timedelta(days=1)
    first = following if following.day == 1 else (following.replace(day=1) + timedelta(days=31)).replace(day=1)
    return first.isoformat()[:7]


def _changes(recent: FrequencyResult, past: FrequencyResult) -> tuple[FamilyDrift, ...]:
    pairs = [(now, past.of(now.family)) for now in recent.families]
    z = NormalDist().inv_cdf(1 - CHANCE / (2 * max(len(pairs), 1)))
    found = []
    for now, before in pairs:
        if before is not None and past.n:
            low, high = newcombe((now.among, recent.n), (before.among, past.n), z)
            shares = before.among / past.n, now.among / recent.n
            found.append(FamilyDrift(now.family, now.label, *shares, low, high))
    return tuple(sorted(found, key=lambda f: (-abs(f.now - f.before), f.family)))


def disclose(result: DriftResult, policy: Policy) -> DriftResult:
    """Return the comparison as an audience may see it: none over too few applications."""
    if min(result.n, result.n_before) < least_for(policy):
        return replace(result, families=())
    return result
