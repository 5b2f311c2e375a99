"""Which way a signal goes along its values, allowing for chance."""

from __future__ import annotations

import math
from collections.abc import Sequence

from explainers.signals.result import Step, Trend

SURE = 3.0
"""Standard errors of a difference that chance is given: two would be too few, as all pairs of steps are compared."""
FLAT = 0.01
"""A fall smaller than this share of the whole range is none."""


def measure_trend(steps: Sequence[Step], declared: str, smallest: float) -> Trend:
    """Measure how far steps go up or down in raw score, by the applications in them.

    Of all ways to leave steps out so that no other step lies on the wrong side of one before it, the one that leaves
    out the fewest applications counts. A difference that is tiny, or that chance alone explains, is none.

    Parameters
    ----------
    steps : sequence of Step
        Ascending values, at least one, with `raw`.
    declared : {"raises", "lowers", "either"}
        The card's direction.
    smallest : float
        Estimate units: a difference smaller than this, at the scale of these steps, is none.
    """
    raw = [step.raw or 0.0 for step in steps]
    errors = [step.raw_error for step in steps]
    counts = [step.n for step in steps]
    flat = _flat(steps, raw, smallest)
    up, down = (_longest([sign * value for value in raw], errors, counts, flat) for sign in (1.0, -1.0))
    kept = {"raises": up, "lowers": down}.get(declared, tuple(range(len(steps))))
    against, total = tuple(place for place in range(len(steps)) if place not in kept), sum(counts)
    return Trend(
        up=sum(counts[i] for i in up) / total,
        down=sum(counts[i] for i in down) / total,
        against=against,
        departs=sum(counts[i] for i in against) / total,
        only_scale=not against and _points_fall(steps, declared),
    )


def _flat(steps: Sequence[Step], raw: Sequence[float], smallest: float) -> float:
    """Return the difference in raw score that is none: a share of the range, or `smallest` on the same scale."""
    span, means = max(raw) - min(raw), [step.mean for step in steps]
    moved = max(means) - min(means)
    return max(FLAT * span, span * smallest / moved if moved > 0 else 0.0)


def _longest(values: Sequence[float], errors: Sequence[float], counts: Sequence[int], flat: float) -> tuple[int, ...]:
    """Return the places of the values with most applications that never fall below the highest before them."""
    best: dict[int, tuple[int, tuple[int, ...]]] = {}  # by the place of the highest value so far
    for place, value in enumerate(values):
        n, places = max((kept for top, kept in best.items() if values[top] <= value), default=(0, ()))
        for top, (count, kept) in best.items():
            if 0 < values[top] - value <= max(flat, SURE * math.hypot(errors[top], errors[place])):
                best[top] = (count + counts[place], (*kept, place))
        best[place] = (n + counts[place], (*places, place))
    return max(best.values())[1]


def _points_fall(steps: Sequence[Step], declared: str) -> bool:
    """Return whether the points somewhere visibly go against the declared direction."""
    if declared == "either":
        return False
    sign = 1.0 if declared == "raises" else -1.0
    means = [sign * step.mean for step in steps]
    span, top = max(means) - min(means), means[0]
    worst = 0.0
    for mean in means:
        worst, top = max(worst, top - mean), max(top, mean)
    return worst > 2 * FLAT * span > 0
