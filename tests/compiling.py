"""SQL that is compiled once: with a database for each test that was a fifth of what clients cost.

A client has one database, and SQLAlchemy keeps what it has compiled for each. The tests have
thousands: those of a process share it, and programs that are forked begin with it.
"""

from typing import Any

import sqlalchemy
from sqlalchemy import Dialect, Engine
from sqlalchemy.util import LRUCache

from messenger.sdk import Store
from messenger.sdk.store import engine

_dialects: list[Dialect] = []
_compiled: LRUCache[Any, Any] = LRUCache(1000)


def compile_once() -> None:
    """Share what is compiled for the databases of clients from now on."""
    engine.create_engine = _create_engine
    Store().close()


def _create_engine(*arguments: Any, **options: Any) -> Engine:
    made = sqlalchemy.create_engine(*arguments, **options)
    # A statement is looked up by its dialect, too.
    _dialects.append(made.dialect)
    made.dialect = made.pool._dialect = _dialects[0]
    del _dialects[1:]
    made._compiled_cache = _compiled
    return made
