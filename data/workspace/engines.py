"""The engines of the two databases, set so that a confirmed write is on the disk."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event

from data.errors import WorkspaceError
from data.workspace.addresses import tls_arguments

WAIT = 10
"""Seconds a writer waits for another before it gives up."""
PATIENCE = 30
"""Seconds without an answer from the PostgreSQL server before a call fails."""
WRITES = "candor_writes"
"""Execution option of an engine whose transactions write from their first statement."""
SQLITE_SETTINGS = (
    f"PRAGMA busy_timeout = {WAIT * 1000}",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA trusted_schema = OFF",
)
POSTGRES_SETTINGS = (
    "SET synchronous_commit TO on",
    f"SET lock_timeout TO '{WAIT}s'",
    # a replica that stands still inside a transaction must not stop the others for ever
    f"SET idle_in_transaction_session_timeout TO '{6 * WAIT}s'",
)


def make_engine(address: URL) -> Engine:
    """Return an engine that no error of shows the values of a statement."""
    if address.get_backend_name() == "sqlite":
        engine = create_engine(address, hide_parameters=True)
        event.listen(engine, "connect", _set_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    bare, tls = tls_arguments(address)
    settings = {"timeout": PATIENCE, "application_name": "candor", **tls}
    # whatever the server's default: who waited for a lock must see what its holder wrote
    fresh = {"isolation_level": "READ COMMITTED", "pool_pre_ping": True}
    engine = create_engine(bare, hide_parameters=True, connect_args=settings, **fresh)
    event.listen(engine, "connect", _set_postgres)
    return engine


def reading(engine: Engine) -> Engine:
    """Return the engine for reading: one transaction sees one state, and cannot write."""
    if engine.dialect.name == "sqlite":
        return engine
    return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


def writing(engine: Engine) -> Engine:
    """Return the engine for writing: on SQLite a transaction takes the one lock of writers at once."""
    return engine.execution_options(**{WRITES: True})


@contextmanager
def prepared_file(address: URL, *, create: bool) -> Iterator[None]:
    """Hold the lock of a starting process over a file of SQLite, and make the file when it is not there.

    The lock is a file of its own: closing a database file by hand would drop the locks SQLite has on it.

    Raises
    ------
    WorkspaceError
        The file is not there and may not be made, or its folder cannot be written.
    """
    if address.get_backend_name() != "sqlite":
        yield
        return
    path = Path(str(address.database))
    if not create and not path.exists():
        raise WorkspaceError("There is no workspace", f"{path} does not exist.", "Start the app once; it makes it.")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = os.open(path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as e:
        found = f"{path.parent} cannot be written ({e.strerror})."
        raise WorkspaceError("The workspace cannot be opened", found, "Set CANDOR_HOME to another folder.") from e
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not path.exists():
            _make_file(path)
        yield
    finally:
        os.close(lock)


def use_write_ahead_log(engine: Engine) -> None:
    """Let readers and the writer of a file of SQLite work side by side; the file remembers it."""
    raw = engine.raw_connection()  # SQLite changes this setting only outside a transaction
    try:
        raw.cursor().execute("PRAGMA journal_mode = WAL")
    finally:
        raw.close()


def _make_file(path: Path) -> None:
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _set_sqlite(raw: Any, _record: object) -> None:
    raw.isolation_level = None  # transactions begin where `_begin_sqlite` says, and hold changes of tables too
    raw.text_factory = _lenient  # a log with broken text must be reported, not crash its check
    for setting in SQLITE_SETTINGS:
        raw.execute(setting)


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get(WRITES)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _set_postgres(raw: Any, _record: object) -> None:
    cursor = raw.cursor()
    for setting in POSTGRES_SETTINGS:
        cursor.execute(setting)
    cursor.close()
    raw.commit()


def _lenient(text: bytes) -> str:
    return text.decode("utf-8", "surrogateescape")
