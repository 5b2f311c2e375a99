"""Comparison groups that were fitted before: their patterns as one list, to be stored and read again.

A fitted group is known by how many of its rows have which pattern at which leaf (`patterns`, `deep`). A snapshot
keeps that list, so that no viewer waits until a group's rows are read and counted.
"""

from __future__ import annotations

import time
from collections.abc import Iterable

import numpy as np

from data.errors import AttributionError
from data.records import PatternList
from explainers.attribution.arrays import Ints
from explainers.attribution.comparison import Comparison, fill
from explainers.attribution.deep import DeepLeaves, pack_deep
from explainers.attribution.engine import Engine
from explainers.attribution.patterns import LeafPatterns


def list_comparison(comparison: Comparison) -> PatternList:
    """Return all patterns of a fitted group as one list.

    Parameters
    ----------
    comparison : Comparison
        From `fit_comparison`.

    Returns
    -------
    PatternList
        Ordered by leaf, then pattern.
    """
    known, deep = comparison.patterns, comparison.deep
    sizes = known.end - known.first
    before = np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes)[:-1]])
    place = np.repeat(known.first - before, sizes) + np.arange(sizes.sum())
    leaf = np.concatenate([np.repeat(np.arange(len(sizes)), sizes), np.repeat(deep.leaf, np.diff(deep.pattern_start))])
    pattern = np.concatenate([known.pattern[place].astype(np.int64), deep.pattern])
    rows = np.concatenate([known.rows[place], np.rint(deep.share * comparison.n).astype(np.uint32)])
    order = np.argsort(leaf, kind="stable")
    return PatternList(leaf[order].astype(np.int32), pattern[order], rows[order])


def restore_comparison(
    engine: Engine,
    parts: Iterable[PatternList],
    *,
    name: str,
    rule: str,
    seed: int | None,
    n: int,
    baseline: float,
    sha256: str,
    tables: bool = True,
) -> Comparison:
    """Make a comparison group of what was stored of it.

    Parameters
    ----------
    engine : Engine
        Of the same model.
    parts : iterable of PatternList
        What `list_comparison` returned, whole or cut between leaves, in order.
    name, rule, seed, n, baseline, sha256
        As in `Comparison`.
    tables : bool
        As in `fit_comparison`.

    Returns
    -------
    Comparison
        Gives the same contributions as the one that was stored.

    Raises
    ------
    AttributionError
        The patterns are not those of such a group at this model's leaves.
    """
    started = time.perf_counter()
    known, deep = _gather(engine, parts, n)
    return Comparison(
        engine=engine,
        name=name,
        rule=rule,
        seed=seed,
        n=n,
        baseline=baseline,
        sha256=sha256,
        patterns=known,
        deep=deep,
        tables=fill(engine, known, n) if tables else None,
        fit_seconds=time.perf_counter() - started,
    )


def _gather(engine: Engine, parts: Iterable[PatternList], n: int) -> tuple[LeafPatterns, DeepLeaves]:
    """Put the parts together, and hold them to `n` rows at every leaf that can be reached."""
    leaves = len(engine.forest.leaf_value)
    is_deep = np.zeros(leaves, np.bool_)
    is_deep[engine.deep_leaves] = True
    sizes, total = np.zeros(leaves, np.int64), np.zeros(leaves, np.int64)
    pattern, rows = [np.zeros(0, np.uint16)], [np.zeros(0, np.uint32)]
    deep: list[PatternList] = []
    last = -1
    for part in parts:
        if not len(part.leaf):
            continue
        if part.leaf[0] <= last or part.leaf[-1] >= leaves or (np.diff(part.leaf) < 0).any():
            raise _misfit("their leaves are not those of the model, in order")
        last = int(part.leaf[-1])
        total += np.bincount(part.leaf, part.n, leaves).astype(np.int64)
        shallow = ~is_deep[part.leaf]
        sizes += np.bincount(part.leaf[shallow], minlength=leaves)
        pattern.append(part.pattern[shallow].astype(np.uint16))
        rows.append(part.n[shallow].astype(np.uint32))
        deep.append(PatternList(part.leaf[~shallow], part.pattern[~shallow], part.n[~shallow]))
    reached = (engine.conditions.signals > 0) | is_deep
    if (total[reached] != n).any() or not np.isin(total, (0, n)).all():
        raise _misfit(f"at {int((total[reached] != n).sum()):,} leaves they are not of {n:,} rows")
    end = np.cumsum(sizes)
    known = LeafPatterns(end - sizes, end, np.concatenate(pattern), np.concatenate(rows))
    return known, pack_deep(engine.deep_leaves, _by_leaf(engine.deep_leaves, deep), n, engine.longest)


def _by_leaf(leaves: Ints, parts: list[PatternList]) -> list[tuple[Ints, Ints]]:
    """Return patterns and rows at each deep leaf."""
    leaf = np.concatenate([np.zeros(0, np.int32), *(part.leaf for part in parts)])
    pattern = np.concatenate([np.zeros(0, np.int64), *(part.pattern for part in parts)])
    rows = np.concatenate([np.zeros(0, np.int64), *(part.n.astype(np.int64) for part in parts)])
    first, end = np.searchsorted(leaf, leaves, "left"), np.searchsorted(leaf, leaves, "right")
    return [(pattern[a:b], rows[a:b]) for a, b in zip(first, end, strict=True)]


def _misfit(found: str) -> AttributionError:
    return AttributionError(
        "The stored comparison group does not fit the model",
        f"Of the patterns that were read, {found}.",
        "Build the snapshot again.",
    )
