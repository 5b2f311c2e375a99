"""Cutting what is known of a gap to what the viewer's policy allows.

Whose applications count and which groups are told apart is decided before, by `data.protected`. Counts are cut to tens:
which applications take part here may differ by a few from what other pages count, and the few must not be worked out.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar, cast

from data.policy import Policy
from explainers.fairness_drivers.result import GapPart, GapResult, NeutralResult, Pair, Power, ProxyResult
from explainers.precision import step_for, to_step

DIGITS = 2
"""Digits of the largest figure where estimates are no probabilities."""
TENTH = 0.001
TENS = 10.0
HUNDREDTH = 0.01

R = TypeVar("R", Pair, GapResult, NeutralResult, ProxyResult)


def disclose(result: R, policy: Policy) -> R:
    """Return the part of a result that an audience may see.

    Parameters
    ----------
    result : Pair, GapResult, NeutralResult or ProxyResult
        Everything.
    policy : Policy
        The viewer's row of the policy table.
    """
    if policy.exact_scores and policy.signals == "every signal":
        return result
    return cast(R, _CUT[type(result)](result))


def _gap(result: GapResult) -> GapResult:
    sizes = [abs(value) for value in (result.group_mean, result.reference_mean) if not math.isnan(value)]
    step = step_for(result.pair.is_probability, max(sizes, default=1.0), DIGITS)

    def cut(part: GapPart) -> GapPart:
        return replace(
            part, **_rounded(part, ("size", "low", "high"), step), raw=math.nan, raw_low=math.nan, raw_high=math.nan
        )

    return replace(
        result,
        pair=_pair(result.pair),
        group_mean=to_step(result.group_mean, step),
        reference_mean=to_step(result.reference_mean, step),
        gap=cut(result.gap),
        parts=tuple(cut(part) for part in result.parts),
    )


def _neutral(result: NeutralResult) -> NeutralResult:
    figures = ("rate", "change", "low", "high")
    families = (replace(one, **_rounded(one, figures, TENTH)) for one in result.families)
    return replace(
        result,
        pair=_pair(result.pair),
        n_group=int(to_step(result.n_group, TENS)),
        n_reference=int(to_step(result.n_reference, TENS)),
        group_rate=to_step(result.group_rate, TENTH),
        reference_rate=to_step(result.reference_rate, TENTH),
        families=tuple(families),
    )


def _proxies(result: ProxyResult) -> ProxyResult:
    step = step_for(result.pair.is_probability, max((abs(f.size) for f in result.families), default=1.0), DIGITS)

    def cut(one: Power) -> Power:
        told = _rounded(one, ("auc", "low", "high"), HUNDREDTH)
        return replace(one, **told, **_rounded(one, ("size", "size_low", "size_high"), step))

    counts = {name: int(to_step(getattr(result, name), TENS)) for name in ("n_learnt", "n_measured")}
    told = replace(result, pair=_pair(result.pair), n_learnt=counts["n_learnt"], n_measured=counts["n_measured"])
    return replace(
        told, together=cut(result.together), families=tuple(map(cut, result.families)), signals=(), n_signals=0
    )


def _rounded(one: object, names: tuple[str, ...], step: float) -> dict[str, Any]:
    return {name: to_step(getattr(one, name), step) for name in names}


def _pair(result: Pair) -> Pair:
    return replace(result, n_group=to_step(result.n_group, TENS), n_reference=to_step(result.n_reference, TENS))


_CUT: dict[type, Callable[[Any], Any]] = {
    Pair: _pair,
    GapResult: _gap,
    NeutralResult: _neutral,
    ProxyResult: _proxies,
}
