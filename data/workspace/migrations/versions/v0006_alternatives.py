"""Searches for alternative models, and the tolerances people set over them with their reasons."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Make the tables of searches and tolerances."""
    op.create_table(
        "alternative_searches",
        sa.Column("search_id", sa.String(36), nullable=False),
        sa.Column("model_id", sa.Text, nullable=False),
        sa.Column("snapshot_id", sa.Text, nullable=False),
        sa.Column("snapshot_hash", sa.Text, nullable=False),
        sa.Column("training_hash", sa.String(64), nullable=False, comment="over the rows that were learnt from"),
        sa.Column("code_hash", sa.String(64), nullable=False, comment="over the code and library versions"),
        sa.Column("attribute", sa.Text, nullable=False),
        sa.Column("seed", sa.BigInteger, nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("started_at", sa.String(27), nullable=False),
        sa.Column("finished_at", sa.String(27), nullable=False),
        sa.Column("created_at", sa.String(27), nullable=False),
        sa.Column("content_hash", sa.String(64), nullable=False),
        sa.Column("content", sa.Text, nullable=False, comment="canonical JSON: settings and every candidate"),
        sa.PrimaryKeyConstraint("search_id", name="pk_alternative_searches"),
    )
    op.create_index(
        "ix_alternative_searches_snapshot_hash_finished_at", "alternative_searches", ["snapshot_hash", "finished_at"]
    )
    op.create_table(
        "alternative_tolerances",
        sa.Column("tolerance_id", sa.String(36), nullable=False),
        sa.Column("search_id", sa.String(36), nullable=False),
        sa.Column("tolerance", sa.Integer, nullable=False, comment="loss of AUC accepted, in ten-thousandths"),
        sa.Column("rationale", sa.Text, nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("written_at", sa.String(27), nullable=False),
        sa.Column("created_at", sa.String(27), nullable=False),
        sa.CheckConstraint("tolerance >= 0", name="ck_alternative_tolerances_not_negative"),
        sa.PrimaryKeyConstraint("tolerance_id", name="pk_alternative_tolerances"),
    )
    op.create_index(
        "ix_alternative_tolerances_search_id_written_at", "alternative_tolerances", ["search_id", "written_at"]
    )
