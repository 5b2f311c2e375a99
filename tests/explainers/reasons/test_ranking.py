"""Principal reasons: the comments to 12 CFR 1002.9(b)(2), counted by hand, and what must hold of any application."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from explainers.reasons.ranking import NOTHING, ReasonRule, rank_reasons

NAMES = ("debt", "payments", "cards", "history", "income", "job")
RULE = ReasonRule()
tables = arrays(float, st.tuples(st.integers(1, 12), st.just(6)), elements=st.floats(-5, 5, width=32))


def reasons(*contributions: float, sign: float = 1.0, rule: ReasonRule = RULE) -> list[str]:
    found = rank_reasons(np.array([contributions], float), sign, NAMES, rule).families[0]
    return [NAMES[place] for place in found if place != NOTHING]


def test_comment_1_never_more_than_four() -> None:
    assert reasons(0.6, 0.5, 0.4, 0.3, 0.2, 0.1) == ["debt", "payments", "cards", "history"]


def test_comment_1_never_padded_to_four() -> None:
    assert reasons(1.0, 0.5, 0.01, 0.01, 0.0, -1.0) == ["debt", "payments"]


def test_comment_2_what_helped_is_never_a_reason() -> None:
    assert reasons(-0.9, 0.2, -0.5, 0.1, 0.0, -0.1) == ["payments", "history"]


def test_comment_2_the_other_way_round_when_a_higher_score_is_safer() -> None:
    assert reasons(-0.9, 0.2, -0.5, 0.1, 0.0, -0.1, sign=-1.0) == ["debt", "cards", "job"]


def test_comment_4_no_stronger_factor_is_left_out_for_a_weaker_one() -> None:
    assert reasons(0.1, 0.2, 0.3, 0.4, 0.5, 0.6) == ["job", "income", "history", "cards"]


def test_the_strongest_is_named_even_when_many_small_ones_make_up_the_push() -> None:
    names = tuple(f"family {i:02d}" for i in range(40))
    values = np.full((1, 40), 0.01)
    values[0, 7] = 0.0101
    found = rank_reasons(values, 1.0, names, RULE)
    assert found.families[0].tolist() == [7, NOTHING, NOTHING, NOTHING]


def test_nothing_against_approval_gives_no_reason() -> None:
    found = rank_reasons(np.array([[-0.1, 0.0, -0.3]]), 1.0, ("a", "b", "c"), RULE)
    assert (found.families == NOTHING).all()
    assert np.isnan(found.explained[0])
    assert found.material[0] == 0


def test_the_share_that_the_reasons_explain_is_counted() -> None:
    found = rank_reasons(np.array([[0.5, 0.25, 0.125, 0.0625, 0.0625, -9.0]]), 1.0, NAMES, RULE)
    assert found.push[0] == 1.0
    assert found.explained[0] == 0.9375
    assert found.material[0] == 5, "a fifth family is material and cannot be named"


def test_a_family_exactly_at_the_floor_is_material() -> None:
    assert reasons(0.75, 0.25, 0.0, 0.0, 0.0, 0.0, rule=ReasonRule(floor=0.25)) == ["debt", "payments"]


def test_ties_and_near_ties_are_told() -> None:
    found = rank_reasons(np.array([[0.5, 0.5, 0.3, 0.29, 0.1, 0.0]]), 1.0, NAMES, RULE)
    assert found.near_tie[0].tolist() == [True, False, True, False]
    assert [NAMES[i] for i in found.families[0]] == ["debt", "payments", "cards", "history"]


def test_a_near_tie_with_the_fifth_is_told_too() -> None:
    found = rank_reasons(np.array([[0.5, 0.4, 0.3, 0.2, 0.199, 0.0]]), 1.0, NAMES, RULE)
    assert found.near_tie[0].tolist() == [False, False, False, True]


@given(tables, st.sampled_from([1.0, -1.0]))
def test_never_more_than_four_never_one_that_helped_never_one_twice(values: np.ndarray, sign: float) -> None:
    found = rank_reasons(values, sign, NAMES, RULE)
    assert found.families.shape[1] == 4
    for row, places in zip(values, found.families, strict=True):
        named = [p for p in places if p != NOTHING]
        assert len(set(named)) == len(named)
        assert all(sign * row[p] > 0 for p in named)
        sizes = [sign * row[p] for p in named]
        assert sizes == sorted(sizes, reverse=True)
        left = [sign * row[p] for p in range(6) if p not in named]
        assert not named or max(left) <= sizes[0]
        assert len(named) < 4 or max(left) <= sizes[-1]


@given(tables, st.permutations(range(6)), st.randoms())
def test_the_order_of_rows_and_columns_changes_nothing(values: np.ndarray, columns: list, random: object) -> None:
    rows = list(range(len(values)))
    random.shuffle(rows)  # type: ignore[attr-defined]
    found = rank_reasons(values, 1.0, NAMES, RULE)
    names = tuple(NAMES[c] for c in columns)
    other = rank_reasons(values[rows][:, columns], 1.0, names, RULE)
    for place, row in enumerate(rows):
        first = [NAMES[i] for i in found.families[row] if i != NOTHING]
        assert [names[i] for i in other.families[place] if i != NOTHING] == first


@given(tables)
def test_the_share_explained_lies_between_zero_and_one(values: np.ndarray) -> None:
    explained = rank_reasons(values, 1.0, NAMES, RULE).explained
    assert ((explained[~np.isnan(explained)] > 0) & (explained[~np.isnan(explained)] <= 1 + 1e-12)).all()


@pytest.mark.parametrize("most", [1, 2, 6, 9])
def test_a_rule_may_name_fewer_or_more(most: int) -> None:
    assert len(reasons(0.6, 0.5, 0.4, 0.3, 0.2, 0.1, rule=ReasonRule(most=most, floor=0.0))) == min(most, 6)
