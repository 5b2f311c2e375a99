"""Cutting slices to what the viewer's policy allows.

Slices are made of signals, so viewers who see families only get none. Viewers of aggregates get no figure over a slice
that is too small, nor one from which such a figure could be subtracted.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TypeVar

from data.policy import Policy
from explainers.slices.result import SliceGap, SlicesResult

R = TypeVar("R", SlicesResult, dict[str, str])


def disclose(result: R, policy: Policy) -> R:
    """Return the part of a result that an audience may see.

    Parameters
    ----------
    result : SlicesResult or dict
        Everything, or what can be cut by.
    policy : Policy
        The viewer's row of the policy table.
    """
    if isinstance(result, SlicesResult):
        if policy.signals != "every signal":
            return replace(result, slices=(), by="")
        return result if policy.groups == "on" else replace(result, slices=_without_small(result))
    return result if policy.signals == "every signal" else {}


def _without_small(result: SlicesResult) -> tuple[SliceGap, ...]:
    """Take the figures out of small slices; one that is hidden alone could be worked out, so another goes with it."""
    hidden = {i for i, one in enumerate(result.slices) if not one.enough}
    if len(hidden) == 1 and result.kind == "chosen":
        others = [i for i in range(len(result.slices)) if i not in hidden]
        hidden |= (
            {min(others, key=lambda i: min(result.slices[i].n_group, result.slices[i].n_reference))}
            if others
            else set()
        )
    return tuple(_hide(one) if i in hidden else one for i, one in enumerate(result.slices))


def _hide(one: SliceGap) -> SliceGap:
    return SliceGap(one.words, one.cohort, -1, -1, *(math.nan,) * 8, enough=False, holds=False)
