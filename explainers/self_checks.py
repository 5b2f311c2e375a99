"""The checks a snapshot must pass, run at the end of every build and again by `check`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from data.card_schema import Card
from data.snapshot_checks import StoredFacts
from explainers.style import tiny

ADDITIVITY = 1e-9
"""Largest accepted |raw score − baseline − Σ contributions|, raw-score units."""
SAME_SCORE = 1e-9
"""Largest accepted difference of a raw score that is computed again."""
SAME_PARTS = 1e-9
"""Largest accepted difference of a contribution that is computed again, raw-score units."""
SAME_IN_32_BITS = 1e-5
"""Largest accepted difference of a contribution kept in 32 bits, raw-score units."""
ON_RECORD = 1e-6
"""Largest accepted difference of the score on record."""

Floats = npt.NDArray[np.float64]


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
    passed = facts.worst_residual <= ADDITIVITY
    share = "100.00 %" if passed else "less than all"
    worst = f"the worst is off by {_tiny(facts.worst_residual)}"
    finding = f"The parts explain {share} of the score in all {facts.n:,} applications; {worst}."
    return SelfCheck("Every explanation adds up", passed, finding)


def check_scores(stored: Floats, again: Floats) -> SelfCheck:
    """The stored raw scores are what the stored model gives on the stored signals."""
    worst = _worst(stored, again)
    finding = f"{len(stored):,} applications scored again; the largest difference is {_tiny(worst)}."
    return SelfCheck("The model gives the same scores again", worst <= SAME_SCORE, finding)


def check_estimates(stored: Floats, again: Floats) -> SelfCheck:
    """The stored estimates are the model's own curve of the raw scores."""
    worst = _worst(stored, again)
    finding = f"{len(stored):,} estimates made again from raw scores; the largest difference is {_tiny(worst)}."
    return SelfCheck("Estimates follow from raw scores", worst <= SAME_SCORE, finding)


def check_explanations(stored: Floats, again: Floats) -> SelfCheck:
    """The stored contributions are what the engine gives on the stored signals and groups."""
    worst = _worst(stored, again)
    finding = f"{len(stored):,} applications explained again; the largest difference of a part is {_tiny(worst)}."
    return SelfCheck("Explanations computed again are the same", worst <= SAME_PARTS, finding)


def check_reasons(stored: npt.NDArray[np.int16], again: npt.NDArray[np.int16]) -> SelfCheck:
    """The stored principal reasons are those of the contributions computed again."""
    different = int((stored != again).any(axis=1).sum())
    finding = f"the same families in the same order for {len(stored):,} applications"
    if different:
        finding = f"{different:,} of {len(stored):,} applications have other reasons when computed again"
    return SelfCheck("Principal reasons are the same", different == 0, f"{finding}.")


def check_signal_explanations(stored: npt.NDArray[np.float32], again: npt.NDArray[np.float32]) -> SelfCheck:
    """The stored contributions of single signals, kept in 32 bits for averages, are what the engine gives."""
    worst = _worst(stored.astype(np.float64), again.astype(np.float64))
    finding = f"{stored.shape[1]:,} signals of {len(stored):,} applications; the largest difference is {_tiny(worst)}."
    return SelfCheck("Contributions of signals are the same", worst <= SAME_IN_32_BITS, finding)


def check_decisions(facts: StoredFacts, card: Card) -> SelfCheck:
    """Decisions follow from estimates, the card's cut-offs and rules alone."""
    foreign = sum(cutoff != card.cutoff_for(partner) for partner, cutoff in facts.cutoffs)
    finding = f"All {facts.n:,} decisions follow from the rules and the cut-off."
    if facts.wrong_decisions:
        finding = f"{facts.wrong_decisions:,} of {facts.n:,} decisions do not follow from the rules and the cut-off."
    elif foreign:
        finding = f"For {foreign} partners a cut-off was applied that is not the card's."
    return SelfCheck("Decisions follow the cut-off", not facts.wrong_decisions and not foreign, finding)


def check_groups(facts: StoredFacts) -> SelfCheck:
    """The comparison groups hold the rows they say, and all of them."""
    right = facts.groups_with_wrong_size == 0 and facts.groups > 0
    finding = f"{facts.groups} comparison groups, each stored whole."
    if not right:
        finding = f"{facts.groups_with_wrong_size} of {facts.groups} comparison groups are not whole."
    return SelfCheck("Comparison groups are whole", right, finding)


def check_group_contents(names: list[str], wrong: list[str]) -> SelfCheck:
    """The members of every comparison group have the hash and the average score that were published."""
    finding = f"{len(names)} comparison groups read again: same applications, same average score."
    if wrong:
        finding = f"Not as published: {', '.join(wrong)}."
    return SelfCheck("Comparison groups are the ones named", not wrong, finding)


def check_protected(rows: int, distinct: int, n: int) -> SelfCheck:
    """The protected attributes stand apart, one row for each application."""
    finding = f"groups.duckdb has {rows:,} rows for {n:,} applications."
    return SelfCheck("Protected attributes fit the applications", rows == distinct == n, finding)


def check_production(facts: StoredFacts) -> list[SelfCheck]:
    """The score on record is the model's own; nothing to check where the table holds no score."""
    if facts.worst_production is None:
        return []
    finding = f"{facts.production_known:,} scores on record; the largest difference is {_tiny(facts.worst_production)}."
    return [SelfCheck("Scores match the record", facts.worst_production <= ON_RECORD, finding)]


def check_prohibited(names: list[str]) -> SelfCheck:
    """No prohibited column is among the model's inputs."""
    finding = "None of the signals is a prohibited characteristic by its name."
    if names:
        finding = f"{len(names)} signals look like prohibited characteristics: {', '.join(names)}."
    return SelfCheck("No prohibited input", not names, finding)


def _worst(stored: Floats, again: Floats) -> float:
    """Return the largest difference; NaN, which passes no check, where one is missing or the shapes differ."""
    if stored.shape != again.shape:
        return float("nan")
    return float(np.abs(stored - again).max(initial=0.0))


def _tiny(value: float) -> str:
    return "not a number" if np.isnan(value) else tiny(value)
