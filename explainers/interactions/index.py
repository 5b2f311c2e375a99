"""The interaction index of many pairs at once, for the same rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from explainers.attribution import Codes, Comparison, interactions
from explainers.attribution.pairs import add_deep_pairs

Floats = npt.NDArray[np.float64]
Sides = tuple[Sequence[str], Sequence[str]]
"""Signals of the first and of the second set."""


def pair_values(comparison: Comparison, codes: Codes, pairs: Sequence[Sides]) -> Floats:
    """Return the exact interaction index of every pair for every row.

    The same numbers as from `interactions`, pair by pair. The few leaves that are too deep for tables give the index of
    all pairs of a row at once, so they are asked once a row and not once a pair.

    Parameters
    ----------
    comparison : Comparison
        From `fit_comparison`.
    codes : Codes
        Rows, as the comparison's engine encodes them; n of them.
    pairs : sequence of (sequence of str, sequence of str)
        Names of the signals of both sets; no signal in both.

    Returns
    -------
    ndarray, (pairs, n)
        Raw score.
    """
    shallow = replace(comparison, deep=comparison.deep._replace(leaf=comparison.deep.leaf[:0]))
    found = np.array([interactions(shallow, codes, *sides).values for sides in pairs]).reshape(len(pairs), codes.n)
    if len(comparison.deep.leaf):
        found += _deep(comparison, codes, pairs)
    return found


def _deep(comparison: Comparison, codes: Codes, pairs: Sequence[Sides]) -> Floats:
    """Return the part of the deep leaves, (pairs, n): what each row adds to the sums so far."""
    engine = comparison.engine
    place = {engine.feature_names[column]: at for at, column in enumerate(engine.trees.used)}
    boxes = [np.ix_(*([place[name] for name in side if name in place] for side in sides)) for sides in pairs]
    sums = np.zeros((len(place),) * 2)
    so_far = np.zeros((len(pairs), codes.n + 1))
    for row in range(codes.n):
        add_deep_pairs(
            comparison.deep, engine.forest, engine.book, engine.longest, engine.weights, codes.codes, row, sums
        )
        so_far[:, row + 1] = [sums[box].sum() for box in boxes]
    return np.diff(so_far, axis=1)
