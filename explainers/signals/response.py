"""What the model itself answers when one signal alone is changed: `compute_response` → `ResponseResult`."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from data.card_schema import FeatureBlock
from data.cohorts import Cohort
from data.models import CreditModel
from data.reader import Reader
from explainers.cohorts.compute import sums_of
from explainers.precision import TENTH
from explainers.signals.compute import edges_for
from explainers.signals.disclosure import disclose, no_signal
from explainers.signals.result import ResponseResult
from explainers.signals.steps import LEVELS, fine_values, is_ordered, value_words

SAMPLE = 1_000
"""Applications at most."""
CELLS = 3_000_000
"""Values of the sample at most: a wide model gets fewer applications."""
RULE = "the applications whose numbers have the smallest hashes"
Floats = npt.NDArray[np.float64]


def compute_response(reader: Reader, name: str, cohort: Cohort) -> ResponseResult:
    """Change one signal alone in a sample of applications and ask the model again.

    Parameters
    ----------
    reader : Reader
        The snapshot, opened for a viewer who sees signals.
    name : str
        A signal the model uses.
    cohort : Cohort
        Which applications the sample is taken from.

    Raises
    ------
    NotFoundForViewer
        There is no such signal for this viewer, or too few applications.

    References
    ----------
    J. Friedman, "Greedy function approximation", Annals of Statistics 29 (2001): partial dependence.
    D. Apley and J. Zhu, "Visualizing the effects of predictor variables in black box supervised learning models",
    Journal of the Royal Statistical Society B 82 (2020): accumulated local effects.
    """
    policy, card, model = reader.viewer.policy, reader.room.card, reader.room.model
    sums = sums_of(reader, cohort)
    if policy.signals != "every signal" or name not in sums.used:
        raise no_signal()
    feature, number = card.features[name], sums.kinds[name] == "number"
    rows = reader.room.signal_values(sums.sample(min(SAMPLE, CELLS // len(model.feature_names))))
    table, column = model.encode(rows), model.feature_names.index(name)
    if number:
        fine = fine_values(sums, name)
        grid = np.array(sorted({*fine[:1], *edges_for(sums, fine, 1), *fine[-1:]}))
        words = tuple(value_words(float(value), feature) for value in grid)
    else:
        grid, words = _levels(model, rows, name, feature)
    ordered = is_ordered(feature, number=number)
    figures = _figures(model, table, (column, grid), feature.direction, ordered=ordered)
    result = ResponseResult(
        snapshot_id=reader.snapshot_id,
        n=len(rows),
        n_total=int(sums.counts["n"]),
        rule=RULE,
        name=name,
        label=feature.label,
        unit=feature.unit,
        words=words,
        grid=tuple(float(g) for g in (grid if number else range(len(words)))),
        ordered=ordered,
        declared=feature.direction,
        is_probability=model.link == "sigmoid",
        **figures,
    )
    return disclose(result, policy)


def _figures(
    model: CreditModel, table: Floats, asked: tuple[int, Floats], declared: str, *, ordered: bool
) -> dict[str, Any]:
    """Return what the model answers, under the names of the result's fields."""
    column, grid = asked
    curves = _curves(model, table, column, grid)
    away = curves - model.estimate(model.predict_raw(table))[:, None]
    falls = _falls(curves, declared) if ordered else np.zeros(len(table))
    told = TENTH / 10 if model.link == "sigmoid" else 1e-6 * float(np.ptp(curves) if curves.size else 0.0)
    return {
        "mean": _tuple(away.mean(axis=0)),
        "p10": _tuple(np.quantile(away, 0.1, axis=0)),
        "p90": _tuple(np.quantile(away, 0.9, axis=0)),
        "ale": _tuple(_local_effects(model, table, column, grid)) if ordered and len(grid) > 1 else None,
        "against": int((falls > told).sum()),
        "worst": float(max(falls.max(initial=0.0), 0.0)),
    }


def _tuple(values: Floats) -> tuple[float, ...]:
    return tuple(float(value) for value in values)


def _levels(model: CreditModel, rows: pd.DataFrame, name: str, feature: FeatureBlock) -> tuple[Floats, tuple[str, ...]]:
    """Return the codes of the categories in the sample, the most common first, and their words."""
    found = [str(level) for level in rows[name].dropna().value_counts().index[:LEVELS]]
    if not found:
        return np.array([]), ()
    each = pd.concat([rows.head(1)] * len(found), ignore_index=True)
    codes = model.encode(each.assign(**{name: found}))[:, model.feature_names.index(name)]
    return codes, tuple(feature.levels.get(level, level) for level in found)


def _curves(model: CreditModel, table: Floats, column: int, grid: Floats) -> Floats:
    """Return the estimate of every row with the signal set to every value of the grid, (n, values)."""
    curves = np.empty((len(table), len(grid)))
    changed = table.copy()
    for place, value in enumerate(grid):
        changed[:, column] = value
        curves[:, place] = model.estimate(model.predict_raw(changed))
    return curves


def _falls(curves: Floats, declared: str) -> Floats:
    """Return how far each row's estimate anywhere moves against the declared direction, (n,)."""
    if declared == "either" or curves.shape[1] < 2:
        return np.zeros(len(curves))
    signed = curves if declared == "raises" else -curves
    falls: Floats = (np.maximum.accumulate(signed, axis=1) - signed).max(axis=1)
    return falls


def _local_effects(model: CreditModel, table: Floats, column: int, grid: Floats) -> Floats:
    """Return accumulated local effects at the values of the grid, centred over the sample's own values."""
    known = table[~np.isnan(table[:, column])]
    place = np.clip(np.searchsorted(grid, known[:, column], side="right"), 1, len(grid) - 1)
    ends: list[Floats] = []
    for side in (place - 1, place):
        moved = known.copy()
        moved[:, column] = grid[side]
        ends.append(model.estimate(model.predict_raw(moved)))
    counts = np.bincount(place, minlength=len(grid)).astype(np.float64)
    sums: Any = np.bincount(place, weights=ends[1] - ends[0], minlength=len(grid))
    effects = np.cumsum(np.divide(sums, counts, out=np.zeros_like(sums), where=counts > 0))
    middle = (effects[1:] + effects[:-1]) / 2
    centred: Floats = effects - np.average(middle, weights=counts[1:]) if counts.sum() else effects
    return centred
