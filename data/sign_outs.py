"""When accounts signed out: a sign-out ends every sign-in of the account, in every window and on every machine.

The sign-in itself lives in a cookie of the browser, and a copy of a cookie stays valid after the original is deleted.
So Candor keeps one small file per account that signed out, named by a hash of the account. Servers that share
Candor's home share the sign-outs.
"""

from __future__ import annotations

import hashlib
import math
import os
import secrets
from pathlib import Path

from data.files import home


def record_sign_out(issuer: str, account: str, now: float) -> None:
    """Remember that an account signed out at `now` (seconds since 1970); replaces its earlier sign-out.

    Raises
    ------
    OSError
        Candor's home cannot be written.
    """
    path = _path(issuer, account)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = path.with_name(f".{path.name}-{secrets.token_hex(8)}")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
        stream.write(repr(now))
        stream.flush()
        os.fsync(stream.fileno())
    part.replace(path)


def last_sign_out(issuer: str, account: str) -> float:
    """Return when an account last signed out, minus infinity for never.

    A file that cannot be read counts as a sign-out just now: a broken note must not revive a sign-in.
    """
    try:
        return float(_path(issuer, account).read_text("ascii"))
    except FileNotFoundError:
        return -math.inf
    except (OSError, ValueError):
        return math.inf


def _path(issuer: str, account: str) -> Path:
    key = hashlib.sha256(f"{issuer}\n{account}".encode()).hexdigest()
    return home() / "sign-outs" / key
