"""Moves a server's database to PostgreSQL and back, and takes the time."""

import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import sqlcipher3.dbapi2 as sqlite

from bench.databases import synced_postgresql
from bench.stored import database_with
from messenger.server.database_copy.copying import copy_database
from messenger.server.store import database


def move(rows: int) -> Iterator[tuple[str, float]]:
    """Return for each direction its name, and the seconds until both databases were compared."""
    with tempfile.TemporaryDirectory() as data:
        source = Path(data) / "from.db"
        shutil.copy(database_with(rows) / "messenger.db", source)
        _give_ids(source)
        _upgrade(source)
        with synced_postgresql() as server:
            url = server.empty_database()
            yield "to PostgreSQL", _copy(str(source), url, rows)
            yield "back to SQLite", _copy(url, str(Path(data) / "to.db"), rows)


def _copy(source: str, target: str, rows: int) -> float:
    begun = time.monotonic()
    assert copy_database(source, target, lambda _progress: None) >= rows
    return time.monotonic() - begun


def _give_ids(file: Path) -> None:
    """Give every message an id, as our clients do: the index of them is the dearest one."""
    connection = sqlite.connect(str(file), isolation_level=None)
    connection.execute("PRAGMA synchronous=OFF")
    connection.execute("UPDATE messages SET sent_id = printf('%016x', message_key)")
    connection.close()


def _upgrade(file: Path) -> None:
    """Bring the schema up to date: the filled database may be one of an earlier version."""
    engine = database.open_engine(f"sqlite:///{file}", 0)
    database.prepare(engine)
    engine.dispose()
