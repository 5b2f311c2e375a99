"""The workspace: what people write, in SQLite by default and in PostgreSQL for several replicas."""

from __future__ import annotations

import hashlib
import hmac
import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime

import pg8000  # type: ignore[import-untyped]
from sqlalchemy import Connection, Engine, func, select, text
from sqlalchemy.exc import SQLAlchemyError

from data.errors import WorkspaceError
from data.workspace.addresses import workspace_address
from data.workspace.chain import canonical
from data.workspace.engines import make_engine, prepared_file, reading, use_write_ahead_log, writing
from data.workspace.migrate import bring_up_to_date, version_of
from data.workspace.tables import WORKSPACES

_OPEN: dict[tuple[str, int], Workspace] = {}
_OPENING = threading.Lock()
FAILURES = (SQLAlchemyError, sqlite3.Error, pg8000.Error, OSError)
"""While connecting, the drivers' own errors and the network's come through as they are."""
DURABLE = {
    "sqlite": (("PRAGMA journal_mode", {"wal"}), ("PRAGMA synchronous", {"2", "3"})),
    "postgresql": (("SHOW fsync", {"on"}), ("SHOW synchronous_commit", {"on", "remote_apply"})),
}
"""Database -> (question, answers under which a confirmed write outlives a crash)."""


@dataclass(frozen=True)
class WorkspaceHealth:
    """Whether the workspace answers now."""

    ok: bool
    """It answered, and a confirmed write outlives a crash."""
    database: str
    """"sqlite" or "postgresql"."""
    schema_version: str | None
    """Schema found; None when it did not answer."""
    finding: str
    """What is wrong, in one sentence; "The workspace answers." otherwise."""


class Workspace:
    """One workspace database. Threads may share it; each call takes a connection of its own.

    Parameters
    ----------
    engine : Engine
        Of a database with the newest schema.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine, self._reading, self._writing = engine, reading(engine), writing(engine)
        # SQLite has one writer at a time. Waiting here is fair and wakes at once; waiting inside SQLite is polling.
        self._turn = threading.Lock() if engine.dialect.name == "sqlite" else nullcontext()
        with self.read() as connection:
            row = connection.execute(select(WORKSPACES)).one()
        self.workspace_id: str = row.workspace_id
        self.salt: str = row.salt

    @property
    def database(self) -> str:
        """Return "sqlite" or "postgresql"."""
        return self._engine.dialect.name

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Open a transaction that sees one state of the database and changes nothing."""
        with _wrapped("read"), self._reading.connect() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Open a transaction that is on the disk when this returns, and undone when it raises."""
        with self._turn, _wrapped("written"), self._writing.begin() as connection:
            yield connection

    def now(self, connection: Connection) -> datetime:
        """Return the time all replicas agree on: the PostgreSQL server's, or this machine's."""
        if self.database == "sqlite":
            return datetime.now(UTC)
        moment: datetime = connection.execute(select(func.clock_timestamp())).scalar_one()
        return moment.astimezone(UTC)

    def token(self, name: str, value: object) -> str:
        """Return the keyed hash that stands for an identifier in this workspace.

        Parameters
        ----------
        name : str
            What the value is ("application"): the same value under another name has another hash.
        value : object
            Taken as text, so that 10432 and "10432" are one.

        Returns
        -------
        str
            HMAC-SHA256 under the workspace's salt, 64 hexadecimal digits.
        """
        return hmac.new(bytes.fromhex(self.salt), canonical([name, str(value)]).encode(), hashlib.sha256).hexdigest()

    def health(self) -> WorkspaceHealth:
        """Ask the database whether it answers and whether it keeps what it confirms."""
        try:
            with self.read() as connection:
                version = version_of(connection)
                lax = [
                    question
                    for question, answers in DURABLE[self.database]
                    if str(connection.execute(text(question)).scalar_one()) not in answers
                ]
        except WorkspaceError as e:
            return WorkspaceHealth(False, self.database, None, f"{e.title}. {e.message}")
        finding = f"A crash could lose confirmed entries: see {', '.join(lax)}." if lax else "The workspace answers."
        return WorkspaceHealth(not lax, self.database, version, finding)

    def close(self) -> None:
        """Give all connections back; a later `open_workspace` opens anew."""
        with _OPENING:
            for key in [key for key, known in _OPEN.items() if known is self]:
                del _OPEN[key]
        self._engine.dispose()


def open_workspace(url: str | None = None, *, upgrade: bool = True) -> Workspace:
    """Open the workspace, making or migrating it when needed. One per address and process.

    Parameters
    ----------
    url : str, optional
        Address of the database; `CANDOR_WORKSPACE_URL` when not given, else `workspace.sqlite` in Candor's home.
    upgrade : bool
        False leaves the database as it is: a missing, empty or older one is an error. For checks.

    Returns
    -------
    Workspace
        Shared by every caller of this process.

    Raises
    ------
    WorkspaceError
        The address cannot be used, the database cannot be reached, or it is newer than this code.
    """
    address = workspace_address(url)
    key = (address.render_as_string(hide_password=False), os.getpid())  # a forked child must not share sockets
    with _OPENING:
        if key in _OPEN:
            return _OPEN[key]
        engine = make_engine(address)
        try:
            with _wrapped("opened"), prepared_file(address, create=upgrade):
                if upgrade and engine.dialect.name == "sqlite":
                    use_write_ahead_log(engine)
                bring_up_to_date(writing(engine), upgrade=upgrade)
            _OPEN[key] = Workspace(engine)
        except BaseException:
            engine.dispose()
            raise
        return _OPEN[key]


@contextmanager
def _wrapped(doing: str) -> Iterator[None]:
    """Turn a failure of the database into one of ours. Its text may hold values and is not repeated."""
    try:
        yield
    except FAILURES as e:
        cause = type(getattr(e, "orig", None) or e).__name__
        found = f"The database answered with {cause}."
        remedy = "Check that it runs, can be reached and has room on its disk; then try again."
        raise WorkspaceError(f"The workspace could not be {doing}", found, remedy) from e
