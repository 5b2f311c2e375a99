"""How much two signals do together: the exact Shapley interaction index against the whole comparison group.

The index of two signals is what they add together beyond what each adds alone, averaged over all
coalitions of the others with Shapley's weights. It is formula (4) in `leaves`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from data.errors import AttributionError
from explainers.attribution.arrays import Bytes, CodeMatrix, Floats, Ints
from explainers.attribution.codes import CodeBook
from explainers.attribution.comparison import Comparison
from explainers.attribution.deep import DeepLeaves
from explainers.attribution.engine import Engine, Rows
from explainers.attribution.explain import attribute
from explainers.attribution.groups import Groups, find_states
from explainers.attribution.jit import kernel
from explainers.attribution.leaves import count_bits, reach_of_patterns
from explainers.attribution.paths import Path, drop_idle, empty_path, read_path, row_patterns
from explainers.attribution.quadrature import POINTS, Quadrature
from explainers.attribution.results import Codes
from explainers.attribution.tables import LeafWork, empty_work, find_patterns, find_shares
from explainers.attribution.threads import run_all, weighted_runs
from explainers.attribution.trees import Forest


@dataclass(frozen=True, eq=False)
class Interactions:
    """Interaction of two sets of signals for every row."""

    values: Floats = field(repr=False)
    """Shapley interaction index in raw score, (n,): the sum over all pairs with one signal from each set."""
    first: tuple[str, ...]
    """Signals of the first set."""
    second: tuple[str, ...]
    """Signals of the second set."""
    comparison_sha256: str
    """Hash of the comparison group."""


@dataclass(frozen=True, eq=False)
class InteractionMatrix:
    """Main effects and interactions of all signals for one row."""

    values: Floats = field(repr=False)
    """Raw score, (p, p), symmetric. Off the diagonal half the index of the pair, so that a row of the
    matrix sums to the signal's contribution; on the diagonal what is left, the signal's main effect."""
    feature_names: tuple[str, ...] = field(repr=False)
    """The model's features."""
    comparison_sha256: str
    """Hash of the comparison group."""
