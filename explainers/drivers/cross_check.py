"""Families ranked in a second way, by shuffling: `compute_cross_check` → `CrossCheckResult`.

The values of one family's signals are dealt out anew among the applications of a sample, all signals of an
application together, and everything else stays. A family that the model leans on costs it more.

References
----------
Breiman (2001), Random Forests, Machine Learning 45, 5–32 (permutation importance).
Fisher, Rudin & Dominici (2019), All Models are Wrong, but Many are Useful, JMLR 20 (177) (model reliance).
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from data.cohorts import Cohort
from data.reader import Reader
from explainers.assurance.ranking import compute_ranking, mid_ranks
from explainers.cohorts.compute import sums_of
from explainers.drivers.compute import Sums
from explainers.drivers.disclosure import disclose
from explainers.drivers.result import CrossCheckResult, Metric, Shuffled

SAMPLE = 5_000
"""Applications that are shuffled at most."""
SEED = 7
LEAST_OF_EACH = 100
"""Known outcomes of each kind that ranking needs; with fewer the move of the estimate is measured."""
LEAST_FAMILIES = 3
"""An order of fewer families agrees or not by chance."""

Floats = npt.NDArray[np.float64]


def compute_cross_check(reader: Reader, cohort: Cohort, sums: Sums) -> CrossCheckResult:
    """Shuffle each family's values in a sample of a cohort and see what that costs.

    Parameters
    ----------
    reader : Reader
        The snapshot, opened for a viewer.
    cohort : Cohort
        Which applications.
    sums : Sums
        From `sum_families` for the same reader and cohort.
    """
    card, model = reader.room.card, reader.room.model
    rows, outcomes = _sample(reader, cohort)
    values = np.array(model.encode(sums_of(reader, cohort).values(rows, model.feature_names)))
    sign = 1.0 if card.model.higher_score_is == "riskier" else -1.0
    raw = model.predict_raw(values)
    before = math.nan if outcomes is None else _ranked_rightly(raw * sign, outcomes)
    lost = {}
    for family, shuffled in _shuffled(reader, values, [str(name) for name in sums.frame.index]):
        after = model.predict_raw(shuffled)
        if outcomes is None:
            lost[family] = float(np.abs(model.estimate(after) - model.estimate(raw)).mean())
        else:
            lost[family] = before - _ranked_rightly(after * sign, outcomes)
    sizes = {str(name): float(size) for name, size in sums.frame["mean_abs"].items()}
    ordered = sorted(sizes, key=lambda name: (-sizes[name], name))
    metric: Metric = "estimate moved" if outcomes is None else "pairs ranked rightly"
    result = CrossCheckResult(
        snapshot_id=reader.snapshot_id,
        n=len(rows),
        n_total=sums.n,
        seed=SEED,
        metric=metric,
        before=before,
        is_probability=model.link == "sigmoid",
        rows=tuple(Shuffled(card.families[name].label, sizes[name], lost[name]) for name in ordered),
        agreement=rank_agreement([sizes[name] for name in ordered], [lost[name] for name in ordered]),
    )
    return disclose(result, reader.viewer.policy)


def _sample(reader: Reader, cohort: Cohort) -> tuple[list[int], npt.NDArray[np.int64] | None]:
    """Return the rows to shuffle, and their outcomes where enough are known to measure ranking."""
    found = sums_of(reader, cohort)
    known = found.known_sample(SAMPLE)
    outcomes = known["outcome"].to_numpy(dtype=np.int64)
    happened = int(outcomes.sum())
    if min(happened, len(outcomes) - happened) >= LEAST_OF_EACH:
        return [int(row) for row in known["row_no"]], outcomes
    return found.sample(SAMPLE), None


def _shuffled(reader: Reader, values: Floats, families: list[str]) -> Iterator[tuple[str, Floats]]:
    """Yield the values with one family's columns dealt out anew; the same array, mended before the next one."""
    card, names = reader.room.card, reader.room.model.feature_names
    rng = np.random.default_rng(SEED)
    for family in families:
        columns = [place for place, name in enumerate(names) if card.features[name].family == family]
        kept = values[:, columns].copy()
        values[:, columns] = kept[rng.permutation(len(values))]
        yield family, values
        values[:, columns] = kept


def _ranked_rightly(scores: Floats, outcomes: npt.NDArray[np.int64]) -> float:
    """Return the share of pairs ranked rightly (AUC)."""
    ranking = compute_ranking(scores, outcomes)
    return math.nan if ranking is None else ranking.auc


def rank_agreement(first: list[float], second: list[float]) -> float:
    """Return Spearman's rank correlation of two lists, ties sharing their places; NaN for a flat or a short one."""
    if len(first) < LEAST_FAMILIES:
        return math.nan
    ranks = [mid_ranks(np.asarray(values, dtype=np.float64)) for values in (first, second)]
    if any(float(np.ptp(rank)) == 0.0 for rank in ranks):
        return math.nan
    return float(np.asarray(np.corrcoef(ranks))[0, 1])
