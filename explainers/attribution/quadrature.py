"""Shapley weights as an integral over the unit interval.

The weight of a coalition in the Shapley value is a product of factorials, and

    a! b! / (a + b + 1)! = ∫₀¹ tᵃ (1 − t)ᵇ dt                                              (1)

(Euler's beta integral). The right side splits into one factor per signal, and that lets sums over all
coalitions be done signal by signal. The integrand is a polynomial of degree a + b, so that
Gauss-Legendre quadrature with J points gives it exactly for a + b ≤ 2 J − 1.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from explainers.attribution.arrays import Floats

POINTS = 8
"""Points of the rule: exact up to 16 signals on a path. Eight numbers are what a processor adds at once."""
MOST_TABLE_SIGNALS = 2 * POINTS
"""Longest path whose patterns are tabled."""


class Quadrature(NamedTuple):
    """A rule with its weights times powers of (1 − t), as formulas (3) and (4) need them."""

    point: Floats
    """Points t in (0, 1), ascending, (points,)."""
    weight: Floats
    """Their weights w, with sum 1, (points,)."""
    first: Floats
    """w (1 − t)^(e − 1) / t at [e, point], for e from 0 to 2 points + 1."""
    second: Floats
    """w (1 − t)^(e − 2) / t² at [e, point], for e from 0 to 2 points + 2."""


def make_quadrature(points: int) -> Quadrature:
    """Make the rule with so many points, exact for paths of up to twice as many distinct signals.

    Parameters
    ----------
    points : int
        Number of points, at least 1.

    Returns
    -------
    Quadrature
        The rule and its factors.

    References
    ----------
    G. H. Golub and J. H. Welsch, "Calculation of Gauss quadrature rules", Mathematics of Computation 23 (1969).
    """
    x, w = np.polynomial.legendre.leggauss(points)
    t, weight = (x + 1.0) / 2.0, w / 2.0
    powers = (1.0 - t) ** np.arange(-2, 2 * points + 1)[:, None]
    return Quadrature(t, weight, weight / t * powers[1:], weight / t**2 * powers)
