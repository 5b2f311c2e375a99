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


class Quadrature(NamedTuple):
    """Points and weights for every number of points up to the largest needed."""

    point: Floats
    """Points in (0, 1): row J holds the J points of the rule with J points, then zeros."""
    weight: Floats
    """Their weights; each row sums to 1."""


def make_quadrature(most_signals: int) -> Quadrature:
    """Rules for paths of up to `most_signals` distinct signals.

    Parameters
    ----------
    most_signals : int
        Largest number of distinct signals on a path, at least 1.

    Returns
    -------
    Quadrature
        Rules with 0 to ⌈most_signals / 2⌉ points.

    References
    ----------
    G. H. Golub and J. H. Welsch, "Calculation of Gauss quadrature rules", Mathematics of Computation 23 (1969).
    """
    most = (most_signals + 1) // 2
    point, weight = np.zeros((most + 1, most)), np.zeros((most + 1, most))
    for count in range(1, most + 1):
        x, w = np.polynomial.legendre.leggauss(count)
        point[count, :count], weight[count, :count] = (x + 1.0) / 2.0, w / 2.0
    return Quadrature(point, weight)
