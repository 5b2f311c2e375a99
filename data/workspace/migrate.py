"""Bringing a workspace to the newest schema when it is opened."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, func, select

from data.errors import WorkspaceError
from data.workspace.tables import SCHEMA_VERSION, VERSION_TABLE

FOLDER = Path(__file__).with_name("migrations")
LOCK = 0x43616E646F720001
"""Key of PostgreSQL's advisory lock: replicas that start together wait for the one that migrates."""


def bring_up_to_date(engine: Engine, *, upgrade: bool) -> None:
    """Migrate a database to the newest schema, once, however many processes open it together.

    Parameters
    ----------
    engine : Engine
        Its transactions write: on SQLite they begin with ``BEGIN IMMEDIATE``.
    upgrade : bool
        False changes nothing, and takes anything but the newest schema for an error.

    Raises
    ------
    WorkspaceError
        The database is newer than this code; or it is older (or empty) and may not be changed.
    """
    with engine.connect() as connection:
        if version_of(connection) == SCHEMA_VERSION:
            return
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(select(func.pg_advisory_xact_lock(LOCK)))
        found = version_of(connection)  # again: another process may have migrated while this one waited
        if found == SCHEMA_VERSION:
            return
        _refuse_newer(found)
        if not upgrade:
            has = (
                "has no tables of Candor" if found is None else f"has schema {found}; this Candor has {SCHEMA_VERSION}"
            )
            raise WorkspaceError(
                "The workspace is not ready", f"The database {has}.", "Start the app once; it sets it up."
            )
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, SCHEMA_VERSION)


def version_of(connection: Connection) -> str | None:
    """Return the schema a database has, or None where Candor never was."""
    return MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE}).get_current_revision()


def _refuse_newer(found: str | None) -> None:
    known = {step.revision for step in ScriptDirectory.from_config(_config()).walk_revisions()}
    if found is not None and found not in known:
        allowed = f"The database has schema {found}; this Candor knows schemas up to {SCHEMA_VERSION}."
        raise WorkspaceError("The workspace is newer than this Candor", allowed, "Install the newer Candor.")


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))  # % begins a variable there
    return config
