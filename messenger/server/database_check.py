"""Checks whether a server could run on a database, and changes nothing."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Literal, NamedTuple

from sqlalchemy import URL, Connection
from sqlalchemy.exc import SQLAlchemyError

from messenger.language import _
from messenger.server.database_copy.places import find
from messenger.server.errors import CannotStart
from messenger.server.store import copy_progress, database
from messenger.server.store.backend import DatabaseUnusable, reason

Level = Literal["ok", "warning", "failed"]

_VERSION = "SELECT version_num FROM alembic_version"
_TRY = "CREATE TABLE messenger_db_check (number integer)"
_TLS = "SELECT coalesce((SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()), false)"
_REMOTE = "SELECT inet_server_addr() IS NOT NULL AND inet_server_addr() <> inet_client_addr()"

# The server's are free for it, if one runs; this check's own is one of them.
_FREE = """SELECT current_setting('max_connections')::int
    - current_setting('superuser_reserved_connections')::int
    - (SELECT count(*) FROM pg_stat_activity
       WHERE backend_type = 'client backend' AND application_name <> 'messenger')"""


class Finding(NamedTuple):
    """What one check has found; after `failed` no server can run on the database."""

    level: Level
    text: str


def check(place: str, readers: int) -> list[Finding]:
    """Check a directory, a file of SQLite, or a URL for a server with so many reading threads."""
    try:
        found = find(place)
        return list(_file(found.file) if found.file else _url(found.url, readers))
    except CannotStart as error:
        return [Finding("failed", str(error))]


def _file(file: Path) -> Iterator[Finding]:
    import sqlcipher3.dbapi2 as sqlite

    if not file.is_file():
        said = _("There is no database {file} yet: the server's start makes it", file=file)
        yield Finding("warning", said)
        return
    # Without a write-ahead log, SQLite would make files beside the database to read it.
    how = "mode=ro" if Path(f"{file}-wal").exists() else "mode=ro&immutable=1"
    try:
        with closing(sqlite.connect(f"{file.as_uri()}?{how}", uri=True)) as connection:
            tables = connection.execute("SELECT name FROM sqlite_master").fetchall()
            known = ("alembic_version",) in tables
            row = connection.execute(_VERSION).fetchone() if known else None
    except sqlite.Error as error:
        said = _(
            "The database {file} cannot be used ({reason}): check its path, rights and disk",
            file=file,
            reason=reason(error),
        )
        yield Finding("failed", said)
        return
    version = row[0] if row else None
    database.check_version(str(file), version, is_copy=(copy_progress.progress.name,) in tables)
    yield _schema(version)


def _url(url: str | URL, readers: int) -> Iterator[Finding]:
    engine = database.open_engine(url, readers)
    served = database.backend_of(engine)
    try:
        # It raises what a server's start would say.
        warnings = served.wait(engine, 0)
        yield Finding("ok", _("The database {database} answers", database=database.shown(engine)))
        for warning in warnings:
            yield Finding("warning", warning)
        with engine.connect() as connection:
            yield from _session(connection, readers)
            connection.rollback()
            connection.exec_driver_sql(_TRY)
            connection.rollback()
        yield Finding("ok", _("The role can create tables"))
    except DatabaseUnusable as error:
        yield Finding("failed", str(error))
    except SQLAlchemyError as error:
        yield Finding("failed", str(database.unusable(engine, error)))
    finally:
        engine.dispose()


def _session(connection: Connection, readers: int) -> Iterator[Finding]:
    yield _schema(database.check_schema(connection, database.shown(connection.engine)))
    if connection.exec_driver_sql(_TLS).scalar():
        yield Finding("ok", _("The connection uses TLS"))
    elif connection.exec_driver_sql(_REMOTE).scalar():
        said = _("The connection leaves this machine without TLS: add sslmode=verify-full")
        yield Finding("warning", said)

    free = connection.exec_driver_sql(_FREE).scalar() or 0
    if free <= readers:
        said = _(
            "PostgreSQL has {free} free connections, the server needs {needed}: raise "
            "max_connections, or end other programs",
            free=free,
            needed=readers + 1,
        )
        yield Finding("warning", said)


def _schema(version: str | None) -> Finding:
    if version is None:
        return Finding("ok", _("It has no tables of a server yet: the server's start makes them"))
    return Finding("ok", _("The version of its tables is {version}", version=version))
