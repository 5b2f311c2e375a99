"""Cutting the comparison of two snapshots to what the viewer's policy allows, before it leaves `explainers`.

Applications are those of the viewer's own scope in both; counts of them are shown as they are.
"""

from __future__ import annotations

from dataclasses import replace

from data.policy import Policy
from explainers.compare.versions_result import Shift, SnapshotSide, Swap, VersionsResult
from explainers.precision import step_for, to_step

DIGITS = 4
"""Digits of the drawn scale that figures are rounded to where estimates are no probabilities."""


def disclose(result: VersionsResult, policy: Policy) -> VersionsResult:
    """Return the part of the comparison that an audience may see: means to a tenth where scores are not exact."""
    if policy.exact_scores:
        return result
    step = step_for(result.is_probability, result.high - result.low, DIGITS)
    drivers = tuple(replace(d, here=to_step(d.here, step), there=to_step(d.there, step)) for d in result.drivers)
    return replace(
        result,
        here=_side(result.here, step),
        there=_side(result.there, step),
        drivers=drivers,
        shift=None if result.shift is None else _shift(result.shift, step),
        now_declined=None if result.now_declined is None else _swap(result.now_declined, step),
        now_approved=None if result.now_approved is None else _swap(result.now_approved, step),
    )


def _side(side: SnapshotSide, step: float) -> SnapshotSide:
    return replace(side, mean_estimate=to_step(side.mean_estimate, step))


def _shift(shift: Shift, step: float) -> Shift:
    return replace(shift, mean=to_step(shift.mean, step), mean_size=to_step(shift.mean_size, step))


def _swap(swap: Swap, step: float) -> Swap:
    return replace(swap, moved=tuple((label, to_step(value, step)) for label, value in swap.moved))
