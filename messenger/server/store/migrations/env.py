"""Runs the migrations in the transaction of the connection that it is handed."""

from alembic import context

from messenger.server.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    transactional_ddl=True,
)
context.run_migrations()
