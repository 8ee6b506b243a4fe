"""Checks whether a server could run on a database, and changes nothing."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection
from sqlalchemy.exc import SQLAlchemyError

from messenger.language import N_, _
from messenger.server.errors import CannotStart
from messenger.server.store import copy_progress, database
from messenger.server.store.backend import DatabaseUnusable, reason
from messenger.server.store.directory_lock import is_locked
from messenger.server.store.findings import Finding
from messenger.server.store.location import locate
from messenger.system_errors import reason_of

_VERSION = "SELECT version_num FROM alembic_version"
_WAIT = 0.5  # seconds: servers let others read at any time, but for a moment at their start
_TRY = "CREATE TABLE messenger_db_check (number integer)"


def check(place: str, readers: int, *, may_be_new: bool = False) -> list[Finding]:
    """Check a directory, a file of SQLite, or a URL for a server with so many reading threads.

    A file that is missing is a failure, unless it `may_be_new`. Nothing is raised: whatever is
    wrong is a finding. It connects to PostgreSQL, which may take some seconds for each host.
    """
    return list(_check(place, readers, may_be_new=may_be_new))


def _check(place: str, readers: int, *, may_be_new: bool) -> Iterator[Finding]:
    try:
        found = locate(place)
        if found.file:
            yield from _file(found.file, found.directory, may_be_new=may_be_new)
        else:
            yield from _url(found.url, readers)
    except CannotStart as error:
        yield Finding("database", "failed", str(error))


# --- SQLite --------------------------------------------------------------------------------------


def _file(file: Path, directory: Path | None, *, may_be_new: bool) -> Iterator[Finding]:
    if not file.is_file():
        if may_be_new:
            said = _(
                "There is no database {file} yet: the server's first start makes it", file=file
            )
            yield Finding("file", "ok", said)
        else:
            said = _("There is no database {file}: correct its path", file=file)
            yield Finding("file", "failed", said)
        return
    version, is_copy = _read(file)
    yield Finding("file", "ok", _("The database {file} can be read", file=file))
    yield _schema(str(file), version, is_copy=is_copy)
    if directory:
        yield _use_of(directory)


def _use_of(directory: Path) -> Finding:
    """Say whether the directory is in use: nothing tells this of a file elsewhere."""
    try:
        is_used = is_locked(directory)
    except OSError as error:
        said = _("Whether a server uses it cannot be known ({reason})", reason=reason_of(error))
        return Finding("use", "warning", said)
    if is_used:
        said = _("A server, or a copy, uses {directory} now", directory=directory)
    else:
        said = _("No server uses {directory} now", directory=directory)
    return Finding("use", "ok", said)


def _read(file: Path) -> tuple[str | None, bool]:
    """Return the schema's version, and whether the database is an unfinished copy."""
    import sqlcipher3.dbapi2 as sqlite

    # Without a write-ahead log, SQLite would make files beside the database to read it.
    how = "mode=ro" if Path(f"{file}-wal").exists() else "mode=ro&immutable=1"
    try:
        where = f"{file.as_uri()}?{how}"
        with closing(sqlite.connect(where, uri=True, timeout=_WAIT)) as connection:
            tables = connection.execute("SELECT name FROM sqlite_master").fetchall()
            known = ("alembic_version",) in tables
            row = connection.execute(_VERSION).fetchone() if known else None
    except sqlite.Error as error:
        if "locked" in reason(error):  # by a copy: servers let others read
            said = N_("The database {file} is locked: stop the other program that uses it")
        else:
            said = N_(
                "The database {file} cannot be used ({reason}): check its path, rights and disk"
            )
        raise DatabaseUnusable(_(said, file=file, reason=reason(error))) from error
    return row[0] if row else None, (copy_progress.progress.name,) in tables


# --- PostgreSQL ----------------------------------------------------------------------------------


def _url(url: str | URL, readers: int) -> Iterator[Finding]:
    # Servers on SQLite run without its driver.
    from messenger.server.store import postgresql_lock, postgresql_settings
    from messenger.server.store.postgresql_refusal import naming_refusals

    engine = database.open_engine(url, readers)
    name = database.shown(engine)
    try:
        with naming_refusals(engine):
            connection = engine.connect()
        with connection:
            yield _host(connection, name)
            yield from postgresql_settings.essential(connection, name)
            version, is_copy = (
                database.revision(connection),
                copy_progress.is_unfinished(connection),
            )
            yield _schema(name, version, is_copy=is_copy)
            yield _use(postgresql_lock.user(connection))
            yield from postgresql_settings.further(connection, readers)
            yield _rights(connection)
    except SQLAlchemyError as error:
        raise database.unusable(engine, error) from error
    finally:
        engine.dispose()


def _host(connection: Connection, name: str) -> Finding:
    """Name the host that has answered: the URL may name several."""
    driver: Any = connection.connection.driver_connection
    where = f"{driver.info.host}:{driver.info.port}"
    said = _("The database {database} answers, at {host}", database=name, host=where)
    return Finding("host", "ok", said)


def _rights(connection: Connection) -> Finding:
    connection.rollback()
    try:
        connection.exec_driver_sql(_TRY)
    except SQLAlchemyError as error:
        return Finding("rights", "failed", str(database.unusable(connection.engine, error)))
    finally:
        connection.rollback()
    return Finding("rights", "ok", _("The role can create tables"))


def _use(user: str | None) -> Finding:
    if user == "copy":
        said = _("messenger db copy uses the database: no server starts before its end")
        return Finding("use", "failed", said)
    if user:
        return Finding("use", "ok", _("A server uses the database now: a second one cannot start"))
    return Finding("use", "ok", _("No server uses the database now"))


# --- both ----------------------------------------------------------------------------------------


def _schema(name: str, version: str | None, *, is_copy: bool) -> Finding:
    try:
        database.check_version(name, version, is_copy=is_copy)
    except DatabaseUnusable as error:
        return Finding("schema", "failed", str(error))
    if version is None:
        said = _("It has no tables of a server yet: the server's start makes them")
    else:
        said = _("The version of its tables is {version}", version=version)
    return Finding("schema", "ok", said)
