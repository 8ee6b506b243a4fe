"""Moves the tables of a PostgreSQL database into a schema of their own, so that it is empty."""

from sqlalchemy import Connection, inspect, literal, select, table
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.schema import CreateSchema, DropSchema

from messenger.language import _
from messenger.server.backup.errors import BackupFailed
from messenger.server.store import database

_VERSION = "alembic_version"


def move_tables_aside(url: str, schema: str, *, replaces: bool) -> str:
    """Move all tables into a new schema; return where they are, or nothing if all are empty.

    Raises BackupFailed if they are not, unless the backup `replaces` them, and DatabaseUnusable.
    """
    engine = database.open_engine(url, 0)
    try:
        database.backend_of(engine).lock_alone(engine)
        with engine.connect() as connection:
            return _move(connection, schema, replaces=replaces)
    except SQLAlchemyError as error:
        raise database.unusable(engine, error) from error
    finally:
        engine.dispose()


def move_tables_back(url: str, schema: str, patience: float = 0.0) -> None:
    """Undo what `move_tables_aside` has done, and remove what has been written since.

    Without a `schema` all tables were empty. Nothing is done where there is none of this name. A
    database that does not accept connections yet has so many seconds. Raises DatabaseUnusable.
    """
    engine = database.open_engine(url, 0)
    try:
        served = database.backend_of(engine)
        served.wait(engine, patience)
        engine.dispose()  # only new connections get what `lock_alone` prepares
        served.lock_alone(engine)
        with engine.begin() as connection:
            _move_back(connection, schema)
    except SQLAlchemyError as error:
        raise database.unusable(engine, error) from error
    finally:
        engine.dispose()


def _move_back(connection: Connection, schema: str) -> None:
    inspected = inspect(connection)
    if schema and schema not in inspected.get_schema_names():
        return
    quote = connection.dialect.identifier_preparer.quote
    for name in inspected.get_table_names():
        connection.exec_driver_sql(f"DROP TABLE {quote(name)} CASCADE")
    if not schema:
        return
    own = quote(inspected.default_schema_name or "public")
    for name in inspected.get_table_names(schema):
        connection.exec_driver_sql(f"ALTER TABLE {quote(schema)}.{quote(name)} SET SCHEMA {own}")
    connection.execute(DropSchema(schema))


def _move(connection: Connection, schema: str, *, replaces: bool) -> str:
    found = inspect(connection).get_table_names()
    is_used = any(_has_rows(connection, name) for name in found if name != _VERSION)
    connection.rollback()
    if not is_used:
        return ""
    if not replaces:
        raise BackupFailed(
            _(
                "The database {file} is not empty: choose another one, or have its tables moved "
                "aside",
                file=database.shown(connection.engine),
            ),
            setting="replace",
        )
    quote = connection.dialect.identifier_preparer.quote
    with connection.begin():
        connection.execute(CreateSchema(schema))
        for name in found:
            connection.exec_driver_sql(f"ALTER TABLE {quote(name)} SET SCHEMA {quote(schema)}")
    return f"{database.shown(connection.engine)} ({schema})"


def _has_rows(connection: Connection, name: str) -> bool:
    # Not by the schema's columns: the table may be of another version.
    query = select(literal(1)).select_from(table(name)).limit(1)
    return connection.execute(query).first() is not None
