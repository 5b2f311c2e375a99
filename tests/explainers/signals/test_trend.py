"""Which way steps go: counted by hand."""

from __future__ import annotations

from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as some

from explainers.signals.result import Step
from explainers.signals.trend import measure_trend


def steps(*parts: tuple[float, int], error: float = 0.0) -> tuple[Step, ...]:
    return tuple(
        Step(f"step {i}", i, i + 1, i + 0.5, n, 0, raw / 10, raw / 10 - 1, raw / 10 + 1, raw, error)
        for i, (raw, n) in enumerate(parts)
    )


def test_steps_that_only_rise_depart_nowhere() -> None:
    trend = measure_trend(steps((0, 10), (1, 10), (2, 20)), "raises", 0.0)
    assert (trend.up, trend.departs, trend.against, trend.only_scale) == (1.0, 0.0, (), False)
    assert trend.down == 0.5


def test_one_step_out_of_line_counts_with_its_own_applications_only() -> None:
    trend = measure_trend(steps((5, 10), (1, 30), (2, 30), (3, 30)), "raises", 0.0)
    assert trend.against == (0,)
    assert trend.departs == pytest.approx(0.1)
    assert trend.up == pytest.approx(0.9)


def test_against_a_declared_fall_every_rise_departs() -> None:
    trend = measure_trend(steps((0, 10), (1, 10), (2, 20)), "lowers", 0.0)
    assert trend.departs == pytest.approx(0.5)
    assert trend.down == pytest.approx(0.5)


def test_no_declared_direction_has_no_departures() -> None:
    trend = measure_trend(steps((0, 1), (9, 1), (3, 1)), "either", 0.0)
    assert (trend.against, trend.departs) == ((), 0.0)


def test_what_chance_explains_is_no_departure() -> None:
    assert measure_trend(steps((0, 10), (10, 10), (9, 10), (20, 10)), "raises", 0.0).against
    assert not measure_trend(steps((0, 10), (10, 10), (9, 10), (20, 10), error=0.4), "raises", 0.0).against


def test_what_is_too_small_to_matter_is_no_departure() -> None:
    dip = steps((0, 10), (10, 10), (9, 9), (20, 10))
    assert not measure_trend(dip, "raises", 0.11).against
    assert measure_trend(dip, "raises", 0.09).against == (2,)


def test_small_falls_one_after_the_other_do_not_hide_a_large_one() -> None:
    slow = steps((0, 100), (10.0, 10), (9.9, 10), (9.8, 10), (9.7, 10), (9.6, 10), (9.5, 10))
    trend = measure_trend(slow, "raises", 0.02)
    assert len(trend.against) == 3


def test_points_that_bend_while_the_score_does_not_are_the_scales_doing() -> None:
    bent = [Step("", 0, 1, 0.5, 10, 0, mean, mean, mean, raw, 0.0) for mean, raw in ((-1, -3), (-2, -2), (4, 4))]
    trend = measure_trend(bent, "raises", 0.0)
    assert (trend.against, trend.only_scale) == ((), True)


@given(some.lists(some.tuples(some.integers(0, 6), some.integers(1, 9)), min_size=1, max_size=7))
def test_no_other_choice_of_steps_keeps_more_applications(parts: list[tuple[int, int]]) -> None:
    total = sum(n for _, n in parts)
    best = 0
    for size in range(1, len(parts) + 1):
        for chosen in combinations(parts, size):
            if all(a[0] <= b[0] for a, b in pairwise(chosen)):
                best = max(best, sum(n for _, n in chosen))
    assert measure_trend(steps(*parts), "raises", 0.0).up == pytest.approx(best / total)
