"""Walkthroughs: runs, their notes and sign-offs, and edited copies of scripts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Make the tables of walkthroughs."""
    _runs()
    _lines()
    _copies()


def _runs() -> None:
    op.create_table(
        "walk_runs",
        sa.Column("run_id", sa.String(36), nullable=False),
        sa.Column("scope", sa.Text, nullable=False, comment="audience and partner of the view it is walked in"),
        sa.Column("who", sa.Text, nullable=False, comment="account that started it"),
        sa.Column("script_key", sa.Text, nullable=False, comment="id of a shipped script, or of an edited copy"),
        sa.Column("script_hash", sa.String(64), nullable=False),
        sa.Column("script_text", sa.Text, nullable=False, comment="the script as it was when the run began"),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("steps", sa.Integer, nullable=False),
        sa.Column("model_id", sa.Text, nullable=False),
        sa.Column("snapshot_id", sa.Text, nullable=False),
        sa.Column("snapshot_hash", sa.Text, nullable=False),
        sa.Column("inputs", sa.Text, nullable=False, comment="JSON: what the walkthrough is about"),
        sa.Column("started_at", sa.String(27), nullable=False),
        sa.Column("last_step", sa.Integer, nullable=False),
        sa.Column("created_at", sa.String(27), nullable=False),
        sa.CheckConstraint("steps > 0", name="ck_walk_runs_has_steps"),
        sa.CheckConstraint("last_step > 0", name="ck_walk_runs_a_step"),
        sa.PrimaryKeyConstraint("run_id", name="pk_walk_runs"),
    )
    op.create_index("ix_walk_runs_scope_started_at", "walk_runs", ["scope", "started_at"])


def _lines() -> None:
    op.create_table(
        "walk_lines",
        sa.Column("run_id", sa.String(36), nullable=False),
        sa.Column("number", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text, nullable=False, comment="note, sign-off of a step, sign-off of the whole"),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("words", sa.Text, nullable=False, comment="the note, or a remark beside a sign-off"),
        sa.Column("step_id", sa.Text, nullable=False, comment="empty for the whole"),
        sa.Column("shown", sa.Text, nullable=False, comment="canonical JSON: what was shown, with its hashes"),
        sa.Column("written_at", sa.String(27), nullable=False),
        sa.Column("created_at", sa.String(27), nullable=False),
        sa.Column("previous_hash", sa.String(64), nullable=False),
        sa.Column("line_hash", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("run_id", "number", name="pk_walk_lines"),
    )


def _copies() -> None:
    op.create_table(
        "walk_copies",
        sa.Column("copy_id", sa.String(36), nullable=False),
        sa.Column("version", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("made_from", sa.Text, nullable=False, comment="id of the script it was made from"),
        sa.Column("from_hash", sa.String(64), nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("script_text", sa.Text, nullable=False),
        sa.Column("script_hash", sa.String(64), nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("saved_at", sa.String(27), nullable=False),
        sa.Column("created_at", sa.String(27), nullable=False),
        sa.CheckConstraint("version > 0", name="ck_walk_copies_a_version"),
        sa.PrimaryKeyConstraint("copy_id", "version", name="pk_walk_copies"),
    )
