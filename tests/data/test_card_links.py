"""Links of a card: what moves together, and every way to write one wrongly."""

from __future__ import annotations

from typing import Any

import pytest

from data.card_rules import complaints_of
from data.card_schema import Link


def card(*links: dict[str, Any]) -> dict[str, Any]:
    number = {"unit": "percent", "actionable": {"direction": "down"}}
    features = {
        "use": dict(number),
        "balance": dict(number),
        "income": dict(number),
        "fixed": {"unit": "percent"},
        "home": {"unit": "category", "actionable": {"direction": "either"}},
    }
    return {"features": features, "links": list(links)}


def found(*links: dict[str, Any]) -> list[str]:
    return [c.found for c in complaints_of(card(*links)) if c.path[0] == "links"]


def test_signals_that_may_change_can_be_linked_both_ways() -> None:
    assert (
        found({"when": "use", "same": ["balance"], "opposite": ["income"]}, {"when": "balance", "same": ["use"]}) == []
    )


@pytest.mark.parametrize(
    ("link", "said"),
    [
        ({"when": "use", "same": ["balanse"]}, "'balanse'"),
        ({"when": "nothing", "same": ["use"]}, "'nothing'"),
        ({"when": "use", "same": ["fixed"]}, "'fixed', which nobody can change"),
        ({"when": "fixed", "same": ["use"]}, "'fixed', which nobody can change"),
        ({"when": "use", "opposite": ["home"]}, "the category 'home'"),
        ({"when": "use"}, "a link that moves nothing"),
        ({"when": "use", "same": ["use"]}, "a signal named twice"),
        ({"when": "use", "same": ["balance"], "opposite": ["balance"]}, "a signal named twice"),
    ],
)
def test_a_link_that_cannot_hold_is_complained_of(link: dict[str, Any], said: str) -> None:
    assert found(link) == [said]


def test_a_signal_has_one_link_only() -> None:
    twice = found({"when": "use", "same": ["balance"]}, {"when": "use", "opposite": ["income"]})
    assert twice == ["a second entry for this signal"]


def test_what_is_no_link_at_all_is_left_to_the_schema() -> None:
    assert found("use", {"when": 3, "same": "balance"}) == ["a link that moves nothing"]  # type: ignore[arg-type]


def test_a_link_moves_nothing_unless_it_says_so() -> None:
    assert Link(when="use") == Link(when="use", same=(), opposite=())
