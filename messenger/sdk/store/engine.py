"""Opens the local SQLite file, or one in memory."""

from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.pool import StaticPool

from messenger.language import _
from messenger.sdk.errors import StoreUnusable
from messenger.sdk.store import fulltext


def open_engine(file: Path | None) -> Engine:
    """Return the engine of the file, which only its owner may read; raises StoreUnusable."""
    # sqlcipher3 brings an SQLite without the WAL-reset bug, and later a key for the file.
    import sqlcipher3.dbapi2 as sqlite

    if file is not None:
        try:
            file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            file.touch(mode=0o600)
        except OSError as error:
            reason = error.strerror or error
            raise StoreUnusable(
                _("{file} cannot be written ({reason})", file=file, reason=reason)
            ) from error
    engine = create_engine(
        f"sqlite:///{file or ':memory:'}",
        module=sqlite,
        poolclass=StaticPool,
        connect_args={"check_same_thread": False},
    )
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
    return engine


def _prepare(connection: Any, _record: object) -> None:
    connection.isolation_level = None
    fulltext.register(connection)
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=2000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
