"""A cohort as the comparison group: any choice of applications can be the yardstick of a decision.

The whole cohort is used, never a sample, as with the groups that a snapshot stores. Nobody's applications but those
the viewer may see are in it.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np

from data.cohort_rows import by_estimate, estimate_ends, signal_blocks, typical_values
from data.cohorts import Cohort
from data.reader import Reader
from data.records import GroupRecord
from data.summaries import Summaries
from explainers import attribution
from explainers.cohorts.compute import compute_cohort, sums_of
from explainers.cohorts.result import CohortResult
from explainers.decision.compute import DENSITY_BINS, GROUP_BLOCK, PICTURES, FittedGroup
from explainers.precision import step_for
from explainers.style import whole

NOT_STORED = -1
"""Stands for the key of a group that no snapshot stores."""
DIGITS = 3
"""Digits of the ends of the group where estimates are no probabilities."""


def fit_cohort(reader: Reader, engine: attribution.Engine, cohort: Cohort) -> FittedGroup:
    """Fit a cohort as a comparison group.

    Parameters
    ----------
    reader : Reader
        The snapshot, opened for a viewer.
    engine : Engine
        Made once of the snapshot's model.
    cohort : Cohort
        Which applications; every one of them that the viewer may see counts.

    Returns
    -------
    FittedGroup
        As `explainers.decision.compute.fit_group` returns for a stored group.

    Raises
    ------
    CohortProblems
        The viewer cannot choose these applications.
    NotFoundForViewer
        There are too few of them.
    """
    sums, found = sums_of(reader, cohort), compute_cohort(reader, cohort)
    rule = f"applications chosen by a rule: {found.words}"
    fitted = _fit(sums, engine, found.words, rule)
    typical, counted = typical_values(sums)
    if counted < found.n:
        rule += f"; typical values from {whole(counted)} of them"
    record = _record(reader, sums, found, rule, fitted)

    @lru_cache(maxsize=PICTURES)
    def density(low: float, high: float) -> np.ndarray[Any, Any]:
        return by_estimate(sums, low, high, DENSITY_BINS).astype(np.float64)

    usual = {str(name): values for name, values in typical.to_dict("index").items()}
    return FittedGroup(record, fitted, usual, density)


def _fit(sums: Summaries, engine: attribution.Engine, name: str, rule: str) -> attribution.Comparison:
    encoded = [engine.encode_rows(rows, raw_score=scores) for rows, scores in signal_blocks(sums, GROUP_BLOCK)]
    codes = attribution.Codes(
        np.concatenate([part.codes for part in encoded], axis=1),
        np.concatenate([part.raw_score for part in encoded]),
        engine.model.sha256,
    )
    return attribution.fit_comparison(engine, codes, name=name, rule=rule)


def _record(
    reader: Reader, sums: Summaries, found: CohortResult, rule: str, fitted: attribution.Comparison
) -> GroupRecord:
    """Describe the cohort as a stored group is described, as precisely as the viewer may see it."""
    exact = reader.viewer.policy.exact_scores
    low, high = estimate_ends(sums)
    if not exact:  # outward, so that everything stays inside; the ends are those of single applications
        step = step_for(found.is_probability, max(abs(low), abs(high)), DIGITS)
        low, high = math.floor(low / step) * step, math.ceil(high / step) * step
    return GroupRecord(
        group_no=NOT_STORED,
        name=found.words,
        rule=rule,
        cutoff=None,
        band_low=low,
        band_high=high,
        n=found.n,
        seed=0,
        as_of=None,
        content_hash=fitted.sha256,
        baseline=fitted.baseline if exact else None,
        own_only=reader.viewer.partner is not None,
    )
