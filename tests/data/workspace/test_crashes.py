"""What was confirmed is there after a process, or the database server, was killed."""

from __future__ import annotations

import random
import time

from sqlalchemy import select

from data.workspace import QuestionKind, Workspace, open_workspace, read_budget, verify_log
from data.workspace.tables import SHOWN_ENTRIES
from tests.data.workspace.postgres import PostgresServer
from tests.data.workspace.writers import ANNA, all_said, log_one, start, write_until_killed

CYCLES = 50


def hashes(workspace: Workspace) -> dict[int, str]:
    with workspace.read() as connection:
        return {row.number: row.entry_hash for row in connection.execute(select(SHOWN_ENTRIES))}


def test_nothing_confirmed_is_lost_when_writers_are_killed(url: str, workspace: Workspace) -> None:
    seeded = random.Random(20260301)
    confirmed: dict[int, str] = {}
    writing = 0
    for cycle in range(CYCLES):
        process, pipe = start(write_until_killed, url)
        if cycle % 5:
            assert pipe.poll(60), "the writer never confirmed anything"
            time.sleep(seeded.uniform(0, 0.03))
        else:
            time.sleep(seeded.uniform(0, 0.2))  # killed while it opens, or at its first entry
        process.kill()
        said = all_said(pipe)
        process.join(30)
        assert process.exitcode == -9
        confirmed.update(said)
        writing += len(said) > 0
        after = log_one(workspace)  # the next writer goes on at once
        confirmed[after.number] = after.entry_hash
        found = verify_log(workspace)
        assert found.ok, found
        assert confirmed.items() <= hashes(workspace).items()
    assert writing >= CYCLES * 0.7
    spent = 1_000_000 - read_budget(workspace, ANNA, QuestionKind.WHAT_IF, 1_000_000).left
    assert spent >= len(confirmed) - 2 * CYCLES, "each confirmed entry but a killed writer's last was followed by one"


def test_nothing_confirmed_is_lost_when_the_server_crashes_and_the_app_goes_on(postgres: PostgresServer) -> None:
    workspace = open_workspace(postgres.empty_database())
    try:
        confirmed = {entry.number: entry.entry_hash for entry in (log_one(workspace) for _ in range(20))}
        postgres.crash()
        assert not workspace.health().ok
        postgres.start()
        assert workspace.health().ok
        assert verify_log(workspace).ok
        assert hashes(workspace) == confirmed
        assert log_one(workspace).number == 21
    finally:
        workspace.close()
