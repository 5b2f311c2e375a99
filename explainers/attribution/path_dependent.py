"""Path-dependent contributions, for comparison with other tools only.

Here a signal outside the coalition follows the training rows: at each split on it, both ways count by
the share of training rows that took them. LightGBM's `pred_contrib` and most tools show this value.
It mixes the model with the training data and can give weight to signals the model's score does not
depend on (Janzing et al. 2020), so Candor never uses it for reasons.

At one leaf, signals outside the coalition satisfy their conditions independently, each with
its share s. F of formula (3) in `leaves` is then a product: s + t (1 − s) for each signal the row
satisfies, and s for each it does not. No table is needed at any depth.

References
----------
S. M. Lundberg et al., "From local explanations to global understanding with explainable AI for trees",
Nature Machine Intelligence 2 (2020): tree path-dependent expectation, Algorithm 1.
"""

from __future__ import annotations

import numpy as np

from explainers.attribution.arrays import CodeMatrix, Floats, Ints
from explainers.attribution.codes import CodeBook
from explainers.attribution.jit import kernel
from explainers.attribution.paths import Path, empty_path, read_path, row_patterns
from explainers.attribution.quadrature import Quadrature
from explainers.attribution.trees import Forest


@kernel
def add_path_dependent(
    forest: Forest,
    book: CodeBook,
    rule: Quadrature,
    longest: int,
    columns: Ints,
    codes: CodeMatrix,
    first: int,
    end: int,
    out: Floats,
) -> None:
    """Add the path-dependent contributions of all leaves to rows `first` to `end` of `out`."""
    path = empty_path(longest, book)
    patterns = np.empty(end - first, np.int64)
    phi = np.empty(longest)
    for leaf in range(len(forest.leaf_value)):
        signals = read_path(leaf, forest, book, path)
        if signals == 0:
            continue
        row_patterns(codes, first, end, path, signals, patterns)
        for row in range(first, end):
            product_contributions(patterns[row - first], signals, forest.leaf_value[leaf], path, rule, phi)
            for place in range(signals):
                out[columns[path.signal[place]], row] += phi[place]


@kernel
def product_contributions(pattern: int, signals: int, value: float, path: Path, rule: Quadrature, phi: Floats) -> None:
    """Fill `phi` by formulas (1) and (2), with F a product of one factor per signal."""
    phi[:signals] = 0.0
    for t, weight in zip(rule.point, rule.weight):  # noqa: B905 - the compiler knows no `strict`
        product = value * weight
        for place in range(signals):
            share = path.share[place]
            satisfied = (pattern >> place) & 1
            product *= share + t * (1.0 - share) if satisfied else share * (1.0 - t)
        for place in range(signals):
            share = path.share[place]
            if (pattern >> place) & 1:
                phi[place] += product / (share + t * (1.0 - share)) * (1.0 - share)
            else:
                phi[place] -= product / (1.0 - t)
