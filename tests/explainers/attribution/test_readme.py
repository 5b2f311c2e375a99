"""The numbers of the algorithm's README, by the definition and by the engine."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import lightgbm
import numpy as np
import pytest

from explainers.attribution import attribute, fit_comparison, interaction_matrix, interactions, list_comparison
from explainers.attribution.deep import make_weights
from explainers.attribution.leaves import leaf_terms, pattern_contributions
from explainers.attribution.quadrature import POINTS, make_quadrature
from tests.explainers.attribution.worlds import coalition_values, save_and_read
from tests.shared_data import ROOT

README = ROOT / "explainers" / "attribution" / "README.md"
TREE = """Tree=0
num_leaves=3
num_cat=0
split_feature=0 1
split_gain=1 1
threshold=40 20
decision_type=2 2
left_child=1 -1
right_child=-3 -2
leaf_value=0 2 -1
leaf_weight=1 1 3
leaf_count=1 1 3
internal_value=0 0
internal_weight=0 0
internal_count=5 2
is_linear=0
shrinkage=1


"""
HEADER = """tree
version=v4
num_class=1
num_tree_per_iteration=1
label_index=0
max_feature_idx=1
objective=regression
feature_names=income debt
feature_infos=[0:100] [0:100]
tree_sizes={size}

"""
FOOTER = """end of trees

feature_importances:
income=1
debt=1

parameters:
end of parameters

pandas_categorical:null
"""
APPLICATION = np.array([[30.0, 50.0]])
GROUP = np.array([[60.0, 10.0], [60.0, 50.0], [30.0, 10.0], [50.0, 30.0]])


@pytest.fixture
def comparison(tmp_path: Path):
    text = HEADER.format(size=len(TREE)) + TREE + FOOTER
    model = save_and_read(lightgbm.Booster(model_str=text), tmp_path)
    return fit_comparison(model, GROUP, name="four rows", rule="the README's")


def table_after(heading: str) -> list[list[str]]:
    """Cells of the rows of the first table whose header begins with `heading`."""
    text = README.read_text(encoding="utf-8")
    lines = text[text.index(f"\n| {heading}") + 1 :].split("\n\n")[0].splitlines()[2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_the_coalitions_of_the_readme_have_the_scores_it_says(comparison) -> None:
    stated = [float(cells[1]) for cells in table_after("coalition")]
    found = coalition_values(comparison.engine.model.predict_raw, APPLICATION[0], GROUP)
    np.testing.assert_allclose(found, stated, rtol=0, atol=1e-12)
    assert comparison.baseline == pytest.approx(stated[0])


def test_leaf_b_gives_what_the_readme_says_row_by_row() -> None:
    *rows, mean = table_after("row of the group")
    weights, sums = make_weights(2), np.zeros(2)
    for cells in rows:
        other = int(cells[1][::-1], 2)  # the first signal is the lowest bit
        phi = np.empty(64)
        matching = np.array([0])  # the one pattern there is
        pattern_contributions(0b11, 2, 2.0, matching, np.array([other]), np.array([1.0]), weights, phi)
        np.testing.assert_allclose(phi[:2], [float(cells[4]), float(cells[5])], rtol=0, atol=1e-12)
        assert (other ^ 0b11).bit_count() == int(cells[2])
        sums += phi[:2] / len(rows)
    np.testing.assert_allclose(sums, [float(mean[4]), float(mean[5])], rtol=0, atol=1e-12)


def test_the_counts_of_patterns_at_leaf_b_are_those_of_the_readme_and_give_its_numbers(comparison) -> None:
    stored = list_comparison(comparison)
    at_b = dict(zip(stored.pattern[stored.leaf == 1].tolist(), stored.n[stored.leaf == 1].tolist(), strict=True))
    assert at_b == {0b00: 1, 0b01: 2, 0b10: 1}  # bit 0 is debt: it is asked last on the way to the leaf
    found = attribute(replace(comparison, tables=None), APPLICATION)
    np.testing.assert_allclose(found.values, [[2.0, 0.75]], rtol=0, atol=1e-12)


def test_the_integrals_of_the_readme_are_right() -> None:
    stated = [float(cells[1]) for cells in table_after("| value")]
    upper, lower = np.empty(4), np.empty(4)
    share = np.array([0.25, 0.25, 0.5, 0.0])  # patterns none, income, debt, both
    leaf_terms(2, 2.0, share, make_quadrature(POINTS), upper, lower)
    np.testing.assert_allclose([upper[0b11], lower[0b10], lower[0b01]], stated, rtol=0, atol=1e-12)


def test_the_engine_gives_the_table_of_states_of_the_readme(comparison) -> None:
    cells = np.array(table_after("income | debt | score"), dtype=np.float64)
    found = attribute(comparison, cells[:, :2])
    np.testing.assert_allclose(found.raw_score, cells[:, 2], rtol=0, atol=1e-12)
    np.testing.assert_allclose(found.values, cells[:, 3:], rtol=0, atol=1e-12)
    assert comparison.engine.groups.state_start.tolist() == [0, 4]


def test_the_interactions_of_the_readme_are_right(comparison) -> None:
    stated = np.array([cells[1:] for cells in table_after("| income | debt |")], dtype=np.float64)
    np.testing.assert_allclose(interaction_matrix(comparison, APPLICATION).values, stated, rtol=0, atol=1e-12)
    index = re.search(r"interaction index of income and debt is .* = ([\d.]+):", README.read_text(encoding="utf-8"))
    found = interactions(comparison, APPLICATION, ["income"], ["debt"])
    assert found.values[0] == pytest.approx(float(index[1]), abs=1e-12)
