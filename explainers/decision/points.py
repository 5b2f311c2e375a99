r"""From raw score to percentage points: one number per application scales every contribution.

An application with raw score :math:`f` is compared with a group whose mean raw score is
:math:`f_0`; :math:`p` turns a raw score into the estimate. The exact contributions
:math:`\phi_i` add up to :math:`f - f_0`. People are shown

.. math:: \text{points}_i = \phi_i \cdot \frac{p(f) - p(f_0)}{f - f_0}

the slope of the chord of :math:`p` between the two raw scores (the slope of the curve itself where
:math:`f = f_0`). The slope is positive, the same for every contribution and does not depend on an
order, so signs and ranks stay as they are and the points add up to :math:`p(f) - p(f_0)` exactly.

:math:`p(f_0)` is the estimate at the group's average score, not the average of its estimates.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

CLOSE = 1e-5
"""Below this distance of raw scores the quotient loses digits; the curve's own slope is taken."""
STEP = 1e-4
"""Half width of the central difference; its error is below 1e-9 of the slope for every link."""

Floats = npt.NDArray[np.float64]


def chord_slope(estimate: Callable[[Floats], Floats], raw_score: float, baseline: float) -> float:
    """Return the slope of the chord between two raw scores.

    Parameters
    ----------
    estimate : callable
        Turns raw scores into estimates, shape (n,) to (n,); rising.
    raw_score, baseline : float
        The application's raw score and the comparison group's mean raw score.

    Returns
    -------
    float
        Estimate units per unit of raw score; never negative.
    """
    return float(chord_slopes(estimate, np.array([raw_score]), baseline)[0])


def chord_slopes(estimate: Callable[[Floats], Floats], raw_scores: Floats, baseline: float) -> Floats:
    """Return the slopes of the chords of many applications against one comparison group.

    Parameters
    ----------
    estimate : callable
        Turns raw scores into estimates, shape (n,) to (n,); rising.
    raw_scores : ndarray, (n,)
        The applications' raw scores.
    baseline : float
        The comparison group's mean raw score.

    Returns
    -------
    ndarray, (n,)
        Estimate units per unit of raw score; never negative.
    """
    close = np.abs(raw_scores - baseline) < CLOSE
    middle = (raw_scores + baseline) / 2
    upper = np.where(close, middle + STEP, raw_scores)
    lower = np.where(close, middle - STEP, baseline)
    slopes: Floats = (estimate(upper) - estimate(lower)) / (upper - lower)
    return slopes


def to_points(contributions: Floats, slope: float) -> Floats:
    """Scale contributions (raw score) to the estimate's scale.

    Parameters
    ----------
    contributions : ndarray
        Any shape, raw-score units.
    slope : float
        From `chord_slope`.

    Returns
    -------
    ndarray
        Same shape, estimate units (a share between 0 and 1 for a probability).
    """
    return contributions * slope
