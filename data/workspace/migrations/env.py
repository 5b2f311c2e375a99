"""How alembic runs here: on the connection, and inside the transaction, that `data.workspace.migrate` opened."""

from __future__ import annotations

from alembic import context

from data.workspace.tables import METADATA, VERSION_TABLE

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    version_table=VERSION_TABLE,
)
context.run_migrations()
