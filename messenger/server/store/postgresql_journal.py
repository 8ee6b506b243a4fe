"""The journal's transactions on PostgreSQL: numbers that are locked in order, and COPY.

A conversation's row in `numbers` is locked before messages get their numbers, so these are dense
whoever else writes. All lock the rows in the same order, so they do not wait for each other in a
circle. A row that is missing (after a copy of the database) is made from the messages.
"""

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import BigInteger, Column, Connection, Float, Integer, MetaData, String, Table
from sqlalchemy.exc import DBAPIError, IntegrityError

from messenger.server.store.schema import SEQ_BITS, metadata

own_metadata = MetaData(naming_convention=metadata.naming_convention)
"""The tables that only PostgreSQL has: they follow from the others, and are not copied."""

# Half empty, so that a row's new version fits on its page, and no index is changed (HOT).
_ROOM = {"fillfactor": 50}

# `changes` counts what limits who may read or write in the conversation: for several servers.
Table(
    "numbers",
    own_metadata,
    Column("conversation_id", Integer, primary_key=True, autoincrement=False),
    Column("last", BigInteger, nullable=False),
    Column("changes", BigInteger, nullable=False, server_default="0"),
    postgresql_with=_ROOM,
)
Table(
    "writers",
    own_metadata,
    Column("name", String(32), primary_key=True),
    Column("last", BigInteger, nullable=False),
    Column("stored_at", Float, nullable=False),
    postgresql_with=_ROOM,
)

_CHANGES_LOCK = 0x6D657374  # after that of the schema
_DAY = 24 * 60 * 60.0  # seconds; a server that has stored nothing for so long is gone, or idle

_MASK = (1 << SEQ_BITS) - 1

# Lists are passed as one text: the driver writes lists in Python, element by element (measured).
_LOCK = (
    "SELECT conversation_id, last FROM numbers WHERE conversation_id = ANY(%s::int[]) "
    "ORDER BY conversation_id FOR NO KEY UPDATE"
)
_ADD = f"""INSERT INTO numbers (conversation_id, last)
    SELECT id, coalesce((
        SELECT message_key & {_MASK} FROM messages
        WHERE message_key BETWEEN id::bigint << {SEQ_BITS} AND (id::bigint << {SEQ_BITS}) + {_MASK}
        ORDER BY message_key DESC LIMIT 1
    ), 0) FROM unnest(%s::int[]) AS id ORDER BY id
    ON CONFLICT DO NOTHING"""  # noqa: S608  made of constants only
_FINISH = """WITH stored AS (
        UPDATE writers SET last = %s, stored_at = %s WHERE name = %s
    )
    UPDATE numbers SET last = new.last
    FROM unnest(%s::int[], %s::bigint[]) AS new (id, last) WHERE conversation_id = new.id"""


def register(connection: Connection, writer: str) -> None:
    """Have a writer of this name known, so that it can ask for what it has stored."""
    now = time.time()
    connection.exec_driver_sql("DELETE FROM writers WHERE stored_at < %s", (now - _DAY,))
    connection.exec_driver_sql(
        "INSERT INTO writers (name, last, stored_at) VALUES (%s, 0, %s) ON CONFLICT DO NOTHING",
        (writer, now),
    )


def last_stored(connection: Connection, writer: str) -> int:
    """Return the number of the writer's last transaction that was committed."""
    # Locked: an earlier connection, which is broken, may be about to commit.
    query = "SELECT last FROM writers WHERE name = %s FOR UPDATE"
    return int(connection.exec_driver_sql(query, (writer,)).scalar() or 0)


def exclude_others(connection: Connection) -> None:
    """Have other writers wait with what depends on what they read, until the commit."""
    connection.exec_driver_sql("SELECT pg_advisory_xact_lock(%s)", (_CHANGES_LOCK,))


def lock_numbers(
    connection: Connection, conversation_ids: Sequence[int]
) -> Iterable[tuple[int, int]]:
    """Lock the numbers of conversations until the commit; return the last ones, by id."""
    wanted = (_array(conversation_ids),)
    found = connection.exec_driver_sql(_LOCK, wanted).all()
    if len(found) < len(conversation_ids):
        known = {row[0] for row in found}
        missing = [one for one in conversation_ids if one not in known]
        connection.exec_driver_sql(_ADD, (_array(missing),))
        found = connection.exec_driver_sql(_LOCK, wanted).all()
    return [(row[0], row[1]) for row in found]


def append(connection: Connection, rows: list[tuple[Any, ...]]) -> None:
    """Append messages: rows of (key, sender, unix time, frame)."""
    copy_rows(connection, "messages (message_key, sender_id, stored_at, frame)", rows)


def append_with_ids(connection: Connection, rows: list[tuple[Any, ...]]) -> bool:
    """Append messages: rows of (key, sender, unix time, frame, the sender's id).

    False, and none of them is appended, if an id is stored already, or twice among them.
    """
    try:
        with connection.begin_nested():
            copy_rows(
                connection, "messages (message_key, sender_id, stored_at, frame, sent_id)", rows
            )
    except IntegrityError as error:
        diagnosis = getattr(error.orig, "diag", None)
        if diagnosis is None or diagnosis.constraint_name != "uq_messages_sent_id":
            raise
        return False
    return True


def finish(
    connection: Connection, transaction: tuple[str, int], numbers: Mapping[int, int]
) -> None:
    """Store the last numbers, and the writer and number of the transaction."""
    writer, number = transaction
    connection.exec_driver_sql(
        _FINISH, (number, time.time(), writer, _array(numbers), _array(numbers.values()))
    )


def copy_rows(connection: Connection, into: str, rows: Sequence[tuple[Any, ...]]) -> None:
    """Write rows into a table with its columns: in a fifth of the time of INSERT (measured)."""
    driver: Any = connection.connection.driver_connection
    statement = f"COPY {into} FROM STDIN"
    with _raising(connection), driver.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)


@contextmanager
def _raising(connection: Connection) -> Iterator[None]:
    """Raise the driver's errors as SQLAlchemy's, without what the rows contain."""
    from psycopg import Error

    try:
        yield
    except Error as error:
        without_rows(error)
        raise DBAPIError.instance(
            None, None, error, Error, hide_parameters=True, dialect=connection.dialect
        ) from None


def without_rows(error: BaseException) -> None:
    """Leave only the first line of an error: others quote rows, which do not belong in a log."""
    primary = getattr(getattr(error, "diag", None), "message_primary", None)
    if primary:
        error.args = (primary,)


def _array(numbers: Iterable[int]) -> str:
    return f"{{{','.join(map(str, numbers))}}}"
