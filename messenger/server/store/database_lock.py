"""Keeps a copy and the servers of a PostgreSQL database apart, by an advisory lock.

The lock belongs to a session of PostgreSQL and ends with it, however the session ends. A pooler
that shares sessions between transactions (PgBouncer in its mode `transaction`) would break it.
"""

from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import DBAPIError, OperationalError

_KEY = int.from_bytes(b"messenge", "big")  # any number, always the same: 8 bytes are a bigint
_SHARE = f"SELECT pg_try_advisory_lock_shared({_KEY})"
# A killed program keeps its lock until the server has noticed that its connection is closed.
_WAIT = "SET LOCAL lock_timeout = '2s'"
_ALONE = f"SELECT pg_advisory_lock({_KEY})"
_NO_LONGER_ALONE = f"SELECT pg_advisory_unlock({_KEY})"

LOCKED = "database is locked"
"""The text of the error, which is the same as SQLite's."""


def share(engine: Engine) -> None:
    """Let each new connection of a server's engine hold the lock together with other servers'.

    Call it before the first connection is made. While a copy runs, connecting raises
    OperationalError. It does nothing for SQLite, whose servers lock their directory.
    """
    if engine.dialect.name == "postgresql":
        event.listen(engine, "connect", _share)


def lock_alone(connection: Connection) -> None:
    """Lock the database against servers and other copies until this connection is closed.

    Raises OperationalError if one of them uses it for 2 more seconds.
    """
    try:
        with connection.begin():
            connection.exec_driver_sql(_WAIT)
            connection.exec_driver_sql(_ALONE)
    except DBAPIError as error:
        # 40P01: of two that wait for each other, PostgreSQL refuses one at once.
        if getattr(error.orig, "sqlstate", None) not in ("55P03", "40P01"):
            raise
        raise OperationalError(None, None, Exception(LOCKED)) from error


def check_alone(engine: Engine) -> None:
    """Raise OperationalError if another server or a copy uses the database of a server that starts.

    Call it after `share`, while the pool has one connection. It does nothing for SQLite.
    """
    if engine.dialect.name == "postgresql":
        with engine.connect() as connection:
            # The connection shares the lock before, meanwhile and afterwards.
            lock_alone(connection)
            connection.exec_driver_sql(_NO_LONGER_ALONE)


def _share(connection: Any, _record: object) -> None:
    with connection.cursor() as cursor:
        (is_held,) = cursor.execute(_SHARE).fetchone()
    connection.rollback()  # the lock is the session's, not the transaction's
    if not is_held:
        raise OperationalError(None, None, Exception(LOCKED))
