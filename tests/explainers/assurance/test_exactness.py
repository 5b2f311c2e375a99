"""Counting by hand agrees with the engine, and would notice when it did not."""

from __future__ import annotations

import numpy as np
import pytest

from explainers.assurance import exactness
from explainers.assurance.exactness import compute_exactness, count_by_hand, single_tree, weights


def test_on_a_real_snapshot_engine_and_count_agree(reader) -> None:
    model = reader.room.model
    group = model.encode(reader.room.group_rows(0))
    rows = model.encode(reader.room.signal_values([0, 5]))
    result = compute_exactness(model, rows, group)
    assert result.worst < 1e-12
    assert len(result.trees) == 3
    assert result.combinations > 500


def test_an_engine_that_is_wrong_is_noticed(reader, monkeypatch: pytest.MonkeyPatch) -> None:
    model = reader.room.model
    group = model.encode(reader.room.group_rows(0))
    rows = model.encode(reader.room.signal_values([0, 5]))
    real = exactness.attribute
    monkeypatch.setattr(exactness, "attribute", lambda c, r: real(c, r[::-1].copy()))
    assert compute_exactness(model, rows, group).worst > 1e-6


def test_the_count_adds_up_to_the_difference_of_two_scores(reader) -> None:
    whole = reader.room.model
    model = single_tree(whole, 0)
    group = whole.encode(reader.room.group_rows(0))[:7]
    rows = whole.encode(reader.room.signal_values([3]))
    values, _ = count_by_hand(model, rows, group)
    assert values.sum() == pytest.approx(model.predict_raw(rows)[0] - model.predict_raw(group).mean(), abs=1e-12)


def test_weights_of_three_signals_by_hand() -> None:
    assert weights(np.array([0, 1, 2]), 3) == pytest.approx([1 / 3, 1 / 6, 1 / 3])
