"""Fitted groups in a snapshot: they explain as groups fitted from the rows do, and nobody gets one that is cut."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from data import group_patterns
from data.access import LOCAL_VIEWER, Audience, Viewer
from data.errors import AttributionError
from data.model_room import ModelRoom
from data.reader import Reader
from data.snapshots import open_reader, open_snapshot
from explainers.attribution import Comparison, Engine, attribute
from explainers.decision.compute import fit_rows
from tests.data.worlds import Book, open_book
from tests.snapshots_for_tests import change_published, small_snapshot


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return small_snapshot(tmp_path / "root", tmp_path / "in")


def opened(folder: Path, who: Viewer = LOCAL_VIEWER) -> Reader:
    return open_reader(open_snapshot(folder.parent.parent, folder.parent.name, folder.name), who)


def fits(reader: Reader, engine: Engine) -> list[Comparison]:
    return [fit_rows(reader, engine, group.name, group.group_no) for group in reader.groups()]


def test_every_stored_group_explains_as_the_one_fitted_from_its_rows(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(group_patterns, "LEAVES_AT_A_TIME", 7)
    reader = opened(folder)
    engine = Engine(reader.room.model)
    stored = fits(reader, engine)
    monkeypatch.setattr(ModelRoom, "group_fit", lambda *_: None)
    counted = fits(reader, engine)
    rows = reader.room.signal_values(range(40))
    assert len(stored) >= 2
    for mine, theirs in zip(stored, counted, strict=True):
        assert (mine.n, mine.sha256, mine.rule) == (theirs.n, theirs.sha256, theirs.rule)
        assert mine.baseline == pytest.approx(theirs.baseline, abs=1e-12)
        np.testing.assert_array_equal(attribute(mine, rows).values, attribute(theirs, rows).values)
        direct = [attribute(replace(one, tables=None), rows[:5]).values for one in (mine, theirs)]
        np.testing.assert_array_equal(*direct)


def test_an_older_snapshot_without_them_is_read_and_counted(folder: Path) -> None:
    change_published(folder, "DROP VIEW group_patterns")
    connection = opened(folder)
    assert connection.room.group_fit(0) is None
    assert all(one.n > 1 for one in fits(connection, Engine(connection.room.model)))


def test_patterns_of_another_group_are_refused_in_words(folder: Path) -> None:
    change_published(folder, "UPDATE comparison_groups SET n = n + 1")
    reader = opened(folder)
    with pytest.raises(AttributionError, match="does not fit the model"):
        fits(reader, Engine(reader.room.model))


def test_a_viewer_whose_group_is_cut_gets_nothing_stored() -> None:
    """Two others among many own ones: the group of all is cut to the own ones, and no count over all may be had."""
    book = Book("A", 60, {"B": 2}, 1, 2)
    partner, everyone = open_book(book, Viewer("p", Audience.PARTNER, "A")), open_book(book, LOCAL_VIEWER)
    own_only = {group.group_no: group.own_only for group in partner.groups()}
    assert own_only[1]
    assert partner.room.group_fit(1) is None
    fit = everyone.room.group_fit(1)
    assert fit is not None
    assert sum(int(part.n.sum()) for part in fit.parts()) == 2 * fit.n


def test_a_viewer_with_whole_groups_gets_them() -> None:
    reader = open_book(Book("A", 60, {"B": 80}, 1, 2), Viewer("p", Audience.PARTNER, "A"))
    whole = [group for group in reader.groups() if not group.own_only]
    assert whole
    for group in whole:
        fit = reader.room.group_fit(group.group_no)
        assert fit is not None
        assert fit.n == group.n
    assert reader.room.group_fit(999) is None
