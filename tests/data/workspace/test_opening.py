"""The workspace is found, made, migrated and refused in clear words."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from data.errors import WorkspaceError
from data.workspace import Workspace, check_workspace, open_workspace, verify_log
from data.workspace.addresses import workspace_address
from data.workspace.engines import make_engine, prepared_file, writing
from data.workspace.migrate import FOLDER, _config
from data.workspace.tables import METADATA, SCHEMA_VERSION, VERSION_TABLE
from tests.data.workspace.postgres import PostgresServer
from tests.data.workspace.writers import PROCESSES, all_said, log_one, open_together, start


def test_the_workspace_of_a_fresh_home_is_a_private_file_of_sqlite(own_home: Path) -> None:
    workspace = open_workspace()
    try:
        file = own_home / "workspace.sqlite"
        assert workspace.database == "sqlite"
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        log_one(workspace)
        assert {stat.S_IMODE(path.stat().st_mode) for path in own_home.glob("workspace*")} == {0o600}
    finally:
        workspace.close()


def test_the_setting_names_the_database(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CANDOR_WORKSPACE_URL", url)
    workspace = open_workspace()
    try:
        assert workspace is open_workspace(url), "one per address and process"
        assert workspace.database == url.partition(":")[0]
    finally:
        workspace.close()


def test_a_healthy_workspace_says_that_a_confirmed_write_is_safe(workspace: Workspace) -> None:
    health = workspace.health()
    assert (health.ok, health.schema_version, health.finding) == (True, SCHEMA_VERSION, "The workspace answers.")


def test_a_workspace_keeps_its_identity_when_opened_again(url: str) -> None:
    first = open_workspace(url)
    log_one(first)
    first.close()
    again = open_workspace(url)
    try:
        assert (again.workspace_id, again.salt) == (first.workspace_id, first.salt)
        assert again is not first
        assert log_one(again).number == 2
    finally:
        again.close()


def test_processes_that_start_together_make_one_workspace(url: str) -> None:
    barrier = PROCESSES.Barrier(4)
    started = [start(open_together, url, barrier) for _ in range(4)]
    said = [all_said(pipe) for _, pipe in started]
    for process, _ in started:
        process.join(30)
    assert [process.exitcode for process, _ in started] == [0] * 4
    assert [len(ids) for ids in said] == [1] * 4
    assert len({ids[0] for ids in said}) == 1


def test_processes_that_start_together_on_a_new_file_make_it_once(tmp_path: Path) -> None:
    for number in range(6):
        barrier = PROCESSES.Barrier(4)
        started = [start(open_together, f"sqlite:///{tmp_path}/{number}.sqlite", barrier) for _ in range(4)]
        said = [all_said(pipe) for _, pipe in started]
        for process, _ in started:
            process.join(30)
        assert len({tuple(ids) for ids in said}) == 1
        assert len(said[0]) == 1


def test_the_migrations_make_exactly_the_tables_of_the_code(workspace: Workspace) -> None:
    with workspace.read() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE, "compare_type": True})
        assert compare_metadata(context, METADATA) == []


def test_the_code_names_the_newest_migration() -> None:
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    assert ScriptDirectory.from_config(config).get_heads() == [SCHEMA_VERSION]


def test_a_workspace_of_the_first_schema_is_brought_up_and_keeps_its_identity(url: str) -> None:
    address = workspace_address(url)
    engine, config = make_engine(address), _config()
    with prepared_file(address, create=True), writing(engine).begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        identity = connection.execute(text("SELECT workspace_id, salt FROM workspaces")).one()
    engine.dispose()
    with pytest.raises(WorkspaceError, match=f"has schema 0001; this Candor has {SCHEMA_VERSION}"):
        check_workspace(url)
    workspace = open_workspace(url)
    try:
        assert (workspace.workspace_id, workspace.salt) == tuple(identity)
        assert workspace.health().schema_version == SCHEMA_VERSION
        assert log_one(workspace).number == 1
        assert verify_log(workspace).ok
    finally:
        workspace.close()


def test_a_database_newer_than_the_code_is_refused_in_one_sentence(url: str) -> None:
    workspace = open_workspace(url)
    with workspace.write() as connection:
        connection.execute(text(f"UPDATE {VERSION_TABLE} SET version_num = '9999'"))
    workspace.close()
    for opening in (open_workspace, check_workspace):
        with pytest.raises(WorkspaceError) as caught:
            opening(url)
        known = f"this Candor knows schemas up to {SCHEMA_VERSION}."
        assert caught.value.message == f"The database has schema 9999; {known}"


def test_a_check_changes_no_empty_database(url: str, tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match=r"no workspace|has no tables"):
        check_workspace(url)
    assert not (tmp_path / "workspace.sqlite").exists()
    workspace = open_workspace(url)
    assert verify_log(workspace).ok
    workspace.close()


def test_a_file_that_is_no_database_is_refused_and_kept(tmp_path: Path) -> None:
    file = tmp_path / "notes.sqlite"
    file.write_text("not a database, but somebody's notes " * 50)
    with pytest.raises(WorkspaceError, match="could not be opened"):
        open_workspace(f"sqlite:///{file}")
    assert file.read_text().startswith("not a database")


def test_a_server_that_does_not_answer_is_said_without_the_password() -> None:
    with pytest.raises(WorkspaceError, match="could not be opened") as caught:
        open_workspace("postgresql://candor:hunter2@127.0.0.1:1/candor")
    assert "hunter2" not in str(caught.value) + str(caught.value.__cause__)


@pytest.mark.parametrize(
    "address",
    [
        "nonsense hunter2",
        "mysql://u:hunter2@h/d",
        "sqlite://",
        "sqlite:///:memory:",
        "sqlite:///x.sqlite?mode=ro",
        "postgresql://u:hunter2@h",
        "postgresql://u:hunter2@h/d?options=hunter2",
        "postgresql://u:hunter2@h/d?sslmode=verify-ca",
        "postgresql://u:hunter2@h/d?sslmode=verify-full&sslrootcert=/nowhere/hunter2",
    ],
)
def test_an_address_that_cannot_be_used_is_refused_without_repeating_it(address: str) -> None:
    with pytest.raises(WorkspaceError, match="address of the workspace cannot be used") as caught:
        open_workspace(address)
    assert "hunter2" not in str(caught.value)
    assert "CANDOR_WORKSPACE_URL" in caught.value.remedy


@pytest.mark.parametrize(("mode", "encrypted"), [("", True), ("?sslmode=disable", False), ("?sslmode=require", True)])
def test_the_connection_is_encrypted_as_the_address_says(
    postgres: PostgresServer, certificate: Path, mode: str, encrypted: bool
) -> None:
    assert is_encrypted(postgres.empty_database() + mode) == encrypted


def test_a_server_must_prove_its_name_when_that_is_asked_for(postgres: PostgresServer, certificate: Path) -> None:
    full = f"?sslmode=verify-full&sslrootcert={certificate}"
    address = postgres.empty_database()
    assert is_encrypted(address.replace("127.0.0.1", "localhost") + full)
    for wrong in (address + full, address.replace("127.0.0.1", "localhost") + "?sslmode=verify-full"):
        with pytest.raises(WorkspaceError, match="SSLCertVerificationError"):
            open_workspace(wrong)


def is_encrypted(address: str) -> bool:
    workspace = open_workspace(address)
    try:
        with workspace.read() as connection:
            return connection.execute(text("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")).scalar_one()
    finally:
        workspace.close()


def test_a_server_without_encryption_is_refused_when_encryption_is_asked_for(postgres: PostgresServer) -> None:
    with pytest.raises(WorkspaceError, match="could not be opened"):
        open_workspace(f"{postgres.address}?sslmode=require")
