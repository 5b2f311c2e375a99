"""Comparison groups fitted to a model."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass, field

import numpy as np

from data.errors import AttributionError
from data.models import CreditModel
from explainers.attribution.arrays import Floats, starts
from explainers.attribution.deep import DeepLeaves, find_deep_patterns
from explainers.attribution.engine import Engine, Rows
from explainers.attribution.results import Codes
from explainers.attribution.states import StateCounts, count_states
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
    counts: StateCounts = field(repr=False)
    """Number of rows of the group in each state of each subtree group."""
    tables: Tables = field(repr=False)
    """Contributions of each signal in each state."""
    deep: DeepLeaves = field(repr=False)
    """Patterns of the group at the leaves too deep for tables."""


def fit_comparison(
    model: CreditModel | Engine,
    rows: Rows,
    *,
    name: str,
    rule: str,
    seed: int | None = None,
    raw_score: Floats | None = None,
) -> Comparison:
    """Fit a comparison group: the rows against which others are explained.

    Every row counts; nothing is sampled. The time to explain does not depend on the size of the group.

    Parameters
    ----------
    model : CreditModel or Engine
        The model. An engine saves reading the trees again for a second group.
    rows : DataFrame, ndarray or Codes, (m, p)
        The group, at least two rows.
    name, rule : str
        What the group is called and the rule that picked it. Both are kept and shown.
    seed : int, optional
        Seed of the rule, if it draws at random.
    raw_score : ndarray, (m,), optional
        LightGBM's raw scores of the rows if they are known already.

    Returns
    -------
    Comparison
        Tables, baseline (raw score), hash and fit time (seconds).

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
    counts = _count(engine, group)
    return Comparison(
        engine=engine,
        name=name,
        rule=rule,
        seed=seed,
        n=group.n,
        baseline=float(np.mean(group.raw_score)),
        sha256=_hash(group),
        counts=counts,
        tables=_fill(engine, counts, group.n),
        deep=find_deep_patterns(engine.deep_leaves, engine.forest, engine.book, engine.longest, group.codes),
        fit_seconds=time.perf_counter() - started,
    )


def _check_size(rows: int) -> None:
    if rows < 2:
        raise AttributionError(
            "The comparison group is too small",
            f"It holds {rows} rows; at least 2 are needed.",
            "Widen the rule that picks the group.",
        )


def _count(engine: Engine, group: Codes) -> StateCounts:
    """Number of rows in each state of each group of leaves."""
    runs = even_runs(len(engine.groups.root), 64, engine.threads)
    found = run_all(lambda first, end: count_states(engine.groups, group.codes, first, end), runs, engine.threads)
    return StateCounts(
        start=starts(np.concatenate([np.zeros(0, np.int64), *(occupied for occupied, _, _ in found)])),
        state=np.concatenate([np.zeros(0, np.uint16), *(state for _, state, _ in found)]),
        rows=np.concatenate([np.zeros(0, np.uint32), *(rows for _, _, rows in found)]),
    )


def _fill(engine: Engine, counts: StateCounts, rows: int) -> Tables:
    """Fill the tables of groups; runs of groups with about equal work go to the threads."""
    tables = empty_tables(engine.groups, engine.trees.used)
    groups, forest, book = engine.groups, engine.forest, engine.book

    def fill(first: int, end: int) -> None:
        fill_tables(groups, forest, book, counts, rows, engine.rule, engine.longest, first, end, tables)

    run_all(fill, weighted_runs(np.diff(groups.state_start).tolist(), 8 * engine.threads), engine.threads)
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
