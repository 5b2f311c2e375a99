"""A condition compares declared facts and nothing else; a claim is filled in one pass."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from data.access import LOCAL_VIEWER
from data.reader import Reader
from data.snapshots import open_reader
from explainers.walkthroughs.compute import compute_step
from explainers.walkthroughs.desk import Desk
from explainers.walkthroughs.result import SUPPORTED
from explainers.walkthroughs.script import read_script, shipped
from tests.explainers.walkthroughs import world
from tests.explainers.walkthroughs.world import edited


@pytest.fixture(scope="module")
def reader() -> Reader:
    return open_reader(world.opened(world.with_letters()), LOCAL_VIEWER)


@pytest.mark.parametrize(
    ("need", "holds"),
    [
        ({"fact": "applications", "rule": "at_least", "value": "1500"}, True),
        ({"fact": "applications", "rule": "above", "value": "1500"}, False),
        ({"fact": "applications", "rule": "at_most", "value": "1500.0"}, True),
        ({"fact": "applications", "rule": "below", "value": "1500"}, False),
        ({"fact": "applications", "rule": "equals", "value": "1500"}, True),
        ({"fact": "applications", "rule": "equals", "value": "1,500"}, False),
        ({"fact": "applications", "rule": "is_in", "values": ["1", "1500"]}, True),
        ({"fact": "applications", "rule": "is_in", "values": ["1"]}, False),
        ({"fact": "applications", "rule": "above", "other": "signals"}, True),
        ({"fact": "applications", "rule": "above", "other": "model_name"}, False),
        ({"fact": "model_name", "rule": "equals", "value": "Small loans"}, True),
        ({"fact": "model_name", "rule": "equals", "other": "model_name"}, True),
        ({"fact": "model_name", "rule": "is_true"}, False),
        ({"fact": "groups_apart", "rule": "is_true"}, False),
        ({"fact": "groups_apart", "rule": "equals", "value": "false"}, True),
    ],
)
def test_a_condition_is_a_comparison_and_nothing_else(need: dict[str, Any], holds: bool, reader: Reader) -> None:
    def one_step(content: dict[str, Any]) -> None:
        content["steps"] = [content["steps"][0] | {"claim": "{applications} of them.", "needs": [need]}]

    script = read_script(edited(shipped()[0].text, one_step), "x")
    result = compute_step(reader, script, 1, {})
    assert (result.claim == "1,500 of them.") is holds
    assert (result.state == SUPPORTED) is holds


def test_what_a_figure_says_is_never_taken_for_a_place(reader: Reader) -> None:
    desk = Desk(reader, {})
    desk.overview = dataclasses.replace(desk.overview, name="{applications} <b>", version="{")

    def one_step(content: dict[str, Any]) -> None:
        content["steps"] = [
            content["steps"][0] | {"claim": "{model_name} {model_version}: {applications}.", "needs": []}
        ]

    script = read_script(edited(shipped()[0].text, one_step), "x")
    assert compute_step(reader, script, 1, {}, desk).claim == "{applications} <b> {: 1,500."
