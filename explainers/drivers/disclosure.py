"""Cutting the results of Drivers to what the viewer's policy allows, before they leave `explainers`.

Whose applications are summed up is decided before, by `data.scoped`; that there are enough of them, by
`explainers.cohorts.compute.sums_of`. Here signals are taken away from a viewer who sees families only, and
figures get the viewer's precision.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any, TypeVar, cast

from data.policy import Policy
from explainers.drivers import result as r

TENTH = 0.001
"""A tenth of a percentage point, on the scale of a probability."""
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
    step = _step(result.is_probability, (f.size for f in result.families))
    return replace(result, families=tuple(_driver(f, step) for f in result.families))


def _driver(driver: r.Driver, step: float) -> r.Driver:
    return replace(
        driver,
        size=_round(driver.size, step),
        mean=_round(driver.mean, step),
        low=_round(driver.low, step),
        high=_round(driver.high, step),
        up=_round(driver.up, WHOLE_PERCENT),
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
    step = _step(result.is_probability, (max(p.first_size, p.second_size) for p in result.pairs))

    def rounded(pair: r.Pair) -> r.Pair:
        figures = (pair.first, pair.second, pair.first_size, pair.second_size)
        return r.Pair(pair.label, *(_round(figure, step) for figure in figures))

    return replace(result, pairs=tuple(map(rounded, result.pairs)))


def _cross_check(result: r.CrossCheckResult) -> r.CrossCheckResult:
    step = _step(result.is_probability, (row.size for row in result.rows))
    lost = TENTH if result.metric == "pairs ranked rightly" else step
    rows = (replace(row, size=_round(row.size, step), lost=_round(row.lost, lost)) for row in result.rows)
    return replace(
        result,
        before=_round(result.before, TENTH),
        rows=tuple(rows),
        agreement=_round(result.agreement, WHOLE_PERCENT),
    )


_CUT: dict[type, Callable[[Any], Any]] = {
    r.DriversResult: _drivers,
    r.SignalsResult: _signals,
    r.AbsenceResult: _absence,
    r.ContrastResult: _contrast,
    r.CrossCheckResult: _cross_check,
}


def _step(is_probability: bool, sizes: Iterable[float]) -> float:
    """Return the step figures are rounded to; where estimates are no probabilities, two digits of the largest."""
    if is_probability:
        return TENTH
    return float(10.0 ** (math.floor(math.log10(max([*sizes, 1e-12]))) - 1))


def _round(value: float, step: float) -> float:
    return value if math.isnan(value) else round(round(value / step) * step, 12)
