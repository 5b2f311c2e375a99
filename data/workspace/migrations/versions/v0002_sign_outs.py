"""When accounts signed out."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the table of sign-outs."""
    op.create_table(
        "sign_outs",
        sa.Column("account", sa.String(64), nullable=False, comment="keyed hash of issuer and account"),
        sa.Column("signed_out_at", sa.String(27), nullable=False),
        sa.Column("created_at", sa.String(27), nullable=False),
        sa.PrimaryKeyConstraint("account", name="pk_sign_outs"),
    )
