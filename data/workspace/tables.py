"""The tables of the workspace, as the newest migration leaves them.

To add one: write it here, write the next file in `migrations/versions`, and raise `SCHEMA_VERSION`. A test
compares this page with what the migrations really make, on both databases. House rules of the tables:

- names are plural and in lower case; ids are UUIDs as text; every row knows when it was written (`created_at`);
- times are text in UTC with microseconds (`2026-11-20T09:15:00.000000Z`): the two databases order and return
  them alike, and a hash over a row does not depend on how a driver prints a time;
- JSON is kept as text for the same reason.
"""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from data.errors import WorkspaceError

SCHEMA_VERSION = "0003"
"""The newest migration: what this code reads and writes."""
VERSION_TABLE = "schema_version"
TIME = String(27)
ID = String(36)
HASH = String(64)
BIG = BigInteger().with_variant(Integer, "sqlite")
"""SQLite's own INTEGER has 64 bits, and only a column of that name is the key of the table itself."""

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

WORKSPACES = Table(
    "workspaces",
    METADATA,
    Column("workspace_id", ID, primary_key=True),
    Column("salt", HASH, nullable=False, comment="32 random bytes; the key of every hidden value"),
    Column("created_at", TIME, nullable=False),
)
"""One row: which workspace this is."""

SHOWN_ENTRIES = Table(
    "shown_entries",
    METADATA,
    Column("number", BIG, primary_key=True, autoincrement=False),
    Column("entry_id", ID, nullable=False, unique=True),
    Column("shown_at", TIME, nullable=False),
    Column("who", Text, nullable=False),
    Column("audience", Text, nullable=False),
    Column("partner", Text),
    Column("page", Text, nullable=False),
    Column("inputs", Text, nullable=False, comment="canonical JSON; identifiers only as keyed hashes"),
    Column("snapshot_id", Text, nullable=False),
    Column("snapshot_hash", Text, nullable=False),
    Column("rows_behind", BigInteger, nullable=False),
    Column("created_at", TIME, nullable=False),
    Column("previous_hash", HASH, nullable=False),
    Column("entry_hash", HASH, nullable=False),
    Index(None, "shown_at"),
    Index(None, "who", "shown_at"),
)
"""The log of what was shown: append-only, each row hashed together with the hash of the row before."""

SHOWN_HEADS = Table(
    "shown_heads",
    METADATA,
    Column("workspace_id", ID, primary_key=True),
    Column("entries", BigInteger, nullable=False),
    Column("head_hash", HASH, nullable=False),
    Column("updated_at", TIME, nullable=False),
)
"""One row: how long the log is and the hash of its last entry; changed in the transaction of each entry."""

BUDGET_SPENDS = Table(
    "budget_spends",
    METADATA,
    Column("spend_id", ID, primary_key=True),
    Column("who", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("cost", Integer, CheckConstraint("cost > 0", name="positive_cost"), nullable=False),
    Column("question", HASH, comment="keyed hash of the question; a repeat is free"),
    Column("spent_at", TIME, nullable=False),
    Column("created_at", TIME, nullable=False),
    Index(None, "who", "kind", "spent_at"),
    Index(None, "spent_at"),
)
"""Questions of the last hour or so, per viewer and kind."""

SIGN_OUTS = Table(
    "sign_outs",
    METADATA,
    Column("account", HASH, primary_key=True, comment="keyed hash of issuer and account"),
    Column("signed_out_at", TIME, nullable=False),
    Column("created_at", TIME, nullable=False),
)
"""When each account last signed out: its sign-ins from before are over."""

SAVED_COHORTS = Table(
    "saved_cohorts",
    METADATA,
    Column("cohort_id", ID, primary_key=True),
    Column("scope", Text, nullable=False, comment="audience and partner: who finds it"),
    Column("model_id", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("folded_name", Text, nullable=False, comment="the name without case: one of each"),
    Column("cohort", Text, nullable=False, comment="the cohort's short text, a rule"),
    Column("who", Text, nullable=False),
    Column("saved_at", TIME, nullable=False),
    Column("created_at", TIME, nullable=False),
    UniqueConstraint("scope", "model_id", "folded_name"),
)
"""Names for choices of applications."""


def time_text(moment: datetime) -> str:
    """Return an aware moment as the workspace keeps it.

    Parameters
    ----------
    moment : datetime
        With a time zone.

    Returns
    -------
    str
        UTC with microseconds, 27 characters.

    Raises
    ------
    WorkspaceError
        The moment has no time zone: it could mean another hour on another machine.
    """
    if moment.tzinfo is None:
        found = "The moment has no time zone."
        raise WorkspaceError("The workspace keeps moments in UTC", found, "Pass one with a time zone.")
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def time_read(text: str) -> datetime:
    """Return a moment of the workspace as an aware datetime in UTC."""
    return datetime.fromisoformat(text)
