"""Decisions and comparison groups, counted by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.card_schema import Card
from explainers.scoring import (
    ENOUGH,
    Decisions,
    check_production_score,
    comparison_groups,
    decide,
    default_group,
    estimate_scale,
    group_notes,
)
from tests.snapshots_for_tests import small_card

CHANCE = estimate_scale(True, np.zeros(1))


def card(default: float = 0.2, partners: dict[str, float] | None = None, **model: str) -> Card:
    content = small_card()
    content["decision"] = {"cutoffs": {"default": default, "partners": partners or {}}}
    content["model"].update(model)
    return Card.model_validate(content)


def decided(
    one: Card, estimate: list[float], partner: list[str] | None = None, rules: list[int] | None = None
) -> Decisions:
    names = np.array(partner or ["A"] * len(estimate), dtype=object)
    return decide(
        one, np.array(estimate), names, np.array(rules or [-1] * len(estimate)), nobody(len(estimate)), CHANCE
    )


def nobody(n: int) -> np.ndarray:
    """Return the decisions on record where there are none."""
    return np.full(n, None, dtype=object)


def just_under(count: int, distance: float) -> list[float]:
    """Return estimates that lie below 0.2 by half of a distance."""
    return [0.2 - distance / 2] * count


def test_an_estimate_at_the_cutoff_passes_on_either_side() -> None:
    below, at, above = 0.2 - 1e-12, 0.2, 0.2 + 1e-12
    assert decided(card(), [below, at, above]).approved.tolist() == [True, True, False]
    assert decided(card(higher_score_is="safer"), [below, at, above]).approved.tolist() == [False, True, True]


def test_a_partner_with_a_cutoff_of_its_own_is_decided_by_it_and_others_by_the_default() -> None:
    found = decided(card(partners={"B": 0.1}), [0.15, 0.15, 0.1, 0.25], ["A", "B", "B", "C"])
    assert found.cutoff.tolist() == [0.2, 0.1, 0.1, 0.2]
    assert found.approved.tolist() == [True, False, True, False]


def test_near_the_cutoff_the_decision_on_record_counts_and_elsewhere_it_does_not() -> None:
    content = small_card()
    content["decision"] = {
        "cutoffs": {"default": 0.2},
        "review": {"below": 0.05, "above": 0.02, "reasons": ["why"]},
    }
    one = Card.model_validate(content)
    estimates = np.array([0.14, 0.16, 0.19, 0.21, 0.215, 0.23, 0.16])
    recorded = np.array(["declined", "declined", None, "approved", "declined", "approved", "declined"], dtype=object)
    rules = np.array([-1, -1, -1, -1, -1, -1, 0])
    found = decide(one, estimates, np.array(["A"] * 7, dtype=object), rules, recorded, CHANCE)
    assert found.reviewed.tolist() == [False, True, False, True, True, False, False]
    assert found.approved.tolist() == [True, False, True, True, False, False, False]
    assert found.passes.tolist() == [True, True, True, False, False, False, True]
    # what a person approved above the cut-off is no yardstick for "just approved"
    group, _ = comparison_groups(one, found, CHANCE)
    assert group.rows.tolist() == [0, 2]


def test_a_policy_rule_declines_whatever_the_estimate_is() -> None:
    found = decided(card(), [0.01, 0.01, 0.9], rules=[0, -1, 1])
    assert found.approved.tolist() == [False, True, False]
    assert found.rule_no.tolist() == [0, -1, 1]


def test_near_the_cutoff_are_those_within_one_point_whom_no_rule_declined() -> None:
    found = decided(card(), [0.19, 0.21, 0.1899, 0.2101, 0.2], rules=[-1, -1, -1, -1, 0])
    assert found.near_cutoff.tolist() == [True, True, False, False, False]


def test_the_just_approved_group_is_the_narrowest_band_that_holds_a_thousand() -> None:
    # 400 within half a point and 600 more within one point: the band of one point holds exactly 1,000
    estimates = just_under(400, 0.005) + just_under(600, 0.019) + just_under(500, 0.09) + [0.5] * 10
    group, everyone = comparison_groups(card(), decided(card(), estimates), CHANCE)
    assert (group.name, len(group.rows), group.cutoff) == ("just_approved", 1000, 0.2)
    assert group.rows.tolist() == list(range(1000))
    assert (group.band_low, group.band_high) == (0.2 - 0.0095, 0.2 - 0.0025)
    assert group.rule == (
        "approved applications with an estimate at or below the cut-off of 20 %"
        " and at most 1 percentage point away from it"
    )
    assert (everyone.name, len(everyone.rows), everyone.cutoff) == ("all_applicants", 1510, None)
    assert (everyone.band_low, everyone.band_high) == (0.2 - 0.045, 0.5)


def test_one_application_fewer_than_a_thousand_widens_the_band() -> None:
    estimates = just_under(999, 0.005) + just_under(2, 0.019) + [0.9]
    group, _ = comparison_groups(card(), decided(card(), estimates), CHANCE)
    assert len(group.rows) == 1001
    assert "at most 1 percentage point " in group.rule


def test_fewer_than_a_thousand_approved_are_all_taken_and_the_rule_says_so() -> None:
    group, _ = comparison_groups(card(), decided(card(), [0.0, 0.05, 0.199, 0.3]), CHANCE)
    assert group.rows.tolist() == [0, 1, 2]
    assert group.rule.endswith("20 percentage points away from it (all there are: fewer than 1,000)")


def test_where_higher_is_safer_the_group_lies_above_the_cutoff() -> None:
    one = card(default=40.0, higher_score_is="safer")
    estimates = np.array([39.0, 40.0, 41.0, 90.0])
    scale = estimate_scale(False, estimates)
    found = decide(one, estimates, np.array(["A"] * 4, dtype=object), np.full(4, -1), nobody(4), scale)
    group, _ = comparison_groups(one, found, scale)
    assert group.rows.tolist() == [1, 2, 3]
    assert group.rule.startswith("approved applications with an estimate at or above the cut-off of 40 and at most")


def test_each_cutoff_has_a_group_of_those_decided_by_it() -> None:
    one = card(partners={"B": 0.1})
    partner = ["A", "A", "B", "B", "B"]
    found = decided(one, [0.19, 0.1, 0.05, 0.09, 0.3], partner)
    groups = comparison_groups(one, found, CHANCE)
    assert [(g.cutoff, g.rows.tolist()) for g in groups[:-1]] == [(0.1, [2, 3]), (0.2, [0, 1])]
    assert default_group(one, found, groups).tolist() == [1, 1, 0, 0, 0]
    assert group_notes(one, found, groups, CHANCE) == ()


def test_with_all_applicants_on_the_card_everyone_is_compared_with_all() -> None:
    content = small_card()
    content["decision"] = {"cutoffs": {"default": 0.2}, "comparison_group": "all_applicants"}
    one = Card.model_validate(content)
    found = decided(one, [0.1, 0.1, 0.5])
    groups = comparison_groups(one, found, CHANCE)
    assert default_group(one, found, groups).tolist() == [1, 1, 1]
    assert group_notes(one, found, groups, CHANCE) == ()


def test_a_cutoff_nobody_passes_falls_back_to_all_applications_and_says_so() -> None:
    one = card(partners={"B": 0.01})
    found = decided(one, [0.1, 0.15, 0.1, 0.5], ["A", "A", "B", "B"])
    groups = comparison_groups(one, found, CHANCE)
    assert [g.name for g in groups] == ["just_approved", "all_applicants"]
    assert default_group(one, found, groups).tolist() == [0, 0, 1, 1]
    (note,) = group_notes(one, found, groups, CHANCE)
    assert note == (
        "Fewer than 2 applications were approved by the cut-off of 1 %: "
        "those decided by it are compared with all applications."
    )


@given(
    st.lists(st.tuples(st.floats(0, 1), st.sampled_from("ABC"), st.sampled_from([-1, -1, 0])), min_size=2, max_size=60),
    st.sampled_from(["riskier", "safer"]),
)
def test_groups_hold_approved_applications_of_their_cutoff_and_everyone_has_one(
    rows: list[tuple[float, str, int]], side: str
) -> None:
    one = card(partners={"B": 0.1, "C": 0.7}, higher_score_is=side)
    found = decided(one, [r[0] for r in rows], [r[1] for r in rows], [r[2] for r in rows])
    groups = comparison_groups(one, found, CHANCE)
    for group in groups[:-1]:
        assert found.approved[group.rows].all()
        assert (found.cutoff[group.rows] == group.cutoff).all()
        # nobody who is left out is closer to the cut-off than somebody inside
        left_out = np.setdiff1d(np.flatnonzero(found.approved & (found.cutoff == group.cutoff)), group.rows)
        distance = np.abs(found.estimate - group.cutoff)
        assert distance[left_out].min(initial=np.inf) >= distance[group.rows].max()
    chosen = default_group(one, found, groups)
    assert [g.group_no for g in groups] == list(range(len(groups)))
    assert all(groups[number].cutoff in {None, cutoff} for number, cutoff in zip(chosen, found.cutoff, strict=True))


def test_the_production_score_may_differ_by_a_millionth_and_no_more() -> None:
    own = np.array([0.1, 0.2, 0.3, 0.4, 0.5])
    assert check_production_score("score", own + 0.9e-6, own) == []
    recorded = np.array([0.1, 0.2 + 2e-6, np.nan, 0.4 - 0.03, 0.5])
    (problem,) = check_production_score("score", recorded, own)
    assert problem.place == "column score"
    assert problem.found == "2 of 4 scores that differ from the model's own, the worst by 0.03"
    assert problem.allowed == "differences up to 1e-06"


@pytest.mark.parametrize(
    ("chance", "value", "distance"), [(True, "18 %", "0.5 percentage points"), (False, "0.18", "0.005")]
)
def test_a_rule_is_written_on_the_scale_of_the_estimate(chance: bool, value: str, distance: str) -> None:
    scale = estimate_scale(chance, np.array([0.0, 4.0]))
    assert (scale.value(0.18), scale.distance(0.005)) == (value, distance)
    assert scale.spread == (1.0 if chance else 4.0)


def test_a_thousand_is_counted_over_the_whole_band() -> None:
    estimates = [e for width in (0.005, 0.015, 0.025, 0.035) for e in just_under(300, width)] + [0.9]
    group, _ = comparison_groups(card(), decided(card(), estimates), CHANCE)
    assert len(group.rows) == 1200 >= ENOUGH
    assert "at most 2 percentage points" in group.rule
