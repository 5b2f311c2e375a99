"""Counter-intuitive reasons and responsive ones, by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from data.card_schema import Card
from explainers.evidence.sense import NO, NOT_TRIED, YES, answers_to, bad_when_high, check_changes, check_sense
from explainers.evidence.world import World, chosen


def turned(card: Card, name: str) -> Card:
    """Return a card that declares the other direction for a signal."""
    other = {"raises": "lowers", "lowers": "raises", "either": "either"}
    feature = card.features[name]
    changed = feature.model_copy(update={"direction": other[feature.direction]})
    return card.model_copy(update={"features": {**card.features, name: changed}})


def test_the_bad_side_follows_from_direction_and_scale(world: World) -> None:
    names = ["income", "debt_share", "home"]
    assert bad_when_high(world.card, names, 1.0).tolist() == [-1.0, 1.0, 0.0]
    assert bad_when_high(world.card, names, -1.0).tolist() == [1.0, -1.0, 0.0]


def test_reasons_of_a_sensible_model_are_rarely_held_and_a_wrong_card_is_noticed(whole_world: World) -> None:
    held = check_sense(whole_world)
    assert held.sum() < 0.05 * whole_world.named.sum()
    wrong = check_sense(replace(whole_world, card=turned(whole_world.card, "late_payments")))
    place = whole_world.families.index("payments")
    listed = whole_world.reasons == place
    assert (wrong & listed).sum() > 0.8 * listed.sum()


def test_a_held_reason_is_one_that_is_named(whole_world: World) -> None:
    assert not (check_sense(whole_world) & (whole_world.reasons < 0)).any()


def answer(world: World, row: int, family: str, cutoff: float) -> int:
    values: dict[str, Any] = {str(k): v for k, v in world.rows.signals.iloc[row].items()}
    own = chosen(world.codes, slice(row, row + 1))
    return answers_to(world.card, world.engine, values, own, [family], cutoff)[0]


def test_a_change_counts_only_when_the_estimate_passes(world: World) -> None:
    assert answer(world, 0, "debt", 1.0) in {YES, NO}
    best = answer(world, 0, "debt", float(world.rows.estimate.min()) - 1.0)
    assert best == NO


def test_a_family_that_nobody_may_change_does_not_respond(world: World) -> None:
    nothing = {n: f.model_copy(update={"actionable": None}) for n, f in world.card.features.items()}
    fixed = replace(world, card=world.card.model_copy(update={"features": nothing}))
    assert [answer(fixed, 0, family, 0.99) for family in world.families] == [NO] * len(world.families)


@pytest.mark.parametrize("row", range(4))
def test_the_answer_is_that_of_trying_every_allowed_value(world: World, row: int) -> None:
    feature = world.card.features["debt_share"]
    assert feature.actionable is not None
    values = world.rows.signals.iloc[[row]]
    low = feature.actionable.minimum or 0.0
    tried = np.arange(low, float(values["debt_share"].iloc[0]), feature.actionable.step or 1.0)
    rows = values.loc[values.index.repeat(len(tried))].assign(debt_share=tried)
    estimates = world.engine.model.estimate(world.engine.model.predict_raw(rows)) if len(tried) else np.ones(1)
    for cutoff in (float(estimates.min()) + 1e-9, float(estimates.min()) - 1e-9):
        assert answer(world, row, "debt", cutoff) == (YES if (estimates <= cutoff).any() else NO)


def test_changes_are_tried_for_a_stated_part_of_the_sample(whole_world: World) -> None:
    found = check_changes(whole_world)
    tried = (found != NOT_TRIED).any(axis=1)
    assert tried.sum() == whole_world.n // 40
    assert ((found[tried] != NOT_TRIED).sum(axis=1) == whole_world.named[tried]).all()
