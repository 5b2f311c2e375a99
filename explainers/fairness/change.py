"""The same attribute in two snapshots: did a ratio change by more than chance?"""

from __future__ import annotations

import math
from dataclasses import replace

import pandas as pd
from scipy.stats import false_discovery_control, norm

from data.cohorts import EVERYONE, Cohort
from data.policy import Policy
from data.reader import Reader
from explainers.assurance.intervals import Z95
from explainers.fairness.compute import compute_fairness
from explainers.fairness.result import Change, ChangeResult, Line


def compute_change(reader: Reader, earlier: Reader, name: str) -> ChangeResult:
    """Compare the ratios of an observed attribute with those of an earlier snapshot.

    Where this snapshot goes on after the earlier one's last month, only the later applications are counted here: the
    two samples are separate then, and the change is tested. Else both hold the same applications, and it is not.

    Parameters
    ----------
    reader, earlier : Reader
        Both opened for the same viewer.
    name : str
        The attribute.

    Raises
    ------
    NotFoundForViewer
        As `compute_fairness`, for either.
    """
    after = _after(earlier) if reader.viewer.policy.groups == "on" else None
    cohort = Cohort(first_month=after) if after else EVERYONE
    here, there = compute_fairness(reader, cohort), compute_fairness(earlier)
    separate = after is not None and here.n > 0
    if not separate:
        here = compute_fairness(reader)
    now, before = here.attribute(name), there.attribute(name)
    same = now.reference == before.reference
    old = {line.value: line for line in before.compared} if same else {}
    reference = {a: next((x for x in a.lines if x.is_reference), None) for a in (now, before)}
    changes = [
        _change(line, old[line.value], reference[now], reference[before], separate=separate)
        for line in now.compared
        if line.value in old and line.approved and old[line.value].approved
    ]
    if separate and changes:
        adjusted = false_discovery_control([c.adjusted for c in changes])
        changes = [_with(c, float(a)) for c, a in zip(changes, adjusted, strict=True)]
    result = ChangeResult(
        snapshot_id=reader.snapshot_id,
        other_id=earlier.snapshot_id,
        label=now.label,
        reference=now.reference,
        separate=separate,
        n=here.n,
        n_total=here.n_total,
        changes=tuple(changes),
    )
    return disclose(result, reader.viewer.policy)


def disclose(result: ChangeResult, policy: Policy) -> ChangeResult:
    """Return the change as an audience may see it: of aggregates it is made of two results that are cut already."""
    return result if policy.groups == "on" or not result.separate else replace(result, changes=())


def _change(line: Line, old: Line, reference: Line | None, before: Line | None, *, separate: bool) -> Change:
    relative = line.ratio / old.ratio
    if not separate or reference is None or before is None:
        return Change(line.value, line.ratio, old.ratio, relative, math.nan, math.nan, math.nan)
    error = math.sqrt(sum(1 / x.approved - 1 / x.n for x in (line, old, reference, before)))
    middle = math.log(relative)
    chance = 2 * float(norm.sf(abs(middle) / error)) if error else 1.0
    ends = (math.exp(middle - Z95 * error), math.exp(middle + Z95 * error))
    return Change(line.value, line.ratio, old.ratio, relative, *ends, chance)


def _with(change: Change, adjusted: float) -> Change:
    return replace(change, adjusted=adjusted)


def _after(earlier: Reader) -> str | None:
    """Return the month after an earlier snapshot's last one; None where it has no dates."""
    last = earlier.totals()["last_day"]
    if pd.isna(last):
        return None
    year, month = (last.year, last.month + 1) if last.month < 12 else (last.year + 1, 1)
    return f"{year:04d}-{month:02d}"
