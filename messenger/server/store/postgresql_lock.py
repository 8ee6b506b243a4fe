"""Keeps a copy and the servers of a PostgreSQL database apart, by an advisory lock.

The lock belongs to a session of PostgreSQL and ends with it, however the session ends. A pooler
that shares sessions between transactions (PgBouncer in its mode `transaction`) would break it.
"""

from typing import Any, Literal

from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import DBAPIError

from messenger.server.store.backend import DatabaseLocked

_KEY = int.from_bytes(b"messenge", "big")  # any number, always the same: 8 bytes are a bigint
_SHARE = f"SELECT pg_try_advisory_lock_shared({_KEY})"
# A killed program keeps its lock until the server has noticed that its connection is closed.
_WAIT = "SET LOCAL lock_timeout = '2s'"
_ALONE = f"SELECT pg_advisory_lock({_KEY})"
_NO_LONGER_ALONE = f"SELECT pg_advisory_unlock({_KEY})"
# A key of 8 bytes is in two columns there; objsubid 1 says so.
_HELD = f"""SELECT mode FROM pg_locks
    WHERE locktype = 'advisory' AND classid = {_KEY >> 32} AND objid = {_KEY & 0xFFFFFFFF}
    AND objsubid = 1 AND granted
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"""  # noqa: S608  constants
# A server's limits on its sessions: the source's waits while rows are written to the target.
_NO_LIMITS = "SET idle_in_transaction_session_timeout = 0; SET statement_timeout = 0"


def share(engine: Engine) -> None:
    """Let each new connection of a server's engine hold the lock together with other servers'."""
    event.listen(engine, "connect", _share)


def check_alone(engine: Engine) -> None:
    """Raise DatabaseLocked if another server or a copy uses the database of a server's engine."""
    with engine.connect() as connection:
        # The connection shares the lock before, meanwhile and afterwards.
        _lock(connection)
        connection.exec_driver_sql(_NO_LONGER_ALONE)


def lock_alone(engine: Engine) -> None:
    """Lock the database against servers and other copies until the engine is disposed of."""
    event.listen(engine, "connect", lift_limits)
    with engine.connect() as connection:
        _lock(connection)  # the pool keeps this connection


def user(connection: Connection) -> Literal["server", "copy"] | None:
    """Return who uses the database now; nobody is disturbed."""
    modes = set(connection.exec_driver_sql(_HELD).scalars())
    if "ExclusiveLock" in modes:
        return "copy"
    return "server" if modes else None


def _lock(connection: Connection) -> None:
    """Lock the database alone; raise DatabaseLocked if somebody uses it for 2 more seconds."""
    try:
        with connection.begin():
            connection.exec_driver_sql(_WAIT)
            connection.exec_driver_sql(_ALONE)
    except DBAPIError as error:
        # 40P01: of two that wait for each other, PostgreSQL refuses one at once.
        if getattr(error.orig, "sqlstate", None) not in ("55P03", "40P01"):
            raise
        raise DatabaseLocked from error


def _share(connection: Any, _record: object) -> None:
    with connection.cursor() as cursor:
        (is_held,) = cursor.execute(_SHARE).fetchone()
    connection.rollback()  # the lock is the session's, not the transaction's
    if not is_held:
        raise DatabaseLocked


def lift_limits(connection: Any, _record: object) -> None:
    """Let a new connection take as long as it needs, and be idle within a transaction."""
    connection.execute(_NO_LIMITS)
    connection.commit()
