"""Runs the migrations in the transaction of the connection that it is passed.

They add columns with `op.add_column`: Alembic's batch mode would create the whole table again, and
SQLite does not drop one that foreign keys refer to.
"""

from alembic import context

from messenger.server.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
)
context.run_migrations()
