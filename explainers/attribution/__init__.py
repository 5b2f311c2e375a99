"""Exact Shapley contributions for LightGBM models, against a named comparison group.

See README.md in this folder for the algorithm by hand.
"""

from explainers.attribution.comparison import Comparison, fit_comparison
from explainers.attribution.contributions import attribute, attribute_families, attribute_path_dependent, family_tables
from explainers.attribution.engine import Engine
from explainers.attribution.few_signals import leaves_of_sets, moved_by
from explainers.attribution.interaction import (
    InteractionMatrix,
    Interactions,
    interaction_matrix,
    interactions,
    pair_values,
)
from explainers.attribution.results import Attributions, Codes, FamilyAttributions, by_family
from explainers.attribution.stored import list_comparison, restore_comparison
from explainers.attribution.warm import warm_up
from explainers.attribution.ways import Sides, Ways

__all__ = [
    "Attributions",
    "Codes",
    "Comparison",
    "Engine",
    "FamilyAttributions",
    "InteractionMatrix",
    "Interactions",
    "Sides",
    "Ways",
    "attribute",
    "attribute_families",
    "attribute_path_dependent",
    "by_family",
    "family_tables",
    "fit_comparison",
    "interaction_matrix",
    "interactions",
    "leaves_of_sets",
    "list_comparison",
    "moved_by",
    "pair_values",
    "restore_comparison",
    "warm_up",
]
