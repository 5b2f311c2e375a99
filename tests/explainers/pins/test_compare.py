"""A pin computed again is the same to the last digit, or each difference is told with its cause."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.workspace.pin_parts import ChartPart, MarkupPart, Part, Shown, TablePart, WordsPart
from explainers.pins import words
from explainers.pins.charts import chart_kept
from explainers.pins.compare import MOST, compute_check, facts
from explainers.pins.figures import plain_figure
from tests.data.workspace.meeting import SOURCE, shown

THEN = shown()


def changed(number: int, part: Part) -> Shown:
    parts = list(THEN.parts)
    parts[number] = part
    return replace(THEN, parts=tuple(parts))


def elsewhere(now: Shown = THEN, **source: Any) -> Shown:
    return replace(now, source=replace(SOURCE, **source))


def test_the_same_page_is_the_same_and_every_word_and_number_is_counted() -> None:
    result = compute_check(THEN, THEN)
    assert (result.verdict, result.n_differences, result.causes, result.largest_gap) == ("same", 0, (), 0)
    # finding, context, section; 2 pieces of HTML; title, description, type, 3 x, 3 y, height; titles and cells; how
    assert result.n == 3 + 2 + 10 + 8 + 1
    assert words.say_check(result) == "Computed again: the same. All 24 words and numbers agree."


@pytest.mark.parametrize(
    ("number", "part", "then", "now"),
    [
        (0, WordsPart("finding", "Declined at 23.5 %."), "Declined at 23.4 %.", "Declined at 23.5 %."),
        (3, MarkupPart("html", "<p>Income <b>12,001</b></p>"), "12,000", "12,001"),
        (5, replace(THEN.parts[5], rows=(("Income", 4.2), ("Debt", None), ("Odd", True))), "4.1", "4.2"),
        (5, replace(THEN.parts[5], rows=(("Income", 4.1), ("Debt", 0.0), ("Odd", True))), "empty", "0.0"),
        (5, replace(THEN.parts[5], rows=(("Income", 4.1), ("Debt", None), ("Odd", 1))), "True", "1"),
    ],
)  # fmt: skip
def test_one_change_is_one_difference_with_both_values(number: int, part: Part, then: str, now: str) -> None:
    result = compute_check(THEN, changed(number, part))
    (difference,) = result.differences
    assert (difference.then, difference.now) == (then, now)
    assert result.verdict == "unexpected", "nothing that could explain it has changed"
    assert "this is a fault" in words.say_causes(result)


def test_a_number_of_a_chart_differs_from_the_twelfth_digit_on() -> None:
    def with_x(value: float) -> Shown:
        figure = {"data": [{"type": "bar", "x": [0.1, value, None], "y": ["a", "b", "é"]}], "layout": {"height": 9}}
        return changed(4, replace(THEN.parts[4], figure=figure))

    same = compute_check(THEN, with_x(math.nextafter(0.30000000000000004, 1)))
    assert same.verdict == "same"
    assert 0 < same.largest_gap < 1e-15
    assert "last of 16 digits" in words.say_causes(same)
    other = compute_check(THEN, with_x(0.3000000000004))
    (difference,) = other.differences
    assert difference.place == "Chart “What counted” · drawing 1 x 2"


def test_how_a_chart_looks_is_not_an_answer() -> None:
    figure = {**THEN.parts[4].figure, "layout": {"height": 9, "template": {"layout": {"font": {"size": 1}}}}}
    assert compute_check(THEN, changed(4, replace(THEN.parts[4], figure=figure))).verdict == "same"


def test_a_part_that_came_or_went_is_told_and_the_rest_still_agrees() -> None:
    more = replace(THEN, parts=(*THEN.parts[:3], WordsPart("warning", "Old."), *THEN.parts[3:]))
    came, went = compute_check(THEN, more), compute_check(more, THEN)
    assert (came.n_differences, went.n_differences) == (1, 1)
    assert words.say_differences(came) == ("Warning: then nothing, now shown.",)
    assert words.say_differences(went) == ("Warning: then shown, now nothing.",)


@pytest.mark.parametrize(
    ("source", "verdict", "causes"),
    [
        ({"snapshot_id": "2026-11", "snapshot_hash": "dd" * 32}, "snapshot", {"snapshot", "beside"}),
        ({"inputs": {"model": "ff" * 32}}, "snapshot", {"model"}),
        ({"code_hash": "dd" * 32}, "code", {"code"}),
        ({"libraries": {"python": "3.12"}}, "code", {"libraries"}),
        ({"beside": ()}, "beside", {"beside"}),
        ({}, "unexpected", set()),
    ],
)
def test_a_difference_has_the_cause_that_the_hashes_tell(source: dict, verdict: str, causes: set[str]) -> None:
    other = changed(0, WordsPart("finding", "Approved."))
    result = compute_check(THEN, elsewhere(other, **source))
    assert (result.verdict, set(result.causes)) == (verdict, causes)
    assert compute_check(THEN, elsewhere(**source)).verdict == "same", "another source with the same answer is the same"
    if causes:
        assert all(words.CAUSES[cause] in words.say_causes(result) for cause in causes)


def test_the_other_snapshot_of_the_same_two_is_no_change_beside() -> None:
    swapped = {"snapshot_id": "2026-09-30-bbbbbbbb", "beside": ("2026-10-31-aaaaaaaa",), "snapshot_hash": "bb" * 32}
    assert compute_check(THEN, elsewhere(**swapped)).causes == ("snapshot",)


def test_many_differences_are_counted_and_the_first_are_told() -> None:
    rows = tuple((f"row {i}", i) for i in range(50))
    then = changed(5, TablePart("table", "t", ("a", "b"), rows))
    now = changed(5, TablePart("table", "t", ("a", "b"), tuple((name, value + 1) for name, value in rows)))
    result = compute_check(then, now)
    assert (result.n_differences, len(result.differences)) == (50, MOST)
    assert words.say_differences(result)[-1] == "And 30 more."


NUMBERS = st.lists(st.floats(width=64), min_size=1, max_size=8)


@settings(deadline=None)
@given(NUMBERS, st.sampled_from(["f8", "f4", "i4", "u1", "bool"]))
def test_a_figure_is_kept_as_the_numbers_that_were_drawn(numbers: list[float], kind: str) -> None:
    with np.errstate(over="ignore", invalid="ignore"):
        array = np.nan_to_num(np.array(numbers), posinf=9, neginf=0, nan=5).clip(0, 99).astype(kind)
    if kind == "f8":
        array = np.array(numbers)
    kept = plain_figure(go.Figure(go.Bar(x=array)).to_json())["data"][0]["x"]
    assert kept == [value if not isinstance(value, float) or math.isfinite(value) else None for value in array.tolist()]


def test_a_matrix_keeps_its_shape() -> None:
    matrix = np.array([[1.0, np.nan, 3.0], [4.0, 5.0, 0.1 + 0.2]])
    assert plain_figure(go.Figure(go.Heatmap(z=matrix)).to_json())["data"][0]["z"] == [[1, None, 3], [4, 5, 0.1 + 0.2]]


def test_a_kept_chart_is_drawn_again_as_it_was() -> None:
    figure = go.Figure(go.Bar(x=np.array([1.5, 2.5]), y=["a", "b"]), layout={"height": 77})
    part = ChartPart("chart", "t", "a", plain_figure(figure.to_json()))
    assert plain_figure(chart_kept(part).to_json()) == part.figure


def test_the_visible_text_of_markup_is_compared_and_not_its_tags() -> None:
    assert facts(MarkupPart("html", '<div class="x"><i style="width:9%"></i>A &amp; B <b>4</b></div>')) == [
        ("", "A & B"),
        ("", "4"),
    ]
