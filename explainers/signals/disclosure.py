"""Cutting what is known of a signal to what the viewer's policy allows, before it leaves `explainers`."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any, TypeVar

from data.errors import NotFoundForViewer
from data.policy import Policy
from explainers.precision import TENTH, to_step
from explainers.signals.result import ChoicesResult, FamilyResult, ResponseResult, SignalResult, Step

DIGITS = 2
"""Digits of points on any other scale."""
Shown = TypeVar("Shown", ChoicesResult, FamilyResult, SignalResult, ResponseResult)


def disclose(result: Shown, policy: Policy) -> Shown:
    """Return the part of a result that an audience may see.

    Families are rounded where points are rounded. Figures of one signal go to nobody who sees families only.

    Raises
    ------
    NotFoundForViewer
        The audience does not see single signals.
    """
    if policy.signals == "every signal" and policy.exact_scores:
        return result
    whole: object = result
    cut: Any = None
    if isinstance(whole, FamilyResult):
        cut = _family(whole)
    elif isinstance(whole, ChoicesResult) and whole.families:
        cut = replace(whole, options=tuple(replace(option, mean_abs=0.0) for option in whole.options))
    if cut is None:
        raise no_signal()
    shown: Shown = cut
    return shown


def no_signal() -> NotFoundForViewer:
    """Return the refusal of a signal that a viewer cannot see or that does not exist."""
    return NotFoundForViewer(
        "There is no such signal", "You cannot look at a signal with this name.", "Choose one of the list."
    )


def _family(result: FamilyResult) -> FamilyResult:
    def cut(value: float) -> float:
        return rounded(value, is_probability=result.is_probability)

    return replace(
        result,
        mean_abs=cut(result.mean_abs),
        up_share=round(result.up_share, 2),
        p10=cut(result.p10),
        p90=cut(result.p90),
        steps=tuple(_step(step, is_probability=result.is_probability) for step in result.steps),
    )


def _step(step: Step, *, is_probability: bool) -> Step:
    mean, p10, p90 = (rounded(v, is_probability=is_probability) for v in (step.mean, step.p10, step.p90))
    value = None if step.value is None else round(step.value, 3)
    return replace(step, mean=mean, p10=p10, p90=p90, value=value)


def rounded(value: float, *, is_probability: bool) -> float:
    """Round a move of the estimate as partners see it: a tenth of a point, two digits on any other scale."""
    if not math.isfinite(value) or value == 0:
        return value
    return to_step(value, TENTH) if is_probability else float(f"{value:.{DIGITS}g}")
