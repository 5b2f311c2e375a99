"""The second opinion on an application of a snapshot: made ready from what it needs of a group only."""

from __future__ import annotations

import numpy as np
import pytest

from data.access import LOCAL_VIEWER
from data.errors import AttributionError
from data.reader import Reader
from data.snapshots import open_reader, open_snapshot
from explainers.attribution import Engine
from explainers.decision.compute import FittedGroup, fit_group
from explainers.decision.second import fit_second
from explainers.second_opinion import compute
from explainers.second_opinion.compute import fit_sampled, fit_second_opinion, sampled_places, signals_given
from tests.snapshots_for_tests import small_snapshot


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Reader:
    folder = tmp_path_factory.mktemp("second")
    folder = small_snapshot(folder / "root", folder / "in")
    return open_reader(open_snapshot(folder.parents[1], folder.parent.name, folder.name), LOCAL_VIEWER)


@pytest.fixture(scope="module")
def group(reader: Reader) -> FittedGroup:
    largest = max(reader.groups(), key=lambda g: g.n)
    return fit_group(reader, Engine(reader.room.model), largest.name, largest.group_no)


@pytest.mark.parametrize(("signals", "rows"), [(200, 20_000), (2, 20_000), (3, 50), (200, 1)])
def test_it_is_the_one_made_from_every_signal_and_row(
    reader: Reader, group: FittedGroup, signals: int, rows: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compute, "MOST_SIGNALS", signals)
    monkeypatch.setattr(compute, "MOST_ROWS", rows)
    everything = reader.room.group_rows(group.record.group_no)
    found, wanted = fit_second(reader, group), fit_second_opinion(group.fitted, everything, seed=group.record.seed)
    assert (found.n, found.n_total, found.n_signals_used) == (wanted.n, wanted.n_total, wanted.n_signals_used)
    assert (found.n, found.n_total) == (min(rows, len(everything)), len(everything))
    assert len(found.levels) == min(signals, found.n_signals_used)
    for ours, theirs in zip(found.levels, wanted.levels, strict=True):
        assert ours.column == theirs.column
        for one, other in ((ours.edges, theirs.edges), (ours.values, theirs.values), (ours.count, theirs.count)):
            np.testing.assert_array_equal(one, other)


def test_the_signals_given_are_those_with_the_greatest_gain(
    group: FittedGroup, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compute, "MOST_SIGNALS", 2)
    model = group.fitted.engine.model
    gain = dict(zip(model.feature_names, model.booster.feature_importance("gain"), strict=True))
    best = sorted(gain, key=lambda name: -gain[name])[:2]
    assert signals_given(group.fitted.engine) == tuple(name for name in model.feature_names if name in best)


def test_rows_that_are_not_the_sample_are_refused(reader: Reader, group: FittedGroup) -> None:
    places = sampled_places(group.fitted, seed=1)[1:].tolist()
    rows = reader.room.group_places(group.record.group_no, places, signals_given(group.fitted.engine))
    with pytest.raises(AttributionError, match=f"{group.record.n} rows; {group.record.n - 1} were given"):
        fit_sampled(group.fitted, rows, seed=1)
