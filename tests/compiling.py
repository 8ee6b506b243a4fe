"""SQL that is compiled once: with a database for each test that was a fifth of what clients cost.

A client has one database, and a server too, and SQLAlchemy keeps what it has compiled for each.
The tests have thousands: those of a process share it, and programs that are forked begin with it.
"""

from typing import Any

import sqlalchemy
from sqlalchemy import Engine
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite as Sqlite
from sqlalchemy.util import LRUCache

from messenger.sdk import Store
from messenger.sdk.store import engine
from messenger.server.store import database

_compiled: LRUCache[Any, Any] = LRUCache(1000)


def compile_once() -> None:
    """Share what is compiled for the SQLite databases of this process from now on."""
    # A statement is looked up by its dialect, too: those of all databases are the same. mypy minds
    # that methods are replaced; a class of our own would have to take the place of SQLAlchemy's.
    Sqlite.__eq__ = lambda _one, other: isinstance(other, Sqlite)  # type: ignore[method-assign]
    Sqlite.__hash__ = lambda _one: 1  # type: ignore[method-assign]
    engine.create_engine = database.create_engine = _create_engine
    Store().close()


def _create_engine(*arguments: Any, **options: Any) -> Engine:
    made = sqlalchemy.create_engine(*arguments, **options)
    made._compiled_cache = _compiled
    return made
