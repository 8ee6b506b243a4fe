"""Runs the migrations in the transaction of the connection that it is handed.

They add columns with `op.add_column`: Alembic's batches would make the whole table anew, and SQLite
does not let go of one that others refer to.
"""

from alembic import context

from messenger.server.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
)
context.run_migrations()
