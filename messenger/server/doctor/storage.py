"""Checks the database: whether a server can run on it, its size, and whether it is damaged."""

import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from messenger.language import _
from messenger.server.config import Settings
from messenger.server.database_check import check as check_place
from messenger.server.doctor.checks import Found, megabytes, milliseconds, worst
from messenger.server.store import database
from messenger.server.store.backend import reason
from messenger.server.store.location import database_place, locate

_LARGE_LOG = 200_000_000  # bytes: the server shortens it after 16 MB, unless a reader never ends
_PATIENCE = 60.0  # seconds: a check of 10 GB on a slow disk would take an hour
_STEPS = 100_000  # of SQLite's virtual machine between two looks at the clock: some milliseconds


def _place(settings: Settings) -> str:
    return database_place(settings.database, settings.data)


def check_database(settings: Settings) -> Found:
    """Check what a start would check; say how large the database is."""
    findings = check_place(_place(settings), settings.reading_threads, may_be_new=True)
    level = worst([one.level for one in findings])
    wrong = [one.text for one in findings if one.level != "ok"]
    if level == "failed":
        return Found(level, "; ".join(wrong))
    # Of what is in order the version of the tables is enough.
    said = wrong or [one.text for one in findings if one.subject in ("schema", "file")][-1:]
    place = locate(_place(settings))
    said += _sizes(place.file) if place.file else _size_of_url(settings)
    log = Path(f"{place.file}-wal") if place.file else None
    if log and log.is_file() and log.stat().st_size > _LARGE_LOG:
        advice = _("Restart the server: a reader that never ends keeps the write-ahead log")
        return Found(worst([level, "warning"]), "; ".join(said), advice)
    return Found(level, "; ".join(said))


def check_integrity(settings: Settings) -> Found:
    """Have the database check itself; PostgreSQL does that by its own tools."""
    file = locate(_place(settings)).file
    if file is None:
        said = _("Not tried: PostgreSQL has its own tools (pg_amcheck)")
        return Found("ok", said)
    if not file.is_file():
        return Found("ok", _("There is no database yet"))
    with _read_only(file) as connection:
        end = time.monotonic() + _PATIENCE
        connection.set_progress_handler(lambda: time.monotonic() > end, _STEPS)
        try:
            # Indexes are not compared with their tables, which takes most of the time.
            rows = [row[0] for row in connection.execute("PRAGMA quick_check(3)")]
        except Exception as error:
            if time.monotonic() > end:
                said = _("Ended after {seconds} s: the database is large", seconds=int(_PATIENCE))
                return Found("warning", said, _("Check a backup by PRAGMA integrity_check"))
            rows = [reason(error)]
    if rows == ["ok"]:
        return Found("ok", _("The database is not damaged"))
    said = _("The database is damaged: {reason}", reason="; ".join(rows))
    return Found("failed", said, _("Stop the server, and restore the database from a backup"))


def _sizes(file: Path) -> list[str]:
    if not file.is_file():
        return []
    log = Path(f"{file}-wal")
    return [
        _(
            "it has {size} MB, and {log} MB in its write-ahead log",
            size=megabytes(file.stat().st_size),
            log=megabytes(log.stat().st_size if log.is_file() else 0),
        )
    ]


def _size_of_url(settings: Settings) -> list[str]:
    engine = database.open_engine(settings.database, 0)
    try:
        with engine.connect() as connection:
            began = time.perf_counter()
            connection.exec_driver_sql("SELECT 1")
            seconds = time.perf_counter() - began
            size = connection.exec_driver_sql("SELECT pg_database_size(current_database())")
            return [
                _(
                    "it has {size} MB, and answers in {time} ms",
                    size=megabytes(size.scalar() or 0),
                    time=milliseconds(seconds),
                )
            ]
    except SQLAlchemyError as error:
        raise database.unusable(engine, error) from error
    finally:
        engine.dispose()


@contextmanager
def _read_only(file: Path) -> Iterator[Any]:
    import sqlcipher3.dbapi2 as sqlite

    # Without a write-ahead log, SQLite would make files beside the database to read it.
    how = "mode=ro" if Path(f"{file}-wal").exists() else "mode=ro&immutable=1"
    with closing(sqlite.connect(f"{file.absolute().as_uri()}?{how}", uri=True)) as connection:
        yield connection
