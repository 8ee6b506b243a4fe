"""Copies the database of a server that may be running into a SQLite file, as of one moment."""

from contextlib import closing
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, Table, event, func, select
from sqlalchemy.exc import SQLAlchemyError

from messenger.language import N_, _
from messenger.server.backup import contents
from messenger.server.backup.errors import BackupFailed
from messenger.server.backup.progress import Counter, OnProgress
from messenger.server.database_copy.comparison import Digest, check_equal
from messenger.server.database_copy.rows import batches, unordered_batches, write
from messenger.server.store import copy_progress, database
from messenger.server.store.location import file_url
from messenger.server.store.postgresql_lock import lift_limits
from messenger.server.store.schema import metadata

_PAGES = 500  # at a time: 2 MB, which are copied in a few milliseconds
_PAUSE = 0.002  # seconds between two steps, in which the server has the disk for itself
_PATIENCE = 10.0  # seconds: a server's start holds SQLite's lock for as long as it upgrades
_ONE_STATE = "REPEATABLE READ"  # of PostgreSQL: all that is read is of the first query's moment


def take_snapshot(url: str | URL, target: Path, on_progress: OnProgress) -> str:
    """Copy the database at a URL into a new file (mode 0600); return its kind.

    The server goes on to write meanwhile: SQLite's readers hold up no writer, nor do PostgreSQL's.
    Raises CannotStart, and OSError if the file cannot be written.
    """
    engine = database.open_engine(url, 0)
    try:
        target.touch(0o600, exist_ok=False)
        if engine.dialect.name == "sqlite":
            _copy_file(Path(engine.url.database or ""), target, on_progress)
        else:
            _copy_tables(engine, target, on_progress)
        _check_version(target, database.shown(engine))
    finally:
        engine.dispose()
    return engine.dialect.name


def needed_space(url: str | URL) -> int:
    """Return how many bytes a snapshot takes at most, 0 if that is not known."""
    engine = database.open_engine(url, 0)
    engine.dispose()
    if engine.dialect.name != "sqlite":
        return 0
    name = engine.url.database or ""
    files = (Path(name), Path(f"{name}-wal"))
    return sum(file.stat().st_size for file in files if file.is_file())


def _copy_file(file: Path, target: Path, on_progress: OnProgress) -> None:
    import sqlcipher3.dbapi2 as sqlite

    if not file.is_file():
        raise BackupFailed(_("There is no database {file}: specify another directory", file=file))
    counter = _Pages(on_progress)
    address = f"{file.absolute().as_uri()}?mode=rw"
    try:
        with (
            closing(sqlite.connect(address, uri=True, isolation_level=None)) as reading,
            closing(sqlite.connect(str(target), isolation_level=None)) as writing,
        ):
            reading.execute(f"PRAGMA busy_timeout={int(_PATIENCE * 1000)}")
            # The file is thrown away if the copy is interrupted, and written to the archive's.
            for pragma in ("synchronous=OFF", "journal_mode=OFF"):
                writing.execute(f"PRAGMA {pragma}").fetchall()
            # A transaction of this connection: otherwise each write of the server would begin the
            # copy again, and it would never end under load.
            reading.execute("BEGIN")
            reading.execute("SELECT count(*) FROM sqlite_master").fetchone()
            (counter.size,) = reading.execute("PRAGMA page_size").fetchone()
            reading.backup(writing, pages=_PAGES, progress=counter.reached, sleep=_PAUSE)
            reading.execute("ROLLBACK")
            # The header of the file says WAL, which it is without from now on.
            writing.execute("PRAGMA journal_mode=DELETE").fetchall()
    except sqlite.Error as error:
        raise _cannot_copy(file, target, str(error)) from error


class _Pages:
    """Reports the pages that SQLite has copied, as bytes."""

    def __init__(self, on_progress: OnProgress) -> None:
        self.size = 0
        self._on_progress = on_progress
        self._counter: Counter | None = None
        self._left = 0

    def reached(self, _status: int, left: int, total: int) -> None:
        """Take what SQLite says after each step: pages."""
        if self._counter is None:
            size = total * self.size
            self._counter, self._left = Counter("copying", size, "bytes", self._on_progress), total
        self._counter.add((self._left - left) * self.size)
        self._left = left


def _copy_tables(engine: Engine, target: Path, on_progress: OnProgress) -> None:
    # A copy of the database has it alone; servers do not mind.
    database.backend_of(engine).share(engine)
    event.listen(engine, "connect", lift_limits)
    file = database.open_engine(file_url(target), 0)
    try:
        database.prepare(file)
        _copy_rows(engine, file, on_progress)
    except SQLAlchemyError as error:
        raise database.unusable(engine, error) from error
    finally:
        file.dispose()
    _end_wal(target)


def _copy_rows(engine: Engine, file: Engine, on_progress: OnProgress) -> None:
    reading = engine.connect().execution_options(isolation_level=_ONE_STATE)
    with reading, reading.begin(), _unsafe_writer(file) as writing:
        _check_source(reading)
        total = sum(_count(reading, table) for table in metadata.sorted_tables)
        counter = Counter("copying", total, "rows", on_progress)
        for table in metadata.sorted_tables:
            copied, stored = Digest(), Digest()
            with writing.begin():
                for rows in batches(reading, table):
                    write(writing, table, rows)
                    copied = copied.with_rows(rows)
                    counter.add(len(rows))
                for rows in unordered_batches(writing, table):
                    stored = stored.with_rows(rows)
            check_equal(table.name, copied, stored)


def _unsafe_writer(file: Engine) -> Connection:
    writing = database.writer(file)
    # The file is thrown away if the copy is interrupted, and synced once it is in the archive.
    writing.connection.cursor().execute("PRAGMA synchronous=OFF")
    return writing


def _check_source(connection: Connection) -> None:
    name = database.shown(connection.engine)
    found = database.revision(connection)
    if found is None:
        raise _holds_no_data(name)
    if found != database.HEAD:
        raise BackupFailed(
            _(
                "The database {file} was made by another version of Messenger (version {version}): "
                "start its server with this version once",
                file=name,
                version=found,
            )
        )
    if copy_progress.is_unfinished(connection):
        raise _is_unfinished(name)


def _check_version(target: Path, name: str) -> None:
    if contents.schema_of(target) is None:
        raise _holds_no_data(name)
    if contents.is_unfinished_copy(target):
        raise _is_unfinished(name)


def _holds_no_data(name: str) -> BackupFailed:
    return BackupFailed(
        _("The database {file} holds no data of a server: specify another one", file=name)
    )


def _is_unfinished(name: str) -> BackupFailed:
    return BackupFailed(
        _("The database {file} is an unfinished copy: specify another one", file=name)
    )


def _count(connection: Connection, table: Table) -> int:
    return connection.scalar(select(func.count()).select_from(table)) or 0


def _end_wal(file: Path) -> None:
    import sqlcipher3.dbapi2 as sqlite

    with closing(sqlite.connect(str(file), isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE").fetchall()


def _cannot_copy(file: Path, target: Path, why: str) -> BackupFailed:
    said = N_("The database {file} cannot be copied to {directory} ({reason}): check both disks")
    if "full" in why:
        said = N_("There is no space left in {directory}: free some disk space")
    elif "locked" in why:
        said = N_("The database {file} is locked: stop the other program that uses it")
    return BackupFailed(_(said, file=file, directory=target.parent.parent, reason=why))
