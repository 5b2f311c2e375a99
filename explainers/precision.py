"""How finely an audience sees figures whose exact scores are not for it: one rule for every topic.

The step is never a multiple of a figure itself: a value rounded to a hundredth of itself is still the exact value.
"""

from __future__ import annotations

import math

TENTH = 0.001
"""A tenth of a percentage point, on the scale of a probability."""


def step_for(is_probability: bool, size: float, digits: int) -> float:
    """Return the step that figures are rounded to.

    Parameters
    ----------
    is_probability : bool
        Probabilities are rounded to a tenth of a percentage point.
    size : float
        On any other scale: the largest figure, or the length of the scale; its own units.
    digits : int
        Digits of `size` that are kept there.

    Returns
    -------
    float
        A power of ten on any scale that is no probability's: it tells no more of `size` than its magnitude.
    """
    return TENTH if is_probability else 10.0 ** (math.floor(math.log10(max(size, 1e-12))) - digits + 1)


def to_step(value: float, step: float) -> float:
    """Return a figure rounded to a step; one that is not known stays so."""
    return value if math.isnan(value) else round(round(value / step) * step, 12)
