"""Opening DuckDB safely, and the only place where identifiers are quoted.

Every connection that outlives its first line is locked: no file but its own can be read, no
extension is fetched, and no later statement can loosen that. Values go into statements as
parameters, never as text.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

_NO_EXTENSIONS = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "allow_community_extensions": False,
}


def quote_identifier(name: str) -> str:
    """Return a name as a quoted SQL identifier.

    Parameters
    ----------
    name : str
        Any column, table or schema name; quotes and spaces may occur in it.

    Returns
    -------
    str
        The name in double quotes, with its own double quotes doubled.

    Raises
    ------
    ValueError
        If the name is empty or holds a NUL character, which no engine stores faithfully.
    """
    if not name or "\x00" in name:
        raise ValueError("an SQL name must hold at least one character and no NUL character")
    return '"' + name.replace('"', '""') + '"'


@dataclass(frozen=True)
class Attachment:
    """A database file joined to a scratch connection."""

    name: str
    """Catalogue name under which statements reach it."""
    path: Path
    """The database file; made when missing unless read-only."""
    read_only: bool = False
    """True for files of other people."""
    block_bytes: int | None = None
    """Size of a storage block in bytes; None keeps DuckDB's default (256 KiB)."""
    row_group_rows: int | None = None
    """Rows in a row group; None keeps DuckDB's default (122,880)."""


def open_readonly(
    path: Path, *, memory_limit: str = "1GB", threads: int = 2, temp_directory: Path | None = None
) -> duckdb.DuckDBPyConnection:
    """Open a database file for reading only, as the parent of one cursor per query.

    Parameters
    ----------
    path : Path
        The database file.
    memory_limit : str
        Most memory DuckDB may use, for example "1GB". Who opened the file first in this process sets the limits.
    threads : int
        Threads DuckDB may use.
    temp_directory : Path, optional
        Where large queries may spill to disk; without it they fail instead of writing beside the
        file, which may lie on a read-only volume.

    Returns
    -------
    duckdb.DuckDBPyConnection
        Never query it directly: a connection shared by threads hands one thread the rows of another.
        Use `cursor`.

    Raises
    ------
    duckdb.Error
        If the file cannot be opened.
    """
    spill = "" if temp_directory is None else str(temp_directory)
    # limits are set after opening: a file that this process has open already would be refused with other ones
    parent = duckdb.connect(path, read_only=True, config=_settings(spill))
    if not _is_locked(parent):
        parent.execute("SET memory_limit = ?", [memory_limit])
        parent.execute("SET threads = ?", [threads])
        _lock(parent, readable=())
    return parent


def open_scratch(
    spill: Path | None,
    *,
    memory_limit: str = "1GB",
    threads: int = 2,
    attachments: Sequence[Attachment] = (),
    readable: Sequence[Path] = (),
) -> duckdb.DuckDBPyConnection:
    """Open an in-memory connection for build work that sees the files it is given and no others.

    Parameters
    ----------
    spill : Path or None
        Folder for what does not fit in memory; made when needed. None: large statements fail and write nothing.
    memory_limit : str
        Most memory DuckDB may use.
    threads : int
        Threads DuckDB may use.
    attachments : sequence of Attachment
        Database files to join.
    readable : sequence of Path
        Plain files (CSV, Parquet) that statements may read, by exactly these paths.

    Returns
    -------
    duckdb.DuckDBPyConnection
        A locked connection; the caller closes it. Closing does not tidy up attached files: what must last
        needs ``CHECKPOINT name`` before, or it stays in a log beside its file.

    Raises
    ------
    duckdb.Error
        If a file cannot be attached.
    """
    config = _settings(str(spill or ""))
    config |= {"memory_limit": memory_limit, "threads": threads}
    connection = duckdb.connect(":memory:", config=config)
    try:
        connection.execute("SET GLOBAL TimeZone = 'UTC'")
        # the statistics of a Parquet file leave NaN out, and DuckDB would then take isnan() to be never true
        connection.execute("SET disabled_optimizers = 'statistics_propagation'")
        # what must last is checkpointed by name; tidying up scratch tables on closing can take minutes
        connection.execute("PRAGMA disable_checkpoint_on_shutdown")
        connection.execute("SET checkpoint_threshold = '1TB'")
        for attachment in attachments:
            _attach(connection, attachment)
        _lock(connection, readable)
    except BaseException:
        connection.close()
        raise
    return connection


@contextmanager
def cursor(parent: duckdb.DuckDBPyConnection) -> Iterator[duckdb.DuckDBPyConnection]:
    """Give one query its own connection to the parent's databases, closed afterwards."""
    with closing(parent.cursor()) as own:
        yield own


def _settings(spill: str) -> dict[str, str | bool | int | float | list[str]]:
    return {
        "temp_directory": spill,
        # a name in a query must never be looked up among Python's variables
        "python_enable_replacements": False,
        "allow_persistent_secrets": False,
        **_NO_EXTENSIONS,
    }


def _attach(connection: duckdb.DuckDBPyConnection, attachment: Attachment) -> None:
    options = ["READ_ONLY"] if attachment.read_only else []
    if attachment.block_bytes is not None:
        options.append(f"BLOCK_SIZE {int(attachment.block_bytes)}")
    if attachment.row_group_rows is not None:
        options.append(f"ROW_GROUP_SIZE {int(attachment.row_group_rows)}")
    listed = f" ({', '.join(options)})" if options else ""
    connection.execute(f"ATTACH ? AS {quote_identifier(attachment.name)}{listed}", [str(attachment.path)])


def _is_locked(connection: duckdb.DuckDBPyConnection) -> bool:
    """Tell whether this process has the file open already: connections to one file share their settings."""
    locked = connection.execute("SELECT current_setting('lock_configuration')").fetchone()
    return bool(locked and locked[0])


def _lock(connection: duckdb.DuckDBPyConnection, readable: Sequence[Path]) -> None:
    # DuckDB would draw a bar of its own into standard output once a query takes two seconds; cursors inherit this
    connection.execute("SET enable_progress_bar = false")
    if readable:
        connection.execute("SET allowed_paths = ?", [[str(path) for path in readable]])
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
