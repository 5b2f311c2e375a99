"""How often a call goes to the PostgreSQL server and back: it may stand on another machine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from threading import Barrier, Thread

import pytest
from pg8000 import core, dbapi
from sqlalchemy import text

from data.errors import WorkspaceError
from data.workspace import QuestionKind, Workspace, open_workspace, read_budget, verify_log
from tests.data.workspace.postgres import PostgresServer
from tests.data.workspace.writers import ANNA, log_one


@pytest.fixture
def remote(postgres: PostgresServer) -> Iterator[Workspace]:
    workspace = open_workspace(postgres.empty_database())
    yield workspace
    workspace.close()


@pytest.fixture
def journeys(monkeypatch: pytest.MonkeyPatch) -> list[None]:
    """Return a list that grows by one each time the driver sends something and waits for the answer."""
    made: list[None] = []
    send = core._flush
    monkeypatch.setattr(core, "_flush", lambda sock: (made.append(None), send(sock))[1])
    return made


def test_a_log_write_makes_four_journeys_and_a_look_five(remote: Workspace, journeys: list[None]) -> None:
    log_one(remote)
    journeys.clear()
    log_one(remote)
    assert len(journeys) == 4, "begin, the head, the entry, commit"
    journeys.clear()
    read_budget(remote, ANNA, QuestionKind.LOOK_UP, 5)
    assert len(journeys) == 5, "begin, the state to see, the server's clock, the question, the end"


def test_a_look_sees_one_state_and_changes_nothing(remote: Workspace) -> None:
    log_one(remote)
    count = text("SELECT count(*) FROM shown_entries")
    with remote.read() as connection:
        before = connection.execute(count).scalar_one()
        log_one(remote)
        assert connection.execute(count).scalar_one() == before
    with remote.read() as connection:
        assert connection.execute(count).scalar_one() == before + 1
    with pytest.raises(WorkspaceError), remote.read() as connection:
        connection.execute(text("DELETE FROM budget_spends"))
    log_one(remote)


def write_and_fail(workspace: Workspace) -> None:
    """Change something, let the server refuse the next statement without telling anybody, and go on to the commit."""
    with workspace.write() as connection:
        connection.execute(text("INSERT INTO shown_heads VALUES ('x', 0, 'x', 'x')"))
        with suppress(dbapi.Error):
            connection.connection.dbapi_connection.execute_simple("SELECT nothing FROM nowhere")


def test_a_transaction_that_failed_is_never_taken_for_committed(remote: Workspace) -> None:
    with pytest.raises(WorkspaceError):
        write_and_fail(remote)
    assert log_one(remote).number == 1
    assert verify_log(remote).ok


def test_every_connection_of_the_pool_lives_again_after_the_server_did(
    remote: Workspace, postgres: PostgresServer
) -> None:
    barrier = Barrier(4)

    def hold() -> None:
        with remote.read() as connection:
            connection.execute(text("SELECT 1"))
            barrier.wait(30)

    threads = [Thread(target=hold) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    postgres.crash()
    postgres.start()
    for number in range(1, 7):
        assert log_one(remote).number == number
