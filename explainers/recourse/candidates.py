"""The values worth trying: of each actionable signal, the nearest allowed value past each of the model's thresholds.

Between two thresholds every value has the same estimate, so the one nearest to the value on file stands for all. That
loses nothing: the search over these values is a search over all allowed values.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from data.card_schema import Card
from explainers.attribution.arrays import Floats
from explainers.attribution.codes import ZERO, CodeBook
from explainers.attribution.engine import Engine
from explainers.what_if.changes import SLACK, Allowed, Value, is_missing, link_of, linked_moves, may_move

LEVEL_EFFORT = 0.5
"""Effort of another level of a category: as far as from the lowest value to the middle one."""
TIE = 1e-6
"""Among values that are equally common, the smaller change is the lesser effort."""
ENOUGH = 30
"""With fewer applications there are no percentiles; effort is then the share of the range that is moved."""
Codes = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Population:
    """How common values are, to measure effort with."""

    n: int
    """Applications counted."""
    n_total: int
    """Applications the viewer may see."""
    values: Mapping[str, Floats]
    """By signal: values below which equally spaced shares of the applications lie, ascending."""

    def below(self, name: str, values: Floats) -> Floats:
        """Return the share of applications below each value, those with the same value half counted."""
        steps = self.values[name]
        return (np.searchsorted(steps, values, "left") + np.searchsorted(steps, values, "right")) / (2 * len(steps))


@dataclass(frozen=True)
class Variable:
    """One way to change one signal."""

    name: str
    """The signal."""
    values: tuple[Value, ...]
    """Candidate values, least effort first; the value on file is not among them."""
    effort: Floats
    """Effort of each, in shares of the population, rising."""
    codes: Mapping[int, Codes]
    """By engine signal that moves: its code for the value on file and for each candidate."""


def make_variables(
    card: Card, engine: Engine, row: Mapping[str, Any], allowed: Mapping[str, Allowed], population: Population
) -> list[Variable]:
    """Return every way in which an application's estimate could be changed.

    Parameters
    ----------
    card : Card
        Holds the links.
    engine : Engine
        Knows the model's thresholds.
    row : mapping
        Values on file by signal.
    allowed : mapping
        From `allowed_changes`.
    population : Population
        Measures effort.
    """
    index = {engine.feature_names[column]: i for i, column in enumerate(engine.book.column)}
    made = []
    for one in allowed.values():
        for values in _ways(card, engine.book, index, row, one):
            variable = _variable(card, engine, index, row, one, values, population)
            if variable is not None:
                made.append(variable)
    return made


def _ways(
    card: Card, book: CodeBook, index: Mapping[str, int], row: Mapping[str, Any], one: Allowed
) -> Iterator[Sequence[Value]]:
    """Yield candidate values upwards, downwards, or level by level, nearest first."""
    if one.levels:
        yield from ([level] for level in one.levels)
        return
    old = float(one.value)
    marks = _marks(card, book, index, row, one)
    low, high = one.ends
    near = np.array([m for m in marks if low - one.step <= m <= high + one.step])
    steps = np.unique(np.floor((near - one.origin) / one.step)[:, None] + np.arange(-1, 3)[None, :])
    grid = [v for v in (one.on_grid(int(k)) for k in steps) if low <= v <= high]
    yield [v for v in grid if v > old]
    yield [v for v in reversed(grid) if v < old]


def _marks(
    card: Card, book: CodeBook, index: Mapping[str, int], row: Mapping[str, Any], one: Allowed
) -> Iterator[float]:
    """Yield the values of a signal at which it, or a signal that moves with it, passes a threshold."""
    old, link = float(one.value), link_of(card, one.name)
    yield from (0.0, *edges_of(book, index.get(one.name)), *(e for e in one.ends if math.isfinite(e)))
    if old <= 0 or link is None:
        return
    for name in (*link.same, *link.opposite):
        other = row[name]
        if is_missing(other) or other == 0:
            continue
        for edge in edges_of(book, index.get(name)):
            if name in link.same:
                yield edge * old / other
            elif edge != 0:
                yield other * old / edge


def edges_of(book: CodeBook, signal: int | None) -> Sequence[float]:
    """Return the thresholds of a signal, ascending; none for one the model does not use."""
    if signal is None:
        return ()
    edges = book.edges[book.edge_start[signal] : book.edge_start[signal + 1]]
    return [float(e) for e in edges if e < math.inf]


def codes_of(book: CodeBook, signal: int, values: Floats) -> Codes:
    """Return the engine's codes of values of one signal; see `attribution.codes`."""
    count = int(book.code_count[signal])
    missing = np.isnan(values)
    if book.is_category[signal]:
        inside = (values > -1) & (values < count - 2)
        codes = np.where(inside, np.nan_to_num(values).astype(np.int64), count - 2)
    else:
        edges = book.edges[book.edge_start[signal] : book.edge_start[signal + 1]]
        codes = np.searchsorted(edges, np.where(np.abs(values) <= ZERO, 0.0, values))
    return np.where(missing, count - 1, codes).astype(np.int64)


def _variable(
    card: Card,
    engine: Engine,
    index: Mapping[str, int],
    row: Mapping[str, Any],
    one: Allowed,
    values: Sequence[Value],
    population: Population,
) -> Variable | None:
    """Keep the nearest value of each run that the model cannot tell apart; None where it can tell none."""
    alone = link_of(card, one.name) is None
    linked = [{} if alone else linked_moves(card, row, {one.name: value}) for value in values]
    good = [all(may_move(card, n, row, v) for n, v in moves.items()) for moves in linked]
    kept = [(value, moves) for value, moves, ok in zip(values, linked, good, strict=True) if ok]
    names = [name for name in (one.name, *(kept[0][1] if kept else ())) if name in index]
    if not kept or not names:
        return None
    columns = {}
    for name in names:
        series = [one.value, *(v for v, _ in kept)] if name == one.name else [row[name], *(m[name] for _, m in kept)]
        columns[index[name]] = codes_of(engine.book, index[name], _numbers(engine, name, series))
    table = np.stack(list(columns.values()))
    new = np.flatnonzero((table[:, 1:] != table[:, :-1]).any(axis=0)) + 1
    places = np.concatenate([[0], new])
    chosen = [kept[i - 1][0] for i in new]
    if not chosen:
        return None
    codes = {signal: column[places] for signal, column in columns.items()}
    return Variable(one.name, tuple(chosen), _effort(one, chosen, population), codes)


def _numbers(engine: Engine, name: str, values: Sequence[Value]) -> Floats:
    """Return values as the model reads them: levels as their codes."""
    levels = {str(level): float(code) for code, level in enumerate(engine.model.categories.get(name, ()))}
    return np.array([levels.get(v, np.nan) if levels and isinstance(v, str) else float(v) for v in values])


def _effort(one: Allowed, values: Sequence[Value], population: Population) -> Floats:
    """Return the effort of each value: the share of the population it passes by."""
    if one.levels:
        return np.full(len(values), LEVEL_EFFORT)
    old, new = float(one.value), np.array([float(v) for v in values])
    moved = np.abs(new - old)
    low, high = one.low, one.high
    spread = high - low if math.isfinite(high - low) else max(abs(old), one.step, SLACK) * 2
    steps = population.values.get(one.name)
    if population.n < ENOUGH or steps is None or np.isnan(steps).any():
        return moved / spread
    passed = population.below(one.name, np.append(new, old))
    return np.maximum.accumulate(np.abs(passed[:-1] - passed[-1])) + TIE * moved / spread
