"""Agreement of lists of reasons by hand, and tests that must notice when something is wrong."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from explainers.attribution import attribute, by_family
from explainers.evidence.lime_check import check_lime, pick_rows
from explainers.evidence.neighbours import check_neighbours
from explainers.evidence.stability import (
    agreement,
    by_families,
    check_group,
    check_noise,
    check_other_method,
    explain_again,
    main_group,
    noisy,
    rank_correlation,
    reasons_of,
)
from explainers.evidence.world import Fits, World, sample_size
from tests.explainers.evidence.worlds import with_contributions, with_reasons


def test_two_lists_agree_as_counted_by_hand() -> None:
    first = np.array([[0, 1, 2, -1], [0, 1, -1, -1], [3, 2, 1, 0], [-1, -1, -1, -1]])
    second = np.array([[0, 2, 1, -1], [1, 2, -1, -1], [3, -1, -1, -1], [-1, -1, -1, -1]])
    found = agreement(first, second, "x")
    assert found["x_first"].tolist() == [True, False, True, True]
    assert found["x_set"].tolist() == [True, False, False, True]
    assert found["x_overlap"].tolist() == pytest.approx([1.0, 1 / 3, 1 / 4, 1.0])


def test_rank_correlation_is_one_for_the_same_order_and_minus_one_for_the_opposite() -> None:
    values = np.array([[1.0, 2.0, 3.0], [1.0, 2.0, 3.0], [1.0, 1.0, 1.0]])
    others = np.array([[10.0, 20.0, 90.0], [3.0, 2.0, 1.0], [1.0, 2.0, 3.0]])
    found = rank_correlation(values, others)
    assert found[:2].tolist() == pytest.approx([1.0, -1.0])
    assert np.isnan(found[2])


def test_contributions_by_family_are_the_engines(world: World) -> None:
    fitted = world.fit(world.groups[0])
    families = {name: feature.family for name, feature in world.card.features.items()}
    whole = by_family(attribute(fitted, world.codes), families)
    order = [whole.families.index(family) for family in world.families]
    np.testing.assert_allclose(by_families(world, fitted, world.codes), whole.values[:, order], atol=1e-12)


def test_without_noise_the_stored_reasons_come_out_again(world: World) -> None:
    again = reasons_of(world, explain_again(world, world.rows.signals))
    assert (again == world.reasons).all()


def test_noise_moves_amounts_by_two_percent_and_leaves_counts_alone(whole_world: World) -> None:
    before, after = whole_world.rows.signals, noisy(whole_world)
    assert (after["late_payments"] == before["late_payments"]).all()
    assert (after["home"].astype(object) == before["home"].astype(object)).all()
    ratio = (after["income"] / before["income"]).dropna()
    assert ratio.std() == pytest.approx(0.02, abs=0.003)
    assert (after["utilisation"].isna() == before["utilisation"].isna()).all()


def test_reasons_that_do_not_follow_from_the_contributions_are_not_stable(whole_world: World) -> None:
    true = check_noise(whole_world)
    assert true["noise_first"].mean() > 0.85
    turned = with_reasons(whole_world, np.roll(whole_world.reasons, 1, axis=0))
    assert check_noise(turned)["noise_first"].mean() < 0.7


def test_the_other_method_is_the_group_of_all_applications(whole_world: World) -> None:
    found = check_other_method(whole_world)
    everyone = next(g for g in whole_world.groups.values() if g.name == "all_applicants")
    by_hand = reasons_of(whole_world, by_families(whole_world, whole_world.fit(everyone), whole_world.codes))
    assert (found["method_first"] == (by_hand[:, 0] == whole_world.reasons[:, 0])).all()
    assert 0.2 < found["method_first"].mean() <= 1


def test_without_a_second_method_nothing_is_compared(world: World) -> None:
    alone = {no: g for no, g in world.groups.items() if g.name != "all_applicants"}
    assert check_other_method(replace(world, groups=alone)) == {}


def test_two_halves_average_to_the_whole_group(whole_world: World) -> None:
    number = main_group(whole_world)
    assert number is not None
    found = check_group(whole_world)
    own = whole_world.rows.group_no == number
    assert not np.isnan(found["halves_first"][own]).any()
    assert np.isnan(found["halves_first"][~own]).all()
    assert found["halves_overlap"][own].mean() > 0.8
    assert {"narrow_set", "wide_set"} <= set(found)


def test_halves_notice_contributions_of_another_group(whole_world: World) -> None:
    wrong = with_contributions(whole_world, lambda values: np.roll(values, 1, axis=1))
    assert check_group(wrong)["halves_overlap"].mean() < check_group(whole_world)["halves_overlap"].mean() - 0.1


def test_neighbours_are_as_counted_by_hand(world: World) -> None:
    pool = world.source.pool(10_000)
    found = check_neighbours(world, pool, world.reasons, "near")
    width = 0.2 * np.std(pool.raw_score)
    for row in range(5):
        listed = [f for f in world.reasons[row] if f >= 0]
        rest = [f for f in range(len(world.families)) if f not in listed]
        apart = np.sqrt(((pool.contributions[:, rest] - world.rows.contributions[row, rest]) ** 2).sum(axis=1))
        near = (apart <= width) & (pool.contributions[:, listed].sum(axis=1) <= 0)
        near &= pool.group_no == world.rows.group_no[row]
        assert found["near_neighbours"][row] == near.sum()
        if near.sum() >= 5:
            assert found["near_mean"][row] == pytest.approx(pool.estimate[near].mean())
        else:
            assert np.isnan(found["near_mean"][row])


def test_lime_is_asked_about_a_stated_few(whole_world: World) -> None:
    found = check_lime(whole_world)
    rows = pick_rows(whole_world)
    assert len(rows) == whole_world.n // 100
    known = ~np.isnan(found["lime_first"])
    assert set(np.flatnonzero(known)) == set(rows)
    assert found["lime_overlap"][known].mean() > 0.5


@pytest.mark.parametrize(
    ("declined", "tested"), [(0, 0), (999, 999), (12_338, 1_000), (40_000, 2_000), (900_000, 10_000)]
)
def test_the_sample_has_the_size_that_is_stated(declined: int, tested: int) -> None:
    assert sample_size(declined) == tested


def test_a_kept_group_is_the_same_as_one_fitted_again(world: World) -> None:
    kept = Fits(world.engine, world.everyone)
    group = world.groups[0]
    again = kept(group)
    kept.keep(again)
    assert kept(group) is again
    assert again.sha256 == group.content_hash


def test_the_sample_is_of_applications_that_the_model_declined(whole_world: World) -> None:
    declines = whole_world.source.declines()
    assert set(whole_world.rows.row_no) <= set(declines["row_no"])
    assert whole_world.n_declines == len(declines)
    assert pd.Series(whole_world.rows.row_no).is_monotonic_increasing
