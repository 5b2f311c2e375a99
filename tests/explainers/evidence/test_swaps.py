"""The swap test: by hand, and it must fail when reasons are not the model's."""

from __future__ import annotations

import numpy as np
import pytest

from explainers.evidence.swaps import check_swaps, closed, draw_references, global_families, random_families, swap
from explainers.evidence.world import World
from tests.explainers.evidence.worlds import with_reasons


def test_one_swap_is_the_mean_estimate_over_the_drawn_applications(world: World) -> None:
    row, family = 0, int(world.reasons[0, 0])
    families = np.full((world.n, 4), -1)
    families[row, 0] = family
    passed, raw = swap(world, families)
    model = world.engine.model
    group_no = int(world.rows.group_no[row])
    references = draw_references(world, group_no)
    members = world.groups[group_no].rows
    drawn = np.sort(world.random(100 + group_no).choice(len(members), references.n, replace=False))
    others = model.encode(world.source.signals(members[drawn]))
    mixed = np.repeat(model.encode(world.rows.signals.iloc[[row]]), references.n, axis=0)
    columns = np.flatnonzero(world.family_of_column == family)
    mixed[:, columns] = others[:, columns]
    scores = model.predict_raw(mixed)
    assert raw[row] == pytest.approx(scores.mean(), abs=1e-12)
    assert passed[row].all() == (model.estimate(scores).mean() <= world.cutoff[row])
    assert raw[1] == world.rows.raw_score[1]
    assert not passed[1:].any()


def test_swapping_more_than_there_are_reasons_is_swapping_all_of_them(world: World) -> None:
    short = np.where(np.arange(4)[None, :] < 2, world.reasons, -1)
    passed, _ = swap(world, short)
    assert (passed[:, 1] == passed[:, 2]).all()
    assert (passed[:, 1] == passed[:, 3]).all()


def test_named_reasons_beat_random_ones_and_shuffled_reasons_do_not(whole_world: World) -> None:
    world = whole_world
    found = check_swaps(world)
    assert found["named2"].mean() > found["random2"].mean() + 0.3
    assert found["named2"].mean() > found["global2"].mean()
    shuffled = np.random.default_rng(2).permuted(np.tile(np.arange(len(world.families)), (world.n, 1)), axis=1)[:, :4]
    wrong = check_swaps(with_reasons(world, np.where(world.reasons >= 0, shuffled, -1)))
    assert abs(wrong["named2"].mean() - wrong["random2"].mean()) < 0.06


def test_the_way_is_closed_wholly_when_a_swap_ends_at_the_cut_off(world: World) -> None:
    goal = world.engine.model.raw_from_estimate(world.cutoff)
    np.testing.assert_allclose(closed(world, goal), 1.0)
    np.testing.assert_allclose(closed(world, world.rows.raw_score), 0.0, atol=1e-12)
    np.testing.assert_allclose(closed(world, (world.rows.raw_score + goal) / 2), 0.5)


def test_random_families_are_different_ones_and_the_global_list_is_the_same_for_all(world: World) -> None:
    drawn = random_families(world)
    assert all(len(set(row)) == 4 for row in drawn.tolist())
    assert len({tuple(row) for row in drawn.tolist()}) > 20
    assert len({tuple(row) for row in global_families(world).tolist()}) == 1


def test_the_same_seed_draws_the_same(world: World) -> None:
    first, second = check_swaps(world), check_swaps(world)
    assert all((first[name] == second[name]).all() for name in first if "closed" not in name)
