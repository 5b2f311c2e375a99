"""How rows become something LIME can take, and how what LIME draws becomes rows of the model again.

LIME's explainer for tables cannot take a missing value, and a stand-in number for it would be a value that nobody
has, about which the model would be asked. So every signal is a category to LIME:

- a number becomes the quarter of the comparison group it falls in (LIME's own default bins; edges are values
  of the group, an edge belongs to the quarter below it),
- a category stays what it is, one level each,
- missing is a level of its own, in both. A category unseen in training is missing to the model, so it is here.

LIME draws levels; the model never sees them. Each drawn level is turned back into a real value: this
application's own value where its own level was drawn, else a value drawn from those rows of the comparison group
that have that level. So each value the model scores is the application's own or one that occurs in the group.
Keeping the own value (LIME itself would draw another from the same bin) matters for values beyond the group's
range, which are the ones that declined applications have.

LIME draws levels as often as the group has them, with one exception: the application's own level is drawn at
least one time in ten (`LEAST_KEPT`). Without it a level that is rare in the group, or that nobody in it has,
would never be tried, and LIME would find no effect.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from explainers.attribution.arrays import Floats, Ints

LEAST_KEPT = 0.1
"""The application's own level is drawn at least this often."""
MISSING = -1
"""Level of missing values. LightGBM reads negative category codes as missing as well."""


@dataclass(frozen=True, eq=False)
class Levels:
    """One signal of the comparison group, as levels and the values behind them."""

    column: int
    """Column in the model."""
    edges: Floats | None
    """Upper ends of the bins, ascending, the last bin open; None for a category."""
    code: Ints
    """Levels that occur in the group, ascending; `MISSING` for missing."""
    count: Ints
    """Rows of the group in each."""
    start: Ints
    """Where each level's values begin in `values`."""
    values: Floats
    """The group's values, sorted by level, then by value: the order of the rows does not matter."""


def find_levels(values: Floats, column: int, *, category: bool) -> Levels:
    """Sort the group's values of one signal, (m,), into levels."""
    edges = None if category else quarter_edges(values)
    codes = level_of(values, edges)
    order = np.lexsort((values, codes))
    code, start, count = np.unique(codes[order], return_index=True, return_counts=True)
    return Levels(column, edges, code, count, start, values[order])


def quarter_edges(values: Floats) -> Floats:
    """Return up to three values of the group that part it into quarters; missing values do not count.

    No edge is the largest value: nothing would lie above it. Where only the largest value would be left (a signal
    that is the same for three quarters of the group), the next smaller one is the edge.
    """
    known = np.sort(values[~np.isnan(values)])
    if not known.size or known[0] == known[-1]:
        return np.zeros(0)
    edges = np.unique(known[[(len(known) - 1) * quarter // 4 for quarter in (1, 2, 3)]])
    below = edges[edges < known[-1]]
    found: Floats = below if below.size else known[known < known[-1]][-1:]
    return found


def level_of(values: Floats, edges: Floats | None) -> Ints:
    """Return the level of each value, (m,): its bin, its category, or `MISSING`."""
    missing = np.isnan(values) if edges is not None else ~(values > -1)
    known = np.where(missing, 0.0, values)
    level = known.astype(np.int64) if edges is None else np.searchsorted(edges, known, side="left")
    return np.where(missing, MISSING, level)


def draw_shares(level: Levels, own: int) -> tuple[Ints, Floats]:
    """Return the levels of a signal and how often each is drawn; the application's own at least `LEAST_KEPT`."""
    codes, shares = level.code, level.count / level.count.sum()
    if own not in codes:
        codes, shares = np.append(codes, own), np.append(shares, 0.0)
    kept = codes == own
    share = float(shares[kept][0])
    if share < LEAST_KEPT:
        shares = np.where(kept, LEAST_KEPT, shares * (1 - LEAST_KEPT) / (1 - share))
    return codes, shares


def decode(
    levels: Sequence[Levels], drawn: Floats, own: Floats, own_level: Sequence[int], random: np.random.Generator
) -> Floats:
    """Turn drawn levels, (samples, signals given), into rows of the model, (samples, p).

    A signal keeps the application's own value where its own level was drawn, and if LIME was not given the signal.
    """
    rows = np.tile(own, (len(drawn), 1))
    for place, level in enumerate(levels):
        other = np.flatnonzero(drawn[:, place] != own_level[place])
        at = np.searchsorted(level.code, drawn[other, place])
        pick = (random.random(len(other)) * level.count[at]).astype(np.int64)
        rows[other, level.column] = level.values[level.start[at] + pick]
    return rows
