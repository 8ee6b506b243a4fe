"""SQLite: one file with one writer, copied before its schema is upgraded."""

import errno
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, MetaData, create_engine, event, make_url
from sqlalchemy.exc import DatabaseError, OperationalError

from messenger.files import make_private, private_opener, replacing
from messenger.language import N_, _
from messenger.server.store import sqlite_journal
from messenger.server.store.backend import WRITER, DatabaseUnusable, JournalStore, reason
from messenger.system_errors import reason_of

journal: JournalStore = sqlite_journal
own_metadata = MetaData()

_PRAGMAS = (
    "journal_mode=WAL",
    # A reply of success must survive a power cut, not only a crash of the process.
    "synchronous=FULL",
    "foreign_keys=ON",  # SQLite does not check them by default
    "busy_timeout=2000",  # milliseconds
    "cache_size=-16384",  # negative: KiB, so 16 MiB for each connection
    "wal_autocheckpoint=4000",  # pages of 4 KiB, so 16 MiB
)


def open_engine(url: str | URL, readers: int) -> Engine:
    """Return the engine, with connections for the writer and so many readers."""
    url = make_url(url)
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
    event.listen(engine, "connect", _set_pragmas)
    event.listen(engine, "begin", _begin)
    return engine


def size(connection: Connection) -> int:
    """Return the size of the file in bytes, with its write-ahead log and the index of that."""
    found = 0
    for end in ("", "-wal", "-shm"):
        with suppress(FileNotFoundError):
            found += Path(f"{connection.engine.url.database}{end}").stat().st_size
    return found


def shown(engine: Engine) -> str:
    """Return the database's file, to show to people."""
    return engine.url.database or ""


def wait(engine: Engine, seconds: float) -> Sequence[str]:
    """Return no warnings: a file is there, or it is created."""
    return ()


def share(engine: Engine) -> None:
    """Do nothing: a server locks its directory."""


def check_alone(engine: Engine) -> None:
    """Do nothing: whoever starts has the lock of the directory."""


def lock_alone(engine: Engine) -> None:
    """Lock the file against servers and other copies until the engine is disposed of."""
    # Before the pragmas: with an exclusive lock, SQLite does not share its write-ahead log at all.
    event.listen(engine, "connect", _set_exclusive, insert=True)
    with engine.connect() as connection:
        connection.exec_driver_sql("SELECT 1 FROM sqlite_master")


@contextmanager
def changing_schema(engine: Engine) -> Iterator[Connection]:
    """Begin the transaction that may change the schema: it has SQLite's only write lock."""
    # Also if nothing is to be changed: if another program holds the write lock, the start fails,
    # and not the first requests.
    connected = engine.connect().execution_options(**{WRITER: True})
    with connected as connection, connection.begin():
        yield connection


def before_upgrade(engine: Engine, found: str) -> None:
    """Copy the file before a migration, so that a failed one can be undone."""
    if not (name := engine.url.database):
        return
    copy = Path(f"{name}.{found}.backup")
    # Everything that is still in the write-ahead log has to be in the file that is copied.
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        busy = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").scalar()
    if busy:
        raise OperationalError("wal_checkpoint", None, Exception("database is locked"))
    # Closing the file below would take the locks of connections that are open.
    engine.dispose()
    try:
        with Path(name).open("rb") as original, replacing(copy) as new:
            shutil.copyfileobj(original, new)
    except OSError as error:
        raise DatabaseUnusable(
            _(
                "The database was not upgraded: its copy {copy} cannot be written ({reason}), "
                "free some disk space",
                copy=copy,
                reason=reason_of(error),
            )
        ) from error


def explain(engine: Engine, error: BaseException | None) -> DatabaseUnusable:
    """Return the error for the operator for what SQLite has raised."""
    why = reason(error)
    if not isinstance(error, OperationalError) and isinstance(error, DatabaseError):
        said = N_(
            "The database {file} is damaged ({reason}): "
            "restore it from a backup, or move it away to start with an empty one"
        )
    elif "locked" in why or "busy" in why:
        said = N_("The database {file} is locked: stop the other program that uses it")
    elif "full" in why:
        said = N_("There is no space left for the database {file}: free some disk space")
    else:
        said = N_("The database {file} cannot be used ({reason}): check its path, rights and disk")
    return DatabaseUnusable(_(said, file=shown(engine), reason=why))


def is_temporary(error: BaseException) -> bool:
    """Tell that no error passes by itself: SQLite has waited for a lock already."""
    return False


def _make_private(_dialect: object, _record: object, arguments: list[Any], _more: object) -> None:
    """Let nobody else read the file, nor those that SQLite creates beside it with its mode."""
    name = str(arguments[0])
    if name.startswith("file:"):
        return
    try:
        # A file is not opened again: closing it would end the locks of all connections that this
        # process has to it (fcntl(2)), and a copy would take the database for unused.
        if not Path(name).is_file():
            os.close(private_opener(name, os.O_RDWR | os.O_CREAT))
        elif not os.access(name, os.R_OK | os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), name)
        for file in (Path(name), Path(f"{name}-wal"), Path(f"{name}-shm")):
            # Of an earlier version; it may belong to another user, who lets us write it.
            with suppress(FileNotFoundError, PermissionError):
                make_private(file)
    except OSError as error:
        raise OperationalError(None, None, error) from error


def _set_pragmas(connection: Any, _record: object) -> None:
    # The driver must not begin transactions itself: SAVEPOINT and DDL would escape them.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in _PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _set_exclusive(connection: Any, _record: object) -> None:
    # Whoever uses the file goes on to use it: waiting would not help.
    for pragma in ("busy_timeout=0", "locking_mode=EXCLUSIVE"):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin(connection: Connection) -> None:
    # A reader gets no transaction: it would stay on an old snapshot. The writer locks at once, as
    # upgrading a lock later fails without waiting for `busy_timeout` (SQLITE_BUSY).
    if connection.get_execution_options().get(WRITER):
        connection.exec_driver_sql("BEGIN IMMEDIATE")
