"""Counting a cohort: `compute_cohort` → `CohortResult`, and the figures of one that is large enough."""

from __future__ import annotations

import math
from dataclasses import replace

from data.cohorts import EVERYONE, Cohort
from data.errors import NotFoundForViewer
from data.policy import Policy
from data.reader import Reader
from data.summaries import Summaries
from explainers.cohorts import words
from explainers.cohorts.result import CohortResult

LEAST = 10
"""An average over fewer applications says more about single ones than about the model."""


def least_for(policy: Policy) -> int:
    """Return how many applications a cohort needs before an audience sees figures over it."""
    return max(LEAST, policy.smallest_count)


def compute_cohort(reader: Reader, cohort: Cohort) -> CohortResult:
    """Count the applications of a cohort.

    Parameters
    ----------
    reader : Reader
        The snapshot, opened for a viewer.
    cohort : Cohort
        Which applications.

    Raises
    ------
    CohortProblems
        The viewer cannot choose these.
    """
    card, counts = reader.room.card, reader.room.summaries(cohort).counts
    result = CohortResult(
        snapshot_id=reader.snapshot_id,
        cohort=cohort,
        words=words.name_cohort(cohort, card, is_probability=reader.room.model.link == "sigmoid"),
        n=int(counts["n"]),
        n_total=int(reader.totals()["n"]),
        approved=int(counts["approved"]),
        known_outcomes=int(counts["known_outcomes"]),
        outcomes=int(counts["outcomes"]),
        outcome_past=card.model.outcome_past,
        mean_estimate=float(counts["estimate"]) if counts["n"] else math.nan,
        is_probability=reader.room.model.link == "sigmoid",
        least=least_for(reader.viewer.policy),
    )
    return disclose(result, reader.viewer.policy)


def disclose(result: CohortResult, policy: Policy) -> CohortResult:
    """Return the cohort as an audience may see it: no average over too few, and none finer than it may be."""
    if result.n < least_for(policy):
        return replace(result, mean_estimate=math.nan)
    if policy.exact_scores:
        return result
    digits = 3 if result.is_probability else 4
    return replace(result, mean_estimate=round(result.mean_estimate, digits))


def sums_of(reader: Reader, cohort: Cohort = EVERYONE) -> Summaries:
    """Return the figures over a cohort; the way of every page that sums up.

    Raises
    ------
    CohortProblems
        The viewer cannot choose these applications.
    NotFoundForViewer
        There are too few of them.
    """
    found, least = reader.room.summaries(cohort), least_for(reader.viewer.policy)
    n = int(found.counts["n"])
    if n < least:
        raise NotFoundForViewer(
            "Too few applications to sum up",
            f"{n} {'fits' if n == 1 else 'fit'} what you chose. An average needs at least {least}.",
            "Choose fewer conditions.",
        )
    return found
