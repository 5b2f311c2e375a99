"""Exact Shapley contributions for LightGBM models, against a named comparison group.

See README.md in this folder for the algorithm by hand.
"""

from explainers.attribution.engine import (
    Comparison,
    Engine,
    attribute,
    attribute_families,
    attribute_path_dependent,
    family_tables,
    fit_comparison,
)
from explainers.attribution.results import Attributions, Codes, FamilyAttributions, by_family

__all__ = [
    "Attributions",
    "Codes",
    "Comparison",
    "Engine",
    "FamilyAttributions",
    "attribute",
    "attribute_families",
    "attribute_path_dependent",
    "by_family",
    "family_tables",
    "fit_comparison",
]
