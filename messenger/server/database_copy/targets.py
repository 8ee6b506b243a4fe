"""Prepares the target of a copy, if it is empty or a part of the same copy, and completes it."""

import hashlib

from sqlalchemy import Connection, Engine, delete, func, inspect, select, text

from messenger.language import _
from messenger.server.database_copy.errors import CannotCopy
from messenger.server.store import copy_progress, database, named_values
from messenger.server.store.schema import metadata

_VERSION = "alembic_version"  # Alembic's table


def check_source(connection: Connection, name: str) -> str:
    """Return the source's identity; raises CannotCopy unless it is a database of this version."""
    found = database.revision(connection)
    if found is None:
        raise CannotCopy(
            _("The database {file} holds no data of a server: specify another source", file=name)
        )
    if found != database.HEAD:
        raise CannotCopy(
            _(
                "The database {file} was made by another version of Messenger (version {version}): "
                "start its server with this version once, and stop it",
                file=name,
                version=found,
            )
        )
    if copy_progress.is_unfinished(connection):
        raise CannotCopy(
            _("The database {file} is an unfinished copy: specify another source", file=name)
        )
    secret = named_values.get(connection, "secret")
    return hashlib.sha256(f"messenger db copy {secret}".encode()).hexdigest()


def prepare_target(engine: Engine, name: str, source: str) -> None:
    """Create the schema of an empty target, or recognise a part of a copy of this source.

    Raises CannotCopy if the target holds anything else.
    """
    with engine.connect() as connection:
        if copy_progress.is_unfinished(connection):
            _check_unfinished(connection, name, source)
            return
        if not _is_empty(connection):
            raise CannotCopy(
                _(
                    "The database {file} is not empty: specify another target, or empty it",
                    file=name,
                )
            )
    database.prepare(engine)
    with database.writer(engine) as connection, connection.begin():
        copy_progress.begin(connection, source)


def complete(connection: Connection) -> None:
    """Let the database number new rows after those that were copied, and plan its queries."""
    # They follow from the other tables: these are of a server that was started with it before.
    for table in database.backend_of(connection.engine).own_metadata.sorted_tables:
        connection.execute(delete(table))
    if connection.dialect.name != "postgresql":
        return
    for table in metadata.sorted_tables:
        if (column := table.autoincrement_column) is not None:
            quoted = connection.dialect.identifier_preparer.quote(table.name)
            sequence = func.pg_get_serial_sequence(quoted, column.name)
            last = select(func.max(column)).scalar_subquery()
            # NULL sets nothing: the table is empty, or the column has no sequence.
            connection.execute(select(func.setval(sequence, last)))
    connection.execute(text("ANALYZE"))


def _check_unfinished(connection: Connection, name: str, source: str) -> None:
    is_same_version = database.revision(connection) == database.HEAD
    if copy_progress.source_of(connection) == source and is_same_version:
        return
    raise CannotCopy(
        _(
            "The database {file} holds an unfinished copy of another database, or of another "
            "version: specify another target, or empty it",
            file=name,
        )
    )


def _is_empty(connection: Connection) -> bool:
    names = set(inspect(connection).get_table_names())
    if not names:
        return True
    # The tables of a new server, in which nobody has registered yet.
    own = database.backend_of(connection.engine).own_metadata.tables
    if (
        names != {*metadata.tables, *own, _VERSION}
        or database.revision(connection) != database.HEAD
    ):
        return False
    return not any(
        connection.execute(select(table).limit(1)).first() for table in metadata.sorted_tables
    )
