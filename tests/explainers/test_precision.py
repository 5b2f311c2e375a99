"""Rounding for audiences without exact scores: a step must not carry the figure it hides."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.policy import POLICY, Audience
from explainers.compare.similar import FamilyGap, Similar, SimilarResult, disclose
from explainers.precision import TENTH, step_for, to_step

SIZES = st.floats(1e-6, 1e9)


@given(SIZES, SIZES, st.integers(1, 6))
def test_a_step_on_a_scale_of_its_own_tells_only_the_magnitude(size: float, other: float, digits: int) -> None:
    step = step_for(False, size, digits)
    assert step == pytest.approx(10.0 ** round(math.log10(step)), rel=1e-12)
    if math.floor(math.log10(size)) == math.floor(math.log10(other)):
        assert step == step_for(False, other, digits)


@pytest.mark.parametrize(
    ("value", "digits", "shown"), [(7.123456789, 3, 7.12), (-812.345678, 3, -812.0), (0.00123456, 2, 0.0012)]
)
def test_a_figure_keeps_so_many_digits(value: float, digits: int, shown: float) -> None:
    assert to_step(value, step_for(False, abs(value), digits)) == pytest.approx(shown, abs=1e-12)


def test_probabilities_are_rounded_to_a_tenth_of_a_point_whatever_their_size() -> None:
    assert {step_for(True, size, 3) for size in (0.0, 0.2, 0.9)} == {TENTH}
    assert to_step(0.22749, TENTH) == 0.227
    assert math.isnan(to_step(math.nan, TENTH))


def test_nothing_at_all_is_no_error() -> None:
    assert to_step(0.0, step_for(False, 0.0, 3)) == 0.0


def test_a_partner_cannot_read_the_exact_estimate_off_similar_applications() -> None:
    exact = 7.123456789
    one = Similar("A-2", "approved", exact / 3, 0.1234567, (FamilyGap("Debt", 0.987654321, -0.123456789),))
    whole = SimilarResult("s", 1, 9, "A-1", "declined", exact, False, (one,))
    cut = disclose(whole, POLICY[Audience.PARTNER])
    shown = (cut.estimate, cut.others[0].estimate, cut.others[0].gaps[0].here)
    assert shown == (7.12, 2.37, 0.99)
    assert disclose(whole, POLICY[Audience.SPECIALIST]) == whole
