"""Where the workspace is: a file of SQLite in Candor's home, or the PostgreSQL of `CANDOR_WORKSPACE_URL`."""

from __future__ import annotations

import os
import ssl
from pathlib import Path
from typing import Any

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from data.errors import WorkspaceError
from data.files import home

URL_VARIABLE = "CANDOR_WORKSPACE_URL"
FILE = "workspace.sqlite"
TITLE = "The address of the workspace cannot be used"
ALLOWED = "postgresql://user:password@host:5432/database, or sqlite:////folder/workspace.sqlite"
TLS_MODES = ("disable", "prefer", "require", "verify-full")


def workspace_address(url: str | None) -> URL:
    """Return the address to open: the one given, else the setting, else the file in Candor's home.

    Raises
    ------
    WorkspaceError
        The address is not one of the two databases. It is not repeated: it may hold a password.
    """
    text = url or os.environ.get(URL_VARIABLE)
    if not text:
        return URL.create("sqlite", database=str(home() / FILE))
    try:
        address = make_url(text)
    except (ArgumentError, ValueError) as e:
        raise _unusable("It cannot be read as an address.") from e
    kind = address.drivername.partition("+")[0]
    if kind == "sqlite" and address.database not in (None, "", ":memory:") and not address.query:
        return URL.create("sqlite", database=str(Path(address.database or "").expanduser().resolve()))
    if kind in ("postgresql", "postgres") and address.database:
        return address.set(drivername="postgresql+pg8000")
    raise _unusable(f"It begins with {kind!r}, or names no database.")


def tls_arguments(address: URL) -> tuple[URL, dict[str, Any]]:
    """Return an address of PostgreSQL without its settings, and what they mean to the driver.

    ``?sslmode=`` takes `disable`, `prefer` (encrypted where the server can; the default), `require` (encrypted) or
    `verify-full` (encrypted, and the server proves its name); ``sslrootcert=`` names the file of the authority.
    PostgreSQL's other words are refused, not ignored.
    """
    query = {name: value if isinstance(value, str) else value[-1] for name, value in address.query.items()}
    mode, authority = query.pop("sslmode", "prefer"), query.pop("sslrootcert", None)
    if query:
        raise _unusable(f"It has the settings {', '.join(sorted(query))}; allowed are sslmode and sslrootcert.")
    if mode not in TLS_MODES:
        raise _unusable(f"It has the sslmode {mode!r}; allowed are {', '.join(TLS_MODES)}.")
    bare = address.set(query={})
    if mode in ("disable", "prefer"):
        return bare, {"ssl_context": None if mode == "prefer" else False}
    try:
        context = ssl.create_default_context(cafile=authority)
    except OSError as e:
        raise _unusable("The file of sslrootcert cannot be read.") from e
    if mode == "require":
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return bare, {"ssl_context": context}


def _unusable(found: str) -> WorkspaceError:
    return WorkspaceError(TITLE, f"{found} Allowed: {ALLOWED}.", f"Mend {URL_VARIABLE}.")
