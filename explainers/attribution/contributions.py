"""Contributions: of signals, of families, and path-dependent ones for comparison."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from data.errors import AttributionError
from explainers.attribution.arrays import Bytes, CodeMatrix, Floats, Ints
from explainers.attribution.comparison import Comparison, fill
from explainers.attribution.deep import add_deep_contributions
from explainers.attribution.direct import add_row, decide_splits
from explainers.attribution.engine import BLOCK_ROWS, Engine, Rows
from explainers.attribution.explain import add_contributions, add_to_few_rows
from explainers.attribution.families import merge_families
from explainers.attribution.path_dependent import add_path_dependent
from explainers.attribution.quadrature import make_quadrature
from explainers.attribution.results import (
    Attributions,
    Codes,
    FamilyAttributions,
    by_family,
    family_columns,
    residual,
)
from explainers.attribution.tables import Tables
from explainers.attribution.threads import even_runs, run_all, weighted_runs

FEW_ROWS = 8
"""Up to so many rows are explained row by row: starting each group's loops would cost more than they do."""
FEW_DIRECT = 32
"""Up to so many rows are explained from the group's patterns where it has no tables: filling them costs more."""
DIRECT_RUNS = 16
"""Runs of leaves for one row: always the same, so that sums do not depend on the number of threads."""


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
    Lundberg et al. 2020; Nadel and Wettenstein, WOODELF; Janzing et al. 2020: see `leaves`.
    """
    engine = comparison.engine
    found = engine.codes_of(rows, raw_score)
    out = np.zeros((len(engine.feature_names), found.n))
    if comparison.tables is None and found.n <= FEW_DIRECT:
        _explain_direct(comparison, found, out)
    else:
        _explain(comparison, _tables(comparison), engine.trees.used, found, out)
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
    found = engine.codes_of(rows, raw_score)
    if tables is None and comparison.tables is None and found.n <= FEW_DIRECT:
        return by_family(attribute(comparison, found), families)
    names, family_of = family_columns(engine.feature_names, families)
    merged = family_tables(comparison, families) if tables is None else tables
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
    return merge_families(comparison.engine.groups, _tables(comparison), family_of)


def _tables(comparison: Comparison) -> Tables:
    """Return the tables of a group, filled now unless it keeps them."""
    return comparison.tables or fill(comparison.engine, comparison.patterns, comparison.n)


def _explain_direct(comparison: Comparison, found: Codes, out: Floats) -> None:
    """Fill `out`, (columns, n), row by row from the patterns of the group."""
    engine, patterns, conditions = comparison.engine, comparison.patterns, comparison.engine.conditions
    runs = weighted_runs(patterns.end - patterns.first, DIRECT_RUNS)
    for row in range(found.n):
        went = decide_splits(engine.forest, engine.book, found.codes, row)

        def add(first: int, end: int, went: Bytes = went) -> Floats:
            part = np.zeros(len(engine.trees.used))
            add_row(went, conditions, engine.forest, patterns, comparison.n, engine.weights, first, end, part)
            return part

        out[engine.trees.used, row] += np.sum(run_all(add, runs, engine.threads), axis=0)
    _explain_deep(comparison, engine.trees.used, found.codes, 0, found.n, out)


def _explain(comparison: Comparison, tables: Tables, columns: Ints, found: Codes, out: Floats) -> None:
    """Fill `out`, (columns, n), from the tables and the deep leaves; `columns` is the output column of each signal."""
    engine, codes = comparison.engine, found.codes
    if found.n <= FEW_ROWS:
        add_to_few_rows(engine.groups, tables, codes, out)
        _explain_deep(comparison, columns, codes, 0, found.n, out)
        return

    def explain(first: int, end: int) -> None:
        add_contributions(engine.groups, tables, codes, first, end, out)
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
