"""The checks a snapshot must pass, run at the end of every build and again by `check`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from data.snapshot_checks import StoredFacts
from explainers.style import tiny

ADDITIVITY = 1e-9
"""Largest accepted |raw score − baseline − Σ contributions|, raw-score units."""
SAME_SCORE = 1e-9


@dataclass(frozen=True)
class SelfCheck:
    """One check and what it found."""

    name: str
    """What must hold, in words."""
    passed: bool
    """Whether it holds."""
    finding: str
    """What was found, with figures."""


def check_additivity(facts: StoredFacts) -> SelfCheck:
    """The stored contributions and the group's baseline add up to LightGBM's raw score in every row."""
    share = "100.00 %" if facts.worst_residual <= ADDITIVITY else "less than all"
    worst = f"the worst is off by {tiny(facts.worst_residual)}"
    finding = f"The parts explain {share} of the score in all {facts.n:,} applications; {worst}."
    return SelfCheck("Every explanation adds up", facts.worst_residual <= ADDITIVITY, finding)


def check_scores(stored: npt.NDArray[np.float64], again: npt.NDArray[np.float64]) -> SelfCheck:
    """The stored raw scores are what the stored model gives on the stored signals."""
    worst = float(np.abs(stored - again).max()) if len(stored) else 0.0
    finding = f"{len(stored):,} applications scored again; the largest difference is {tiny(worst)}."
    return SelfCheck("The model gives the same scores again", worst <= SAME_SCORE, finding)


def check_decisions(facts: StoredFacts) -> SelfCheck:
    """Decisions follow from estimates, cut-offs and rules alone."""
    finding = f"{facts.wrong_decisions:,} of {facts.n:,} decisions do not follow from the rules and the cut-off."
    if facts.wrong_decisions == 0:
        finding = f"All {facts.n:,} decisions follow from the rules and the cut-off."
    return SelfCheck("Decisions follow the cut-off", facts.wrong_decisions == 0, finding)


def check_groups(facts: StoredFacts) -> SelfCheck:
    """The comparison groups hold the rows they say, and all of them."""
    right = facts.groups_with_wrong_size == 0 and facts.groups > 0
    finding = f"{facts.groups} comparison groups, each stored whole."
    if not right:
        finding = f"{facts.groups_with_wrong_size} of {facts.groups} comparison groups are not whole."
    return SelfCheck("Comparison groups are whole", right, finding)


def check_production(facts: StoredFacts) -> SelfCheck | None:
    """The score on record is the model's own; None where the table holds no score."""
    if facts.worst_production is None:
        return None
    finding = f"{facts.production_known:,} scores on record; the largest difference is {tiny(facts.worst_production)}."
    return SelfCheck("Scores match the record", facts.worst_production <= 1e-6, finding)


def check_prohibited(names: list[str]) -> SelfCheck:
    """No prohibited column is among the model's inputs."""
    finding = "None of the signals is a prohibited characteristic by its name."
    if names:
        finding = f"{len(names)} signals look like prohibited characteristics: {', '.join(names)}."
    return SelfCheck("No prohibited input", not names, finding)
