"""Cutting the results of Drivers to what the viewer's policy allows, before they leave `explainers`.

Whose applications are summed up is decided before, by `data.scoped`; that there are enough of them, by
`explainers.cohorts.compute.sums_of`. Here signals are taken away from a viewer who sees families only, and
figures get the viewer's precision.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar, cast

from data.policy import Policy
from explainers.drivers import result as r
from explainers.precision import TENTH, step_for, to_step

DIGITS = 2
"""Digits of the largest figure where estimates are no probabilities."""
WHOLE_PERCENT = 0.01

R = TypeVar("R", r.DriversResult, r.SignalsResult, r.AbsenceResult, r.ContrastResult, r.CrossCheckResult)


def disclose(result: R, policy: Policy) -> R:
    """Return the part of a result that an audience may see.

    Parameters
    ----------
    result : DriversResult, SignalsResult, AbsenceResult, ContrastResult or CrossCheckResult
        Everything.
    policy : Policy
        The viewer's row of the policy table.
    """
    if policy.exact_scores and policy.signals == "every signal":
        return result
    return cast(R, _CUT[type(result)](result))


def _drivers(result: r.DriversResult) -> r.DriversResult:
    step = step_for(result.is_probability, max((f.size for f in result.families), default=0.0), DIGITS)
    return replace(result, families=tuple(_driver(f, step) for f in result.families))


def _driver(driver: r.Driver, step: float) -> r.Driver:
    return replace(
        driver,
        size=to_step(driver.size, step),
        mean=to_step(driver.mean, step),
        low=to_step(driver.low, step),
        high=to_step(driver.high, step),
        up=to_step(driver.up, WHOLE_PERCENT),
    )


def _signals(result: r.SignalsResult) -> r.SignalsResult:
    """Keep the approved labels; without figures, and in the card's order, which tells nothing of their weight."""
    return replace(
        result, rows=(), unused=(), half=0, matched=len(result.approved), matched_used=0, find="", names_hidden=True
    )


def _absence(result: r.AbsenceResult) -> r.AbsenceResult:
    def shown(names: tuple[r.Named, ...]) -> tuple[r.Named, ...]:
        return tuple(replace(n, name="") for n in names if n.approved)

    return replace(
        result,
        unused=shown(result.unused),
        found=shown(result.found),
        care=shown(result.care),
        own_list=(),
        model_hash="",
    )


def _contrast(result: r.ContrastResult) -> r.ContrastResult:
    step = step_for(
        result.is_probability, max((max(p.first_size, p.second_size) for p in result.pairs), default=0.0), DIGITS
    )

    def rounded(pair: r.Pair) -> r.Pair:
        figures = (pair.first, pair.second, pair.first_size, pair.second_size)
        return r.Pair(pair.label, *(to_step(figure, step) for figure in figures))

    return replace(result, pairs=tuple(map(rounded, result.pairs)))


def _cross_check(result: r.CrossCheckResult) -> r.CrossCheckResult:
    step = step_for(result.is_probability, max((row.size for row in result.rows), default=0.0), DIGITS)
    lost = TENTH if result.metric == "pairs ranked rightly" else step
    rows = (replace(row, size=to_step(row.size, step), lost=to_step(row.lost, lost)) for row in result.rows)
    return replace(
        result,
        before=to_step(result.before, TENTH),
        rows=tuple(rows),
        agreement=to_step(result.agreement, WHOLE_PERCENT),
    )


_CUT: dict[type, Callable[[Any], Any]] = {
    r.DriversResult: _drivers,
    r.SignalsResult: _signals,
    r.AbsenceResult: _absence,
    r.ContrastResult: _contrast,
    r.CrossCheckResult: _cross_check,
}
