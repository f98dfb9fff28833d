"""Alembic's entry: runs the steps on the connection and in the transaction that it is handed."""

from __future__ import annotations

from alembic import context

from orderdock.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
