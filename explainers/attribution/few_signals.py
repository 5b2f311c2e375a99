"""What few signals move, asked at the leaves they lead to and at no others."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from explainers.attribution.arrays import Bools, Floats, Ints
from explainers.attribution.comparison import Comparison
from explainers.attribution.contributions import attribute
from explainers.attribution.deep import DeepLeaves, add_deep_contributions, pack_deep
from explainers.attribution.results import Codes
from explainers.attribution.threads import even_runs, run_all
from explainers.attribution.ways import Ways

SOME_LEAVES = 0.4
"""Up to this share of its leaves a model without tables is asked leaf by leaf; above, filling the tables is quicker."""
ROWS_AT_ONCE = 512


def moved_by(comparison: Comparison, codes: Codes, sets: Sequence[Sequence[str]], leaves: Bools) -> Floats:
    """Return what each set of signals moves.

    The same numbers as sums of contributions from `attribute`. Of a model that keeps no tables only the leaves are
    asked on whose way one of these signals is: filling the tables of all would take longer, and much memory.

    Parameters
    ----------
    comparison : Comparison
        From `fit_comparison`.
    codes : Codes
        Rows, as the comparison's engine encodes them; n of them. Signals that are asked at none of the leaves may be
        missing.
    sets : sequence of sequence of str
        Names of signals.
    leaves : ndarray, (leaves,)
        From `leaves_of_sets` for the same sets.

    Returns
    -------
    ndarray, (sets, n)
        Raw score.
    """
    ways, engine = Ways(comparison.engine), comparison.engine
    if leaves.all():
        values = attribute(comparison, codes).values[:, engine.trees.used].T
    else:
        deep = _as_deep(comparison, leaves)
        columns = np.arange(len(engine.trees.used))

        def explain(first: int, end: int) -> Floats:
            out = np.zeros((len(columns), end - first))
            own = np.ascontiguousarray(codes.codes[:, first:end])
            add_deep_contributions(
                deep, engine.forest, engine.book, engine.longest, engine.weights, columns, own, 0, end - first, out
            )
            return out

        runs = even_runs(codes.n, ROWS_AT_ONCE, engine.threads)
        values = np.concatenate(run_all(explain, runs, engine.threads), axis=1)
    return np.array([values[ways.places(names)].sum(axis=0) for names in sets])


def leaves_of_sets(comparison: Comparison, ways: Ways, sets: Sequence[Sequence[str]]) -> Bools:
    """Return the leaves that `moved_by` asks, (leaves,): all of them where the tables are at hand or quicker."""
    found = ways.through([name for names in sets for name in names])
    known = comparison.patterns
    # a file changed by hand may ask for what always holds: patterns of such leaves have fewer bits than their ways
    idle = (ways.counts() != comparison.engine.conditions.signals) & (known.end > known.first)
    if comparison.tables is not None or found.mean() > SOME_LEAVES or (found & idle).any():
        return np.ones(len(found), np.bool_)
    return found


def _as_deep(comparison: Comparison, leaves: Bools) -> DeepLeaves:
    """Return the patterns of some leaves, deep or not, in the form of deep ones."""
    known, deep = comparison.patterns, comparison.deep
    at_deep = {int(leaf): slice(*deep.pattern_start[i : i + 2]) for i, leaf in enumerate(deep.leaf)}

    def patterns(leaf: int) -> tuple[Ints, Ints]:
        if leaf in at_deep:
            own = at_deep[leaf]
            return deep.pattern[own], np.rint(deep.share[own] * comparison.n).astype(np.int64)
        own = slice(known.first[leaf], known.end[leaf])
        return known.pattern[own].astype(np.int64), known.rows[own].astype(np.int64)

    reached = known.end > known.first
    reached[deep.leaf] = True
    chosen = np.flatnonzero(leaves & reached)
    return pack_deep(chosen, [patterns(int(leaf)) for leaf in chosen], comparison.n, comparison.engine.longest)
