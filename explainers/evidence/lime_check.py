"""LIME beside the stored reasons, for a small part of the sample: it takes its time."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from explainers.evidence.stability import Columns
from explainers.evidence.world import LIME_MOST, LIME_SHARE, World
from explainers.second_opinion.compute import SecondOpinion, compute_second_opinion, fit_second_opinion
from explainers.second_opinion.result import SecondOpinionResult

PER_SIGNAL = 10
"""Made-up rows for each signal that LIME fits a number to …"""
FEWEST = 400
"""… and at least so many."""
REFERENCES = 2_000
"""Applications of the group that LIME draws values from at most."""


def pick_rows(world: World) -> npt.NDArray[np.int64]:
    """Choose the applications that LIME is asked about."""
    few = min(world.n, LIME_MOST, max(1, world.n // LIME_SHARE))
    return np.sort(world.random(5).choice(world.n, few, replace=False))


def check_lime(world: World) -> Columns:
    """Ask LIME about some applications and compare its reasons with the exact ones.

    Returns
    -------
    dict
        `lime_first`, `lime_set`, `lime_overlap`, `lime_rank`; NaN for applications that were not asked about. LIME's
        reasons are its four strongest families, the exact ones the four that it is compared with on the Decision page.
    """
    found = {f"lime_{what}": np.full(world.n, np.nan) for what in ("first", "set", "overlap", "rank")}
    families = {name: feature.family for name, feature in world.card.features.items()}
    rows = pick_rows(world)
    fitted = {int(no): fit(world, int(no)) for no in np.unique(world.rows.group_no[rows])}
    for row in rows:
        exact = dict(zip(world.families, world.rows.contributions[row].tolist(), strict=True))
        second = fitted[int(world.rows.group_no[row])]
        result = compute_second_opinion(
            second,
            world.rows.signals.iloc[[row]],
            families,
            exact,
            adverse_sign=int(world.sign),
            n_samples=max(FEWEST, PER_SIGNAL * len(second.levels)),
            seeds=(world.seed,),
        )
        _note(found, int(row), result)
    return dict(found)


def fit(world: World, number: int) -> SecondOpinion:
    """Make LIME ready for a group, or for a part of a large one drawn at random."""
    group = world.groups[number]
    members, comparison = group.rows, world.fit(group)
    if len(members) > REFERENCES:
        members = np.sort(world.random(200 + number).choice(members, REFERENCES, replace=False))
    return fit_second_opinion(replace(comparison, n=len(members)), world.source.signals(members), seed=world.seed)


def _note(found: dict[str, npt.NDArray[np.float64]], row: int, result: SecondOpinionResult) -> None:
    found["lime_first"][row] = result.top_lime[:1] == result.top_exact[:1]
    found["lime_set"][row] = set(result.top_lime) == set(result.top_exact)
    found["lime_overlap"][row] = result.jaccard
    found["lime_rank"][row] = np.nan if result.spearman is None else result.spearman
