"""The chord scaling of DESIGN: points add up, keep sign and rank, and have the right limit."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.model_links import Link
from explainers.decision.points import CLOSE, chord_slope, to_points

LINKS = [Link("sigmoid", 1.0, 1), Link("sigmoid", 2.5, 1), Link("identity", 1.0, 1), Link("exp", 1.0, 1)]
LINKS += [Link("log1p_exp", 1.0, 1)]
raw_scores = st.floats(-8, 8)
sizes = st.floats(-2, 2).map(lambda x: round(x, 9))  # a contribution of 5e-324 has no product


def test_a_case_counted_by_hand() -> None:
    # σ(0) = 0.5, σ(ln 3) = 0.75: the chord rises 0.25 over ln 3
    slope = chord_slope(LINKS[0].estimate, math.log(3), 0.0)
    assert slope == pytest.approx(0.25 / math.log(3), abs=1e-15)
    points = to_points(np.array([2 * math.log(3), -math.log(3)]), slope)
    assert points == pytest.approx([0.5, -0.25], abs=1e-15)


@pytest.mark.parametrize("link", LINKS, ids=lambda link: f"{link.name}-{link.steepness:g}")
@given(baseline=raw_scores, parts=st.lists(sizes, min_size=1, max_size=12))
def test_points_add_up_to_the_difference_of_the_two_estimates(link: Link, baseline: float, parts: list[float]) -> None:
    contributions = np.array(parts)
    raw = baseline + math.fsum(parts)
    points = to_points(contributions, chord_slope(link.estimate, raw, baseline))
    ends = link.estimate(np.array([raw, baseline]))
    scale = max(1.0, float(np.abs(ends).max()))
    assert abs(math.fsum(points) - (ends[0] - ends[1])) <= 1e-12 * scale


@pytest.mark.parametrize("link", LINKS, ids=lambda link: f"{link.name}-{link.steepness:g}")
@given(baseline=raw_scores, parts=st.lists(sizes, min_size=2, max_size=12))
def test_signs_and_ranks_stay(link: Link, baseline: float, parts: list[float]) -> None:
    contributions = np.array(parts)
    slope = chord_slope(link.estimate, baseline + math.fsum(parts), baseline)
    assert slope > 0
    points = to_points(contributions, slope)
    assert (np.sign(points) == np.sign(contributions)).all()
    assert (np.diff(points[np.argsort(contributions, kind="stable")]) >= 0).all()


@given(raw=raw_scores, tiny=st.floats(-2 * CLOSE, 2 * CLOSE))
def test_where_both_scores_meet_the_slope_is_the_curves_own(raw: float, tiny: float) -> None:
    p = float(LINKS[0].estimate(raw))
    assert chord_slope(LINKS[0].estimate, raw + tiny, raw) == pytest.approx(p * (1 - p), rel=1e-4)


def test_at_the_switch_between_quotient_and_curve_there_is_no_jump() -> None:
    below = chord_slope(LINKS[0].estimate, 1 + CLOSE * 0.999, 1.0)
    above = chord_slope(LINKS[0].estimate, 1 + CLOSE * 1.001, 1.0)
    assert below == pytest.approx(above, rel=1e-8)
