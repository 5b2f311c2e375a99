"""The workspace itself, the log of what was shown with its head, and the budgets of questions."""

from __future__ import annotations

import secrets
import uuid
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from data.workspace.chain import first_hash

revision = "0001"
down_revision = None

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")
REFUSALS = {
    "sqlite": (
        "CREATE TRIGGER shown_entries_no_update BEFORE UPDATE ON shown_entries "
        "BEGIN SELECT RAISE(ABORT, 'shown_entries is append-only'); END",
        "CREATE TRIGGER shown_entries_no_delete BEFORE DELETE ON shown_entries "
        "BEGIN SELECT RAISE(ABORT, 'shown_entries is append-only'); END",
    ),
    "postgresql": (
        "CREATE FUNCTION shown_entries_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'shown_entries is append-only'; END $$",
        "CREATE TRIGGER shown_entries_no_change BEFORE UPDATE OR DELETE ON shown_entries "
        "FOR EACH ROW EXECUTE FUNCTION shown_entries_refuse()",
        "CREATE TRIGGER shown_entries_no_truncate BEFORE TRUNCATE ON shown_entries "
        "FOR EACH STATEMENT EXECUTE FUNCTION shown_entries_refuse()",
    ),
}
"""Against slips of the hand. Who owns the database can remove them; the hash chain is for that."""


def upgrade() -> None:
    """Make the tables, refuse changes of the log, and write the rows that exist once."""
    workspaces = op.create_table(
        "workspaces",
        sa.Column("workspace_id", sa.String(36), nullable=False),
        sa.Column("salt", sa.String(64), nullable=False, comment="32 random bytes; the key of every hidden value"),
        sa.Column("created_at", sa.String(27), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", name="pk_workspaces"),
    )
    _make_log()
    heads = op.create_table(
        "shown_heads",
        sa.Column("workspace_id", sa.String(36), nullable=False),
        sa.Column("entries", sa.BigInteger, nullable=False),
        sa.Column("head_hash", sa.String(64), nullable=False),
        sa.Column("updated_at", sa.String(27), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", name="pk_shown_heads"),
    )
    _make_budgets()
    workspace, salt = str(uuid.uuid4()), secrets.token_hex(32)
    now = datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    start = first_hash(workspace, salt)
    op.bulk_insert(workspaces, [{"workspace_id": workspace, "salt": salt, "created_at": now}])
    op.bulk_insert(heads, [{"workspace_id": workspace, "entries": 0, "head_hash": start, "updated_at": now}])


def _make_log() -> None:
    op.create_table(
        "shown_entries",
        sa.Column("number", BIG, autoincrement=False, nullable=False),
        sa.Column("entry_id", sa.String(36), nullable=False),
        sa.Column("shown_at", sa.String(27), nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("audience", sa.Text, nullable=False),
        sa.Column("partner", sa.Text),
        sa.Column("page", sa.Text, nullable=False),
        sa.Column("inputs", sa.Text, nullable=False, comment="canonical JSON; identifiers only as keyed hashes"),
        sa.Column("snapshot_id", sa.Text, nullable=False),
        sa.Column("snapshot_hash", sa.Text, nullable=False),
        sa.Column("rows_behind", sa.BigInteger, nullable=False),
        sa.Column("created_at", sa.String(27), nullable=False),
        sa.Column("previous_hash", sa.String(64), nullable=False),
        sa.Column("entry_hash", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_shown_entries"),
        sa.UniqueConstraint("entry_id", name="uq_shown_entries_entry_id"),
    )
    op.create_index("ix_shown_entries_shown_at", "shown_entries", ["shown_at"])
    op.create_index("ix_shown_entries_who_shown_at", "shown_entries", ["who", "shown_at"])
    for statement in REFUSALS[op.get_bind().dialect.name]:
        op.execute(sa.text(statement))


def _make_budgets() -> None:
    op.create_table(
        "budget_spends",
        sa.Column("spend_id", sa.String(36), nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("cost", sa.Integer, nullable=False),
        sa.Column("question", sa.String(64), comment="keyed hash of the question; a repeat is free"),
        sa.Column("spent_at", sa.String(27), nullable=False),
        sa.Column("created_at", sa.String(27), nullable=False),
        sa.PrimaryKeyConstraint("spend_id", name="pk_budget_spends"),
        sa.CheckConstraint("cost > 0", name="ck_budget_spends_positive_cost"),
    )
    op.create_index("ix_budget_spends_who_kind_spent_at", "budget_spends", ["who", "kind", "spent_at"])
    op.create_index("ix_budget_spends_spent_at", "budget_spends", ["spent_at"])
