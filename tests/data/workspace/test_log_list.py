"""Specialists find entries of the log and take them along; nobody else does."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest

from data.access import Audience, Viewer
from data.errors import NotFoundForViewer
from data.workspace import LogFilter, Workspace, export_log, list_log
from tests.data.workspace.writers import ANNA, AT, BERT, CLEO, log_one

SOUTH = Viewer("sue@south.example", Audience.PARTNER, "south")


@pytest.fixture
def filled(workspace: Workspace) -> Workspace:
    """Return a workspace with five entries, one a minute."""
    shown = [(ANNA, "decision", "10432"), (SOUTH, "decision", "20000"), (BERT, "overview", "1")]
    shown += [(CLEO, "decision", "10432"), (ANNA, "reasons", "104")]
    for minute, (viewer, page, application) in enumerate(shown):
        log_one(workspace, viewer, page, inputs={"application": application}, at=AT + timedelta(minutes=minute))
    return workspace


@pytest.mark.parametrize(
    ("asked", "numbers"),
    [
        (LogFilter(), [5, 4, 3, 2, 1]),
        (LogFilter(who="anna@bank.example"), [5, 1]),
        (LogFilter(page="decision"), [4, 2, 1]),
        (LogFilter(since=AT + timedelta(minutes=1), until=AT + timedelta(minutes=3)), [3, 2]),
        (LogFilter(audience=Audience.REGULATOR), [4]),
        (LogFilter(partner="south"), [2]),
        (LogFilter(page="decision", partner="north"), [1]),
        (LogFilter(hidden=("application", "10432")), [4, 1]),
        (LogFilter(hidden=("application", "1043")), []),
        (LogFilter(hidden=("tab", "10432")), []),
        (LogFilter(who="' OR 1=1 --"), []),
    ],
)
def test_a_filter_finds_exactly_its_entries_newest_first(
    filled: Workspace, asked: LogFilter, numbers: list[int]
) -> None:
    page = list_log(filled, BERT, asked)
    assert page.rows["number"].tolist() == numbers
    assert page.n == page.n_total == len(numbers)


def test_pages_of_the_list_follow_each_other(filled: Workspace) -> None:
    pages = [list_log(filled, BERT, first=first, size=2) for first in (0, 2, 4)]
    assert [page.rows["number"].tolist() for page in pages] == [[5, 4], [3, 2], [1]]
    assert {page.n_total for page in pages} == {5}


def test_times_are_moments_in_utc(filled: Workspace) -> None:
    assert list_log(filled, BERT).rows["shown_at"].iloc[-1] == AT
    assert str(list_log(filled, BERT, LogFilter(who="nobody")).rows["shown_at"].dt.tz) == "UTC"


@pytest.mark.parametrize("viewer", [ANNA, CLEO])
def test_the_log_is_not_there_for_others(filled: Workspace, viewer: Viewer) -> None:
    with pytest.raises(NotFoundForViewer):
        list_log(filled, viewer)
    with pytest.raises(NotFoundForViewer):
        export_log(filled, viewer, io.StringIO())


def test_the_file_has_the_entries_of_the_filter_oldest_first_with_their_hashes(filled: Workspace) -> None:
    file = io.StringIO(newline="")
    assert export_log(filled, BERT, file, LogFilter(page="decision")) == 3
    rows = list(csv.DictReader(io.StringIO(file.getvalue(), newline="")))
    assert [row["number"] for row in rows] == ["1", "2", "4"]
    listed = list_log(filled, BERT, LogFilter(page="decision")).rows
    assert [row["entry_hash"] for row in rows] == listed["entry_hash"].tolist()[::-1]
    assert rows[0]["shown_at"] == "2026-03-01T09:15:00.000000Z"
    assert "10432" not in file.getvalue()


@pytest.mark.parametrize("block", [2, 5])
def test_a_file_longer_than_a_block_has_every_entry_once(
    filled: Workspace, monkeypatch: pytest.MonkeyPatch, block: int
) -> None:
    monkeypatch.setattr("data.workspace.log_list.BLOCK", block)
    file = io.StringIO(newline="")
    assert export_log(filled, BERT, file) == 5
    assert [line.split(",")[0] for line in file.getvalue().splitlines()[1:]] == ["1", "2", "3", "4", "5"]


def test_a_text_that_a_spreadsheet_would_run_is_made_harmless(workspace: Workspace) -> None:
    log_one(workspace, Viewer("=cmd()", Audience.PARTNER, "@sum"))
    file = io.StringIO(newline="")
    export_log(workspace, BERT, file)
    (row,) = csv.DictReader(io.StringIO(file.getvalue(), newline=""))
    assert (row["who"], row["partner"]) == ("'=cmd()", "'@sum")
