"""What was shown is written to the log as declared, in one chain, however many write."""

from __future__ import annotations

import hashlib
import hmac
import json
import math
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone

import pytest
from sqlalchemy import MetaData, select

from data.access import LOCAL_VIEWER, Viewer
from data.errors import WorkspaceError
from data.workspace import Workspace, verify_log
from tests.data.workspace.writers import ANNA, AT, BERT, PROCESSES, all_said, log_one, start, write_some


def everything_stored(workspace: Workspace) -> str:
    """Return the text of every row of every table."""
    with workspace.read() as connection:
        tables = MetaData()
        tables.reflect(connection)
        return "\n".join(repr(row) for table in tables.sorted_tables for row in connection.execute(select(table)))


def test_an_entry_holds_who_when_what_and_from_which_snapshot(workspace: Workspace) -> None:
    kathmandu = timezone(timedelta(hours=5, minutes=45))
    at = datetime(2026, 3, 1, 15, 0, 0, 7, tzinfo=kathmandu)
    entry = log_one(workspace, inputs={"tab": "reasons", "cutoff": 0.18}, rows_behind=812_345, at=at)
    assert (entry.number, entry.shown_at) == (1, "2026-03-01T09:15:00.000007Z")
    assert (entry.who, entry.audience, entry.partner) == ("anna@bank.example", "partner", "north")
    assert (entry.page, entry.inputs, entry.rows_behind) == ("decision", '{"cutoff":0.18,"tab":"reasons"}', 812_345)
    assert (entry.snapshot_id, entry.snapshot_hash) == ("2026-02", "ab" * 32)


def test_the_chain_can_be_computed_by_hand_from_its_description(workspace: Workspace) -> None:
    """A validator without this code gets the same hashes from the documented spelling."""

    def sha(value: object) -> str:
        return hashlib.sha256(json.dumps(value, sort_keys=True, separators=(",", ":")).encode()).hexdigest()

    first, second = log_one(workspace), log_one(workspace, LOCAL_VIEWER, "overview", inputs={})
    assert first.previous_hash == sha(["candor shown log 1", workspace.workspace_id, workspace.salt])
    for entry in (first, second):
        fields = {name: value for name, value in vars(entry).items() if name != "entry_hash"}
        assert entry.entry_hash == sha(fields)
    assert second.previous_hash == first.entry_hash


def test_an_applications_id_is_nowhere_in_the_database(workspace: Workspace) -> None:
    log_one(workspace, inputs={"application": "APP-77419"})
    assert "decision" in everything_stored(workspace)
    assert "77419" not in everything_stored(workspace)


def test_the_hash_of_an_id_is_keyed_with_the_workspaces_own_salt(workspace: Workspace) -> None:
    entry = log_one(workspace, inputs={"application": 10432})
    key = bytes.fromhex(workspace.salt)
    assert len(key) == 32
    expected = hmac.new(key, b'["application","10432"]', hashlib.sha256).hexdigest()
    assert json.loads(entry.inputs) == {"application": {"hidden": expected}}
    assert workspace.token("cohort", "10432") != workspace.token("application", "10432")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"inputs": {"income": 12345.0, "tab": "x"}}, "did not declare the inputs income"),
        ({"inputs": {"tab": "x" * 201}}, "The input tab has signs"),
        ({"inputs": {"tab": "a\x00b"}}, "The input tab has signs"),
        ({"inputs": {"tab": ["a"]}}, "neither text nor a number"),
        ({"inputs": {"cutoff": math.nan}}, "not a finite number"),
        ({"viewer": Viewer("a\udc80", BERT.audience)}, "who has signs"),
        ({"page": "a\nb"}, "page has signs"),
        ({"rows_behind": -1}, "not a whole number"),
        ({"rows_behind": True}, "not a whole number"),
        ({"at": AT.replace(tzinfo=None)}, "no time zone"),
    ],
)
def test_what_may_not_stand_in_the_log_is_refused_without_repeating_it(
    workspace: Workspace, change: dict[str, object], said: str
) -> None:
    with pytest.raises(WorkspaceError, match=said) as caught:
        log_one(workspace, **change)  # type: ignore[arg-type]
    assert "12345" not in str(caught.value)
    assert verify_log(workspace).entries == 0


def test_text_of_every_language_survives_unchanged(workspace: Workspace) -> None:
    log_one(workspace, Viewer("zoë@пример.example", ANNA.audience, "Ärzte 銀行 🏦"), inputs={"tab": 'quo"te\\'})
    assert verify_log(workspace).ok


def test_threads_writing_together_make_one_chain(workspace: Workspace) -> None:
    with ThreadPoolExecutor(8) as pool:
        numbers = sorted(pool.map(lambda _: log_one(workspace).number, range(60)))
    assert numbers == list(range(1, 61))
    assert verify_log(workspace).ok


def test_processes_writing_together_make_one_chain(url: str, workspace: Workspace) -> None:
    barrier = PROCESSES.Barrier(4)
    started = [start(write_some, url, 15, writer, barrier) for writer in range(4)]
    said = [all_said(pipe) for _, pipe in started]
    for process, _ in started:
        process.join(30)
    assert sorted(number for numbers in said for number in numbers) == list(range(1, 61))
    # the test is about nothing when each process happened to write alone
    assert any(numbers != list(range(numbers[0], numbers[0] + 15)) for numbers in said)
    found = verify_log(workspace)
    assert (found.ok, found.entries) == (True, 60)


def test_an_entry_is_not_written_when_its_transaction_fails(workspace: Workspace) -> None:
    log_one(workspace)
    with pytest.raises(RuntimeError), workspace.write():
        raise RuntimeError
    assert log_one(workspace).number == 2
    assert verify_log(workspace).ok
