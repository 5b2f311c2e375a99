"""The engine: a model made ready for explaining, comparison groups fitted to it, and contributions."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from data.errors import AttributionError
from data.models import CreditModel
from explainers.attribution.arrays import CodeMatrix, Floats, Ints
from explainers.attribution.codes import encode_block, make_code_book
from explainers.attribution.deep import (
    DeepLeaves,
    add_deep_contributions,
    check_depth,
    find_deep_patterns,
    make_weights,
)
from explainers.attribution.explain import add_contributions, add_to_few_rows
from explainers.attribution.families import merge_families
from explainers.attribution.groups import GROUP_STATES, Groups, count_states, make_groups
from explainers.attribution.path_dependent import add_path_dependent
from explainers.attribution.paths import longest_path
from explainers.attribution.quadrature import MOST_TABLE_SIGNALS, POINTS, make_quadrature
from explainers.attribution.results import Attributions, Codes, FamilyAttributions, family_columns, residual
from explainers.attribution.tables import Tables, empty_tables, fill_tables
from explainers.attribution.tall import (
    TallTables,
    add_tall_contributions,
    add_tall_to_few_rows,
    empty_tall_tables,
    fill_tall_tables,
)
from explainers.attribution.threads import available_threads, even_runs, run_all, weighted_runs
from explainers.attribution.trees import read_trees

BLOCK_ROWS = 4_096
"""Rows explained at a time: their codes and sums stay near while the tables pass by once per block."""
FEW_ROWS = 8
"""Up to so many rows are explained row by row: starting each group's loops would cost more than they do."""
Rows = pd.DataFrame | npt.NDArray[Any] | Codes


class Engine:
    """A model whose trees have been flattened, coded and grouped. Nothing in it changes after.

    Parameters
    ----------
    model : CreditModel
        As read by `data.models.read_model`.
    threads : int, optional
        Most threads per call; by default the processors this process may use. Results do not depend on it.
    group_states, leaf_states : int
        Most states of a table for a group of leaves, and most patterns of a table for one leaf: at most 65,536.
        Results do not depend on them beyond rounding.

    Raises
    ------
    AttributionError
        The model is of a kind that cannot be explained.
    """

    def __init__(
        self,
        model: CreditModel,
        *,
        threads: int | None = None,
        group_states: int = GROUP_STATES,
        leaf_states: int = 1 << MOST_TABLE_SIGNALS,
    ) -> None:
        self.model = model
        self.threads = threads or available_threads()
        self.trees = read_trees(model.parsed)
        self.forest = self.trees.forest
        self.book = make_code_book(self.trees)
        self.longest = int(longest_path(self.forest))
        check_depth(self.longest)
        roots = self.forest.tree_root
        self.groups, tall_leaves = make_groups(self.forest, self.book, roots, group_states)
        self.tall, deep_leaves = make_groups(self.forest, self.book, tall_leaves, leaf_states)
        self.deep_leaves = ~deep_leaves
        self.rule = make_quadrature(POINTS)
        self.weights = make_weights(self.longest)

    @property
    def feature_names(self) -> tuple[str, ...]:
        """Features in the model's order."""
        return self.model.feature_names

    def encode_rows(self, rows: pd.DataFrame | npt.NDArray[Any], *, raw_score: Floats | None = None) -> Codes:
        """Encode rows once, to explain them against several groups.

        Parameters
        ----------
        rows : DataFrame or ndarray, (n, p)
            A table with the model's columns, or numbers in the model's own order.
        raw_score : ndarray, (n,), optional
            LightGBM's raw scores of these rows if they are known already.

        Returns
        -------
        Codes
            The rows as codes, with their raw scores.

        Raises
        ------
        TableError
            Columns are missing or of the wrong kind.
        AttributionError
            A value is infinite, or `raw_score` has another length.
        """
        values = self.model.encode(rows)
        codes = np.empty((len(self.book.column), len(values)), np.uint16)
        runs = even_runs(len(values), BLOCK_ROWS, self.threads)
        finite = run_all(lambda first, end: encode_block(values, self.book, first, end, codes), runs, self.threads)
        if not all(finite):
            self._refuse_infinite(values)
        scores = self._raw_score(values) if raw_score is None else np.asarray(raw_score, dtype=np.float64)
        if scores.shape != (len(values),):
            raise AttributionError(
                "The raw scores do not fit the rows",
                f"There are {len(values)} rows and raw scores of shape {scores.shape}.",
                "Give one raw score per row, or none.",
            )
        return Codes(codes, scores, self.model.sha256)

    def _raw_score(self, values: Floats) -> Floats:
        if not len(values):
            return np.zeros(0)
        return self.model.predict_raw(values, num_threads=1 if len(values) <= BLOCK_ROWS // 16 else self.threads)

    def _refuse_infinite(self, values: Floats) -> None:
        columns = [self.feature_names[j] for j in self.trees.used if np.isinf(values[:, j]).any()]
        raise AttributionError(
            "Some values are infinite",
            f"Columns with infinite values: {', '.join(columns[:10])}{' …' if len(columns) > 10 else ''}.",
            "Give finite numbers, or leave the value empty if it is not known.",
        )

    def codes_of(self, rows: Rows, raw_score: Floats | None = None) -> Codes:
        """Rows as codes, encoded now unless they already are."""
        if not isinstance(rows, Codes):
            return self.encode_rows(rows, raw_score=raw_score)
        if rows.model_sha256 != self.model.sha256:
            raise AttributionError(
                "The encoded rows belong to another model",
                "Their codes were made from the thresholds of a model with another hash.",
                "Encode the rows with this model's engine.",
            )
        return rows


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
    counts: Ints = field(repr=False)
    """Number of rows of the group in each state of each subtree group."""
    tables: Tables = field(repr=False)
    """Contributions of each signal in each state."""
    tall_counts: Ints = field(repr=False)
    """Number of rows of the group in each pattern of each tall leaf."""
    tall: TallTables = field(repr=False)
    """Tables of the tall leaves."""
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
    Lundberg et al. 2020; Nadel and Wettenstein, WOODELF; Janzing et al. 2020: see `tables`.
    """
    started = time.perf_counter()
    engine = model if isinstance(model, Engine) else Engine(model)
    group = engine.codes_of(rows, raw_score)
    if group.n < 2:
        raise AttributionError(
            "The comparison group is too small",
            f"It holds {group.n} rows; at least 2 are needed.",
            "Widen the rule that picks the group.",
        )
    counts, tall_counts = _count(engine, engine.groups, group), _count(engine, engine.tall, group)
    tables, tall = _fill(engine, counts, group.n), _fill_tall(engine, tall_counts, group.n)
    deep = find_deep_patterns(engine.deep_leaves, engine.forest, engine.book, engine.longest, group.codes)
    return Comparison(
        engine=engine,
        name=name,
        rule=rule,
        seed=seed,
        n=group.n,
        baseline=float(np.mean(group.raw_score)),
        sha256=_hash(group),
        fit_seconds=time.perf_counter() - started,
        counts=counts,
        tables=tables,
        tall_counts=tall_counts,
        tall=tall,
        deep=deep,
    )


def _count(engine: Engine, groups: Groups, group: Codes) -> Ints:
    """Number of rows in each state of each group of leaves."""
    counts = np.zeros(int(groups.state_start[-1]), np.int64)
    runs = even_runs(len(groups.root), 64, engine.threads)
    run_all(lambda first, end: count_states(groups, group.codes, first, end, counts), runs, engine.threads)
    return counts


def _fill(engine: Engine, counts: Ints, rows: int) -> Tables:
    """Fill the tables of groups; runs of groups with about equal work go to the threads."""
    tables = empty_tables(engine.groups, engine.trees.used)
    groups, forest, book = engine.groups, engine.forest, engine.book

    def fill(first: int, end: int) -> None:
        fill_tables(groups, forest, book, counts, rows, engine.rule, engine.longest, first, end, tables)

    run_all(fill, weighted_runs(np.diff(tables.value_start).tolist(), 8 * engine.threads), engine.threads)
    return tables


def _fill_tall(engine: Engine, counts: Ints, rows: int) -> TallTables:
    """Fill the tables of tall leaves."""
    tables = empty_tall_tables(engine.tall)
    tall, forest, book = engine.tall, engine.forest, engine.book

    def fill(first: int, end: int) -> None:
        fill_tall_tables(tall, forest, book, counts, rows, engine.rule, engine.longest, first, end, tables)

    run_all(fill, weighted_runs(np.diff(tall.state_start).tolist(), 8 * engine.threads), engine.threads)
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


def attribute(comparison: Comparison, rows: Rows, *, raw_score: Floats | None = None) -> Attributions:
    """Exact interventional Shapley values of the raw score, against the whole comparison group.

    Parameters
    ----------
    comparison : Comparison
        From `fit_comparison`.
    rows : DataFrame, ndarray or Codes, (n, p)
        Rows to explain.
    raw_score : ndarray, (n,), optional
        LightGBM's raw scores of the rows if they are known already.

    Returns
    -------
    Attributions
        Contributions (n, p) in raw score, baseline, raw score and residual.

    Raises
    ------
    AttributionError
        Infinite values, or encoded rows of another model.
    TableError
        Columns missing or of the wrong kind.

    References
    ----------
    Lundberg et al. 2020; Nadel and Wettenstein, WOODELF; Janzing et al. 2020: see `tables`.
    """
    engine = comparison.engine
    found = engine.codes_of(rows, raw_score)
    out = np.zeros((len(engine.feature_names), found.n))
    _explain(comparison, comparison.tables, engine.trees.used, found, out)
    return _attributions(engine, found, out, comparison.baseline, comparison.sha256)


def attribute_path_dependent(engine: Engine, rows: Rows, *, raw_score: Floats | None = None) -> Attributions:
    """Path-dependent contributions, the same as LightGBM's `pred_contrib`; only to compare with other tools.

    Parameters
    ----------
    engine : Engine
        The model.
    rows : DataFrame, ndarray or Codes, (n, p)
        Rows to explain.
    raw_score : ndarray, (n,), optional
        LightGBM's raw scores of the rows if they are known already.

    Returns
    -------
    Attributions
        As from `attribute`; the baseline is the mean over the training rows by the model's stored counts.

    Raises
    ------
    AttributionError
        The model file holds no counts of training rows.
    """
    if np.isnan(engine.forest.left_share).any() or np.isnan(engine.trees.expected_value):
        raise AttributionError(
            "This model file holds no counts of training rows",
            "Path-dependent contributions weigh the ways at each split by these counts.",
            "Use a comparison group, or save the model again with a newer LightGBM.",
        )
    found = engine.codes_of(rows, raw_score)
    out = np.zeros((len(engine.feature_names), found.n))

    forest, book, used, longest = engine.forest, engine.book, engine.trees.used, engine.longest
    rule = make_quadrature((longest + 1) // 2)

    def explain(first: int, end: int) -> None:
        add_path_dependent(forest, book, rule, longest, used, found.codes, first, end, out)

    run_all(explain, even_runs(found.n, BLOCK_ROWS, engine.threads), engine.threads)
    return _attributions(engine, found, out, engine.trees.expected_value, "")


def attribute_families(
    comparison: Comparison,
    rows: Rows,
    families: Mapping[str, str],
    *,
    raw_score: Floats | None = None,
    tables: Tables | None = None,
) -> FamilyAttributions:
    """Contributions of families without those of every signal: less memory, and faster.

    Parameters
    ----------
    comparison : Comparison
        From `fit_comparison`.
    rows : DataFrame, ndarray or Codes, (n, p)
        Rows to explain.
    families : mapping of str to str
        Family of every signal of the model.
    raw_score : ndarray, (n,), optional
        LightGBM's raw scores of the rows if they are known already.
    tables : Tables, optional
        From `family_tables` with the same families: saves adding them up again for each batch.

    Returns
    -------
    FamilyAttributions
        Sums, (n, families), in raw score.

    Raises
    ------
    AttributionError
        A signal has no family, or values are infinite.
    """
    engine = comparison.engine
    names, family_of = family_columns(engine.feature_names, families)
    merged = family_tables(comparison, families) if tables is None else tables
    found = engine.codes_of(rows, raw_score)
    out = np.zeros((len(names), found.n))
    _explain(comparison, merged, family_of[engine.trees.used], found, out)
    return FamilyAttributions(
        values=out.T,
        families=names,
        baseline=comparison.baseline,
        raw_score=found.raw_score,
        residual=residual(found.raw_score, comparison.baseline, out),
        comparison_sha256=comparison.sha256,
    )


def family_tables(comparison: Comparison, families: Mapping[str, str]) -> Tables:
    """Add up the tables of the signals of each family, for use with many batches of rows.

    Parameters
    ----------
    comparison : Comparison
        From `fit_comparison`.
    families : mapping of str to str
        Family of every signal of the model.

    Returns
    -------
    Tables
        To be given to `attribute_families` together with the same families.
    """
    _, family_of = family_columns(comparison.engine.feature_names, families)
    return merge_families(comparison.engine.groups, comparison.tables, family_of)


def _explain(comparison: Comparison, tables: Tables, columns: Ints, found: Codes, out: Floats) -> None:
    """Fill `out`, (columns, n), from the tables and the deep leaves; `columns` is the output column of each signal."""
    engine, codes = comparison.engine, found.codes
    if found.n <= FEW_ROWS:
        add_to_few_rows(engine.groups, tables, codes, out)
        add_tall_to_few_rows(engine.tall, comparison.tall, columns, codes, out)
        _explain_deep(comparison, columns, codes, 0, found.n, out)
        return

    def explain(first: int, end: int) -> None:
        add_contributions(engine.groups, tables, codes, first, end, out)
        add_tall_contributions(engine.tall, comparison.tall, columns, codes, first, end, out)
        _explain_deep(comparison, columns, codes, first, end, out)

    run_all(explain, even_runs(found.n, BLOCK_ROWS, engine.threads), engine.threads)


def _explain_deep(comparison: Comparison, columns: Ints, codes: CodeMatrix, first: int, end: int, out: Floats) -> None:
    engine, deep = comparison.engine, comparison.deep
    if len(deep.leaf):
        add_deep_contributions(
            deep, engine.forest, engine.book, engine.longest, engine.weights, columns, codes, first, end, out
        )


def _attributions(engine: Engine, found: Codes, out: Floats, baseline: float, sha256: str) -> Attributions:
    return Attributions(
        values=out.T,
        baseline=baseline,
        raw_score=found.raw_score,
        residual=residual(found.raw_score, baseline, out),
        feature_names=engine.feature_names,
        comparison_sha256=sha256,
        codes=found.codes,
        code_column=engine.trees.used,
        missing_code=engine.book.code_count - 1,
    )
