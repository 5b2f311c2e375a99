"""What LIME says of one application, and how its agreement is counted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

TOP = 4
"""Families compared; a notice names up to four reasons."""


@dataclass(frozen=True)
class SecondOpinionResult:
    """What LIME says of one application, beside the exact contributions."""

    comparison_sha256: str
    """Hash of the comparison group."""
    n: int
    """Rows of the group that values were drawn from."""
    n_total: int
    """Rows of the group."""
    r_squared: float
    """Share of the variation of the raw score among the samples that LIME's line explains, 0 to 1, weighted by
    closeness as LIME does, on the samples it was fitted to; mean over the seeds."""
    n_samples: int
    """Samples per seed, this application included."""
    seeds: tuple[int, ...]
    """Seeds LIME was run with."""
    weights: Mapping[str, float]
    """LIME's weight of each family: the sum over its signals, signed, raw-score units; mean over the seeds."""
    exact: Mapping[str, float]
    """Exact contribution of each family, raw-score units, the same order."""
    top_lime: tuple[str, ...]
    """Up to four families that count most against approval by LIME, the strongest first."""
    top_exact: tuple[str, ...]
    """The same by the exact contributions."""
    agree: int
    """Families in both lists, 0 to 4."""
    jaccard: float
    """Families in both lists over families in either, 0 to 1; 1 if both are empty."""
    spearman: float | None
    """Rank correlation of all families' signed values, −1 to 1; None where one side has no order."""
    repeatability: float | None
    """Mean Jaccard of LIME's own four over pairs of seeds, 0 to 1; None with one seed."""
    n_signals: int
    """Signals LIME was given."""
    n_signals_used: int
    """Signals the model has splits on."""
    seconds: float
    """Time taken."""
    notes: tuple[str, ...]
    """What was left out or changed, in sentences; empty if nothing."""


def top_families(values: Mapping[str, float], adverse_sign: int) -> tuple[str, ...]:
    """Return up to `TOP` families that count against approval, the strongest first."""
    against = [name for name in values if adverse_sign * values[name] > 0]
    return tuple(sorted(against, key=lambda name: -adverse_sign * values[name])[:TOP])


def jaccard(a: Sequence[str], b: Sequence[str]) -> float:
    """Return the names in both lists over the names in either; 1 if both are empty."""
    either = set(a) | set(b)
    return len(set(a) & set(b)) / len(either) if either else 1.0


def spearman(a: Sequence[float], b: Sequence[float]) -> float | None:
    """Return the rank correlation, ties given their mean rank; None if a list is constant or shorter than 2."""
    ranks = [pd.Series(list(values), dtype=float).rank().to_numpy() for values in (a, b)]
    if len(a) < 2 or any(np.ptp(each) == 0 for each in ranks):
        return None
    return float(np.corrcoef(ranks[0], ranks[1])[0, 1])
