"""A sign-out is remembered per account, for every replica that shares the workspace."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from multiprocessing.connection import Connection

import pytest
from sqlalchemy import select, text

from data.errors import WorkspaceError
from data.sign_outs import last_sign_out, record_sign_out
from data.workspace import Workspace, open_workspace
from data.workspace.tables import SIGN_OUTS
from tests.data.workspace.writers import all_said, start

A, B = "https://a.example", "https://b.example"


@pytest.fixture(autouse=True)
def shared(url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    """Make the database of the test the workspace of this process."""
    monkeypatch.setenv("CANDOR_WORKSPACE_URL", url)
    workspace = open_workspace()
    yield workspace
    workspace.close()


def test_the_latest_sign_out_of_an_account_counts_and_no_other_account_is_touched() -> None:
    record_sign_out(A, "00u1", 100.25)
    record_sign_out(A, "00u1", 200.5)
    assert last_sign_out(A, "00u1") == 200.5
    assert last_sign_out(A, "00u2") == -math.inf
    assert last_sign_out(B, "00u1") == -math.inf


def test_a_replica_whose_clock_is_slow_revives_no_sign_in() -> None:
    record_sign_out(A, "00u1", 2_000_000_000.75)
    record_sign_out(A, "00u1", 1_999_999_990.0)
    assert last_sign_out(A, "00u1") == 2_000_000_000.75


def test_the_workspace_names_nobody_who_signed_out(shared: Workspace) -> None:
    record_sign_out(A, "ada@example.com", 1.0)
    with shared.read() as connection:
        (row,) = connection.execute(select(SIGN_OUTS)).all()
    assert "ada" not in str(row)
    assert "a.example" not in str(row)
    assert len(row.account) == 64


def test_an_issuer_and_an_account_never_pass_for_others() -> None:
    record_sign_out(A, "x' OR 1=1 --", 1.0)
    record_sign_out(f"{A}/", "y", 1.0)
    assert last_sign_out(A, "/\ny") == -math.inf
    assert last_sign_out(A, "x") == -math.inf
    assert last_sign_out(A, "x' OR 1=1 --") == 1.0


def test_a_workspace_that_cannot_be_read_is_an_error_and_never_no_sign_out(shared: Workspace) -> None:
    with shared.write() as connection:
        connection.execute(text("DROP TABLE sign_outs"))
    for ask in (lambda: last_sign_out(A, "00u1"), lambda: record_sign_out(A, "00u1", 1.0)):
        with pytest.raises(WorkspaceError):
            ask()


def sign_out_elsewhere(url: str, moments: list[float], pipe: Connection) -> None:
    """Sign an account out from another process."""
    os.environ["CANDOR_WORKSPACE_URL"] = url
    for moment in moments:
        record_sign_out(A, "00u1", moment)
    pipe.send(last_sign_out(A, "00u1"))
    pipe.close()


def test_replicas_that_sign_out_together_keep_the_latest_and_all_see_it(url: str) -> None:
    moments = [[1000.0 + 7 * i + j for i in range(10)] for j in range(3)]
    started = [start(sign_out_elsewhere, url, mine) for mine in moments]
    said = [all_said(pipe) for _, pipe in started]
    for process, _ in started:
        process.join(30)
    assert [len(one) for one in said] == [1] * 3
    assert last_sign_out(A, "00u1") == max(map(max, moments))
