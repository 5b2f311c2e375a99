"""Names for choices of applications, per scope and model."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the table of saved cohorts."""
    op.create_table(
        "saved_cohorts",
        sa.Column("cohort_id", sa.String(36), nullable=False),
        sa.Column("scope", sa.Text, nullable=False, comment="audience and partner: who finds it"),
        sa.Column("model_id", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("folded_name", sa.Text, nullable=False, comment="the name without case: one of each"),
        sa.Column("cohort", sa.Text, nullable=False, comment="the cohort's short text, a rule"),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("saved_at", sa.String(27), nullable=False),
        sa.Column("created_at", sa.String(27), nullable=False),
        sa.PrimaryKeyConstraint("cohort_id", name="pk_saved_cohorts"),
        sa.UniqueConstraint("scope", "model_id", "folded_name", name="uq_saved_cohorts_scope_model_id_folded_name"),
    )
