"""A second opinion on one application: LIME, on the same model and against the same comparison group.

LIME is never the source of a reason. It asks another question than the exact contributions: not "how far is
this value from the group's values on average", but "how does the model's raw score change, around this
application, when a value is kept or replaced". Some disagreement is therefore expected; it is shown as a number.

How rows become something LIME can take, and back: see `levels`.

References
----------
Ribeiro, Singh, Guestrin 2016, "Why Should I Trust You?" (LIME); the `lime` package, 0.2.0.1.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from data.errors import AttributionError
from data.model_rows import encode_rows
from explainers.attribution import Comparison, Engine, FamilyAttributions
from explainers.attribution.arrays import Floats, Ints
from explainers.attribution.results import family_columns
from explainers.second_opinion.levels import Levels, decode, draw_shares, find_levels, level_of
from explainers.second_opinion.result import SecondOpinionResult, jaccard, spearman, top_families

MOST_SIGNALS = 200
"""Signals LIME is given. It fits one number per signal: with 2,000 samples, ten samples for each."""
MOST_ROWS = 20_000
"""Rows of the group that values are drawn from; of a larger group a seeded sample."""
SAMPLES = 2_000
SEEDS = (1, 2, 3)


@dataclass(frozen=True, eq=False)
class SecondOpinion:
    """A comparison group made ready for LIME. Can be used for any number of applications."""

    comparison: Comparison = field(repr=False)
    """The group as the engine fitted it; holds the model."""
    levels: tuple[Levels, ...] = field(repr=False)
    """The signals LIME is given."""
    n: int
    """Rows of the group that values are drawn from."""
    n_total: int
    """Rows of the group."""
    n_signals_used: int
    """Signals the model has splits on."""
    seed: int
    """Seed of the sample of rows; without effect on groups of up to `MOST_ROWS`."""
    fit_seconds: float
    """Time taken to fit."""


def fit_second_opinion(comparison: Comparison, rows_of_group: pd.DataFrame, *, seed: int) -> SecondOpinion:
    """Make a comparison group ready for LIME.

    LIME is given only signals the model uses; of more than `MOST_SIGNALS` those with the greatest total gain in
    the model. (Picking them by the exact contributions would let the first opinion write the second.)

    Parameters
    ----------
    comparison : Comparison
        The group as fitted by the engine.
    rows_of_group : DataFrame, (m, p)
        The same rows, with the columns `signals_given` at least. Their order does not matter up to `MOST_ROWS`;
        beyond, the seeded sample depends on it.
    seed : int
        Seed of that sample.

    Returns
    -------
    SecondOpinion
        Reusable for any application.

    Raises
    ------
    AttributionError
        Another number of rows than the comparison group has, or a model that uses no signal.
    TableError
        Columns missing or of the wrong kind.
    """
    used = len(comparison.engine.trees.used)
    _check_group(len(rows_of_group), comparison.n, used)
    return fit_sampled(comparison, rows_of_group.iloc[sampled_places(comparison, seed=seed)], seed=seed)


def signals_given(engine: Engine) -> tuple[str, ...]:
    """Return the signals LIME is given, in the model's order."""
    return tuple(engine.feature_names[j] for j in _columns_given(engine))


def _columns_given(engine: Engine) -> list[int]:
    used = engine.trees.used
    gain = engine.model.booster.feature_importance("gain")[used]
    return [int(j) for j in np.sort(used[np.argsort(-gain, kind="stable")[:MOST_SIGNALS]])]


def sampled_places(comparison: Comparison, *, seed: int) -> Ints:
    """Return which rows of the group values are drawn from, ascending, from 0: all, or a seeded sample."""
    if comparison.n <= MOST_ROWS:
        return np.arange(comparison.n)
    return np.sort(np.random.default_rng(seed).choice(comparison.n, MOST_ROWS, replace=False))


def fit_sampled(comparison: Comparison, rows: pd.DataFrame, *, seed: int) -> SecondOpinion:
    """Make a comparison group ready for LIME, as `fit_second_opinion` does, with what it needs of it only.

    Parameters
    ----------
    comparison : Comparison
        The group as fitted by the engine.
    rows : DataFrame
        Its rows at `sampled_places`, with the columns `signals_given` at least.
    seed : int
        Seed of that sample.

    Raises
    ------
    AttributionError, TableError
        As `fit_second_opinion`.
    """
    started = time.perf_counter()
    engine = comparison.engine
    used = engine.trees.used
    _check_group(len(rows), min(comparison.n, MOST_ROWS), len(used))
    values = encode_rows(replace(engine.model.shape, feature_names=signals_given(engine)), rows)
    is_category = dict(zip(used.tolist(), engine.book.is_category.tolist(), strict=True))
    columns = enumerate(_columns_given(engine))
    return SecondOpinion(
        comparison=comparison,
        levels=tuple(find_levels(values[:, place], j, category=bool(is_category[j])) for place, j in columns),
        n=len(values),
        n_total=comparison.n,
        n_signals_used=len(used),
        seed=seed,
        fit_seconds=time.perf_counter() - started,
    )


def _check_group(rows: int, wanted: int, used: int) -> None:
    if rows != wanted:
        raise AttributionError(
            "The rows are not those of the comparison group",
            f"There should be {wanted} rows; {rows} were given.",
            "Give the rows the group was fitted with.",
        )
    if not used:
        raise AttributionError(
            "This model uses no signal", "None of its trees has a split.", "There is nothing to compare."
        )


def compute_second_opinion(
    second: SecondOpinion,
    row: pd.DataFrame,
    families: Mapping[str, str],
    exact: FamilyAttributions | Mapping[str, float],
    *,
    adverse_sign: int,
    n_samples: int = SAMPLES,
    seeds: Sequence[int] = SEEDS,
) -> SecondOpinionResult:
    """Ask LIME about one application and compare its families with the exact ones.

    Parameters
    ----------
    second : SecondOpinion
    row : DataFrame, (1, p)
        The application.
    families : mapping of str to str
        Family of every signal of the model.
    exact : FamilyAttributions of one row, or mapping of family to raw-score contribution
        The first opinion, against the same group.
    adverse_sign : +1 or -1
        +1 if a higher raw score speaks against approval.
    n_samples, seeds : int, sequence of int
        Samples per run, and one run of LIME per seed. The same seeds give the same result.

    Returns
    -------
    SecondOpinionResult
        Weights in raw score, agreement and repeatability.

    Raises
    ------
    AttributionError
        Not one row, other families in `exact`, too few samples, or no seed.
    TableError
        Columns missing or of the wrong kind.
    """
    started = time.perf_counter()
    names, family_of = family_columns(second.comparison.engine.feature_names, families)
    known = _exact_values(exact, names, second.comparison.sha256)
    _check_request(len(row), adverse_sign, n_samples, len(seeds))
    own = second.comparison.engine.model.encode(row)[0]
    runs = [_run_lime(second, own, n_samples, seed) for seed in seeds]
    in_family = family_of[[level.column for level in second.levels]]
    sums = np.array([np.bincount(in_family, weights=run[0], minlength=len(names)) for run in runs])
    return SecondOpinionResult(
        comparison_sha256=second.comparison.sha256,
        n=second.n,
        n_total=second.n_total,
        r_squared=float(np.mean([run[1] for run in runs])),
        n_samples=n_samples,
        seeds=tuple(seeds),
        n_signals=len(second.levels),
        n_signals_used=second.n_signals_used,
        notes=_notes(second, own),
        **_agreement(sums, names, known, adverse_sign),
        seconds=time.perf_counter() - started,
    )


def _agreement(sums: Floats, names: tuple[str, ...], exact: dict[str, float], adverse_sign: int) -> dict[str, Any]:
    """Compare LIME's families, (runs, families), with the exact ones, and its runs with each other."""
    weights = dict(zip(names, sums.mean(axis=0).tolist(), strict=True))
    top_lime, top_exact = top_families(weights, adverse_sign), top_families(exact, adverse_sign)
    per_run = [top_families(dict(zip(names, run, strict=True)), adverse_sign) for run in sums.tolist()]
    pairs = [jaccard(a, b) for a, b in combinations(per_run, 2)]
    return {
        "weights": weights,
        "exact": exact,
        "top_lime": top_lime,
        "top_exact": top_exact,
        "agree": len(set(top_lime) & set(top_exact)),
        "jaccard": jaccard(top_lime, top_exact),
        "spearman": spearman(list(weights.values()), list(exact.values())),
        "repeatability": float(np.mean(pairs)) if pairs else None,
    }


def _exact_values(
    exact: FamilyAttributions | Mapping[str, float], names: tuple[str, ...], sha256: str
) -> dict[str, float]:
    """Put the exact contributions in the order of `names`; they must be of one row and of these families."""
    if isinstance(exact, FamilyAttributions):
        if exact.n != 1 or exact.comparison_sha256 != sha256:
            raise AttributionError(
                "The exact contributions belong to something else",
                f"They hold {exact.n} rows; one row is needed, explained against the same comparison group.",
                "Explain this application against this group first.",
            )
        exact = dict(zip(exact.families, exact.values[0].tolist(), strict=True))
    if set(exact) != set(names):
        raise AttributionError(
            "The families do not match",
            f"The exact contributions have {len(exact)} families, the signals of the model {len(names)}.",
            "Use the same families for both.",
        )
    return {name: float(exact[name]) for name in names}


def _check_request(rows: int, adverse_sign: int, n_samples: int, seeds: int) -> None:
    problems = [
        sentence
        for wrong, sentence in (
            (rows != 1, f"{rows} rows were given; one is allowed."),
            (adverse_sign not in (1, -1), f"adverse_sign is {adverse_sign}; +1 or -1 is allowed."),
            (n_samples < 100, f"{n_samples} samples were asked for; at least 100 are needed."),
            (seeds < 1, "No seed was given; at least one is needed."),
        )
        if wrong
    ]
    if problems:
        raise AttributionError("No second opinion can be computed", " ".join(problems), "Change the request.")


def _run_lime(second: SecondOpinion, own: Floats, n_samples: int, seed: int) -> tuple[Floats, float]:
    """Run LIME once: the weight of each signal it was given, and its fit."""
    # here: importing them takes most of a second, and the decision itself does not wait for a second opinion
    from lime.lime_tabular import LimeTabularExplainer
    from sklearn import config_context
    from threadpoolctl import threadpool_limits

    own_level = [int(level_of(own[[level.column]], level.edges)[0]) for level in second.levels]
    here = np.array(own_level, dtype=np.float64)
    explainer = LimeTabularExplainer(
        here[None, :],
        mode="regression",
        categorical_features=range(len(here)),
        discretize_continuous=False,
        feature_selection="none",
        random_state=seed,
        training_data_stats=_frequencies(second.levels, own_level),
    )
    values = np.random.default_rng(seed)

    def score(drawn: Floats) -> Floats:
        rows = decode(second.levels, drawn, own, own_level, values)
        # one thread: waking others up for so few rows takes longer than scoring them
        return second.comparison.engine.model.predict_raw(rows, num_threads=1)

    # drawn here, so known to be numbers; a second thread of the linear algebra mostly waits, on busy cores for long
    with config_context(assume_finite=True, skip_parameter_validation=True), threadpool_limits(1, "blas"):
        found = explainer.explain_instance(here, score, num_features=len(here), num_samples=n_samples)
    weights = np.zeros(len(here))
    for place, weight in found.local_exp[1]:
        weights[place] = weight
    return weights, min(1.0, max(0.0, float(found.score)))


def _frequencies(levels: Sequence[Levels], own_level: Sequence[int]) -> dict[str, Any]:
    """How often LIME is to draw each level, in the form its `training_data_stats` wants."""
    drawn = [draw_shares(level, own) for level, own in zip(levels, own_level, strict=True)]
    unused: dict[str, Any] = {"means": {}, "mins": {}, "maxs": {}, "stds": {}}
    return unused | {
        "feature_values": {place: codes.tolist() for place, (codes, _) in enumerate(drawn)},
        "feature_frequencies": {place: shares.tolist() for place, (_, shares) in enumerate(drawn)},
    }


def _notes(second: SecondOpinion, own: Floats) -> tuple[str, ...]:
    notes = []
    if second.n < second.n_total:
        notes.append(f"Values are drawn from {second.n:,} of {second.n_total:,} rows (sampled, seed {second.seed}).")
    if len(second.levels) < second.n_signals_used:
        notes.append(
            f"LIME was given the {len(second.levels)} signals with the most gain of the {second.n_signals_used:,}"
            " that the model uses; the others keep this application's values."
        )
    alone = sum(int(level_of(own[[each.column]], each.edges)[0]) not in each.code for each in second.levels)
    if alone:
        subject = "1 value of this application is" if alone == 1 else f"{alone} values of this application are"
        notes.append(f"{subject} of a kind that nobody in the comparison group has.")
    return tuple(notes)
