"""Finding slices where two groups differ more, or less, than elsewhere: a shallow tree on one half of the applications.

At each node the tree takes the cut whose two sides differ most in the gap between the groups, measured in standard
errors, so that large and sure differences come first. Every side of every cut is a slice. What is found this way looks
larger than it is, because it was looked for; so each slice is measured anew on the other half, which had no part in
finding it (`confirm`).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]

DEPTH = 3
"""Conditions that a slice has at most."""
LEAST = 100
"""Applications of each of the two groups that a slice needs, on the half it is found on."""
SURE = 0.05
"""Share of confirmed slices that may be chance (Benjamini and Hochberg)."""


@dataclass(frozen=True, eq=False)
class Splitter:
    """Something that applications can be cut by, already in steps."""

    name: str
    """A signal's name, "partner", or a protected attribute."""
    steps: Ints = field(repr=False)
    """Shape (n,): number of the step of each application; −1 without a value."""
    count: int
    """How many steps there are."""
    ordered: bool
    """True for numbers: steps may be cut between; else each step is taken by itself against the others."""


@dataclass(frozen=True)
class Condition:
    """One condition of a slice, in steps of a splitter."""

    name: str
    """The splitter."""
    kind: Literal["from", "below", "is", "is not", "missing", "known"]
    """How its steps are meant."""
    step: int = -1
    """The step at the cut, or the one that is meant."""

    def holds(self, splitter: Splitter) -> Bools:
        """Return which applications meet it."""
        steps = splitter.steps
        found: dict[str, Bools] = {
            "from": steps >= max(self.step, 0),
            "below": (steps >= 0) & (steps < self.step),
            "is": steps == self.step,
            "is not": (steps >= 0) & (steps != self.step),
            "missing": steps < 0,
            "known": steps >= 0,
        }
        return found[self.kind]


@dataclass(frozen=True)
class Gap:
    """The difference of two groups' means of one figure."""

    n_group: int
    """Applications of the group."""
    n_reference: int
    """Applications of the reference group."""
    group: float
    """Mean of the group."""
    reference: float
    """Mean of the reference group."""
    variance: float
    """Squared standard error of the difference."""

    @property
    def size(self) -> float:
        """Return the reference group's mean less the group's."""
        return self.reference - self.group


@dataclass(frozen=True)
class Confirmed:
    """A slice measured on applications that had no part in finding it."""

    conditions: tuple[Condition, ...]
    """All of them hold in the slice."""
    inside: Gap
    """The two groups in the slice."""
    outside: Gap
    """The two groups in all other applications."""
    found_more: float
    """By how much the gap in the slice was larger than elsewhere, on the half it was found on."""
    p_value: float
    """Chance of such a difference between inside and outside if there were none, two-sided."""
    adjusted: float
    """The same for all slices that were found together (Benjamini and Hochberg)."""

    @property
    def more(self) -> float:
        """Return by how much the gap in the slice is larger than elsewhere."""
        return self.inside.size - self.outside.size

    @property
    def nearer(self) -> float:
        """Return the end of the 95 % interval of `more` that is nearer to zero, as a size; 0 where it holds zero."""
        half = 1.959963984540054 * math.sqrt(self.inside.variance + self.outside.variance)
        return max(0.0, abs(self.more) - half)

    @property
    def holds(self) -> bool:
        """Return whether the other half says the same, beyond chance."""
        return self.adjusted <= SURE and self.more * self.found_more > 0


def measure(figure: Floats, group: Bools, within: Bools) -> Gap:
    """Measure the gap between the group and the reference group (all others) in some applications.

    Parameters
    ----------
    figure : ndarray, shape (n,)
        What is compared: 1 or 0 for approved, or an error of estimate.
    group : ndarray, shape (n,)
        Whether an application is of the group.
    within : ndarray, shape (n,)
        Which applications count.

    Returns
    -------
    Gap
        The variance is of the figures with one 0 and one 1 added to either group, so that a group without any
        difference inside is not taken for a sure one (Agresti and Caffo 2000, for shares).
    """
    sides = [figure[within & side] for side in (group, ~group)]
    counts = [len(side) for side in sides]
    means = [float(side.mean()) if len(side) else math.nan for side in sides]
    sums = [np.array([n, float(side.sum()), float((side * side).sum())]) for n, side in zip(counts, sides, strict=True)]
    return Gap(counts[0], counts[1], means[0], means[1], float(sum(_variance(s) for s in sums)))


def _variance(sums: Floats) -> Floats:
    """Return the squared standard error of means from counts, sums and sums of squares, (3, …)."""
    n, total, squares = sums[0] + 2, sums[1] + 1, sums[2] + 1
    mean = total / n
    found: Floats = np.maximum(squares / n - mean * mean, 0.0) / n
    return found


def find_slices(
    figure: Floats, group: Bools, half: Bools, splitters: Sequence[Splitter], least: int = LEAST
) -> list[tuple[Condition, ...]]:
    """Find slices on one half of the applications.

    Parameters
    ----------
    figure, group : ndarray, shape (n,)
        As for `measure`.
    half : ndarray, shape (n,)
        The half to look at.
    splitters : sequence of Splitter
        What to cut by.
    least : int
        Applications of each group that a slice needs.

    Returns
    -------
    list of tuple of Condition
        Each slice's conditions, from the top of the tree down.
    """
    found: list[tuple[Condition, ...]] = []
    waiting: list[tuple[tuple[Condition, ...], Bools]] = [((), half)]
    while waiting:
        path, within = waiting.pop(0)
        for condition in _best_cut(figure, group, within, splitters, least):
            longer = (*path, condition)
            found.append(longer)
            if len(longer) < DEPTH:
                splitter = next(s for s in splitters if s.name == condition.name)
                waiting.append((longer, within & condition.holds(splitter)))
    return found


def _best_cut(
    figure: Floats, group: Bools, within: Bools, splitters: Sequence[Splitter], least: int
) -> tuple[Condition, ...]:
    """Return the two sides of the cut between whose sides the gap differs most surely; none where nothing differs."""
    rows = np.flatnonzero(within)
    value, side = figure[rows], group[rows].astype(np.int64)
    best, sides = 0.0, tuple[Condition, ...]()
    for splitter in splitters:
        steps = splitter.steps[rows]
        tables = _tables(value, side, steps, splitter.count)
        for score, conditions in _cuts(tables, splitter, least):
            if score > best:
                best, sides = score, conditions
    return sides


def _tables(value: Floats, side: Ints, steps: Ints, count: int) -> Floats:
    """Return counts, sums and sums of squares, (3, side, step); the last step is the missing one."""
    cell = side * (count + 1) + np.where(steps < 0, count, steps)
    weights = (None, value, value * value)
    return np.stack([np.bincount(cell, w, 2 * (count + 1)).reshape(2, count + 1) for w in weights]).astype(np.float64)


def _cuts(tables: Floats, splitter: Splitter, least: int) -> Iterator[tuple[float, tuple[Condition, ...]]]:
    """Yield the best cut of each kind with its score: squared difference of the gaps, in standard errors."""
    name, known = splitter.name, tables[:, :, :-1].sum(axis=2)
    score = _score(tables[:, :, -1:], known[:, :, None], least)
    yield float(score[0]), (Condition(name, "missing"), Condition(name, "known"))
    if splitter.count < 2:
        return
    if splitter.ordered:
        below = np.cumsum(tables[:, :, :-1], axis=2)[:, :, :-1]
        score = _score(below, known[:, :, None] - below, least)
        cut = int(score.argmax()) + 1
        yield float(score.max()), (Condition(name, "below", cut), Condition(name, "from", cut))
    else:
        one = tables[:, :, :-1]
        score = _score(one, known[:, :, None] - one, least)
        cut = int(score.argmax())
        yield float(score.max()), (Condition(name, "is", cut), Condition(name, "is not", cut))


def _score(first: Floats, second: Floats, least: int) -> Floats:
    """Return how surely the gap differs between two sides, each (3, side, cuts); 0 where a side holds too few."""
    gaps, variances = [], []
    for part in (first, second):
        mean = part[1] / np.maximum(part[0], 1)
        gaps.append(mean[0] - mean[1])
        variances.append(_variance(part).sum(axis=0))
    enough = np.minimum(first[0], second[0]).min(axis=0) >= least
    found: Floats = np.where(enough, (gaps[0] - gaps[1]) ** 2 / np.maximum(variances[0] + variances[1], 1e-300), 0.0)
    return found


def confirm(
    figure: Floats,
    group: Bools,
    half: Bools,
    splitters: Sequence[Splitter],
    slices: Sequence[tuple[Condition, ...]],
) -> list[Confirmed]:
    """Measure slices on the half they were not found on, and order them by evidence.

    Parameters
    ----------
    figure, group, half : ndarray, shape (n,)
        As for `find_slices`; `half` is the half they were found on.
    splitters : sequence of Splitter
        What was cut by.
    slices : sequence of tuple of Condition
        From `find_slices`.

    Returns
    -------
    list of Confirmed
        The surest first. Slices that hold nobody of a group on this half are left out.

    References
    ----------
    Benjamini, Y. and Hochberg, Y. (1995). Controlling the false discovery rate. JRSS B 57, 289–300.
    """
    by_name = {splitter.name: splitter for splitter in splitters}
    measured = []
    for conditions in slices:
        inside = np.logical_and.reduce([c.holds(by_name[c.name]) for c in conditions])
        gaps = [
            measure(figure, group, part) for part in (~half & inside, ~half & ~inside, half & inside, half & ~inside)
        ]
        if min(g.n_group for g in gaps) and min(g.n_reference for g in gaps):
            measured.append((conditions, gaps))
    p_values = [two_sided(g[0].size - g[1].size, g[0].variance + g[1].variance) for _, g in measured]
    adjusted = benjamini_hochberg(p_values)
    found = [
        Confirmed(conditions, g[0], g[1], g[2].size - g[3].size, p, a)
        for (conditions, g), p, a in zip(measured, p_values, adjusted, strict=True)
    ]
    return sorted(found, key=lambda one: (not one.holds, one.adjusted, -one.nearer, len(one.conditions)))


def two_sided(difference: float, variance: float) -> float:
    """Return the chance of a difference at least as large if there were none."""
    return math.erfc(abs(difference) / math.sqrt(2 * variance)) if variance > 0 else 1.0


def benjamini_hochberg(p_values: Sequence[float]) -> list[float]:
    """Return p-values adjusted for their number, in the order given."""
    n = len(p_values)
    order = np.argsort(p_values)[::-1]
    adjusted, smallest = [1.0] * n, 1.0
    for place, index in enumerate(order):
        smallest = min(smallest, p_values[index] * n / (n - place))
        adjusted[index] = smallest
    return adjusted
