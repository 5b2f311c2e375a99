"""What may be changed: direction, range, step, levels and links, each checked; hand-counted."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.access import LOCAL_VIEWER
from data.card_schema import Actionable, Card, FeatureBlock, Link, Reason
from data.model_rows import RowShape
from data.policy import POLICY, Audience
from explainers.what_if.address import read_changes, write_changes
from explainers.what_if.changes import (
    Allowed,
    ChangeProblems,
    allowed_changes,
    changed_row,
    check_changes,
    linked_moves,
)
from tests.explainers.what_if.worlds import changeable
from tests.snapshots_for_tests import SIGNALS, small_card

EXACT = LOCAL_VIEWER.policy
SHAPE = RowShape(SIGNALS, ("home",), {"home": ("MORTGAGE", "OWN", "RENT")})
ROW = {"income": 51_237.0, "debt_share": 40.0, "utilisation": 83.0, "late_payments": 2.0, "home": "RENT"}


def card() -> Card:
    content = small_card()
    changeable(content)
    return Card.model_validate(content)


def allowed(row=ROW, policy=EXACT) -> dict[str, Allowed]:
    return allowed_changes(card(), SHAPE, row, policy)


def one(direction: str, value: float, **limits: float) -> Allowed:
    feature = FeatureBlock(
        label="Signal",
        definition="A signal.",
        unit="count",
        family="x",
        direction="either",
        reason=Reason(high="x", low="x"),
        actionable=Actionable(direction=direction, **limits),
    )
    low, high, step = limits.get("minimum"), limits.get("maximum"), limits.get("step", 1.0)
    ends = (-math.inf if low is None else low, math.inf if high is None else high)
    return Allowed("s", feature, value, *ends, step, low or 0.0, ())


def problems(changes: dict, row=ROW) -> list[str]:
    try:
        check_changes(card(), allowed(row), row, changes)
    except ChangeProblems as error:
        return [f"{p.place}: {p.found}" for p in error.problems]
    return []


def test_signals_that_are_fixed_or_missing_are_not_open() -> None:
    assert list(allowed()) == ["income", "debt_share", "utilisation", "home"]
    assert "utilisation" not in allowed({**ROW, "utilisation": math.nan})
    assert allowed(dict.fromkeys(SIGNALS)) == {}


def test_partners_change_signals_with_approved_labels_only() -> None:
    assert list(allowed(policy=POLICY[Audience.PARTNER])) == ["income", "debt_share", "home"]


def test_the_first_allowed_value_is_the_next_step_in_the_allowed_direction() -> None:
    found = allowed()
    assert found["income"].ends == (60_000, 150_000)
    assert found["debt_share"].ends == (0, 35)
    assert found["utilisation"].ends == (0, 80)
    assert found["home"].levels == ("MORTGAGE", "OWN")


def test_a_signal_at_its_end_or_beyond_is_not_open_but_one_beyond_the_far_end_is() -> None:
    assert not one("up", 10, maximum=10).open
    assert not one("up", 12, maximum=10).open
    assert not one("down", 0, minimum=0).open
    assert one("down", 12, minimum=0, maximum=10).ends == (0, 10)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"income": 60_000}, []),
        ({"income": 50_000}, ["Yearly income: a lower value, or the same"]),
        ({"income": 65_000}, ["Yearly income: a value between two steps"]),
        ({"income": 160_000}, ["Yearly income: a value outside the range"]),
        ({"debt_share": 45}, ["Debt compared with income: a higher value, or the same"]),
        ({"debt_share": -5}, ["Debt compared with income: a value outside the range"]),
        ({"home": "OWN"}, []),
        ({"home": "CASTLE"}, ["Home: another value"]),
        ({"home": "RENT"}, ["Home: another value"]),
        ({"home": None}, ["Home: another value"]),
        ({"income": "60000"}, []),
        ({"income": "many"}, ["Yearly income: no number"]),
        ({"income": "nan"}, ["Yearly income: no number"]),
        ({"income": math.inf}, ["Yearly income: no number"]),
        ({"income": True}, ["Yearly income: no number"]),
        ({"income": None}, ["Yearly income: no number"]),
        ({"late_payments": 0}, ["Change 1: another signal"]),
        ({"nothing": 0}, ["Change 1: another signal"]),
    ],
)
def test_each_value_is_checked_on_the_server(changes: dict, said: list[str]) -> None:
    assert problems(changes) == said


def test_all_problems_are_said_at_once_and_no_value_on_file_with_them() -> None:
    with pytest.raises(ChangeProblems) as caught:
        check_changes(card(), allowed(), ROW, {"income": 1, "debt_share": 41, "x": 1, "home": "CASTLE"})
    assert len(caught.value.problems) == 4
    assert not any(str(value) in str(caught.value) for value in ("51237", "51,237", "40.0", "RENT", "CASTLE"))


def test_a_linked_signal_moves_by_the_opposite_ratio() -> None:
    row = {**ROW, "income": 40_000.0}
    after = changed_row(card(), row, {"income": 80_000.0})
    assert after["debt_share"] == 20.0
    assert row["debt_share"] == 40.0
    assert changed_row(card(), row, {"income": 80_000.0, "debt_share": 35.0})["debt_share"] == 35.0


def test_two_links_on_one_signal_multiply() -> None:
    links = (Link(when="income", opposite=("debt_share",)), Link(when="utilisation", same=("debt_share",)))
    both = card().model_copy(update={"links": links})
    row = {**ROW, "income": 40_000.0, "utilisation": 80.0}
    assert linked_moves(both, row, {"income": 80_000.0, "utilisation": 40.0}) == {"debt_share": 10.0}


@pytest.mark.parametrize("old", [0.0, -5.0, math.nan, None])
def test_nothing_moves_along_where_there_is_no_ratio(old: float | None) -> None:
    assert linked_moves(card(), {**ROW, "income": old}, {"income": 60_000.0}) == {}


def test_a_change_that_takes_a_linked_signal_too_far_is_refused() -> None:
    links = (Link(when="income", same=("debt_share",)),)
    up = card().model_copy(update={"links": links})
    with pytest.raises(ChangeProblems) as caught:
        check_changes(up, allowed(), ROW, {"income": 60_000})
    assert [p.place for p in caught.value.problems] == ["Yearly income"]
    label = up.features["debt_share"].label
    assert f"“{label}”, which is linked to it," in str(caught.value)
    hidden = {name: one for name, one in allowed().items() if name != "debt_share"}
    with pytest.raises(ChangeProblems) as caught:
        check_changes(up, hidden, ROW, {"income": 60_000})
    assert "takes a linked signal too far" in str(caught.value)
    assert label not in str(caught.value)


def test_a_link_that_divides_by_zero_is_refused() -> None:
    links = (Link(when="utilisation", opposite=("debt_share",)),)
    zero = card().model_copy(update={"links": links})
    with pytest.raises(ChangeProblems):
        check_changes(zero, allowed(), ROW, {"utilisation": 0})


@given(
    value=st.floats(-50, 150),
    step=st.sampled_from([0.1, 0.5, 1.0, 7.0, 12.0]),
    direction=st.sampled_from(["up", "down", "either"]),
    typed=st.floats(-100, 200) | st.integers(-20, 40),
)
def test_whatever_is_accepted_lies_in_the_direction_range_and_steps(
    value: float, step: float, direction: str, typed: float
) -> None:
    signal = one(direction, value, minimum=-20, maximum=100, step=step)
    new = typed * step if isinstance(typed, int) else typed
    if signal.problem(new) is None:
        assert -20 - 1e-6 <= new <= 100 + 1e-6
        assert direction != "up" or new > value
        assert direction != "down" or new < value
        assert signal.snap(new) == pytest.approx(new, abs=1e-5)
        assert signal.problem(signal.snap(new)) is None


def test_a_link_of_a_page_reads_back_what_was_written() -> None:
    changes = {"b,1": "RENT:own", "a": 65_000.0, "c": 0.25}
    text = write_changes(changes)
    assert text == "a:65000,b%2C1:RENT%3Aown,c:0.25"
    assert read_changes(text) == {"a": "65000", "b,1": "RENT:own", "c": "0.25"}
    assert write_changes(read_changes(text)) == text
    assert read_changes("") == {}
    assert read_changes("a=5,b:1:2,:3") == {"a=5": "", "b": "1:2", "": "3"}


@given(st.text(max_size=60))
def test_any_text_in_a_link_is_read_without_harm(text: str) -> None:
    assert all(isinstance(k, str) and isinstance(v, str) for k, v in read_changes(text).items())
