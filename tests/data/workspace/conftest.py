"""Every test of the workspace runs on SQLite and on PostgreSQL."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from data.workspace import Workspace, open_workspace
from tests.data.workspace.postgres import PostgresServer, server_programs


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """Start one server for all tests; without its programs fail under CI and skip elsewhere."""
    programs = server_programs()
    if programs is None:
        reason = "the PostgreSQL server is not installed: apt-get install postgresql"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    server = PostgresServer(programs)
    yield server
    server.remove()


@pytest.fixture
def certificate(postgres: PostgresServer) -> Iterator[Path]:
    """Let the server encrypt, with a certificate for `localhost`, for one test."""
    with postgres.encrypting() as file:
        yield file


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the address of an empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'workspace.sqlite'}"
    server: PostgresServer = request.getfixturevalue("postgres")
    return server.empty_database()


@pytest.fixture
def workspace(url: str) -> Iterator[Workspace]:
    """Open a new workspace, and close it afterwards."""
    opened = open_workspace(url)
    yield opened
    opened.close()
