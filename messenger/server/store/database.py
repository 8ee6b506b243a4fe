"""Opening the database: one writer, some readers, and a schema that is up to date."""

import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filelock import FileLock, Timeout
from sqlalchemy import (
    URL,
    Column,
    Connection,
    Engine,
    MetaData,
    String,
    Table,
    create_engine,
    event,
    insert,
    make_url,
    select,
)
from sqlalchemy.exc import DatabaseError, OperationalError, SQLAlchemyError

from messenger.files import make_private, private_opener, replacing
from messenger.language import N_, _
from messenger.server.errors import CannotStart
from messenger.server.store.schema import keep_conditions, metadata

if TYPE_CHECKING:
    from alembic.config import Config

HEAD = "0007"
"""The newest migration in `migrations/versions`."""

MIGRATIONS = Path(__file__).parent / "migrations"

# Alembic names the constraint of its table so.
_ALEMBIC = MetaData(naming_convention={"pk": "%(table_name)s_pkc"})
_VERSION = Table("alembic_version", _ALEMBIC, Column("version_num", String(32), primary_key=True))
"""Alembic's own table: which migration was applied last."""

_WRITER = "writer"
_SQLITE_PRAGMAS = (
    "journal_mode=WAL",
    # A reply of success must survive a power cut, not only a crash of the process.
    "synchronous=FULL",
    "foreign_keys=ON",  # SQLite does not check them by default
    "busy_timeout=2000",  # milliseconds
    "cache_size=-16384",  # negative: KiB, so 16 MiB for each connection
    "wal_autocheckpoint=4000",  # pages of 4 KiB, so 16 MiB
)


class DatabaseUnusable(CannotStart):
    """The database cannot be used; the text says what the operator can do."""


def open_engine(url: str | URL, readers: int) -> Engine:
    """Return the engine of the database at this SQLAlchemy URL; raises DatabaseUnusable."""
    try:
        url = make_url(url)
        if url.get_backend_name() == "sqlite":
            return _open_sqlite(url, readers)
        keep_conditions(url.get_backend_name())
        return create_engine(url, pool_size=readers + 1, hide_parameters=True)
    # A missing driver, an unknown option, a port that is not a number.
    except (SQLAlchemyError, ImportError, AttributeError, TypeError, ValueError) as error:
        raise DatabaseUnusable(
            _(
                "The setting database must be the URL of an available database, such as "
                "sqlite:////srv/messenger.db ({reason})",
                reason=_reason(error),
            )
        ) from error


def _open_sqlite(url: URL, readers: int) -> Engine:
    # Python's own SQLite may have the WAL-reset bug; sqlcipher3 bundles a version without it, and
    # without a key it writes an ordinary SQLite file.
    import sqlcipher3.dbapi2 as sqlite

    if url.database in (None, "", ":memory:"):
        raise ValueError("SQLite needs a file")
    engine = create_engine(
        url,
        module=sqlite,
        hide_parameters=True,  # errors are logged, where no text of a user belongs
        pool_size=readers + 1,  # the writer has one, too
        max_overflow=0,
        # The pool passes connections from thread to thread, each to one at a time.
        connect_args={"check_same_thread": False},
    )
    event.listen(engine, "do_connect", _make_private)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def shown(engine: Engine) -> str:
    """Return the database's file, or its URL without the password, to show to people."""
    is_file = engine.dialect.name == "sqlite"
    return engine.url.database or "" if is_file else engine.url.render_as_string()


def writer(engine: Engine) -> Connection:
    """Return the connection for the one thread that writes."""
    return engine.connect().execution_options(**{_WRITER: True})


def prepare(engine: Engine) -> None:
    """Bring the schema up to date; raises DatabaseUnusable."""
    try:
        with engine.connect() as connection:
            found = _revision(connection)
        if found is None:
            _create(engine)
        elif found != HEAD:
            _upgrade(engine, found)
        # If another program holds the write lock, the start fails, and not the first requests.
        with writer(engine) as connection, connection.begin():
            pass
    except SQLAlchemyError as error:
        raise unusable(engine, error) from error


def unusable(engine: Engine, error: BaseException | None) -> DatabaseUnusable:
    """Return the error for the operator for what a database has raised."""
    reason = _reason(error)
    if not isinstance(error, OperationalError) and isinstance(error, DatabaseError):
        said = N_(
            "The database {file} is damaged ({reason}): "
            "restore it from a backup, or move it away to start with an empty one"
        )
    elif "locked" in reason or "busy" in reason:
        said = N_("The database {file} is locked: stop the other program that uses it")
    elif "full" in reason:
        said = N_("There is no space left for the database {file}: free some disk space")
    else:
        said = N_("The database {file} cannot be used ({reason}): check its path, rights and disk")
    return DatabaseUnusable(_(said, file=shown(engine), reason=reason))


def lock_file(directory: Path) -> Callable[[], None]:
    """Lock the directory against other servers; return the function that unlocks it.

    Raises DatabaseUnusable if another server holds the lock.
    """
    lock = FileLock(directory / "server.lock", mode=0o600)
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        raise DatabaseUnusable(
            _(
                "Another server uses {directory}: stop it, or choose another directory",
                directory=directory,
            ),
            setting="data",
        ) from error
    return lock.release


def _make_private(_dialect: object, _record: object, arguments: list[Any], _more: object) -> None:
    """Let nobody else read the file, nor those that SQLite creates beside it with its mode."""
    name = str(arguments[0])
    if name.startswith("file:"):
        return
    try:
        os.close(private_opener(name, os.O_RDWR | os.O_CREAT))
        for file in (Path(name), Path(f"{name}-wal"), Path(f"{name}-shm")):
            # Of an earlier version; it may belong to another user, who lets us write it.
            with suppress(FileNotFoundError, PermissionError):
                make_private(file)
    except OSError as error:
        raise OperationalError(None, None, error) from error


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # The driver must not begin transactions itself: SAVEPOINT and DDL would escape them.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in _SQLITE_PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    # A reader gets no transaction: it would stay on an old snapshot. The writer locks at once, as
    # upgrading a lock later fails without waiting for `busy_timeout` (SQLITE_BUSY).
    if connection.get_execution_options().get(_WRITER):
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def _revision(connection: Connection) -> str | None:
    if not connection.dialect.has_table(connection, _VERSION.name):
        return None
    return connection.scalar(select(_VERSION.c.version_num))


def _create(engine: Engine) -> None:
    """Create today's tables: running all migrations takes four times as long."""
    with writer(engine) as connection, connection.begin():
        metadata.create_all(connection, checkfirst=False)
        _VERSION.create(connection)
        connection.execute(insert(_VERSION).values(version_num=HEAD))


def migrations() -> "Config":
    """Return Alembic's configuration."""
    from alembic.config import Config

    config = Config()
    # ConfigParser would interpolate a % in the path.
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config


def _upgrade(engine: Engine, found: str) -> None:
    from alembic import command
    from alembic.script import ScriptDirectory

    config = migrations()
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if found not in known:
        raise DatabaseUnusable(
            _(
                "The database {file} was made by a newer Messenger (version {version}): "
                "install that version, or choose another directory",
                file=shown(engine),
                version=found,
            ),
            setting="data",
        )
    _keep_copy(engine, found)
    with writer(engine) as connection, connection.begin():
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _keep_copy(engine: Engine, found: str) -> None:
    """Copy the SQLite file before a migration, so that a failed one can be undone."""
    if engine.dialect.name != "sqlite" or not (name := engine.url.database):
        return
    copy = Path(f"{name}.{found}.backup")
    # Everything that is still in the write-ahead log has to be in the file that is copied.
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        busy = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").scalar()
    if busy:
        raise OperationalError("wal_checkpoint", None, Exception("database is locked"))
    try:
        with Path(name).open("rb") as original, replacing(copy) as new:
            shutil.copyfileobj(original, new)
    except OSError as error:
        raise DatabaseUnusable(
            _(
                "The database was not upgraded: its copy {copy} cannot be written ({reason}), "
                "free some disk space",
                copy=copy,
                reason=error.strerror or error,
            )
        ) from error


def _reason(error: BaseException | None) -> str:
    """Return what is wrong, in one line."""
    found = getattr(error, "orig", None) or error
    return " ".join((getattr(found, "strerror", None) or str(found)).split())
