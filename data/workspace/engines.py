"""The engines of the two databases, set so that a confirmed write is on the disk."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pg8000 import core, dbapi  # type: ignore[import-untyped]
from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import DisconnectionError

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


class _Connection(dbapi.Connection):  # type: ignore[misc]
    """The driver's connection, but each statement is one journey to the server where the driver makes three."""

    def execute_unnamed(
        self, statement: str, vals: Sequence[object] = (), oids: Sequence[int] = (), stream: object = None
    ) -> core.Context:
        """Send a statement with its parameters in one piece, and read the answer.

        The driver waits for an answer after each of the parts; the protocol asks for none before the last.

        References
        ----------
        PostgreSQL documentation, "Frontend/Backend Protocol", section "Pipelining".
        """
        context = core.Context(statement, stream=stream)
        self.send_PARSE(core.NULL_BYTE, statement, oids)
        self.send_DESCRIBE_STATEMENT(core.NULL_BYTE)
        self.send_BIND(core.NULL_BYTE, core.make_params(self.py_types, vals))
        self.send_EXECUTE()
        core._write(self._sock, core.SYNC_MSG)
        core._flush(self._sock)
        self.handle_messages(context)
        return context


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
    engine = create_engine(bare, hide_parameters=True, connect_args=settings, isolation_level="READ COMMITTED")
    event.listen(engine, "do_connect", _connect_postgres)
    event.listen(engine, "connect", _set_postgres)
    event.listen(engine, "checkout", _begin_on_a_live_connection)
    event.listen(engine, "begin", _begin_postgres)
    return engine


def reading(engine: Engine) -> Engine:
    """Return the engine for reading: one transaction sees one state, and on PostgreSQL cannot write."""
    return engine.execution_options(**{WRITES: False})


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


def _connect_postgres(_dialect: object, _record: object, arguments: list[Any], settings: dict[str, Any]) -> Any:
    return _Connection(*arguments, **settings)


def _begin_on_a_live_connection(raw: _Connection, _record: object, _proxy: object) -> None:
    """Begin the transaction when a connection is taken from the pool: that must be sent, and shows a dead connection.

    The pool then connects anew. A question asked only to see whether the server answers would be one journey more.
    """
    try:
        raw.execute_simple("BEGIN")
    except (dbapi.Error, OSError) as e:
        raise DisconnectionError from e


def _begin_postgres(connection: Connection) -> None:
    if not connection.get_execution_options().get(WRITES, True):
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")


def _lenient(text: bytes) -> str:
    return text.decode("utf-8", "surrogateescape")
