"""Compiles SQL once: with a database for each test that took a fifth of the clients' time.

SQLAlchemy caches compiled statements for each database. A client has one, and so has a server; the
tests have thousands: those of one process share the cache, and forked programs start with it.
"""

from typing import Any

import sqlalchemy
from sqlalchemy import Engine
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite as Sqlite
from sqlalchemy.util import LRUCache

from messenger.sdk import Store
from messenger.sdk.store import engine
from messenger.server.store import sqlite

_compiled: LRUCache[Any, Any] = LRUCache(1000)


def compile_once() -> None:
    """Share compiled statements among the SQLite databases of this process from now on."""
    # The cache's key contains the dialect, so all dialects have to be equal. mypy minds replaced
    # methods; the alternative is a class of our own in place of SQLAlchemy's.
    Sqlite.__eq__ = lambda _one, other: isinstance(other, Sqlite)  # type: ignore[method-assign]
    Sqlite.__hash__ = lambda _one: 1  # type: ignore[method-assign]
    engine.create_engine = sqlite.create_engine = _create_engine
    Store().close()


def _create_engine(*arguments: Any, **options: Any) -> Engine:
    made = sqlalchemy.create_engine(*arguments, **options)
    made._compiled_cache = _compiled
    return made
