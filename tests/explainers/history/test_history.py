"""One application in several snapshots."""

from __future__ import annotations

from pathlib import Path

import pytest

from data.access import LOCAL_VIEWER, Audience, Viewer
from data.errors import CandorError, NotFoundForViewer
from data.matched import match
from data.reader import Reader
from data.snapshots import open_reader, open_snapshot
from explainers.history.compute import compute_history
from explainers.history.words import say_history, table_history
from tests.snapshots_for_tests import small_snapshot

EXAMINER = Viewer("e", Audience.REGULATOR)


def second_version(card: dict) -> None:
    card["model"]["version"] = "2"


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Two snapshots of the same applications, the second one with a stricter cut-off."""
    base = tmp_path_factory.mktemp("history")
    return [
        small_snapshot(base / "snapshots", base / "first"),
        small_snapshot(
            base / "snapshots", base / "second", decision={"cutoffs": {"default": 0.1}}, card=second_version
        ),
    ]


def opened(folder: Path, viewer: Viewer = LOCAL_VIEWER) -> Reader:
    return open_reader(open_snapshot(folder.parents[1], folder.parent.name, folder.name), viewer)


def test_an_application_is_found_in_the_other_snapshot_and_the_change_is_said(folders: list[Path]) -> None:
    first, second = map(opened, folders)
    number = second.pick("declined", 0.5)
    while first.application(number).decision == "declined":
        number = second.pick("declined", hash(number) % 997 / 997)
    result = compute_history(second, number, [first])
    assert (result.n, result.n_total) == (2, 2)
    assert {entry.decision for entry in result.entries} == {"approved", "declined"}
    estimates = {entry.estimate for entry in result.entries}
    assert estimates == {first.application(number).estimate}
    assert "The decision differs: approved by" in say_history(result)
    assert (table_history(result)[""] == "shown here").sum() == 1


def test_without_another_snapshot_it_says_so(folders: list[Path]) -> None:
    reader = opened(folders[0])
    result = compute_history(reader, reader.pick("any", 0.1), [])
    assert say_history(result) == "There is no other snapshot."


def test_masked_numbers_stay_masked_and_lead_to_the_same_application(folders: list[Path]) -> None:
    first, second = (opened(folder, EXAMINER) for folder in folders)
    number = first.pick("any", 0.3)
    result = compute_history(first, number, [second])
    there = next(entry.number for entry in result.entries if not entry.current)
    assert there != opened(folders[1]).pick("any", 0.3)
    assert first.reveal(number, "complaint") == second.reveal(there, "complaint")


def test_a_partner_learns_nothing_of_applications_of_others(folders: list[Path]) -> None:
    whole = opened(folders[0])
    partners = sorted({whole.application(whole.pick("any", i / 50)).partner for i in range(50)})
    viewer = Viewer("p", Audience.PARTNER, partners[0])
    first, second = (opened(folder, viewer) for folder in folders)
    theirs = next(
        number
        for number in (whole.pick("any", i / 50) for i in range(50))
        if whole.application(number).partner == partners[1]
    )
    for number in (theirs, "no such number"):
        with pytest.raises(NotFoundForViewer):
            compute_history(first, number, [second])


def test_numbers_are_not_passed_on_between_viewers(folders: list[Path]) -> None:
    mine, theirs = opened(folders[0]), opened(folders[1], EXAMINER)
    with pytest.raises(CandorError):
        mine.number_in(mine.pick("any", 0.0), theirs)


def test_the_same_number_at_another_lender_is_another_application(folders: list[Path], tmp_path: Path) -> None:
    elsewhere = small_snapshot(
        tmp_path / "snapshots", tmp_path / "in", n=400, change=lambda table: table.assign(partner="Another Lender")
    )
    first, other = opened(folders[0]), opened(elsewhere)
    number = other.pick("any", 0.5)
    assert first.application(number).partner != other.application(number).partner
    assert compute_history(first, number, [other]).n == 1
    families = list(first.room.card.families)
    sides = match(first.room.summaries(), other.room.summaries(), families, riskier_up=True)
    assert [len(side.rows) for side in sides] == [0, 0]
