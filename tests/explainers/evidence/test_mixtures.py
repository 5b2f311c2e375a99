"""Mixed rows scored by the kernel, against LightGBM itself."""

from __future__ import annotations

import numpy as np
import pytest

from explainers.evidence.kernel import ROWS
from explainers.evidence.mixtures import mix
from explainers.evidence.warm import warm_mixtures
from explainers.evidence.world import World, chosen


@pytest.mark.parametrize("count", [1, 7, ROWS])
def test_a_mixture_scores_as_lightgbm_scores_the_mixed_row(whole_world: World, count: int) -> None:
    world = whole_world
    random = np.random.default_rng(1)
    model, engine = world.engine.model, world.engine
    members = world.groups[0].rows[:count]
    others = model.encode(world.source.signals(members))
    own = model.encode(world.rows.signals)
    taken = random.integers(0, 2, (50, len(engine.book.column))).astype(np.uint8)
    row_of = random.integers(0, world.n, 50)
    found = mix(engine, world.codes, taken, row_of, chosen(world.everyone, members))
    for place, (mask, row) in enumerate(zip(taken, row_of, strict=True)):
        mixed = np.repeat(own[[row]], count, axis=0)
        columns = engine.book.column[mask == 1]
        mixed[:, columns] = others[:, columns]
        np.testing.assert_allclose(found[place], model.predict_raw(mixed), rtol=0, atol=1e-12)


def test_nothing_taken_is_the_application_itself(world: World) -> None:
    taken = np.zeros((world.n, len(world.engine.book.column)), np.uint8)
    found = mix(world.engine, world.codes, taken, np.arange(world.n), chosen(world.everyone, world.groups[0].rows[:3]))
    np.testing.assert_allclose(found, np.repeat(world.rows.raw_score[:, None], 3, axis=1), rtol=0, atol=1e-12)


def test_more_rows_than_a_word_has_bits_are_refused(world: World) -> None:
    taken = np.zeros((1, len(world.engine.book.column)), np.uint8)
    with pytest.raises(ValueError, match="at most 64"):
        mix(world.engine, world.codes, taken, np.zeros(1, np.int64), chosen(world.everyone, np.arange(65)))


def test_the_kernel_is_compiled_ahead_and_finds_what_it_must() -> None:
    assert warm_mixtures() >= 0
