"""Comparison groups fitted to a model."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass, field

import numpy as np

from data.errors import AttributionError
from data.models import CreditModel
from explainers.attribution.arrays import Counts, Floats, Ints, States
from explainers.attribution.deep import DeepLeaves, find_deep_patterns
from explainers.attribution.engine import Engine, Rows
from explainers.attribution.patterns import LeafPatterns, join_patterns, list_patterns
from explainers.attribution.results import Codes
from explainers.attribution.states import count_states
from explainers.attribution.tables import Tables, empty_tables, fill_tables
from explainers.attribution.threads import even_runs, run_all, weighted_runs


@dataclass(frozen=True, eq=False)
class Comparison:
    """A comparison group fitted to a model: everything needed to explain any row against it."""

    engine: Engine = field(repr=False)
    """The model."""
    name: str
    """Short name, such as just_approved."""
    rule: str
    """The rule that picked the rows, in words."""
    seed: int | None
    """Seed, if the rule drew at random."""
    n: int
    """Number of rows in the group."""
    baseline: float
    """Mean of LightGBM's raw scores over the group."""
    sha256: str
    """Hash of the model and of the group's rows as the trees see them, whatever their order."""
    fit_seconds: float
    """Time taken to fit."""
    patterns: LeafPatterns = field(repr=False)
    """Number of rows of the group with each pattern at each leaf that has a table."""
    deep: DeepLeaves = field(repr=False)
    """Patterns of the group at the leaves too deep for tables."""
    tables: Tables | None = field(repr=False)
    """Contributions of each signal in each state; None where they are filled only for many rows at once."""


def fit_comparison(
    model: CreditModel | Engine,
    rows: Rows,
    *,
    name: str,
    rule: str,
    seed: int | None = None,
    raw_score: Floats | None = None,
    tables: bool = True,
) -> Comparison:
    """Fit a comparison group: the rows against which others are explained. Every row counts; nothing is sampled.

    Parameters
    ----------
    model : CreditModel or Engine
        An engine saves reading the trees again for a second group.
    rows : DataFrame, ndarray or Codes, (m, p)
        The group: two rows or more.
    name, rule, seed : str, str, int
        What the group is called, the rule that picked it, and the rule's seed if it draws at random; all are shown.
    raw_score : ndarray, (m,), optional
        LightGBM's raw scores of the rows if they are known already.
    tables : bool
        Whether to keep tables. Without, few rows are explained from patterns; for many, tables are filled each time.

    Returns
    -------
    Comparison
        Patterns, baseline (raw score), hash and fit time (seconds).

    Raises
    ------
    AttributionError
        Fewer than two rows, infinite values, or a model that cannot be explained.
    TableError
        Columns missing or of the wrong kind.

    References
    ----------
    Lundberg et al. 2020; Nadel and Wettenstein, WOODELF; Janzing et al. 2020: see `leaves`.
    """
    started = time.perf_counter()
    engine = model if isinstance(model, Engine) else Engine(model)
    group = engine.codes_of(rows, raw_score)
    _check_size(group.n)
    patterns = _count(engine, group)
    return Comparison(
        engine=engine,
        name=name,
        rule=rule,
        seed=seed,
        n=group.n,
        baseline=float(np.mean(group.raw_score)),
        sha256=_hash(group),
        patterns=patterns,
        deep=find_deep_patterns(engine.deep_leaves, engine.forest, engine.book, engine.longest, group.codes),
        tables=fill(engine, patterns, group.n) if tables else None,
        fit_seconds=time.perf_counter() - started,
    )


def _check_size(rows: int) -> None:
    if rows < 2:
        raise AttributionError(
            "The comparison group is too small",
            f"It holds {rows} rows; at least 2 are needed.",
            "Widen the rule that picks the group.",
        )


def _count(engine: Engine, group: Codes) -> LeafPatterns:
    """Count the rows with each pattern at each leaf; of some groups of leaves at a time the rows in each state."""
    groups, forest, book, longest = engine.groups, engine.forest, engine.book, engine.longest

    def count(first: int, end: int) -> tuple[Ints, Ints, States, Counts]:
        return list_patterns(groups, forest, book, count_states(groups, group.codes, first, end), longest, first, end)

    found = run_all(count, even_runs(len(groups.root), 64, engine.threads), engine.threads)
    return join_patterns(len(forest.leaf_value), found)


def fill(engine: Engine, patterns: LeafPatterns, rows: int) -> Tables:
    """Fill the tables of a group of so many rows; runs of groups of leaves with about equal work go to the threads."""
    tables = empty_tables(engine.groups, engine.trees.used)
    groups, forest, book = engine.groups, engine.forest, engine.book

    def fill_some(first: int, end: int) -> None:
        fill_tables(groups, forest, book, patterns, rows, engine.rule, engine.longest, first, end, tables)

    run_all(fill_some, weighted_runs(np.diff(groups.state_start), 8 * engine.threads), engine.threads)
    return tables


def _hash(group: Codes) -> str:
    """SHA-256 over the model's hash and the rows' codes in sorted order.

    Two groups with the same hash give the same contributions for every row.
    """
    by_row = np.ascontiguousarray(group.codes.T).astype("<u2", copy=False)
    digest = hashlib.sha256(f"{group.model_sha256} {group.n}\n".encode())
    if by_row.shape[1]:
        as_bytes = by_row.view(np.dtype((np.void, by_row.shape[1] * 2))).ravel()
        digest.update(by_row[np.argsort(as_bytes)].tobytes())
    return digest.hexdigest()
