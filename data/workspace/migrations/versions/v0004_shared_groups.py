"""Which model's protected groups were shared with which partner, by whom, and until when."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make the table of shared groups."""
    op.create_table(
        "shared_groups",
        sa.Column("share_id", sa.String(36), nullable=False),
        sa.Column("model_id", sa.Text, nullable=False),
        sa.Column("partner", sa.Text, nullable=False),
        sa.Column("shared_by", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False, comment="why the lender shares it, in its own words"),
        sa.Column("shared_at", sa.String(27), nullable=False),
        sa.Column("revoked_by", sa.Text),
        sa.Column("revoked_at", sa.String(27), comment="empty while it is in force"),
        sa.Column("created_at", sa.String(27), nullable=False),
        sa.PrimaryKeyConstraint("share_id", name="pk_shared_groups"),
    )
    op.create_index("ix_shared_groups_model_id_partner", "shared_groups", ["model_id", "partner"])
