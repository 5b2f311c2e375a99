r"""The contributions of one leaf, for all patterns at once.

For one leaf with value v, let p be the pattern of the row to explain and q that of a row of the
comparison group. In a coalition the signals inside take the row's values, the others the comparison
row's. The leaf is reached if the coalition holds all a = |p \ q| signals that only the row satisfies
and none of the b = |q \ p| that only the comparison row satisfies; if some signal is satisfied by
neither, it is never reached. The Shapley value of that game (Lundberg et al. 2020, Algorithm 3) is

    + v (a − 1)! b! / (a + b)!   for each signal only the row satisfies,
    − v a! (b − 1)! / (a + b)!   for each signal only the comparison row satisfies,       (2)

and the contribution against the whole group is the mean over its rows q. That mean needs only the
share c(q) of each pattern q in the group (Nadel and Wettenstein, WOODELF). Put the integral (1) of
`quadrature` into (2), with weights w at points t, and let b(p) be the number of signals p does not satisfy:

    F(p) = Σ { c(q) t^|p \ q| : q satisfies every signal that p does not },   for each point t
    U(p) = v Σ_t F(p) w (1 − t)^b(p) / t
    L(p) = v Σ_t F(p) w (1 − t)^(b(p) − 1) / t
    φ_k(p) = U(p) − L(p without k)                                                        (3)

If p satisfies k, then F(p) − F(p without k) is the part of F(p) from rows q that do not satisfy k, times t,
and (3) is the first line of (2). If not, "p without k" is p itself, U(p) − L(p) has the factor
(1 − t) − 1 = −t, and (3) is the second line. So two numbers per pattern hold the contributions of all signals.

F is filled for all 2^d patterns by d passes, each over one signal:
F(with k) = F(q with k) + t F(q without k), and F(without k) = F(q with k). The first passes are done run by run,
so that the patterns of a long path stay in a near cache.

The Shapley interaction index of two signals (Grabisch and Roubens 1999) comes out in the same way, from

    V_e(p) = v Σ_t F(p) w (1 − t)^(b(p) − e) / t²
    I_kl(p) = V_0(p) − V_1(p without k) − V_1(p without l) + V_2(p without k and l).      (4)

References
----------
S. M. Lundberg et al., "From local explanations to global understanding with explainable AI for trees",
Nature Machine Intelligence 2 (2020): interventional expectation, Algorithm 3.
A. Nadel and R. Wettenstein, "From decision trees to Boolean logic: a fast and unified SHAP algorithm"
(WOODELF): contributions from the counts of patterns.
D. Janzing, L. Minorics and P. Blöbaum, "Feature relevance quantification in explainable AI: a causal
problem", AISTATS 2020: why signals outside the coalition are drawn from the group as they are.
M. Grabisch and M. Roubens, "An axiomatic approach to the concept of interaction among players in
cooperative games", International Journal of Game Theory 28 (1999).
"""

from __future__ import annotations

import numpy as np

from explainers.attribution.arrays import Floats, Ints
from explainers.attribution.jit import kernel
from explainers.attribution.quadrature import POINTS, Quadrature

NEAR_SIGNALS = 10
"""2^10 patterns at 8 points are 64 KiB: they stay near during the passes over so many signals."""
BITS = ((np.arange(256)[:, None] >> np.arange(8)) & 1).astype(np.float64)
"""The eight bits of each byte as numbers to multiply with, lowest first."""


@kernel
def leaf_terms(signals: int, value: float, share: Floats, rule: Quadrature, upper: Floats, lower: Floats) -> None:
    """Fill U and L of formula (3) for all patterns of a leaf with at most 16 signals.

    Parameters
    ----------
    signals : int
        Number d of signals on the path.
    value : float
        The leaf's value v.
    share : ndarray of float64, (2^d,)
        Share c(q) of the comparison group in each pattern.
    rule : Quadrature
        The rule with `POINTS` points.
    upper, lower : ndarray of float64, (2^d,)
        Room for U and L.
    """
    reach = reach_of_patterns(signals, share, rule)
    for pattern in range(1 << signals):
        unmet = signals - count_bits(pattern)
        above = below = 0.0
        for j in range(POINTS):
            above += reach[pattern, j] * rule.first[unmet + 1, j]
            below += reach[pattern, j] * rule.first[unmet, j]
        upper[pattern], lower[pattern] = value * above, value * below


@kernel
def pair_terms(signals: int, value: float, share: Floats, rule: Quadrature, terms: Floats) -> None:
    """Fill V_0, V_1 and V_2 of formula (4), (3, 2^d), for all patterns of a leaf with at most 16 signals."""
    reach = reach_of_patterns(signals, share, rule)
    for pattern in range(1 << signals):
        unmet = signals - count_bits(pattern)
        for e in range(3):
            total = 0.0
            for j in range(POINTS):
                total += reach[pattern, j] * rule.second[unmet + 2 - e, j]
            terms[e, pattern] = value * total


@kernel
def pair_index(terms: Floats, pattern: int, k: int, m: int) -> float:
    """Interaction index of the signals at places k and m of the path, by formula (4)."""
    without_k, without_m = pattern & ~(1 << k), pattern & ~(1 << m)
    result = terms[0, pattern] - terms[1, without_k] - terms[1, without_m] + terms[2, without_k & without_m]
    return float(result)


@kernel
def reach_of_patterns(signals: int, share: Floats, rule: Quadrature) -> Floats:
    """F(p) for all patterns and all points, (2^d, POINTS)."""
    patterns = 1 << signals
    reach = np.empty((patterns, POINTS))
    for pattern in range(patterns):
        for j in range(POINTS):
            reach[pattern, j] = share[pattern]
    near = min(signals, NEAR_SIGNALS)
    for run in range(0, patterns, 1 << near):
        for place in range(near):
            add_signal(place, run, run + (1 << near), rule.point, reach)
    for place in range(near, signals):
        add_signal(place, 0, patterns, rule.point, reach)
    return reach


@kernel
def add_signal(place: int, first: int, end: int, point: Floats, reach: Floats) -> None:
    """Do the pass over one signal for the patterns from `first` to `end`."""
    bit = 1 << place
    for block in range(first, end, 2 * bit):
        for without in range(block, block + bit):
            for j in range(POINTS):
                satisfied, unsatisfied = reach[without + bit, j], reach[without, j]
                reach[without + bit, j] = satisfied + point[j] * unsatisfied
                reach[without, j] = satisfied


@kernel
def count_bits(bits: int | np.int64) -> int:
    """Number of ones in a non-negative number."""
    count = 0
    while bits:
        bits &= bits - 1
        count += 1
    return count


@kernel
def pattern_contributions(
    pattern: int,
    signals: int,
    value: float,
    matching: Ints,
    others: Ints,
    shares: Floats,
    weights: Floats,
    phi: Floats,
) -> None:
    """Fill `phi` by formula (2) itself, for one row's pattern against the comparison group's patterns.

    Parameters
    ----------
    pattern : int
        The row's pattern p.
    signals : int
        Number of signals on the path, up to 62.
    value : float
        The leaf's value v.
    matching : ndarray of int64
        Which of the comparison group's patterns satisfy every signal that p does not.
    others, shares : ndarray
        Distinct patterns of the comparison group and their shares.
    weights : ndarray of float64
        a! b! / (a + b + 1)! at [a, b].
    phi : ndarray of float64
        Room for the contributions: at least `signals`, rounded up to a multiple of 8.
    """
    phi[:] = 0.0
    b = signals - count_bits(pattern)
    against = 0.0
    for index in matching:
        only_row = int(pattern & ~others[index])
        a = count_bits(only_row)
        amount = shares[index] * value
        if b > 0:
            against += amount * weights[a, b - 1]
        if a > 0:
            amount *= weights[a - 1, b]
            for eight in range(0, signals, 8):  # a fixed number at a time lets the processor add them at once
                bits = BITS[(only_row >> eight) & 255]
                for place in range(8):
                    phi[eight + place] += amount * bits[place]
    for place in range(signals):
        if (pattern >> place) & 1 == 0:
            phi[place] = -against
