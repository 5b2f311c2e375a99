"""When accounts signed out: a sign-out ends every sign-in of the account, in every window and on every replica.

The sign-in itself lives in a cookie of the browser, and a copy of a cookie stays valid after the original is deleted.
So the workspace keeps when each account last signed out, under a keyed hash of the account. Replicas that share the
workspace share the sign-outs.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from data.workspace.database import Workspace, open_workspace
from data.workspace.tables import SIGN_OUTS, time_read, time_text

INSERTS: Mapping[str, Callable[..., postgresql.Insert | sqlite.Insert]] = {
    "postgresql": postgresql.insert,
    "sqlite": sqlite.insert,
}
"""Both databases can say "or change the row that is there", each in its own dialect of SQLAlchemy."""


def record_sign_out(issuer: str, account: str, now: float) -> None:
    """Remember that an account signed out at `now` (seconds since 1970); on the disk when this returns.

    The latest moment counts, in whatever order replicas write: a slow clock must not revive a sign-in.

    Raises
    ------
    WorkspaceError
        The workspace did not confirm.
    """
    workspace = open_workspace()
    moment, written = datetime.fromtimestamp(now, UTC), datetime.now(UTC)
    row = {"signed_out_at": time_text(moment), "created_at": time_text(written)}
    statement = INSERTS[workspace.database](SIGN_OUTS).values(account=_token(workspace, issuer, account), **row)
    later = SIGN_OUTS.c.signed_out_at < statement.excluded.signed_out_at
    with workspace.write() as connection:
        connection.execute(statement.on_conflict_do_update(index_elements=["account"], set_=row, where=later))


def last_sign_out(issuer: str, account: str) -> float:
    """Return when an account last signed out (seconds since 1970), minus infinity for never.

    Raises
    ------
    WorkspaceError
        The workspace cannot be read. Let nobody in then.
    """
    workspace = open_workspace()
    mine = SIGN_OUTS.c.account == _token(workspace, issuer, account)
    with workspace.read() as connection:
        found = connection.execute(select(SIGN_OUTS.c.signed_out_at).where(mine)).scalar_one_or_none()
    return -math.inf if found is None else time_read(found).timestamp()


def _token(workspace: Workspace, issuer: str, account: str) -> str:
    return workspace.token("sign-out", f"{issuer}\n{account}")
