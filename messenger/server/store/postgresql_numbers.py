"""The numbers of messages on PostgreSQL, and what several servers have to know of each other.

A conversation's row in `numbers` is locked before messages get their numbers, so these are dense
whoever else writes. All lock the rows in the same order, so they do not wait for each other in a
circle. A row that is missing (after a copy of the database) is made from the messages.
"""

import time
from collections.abc import Collection, Iterable, Mapping, Sequence

from sqlalchemy import BigInteger, Column, Connection, Float, Integer, MetaData, String, Table

from messenger.server.store.changes import take_noted
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

CHANGES_LOCK = 0x6D657374
"""The key of the advisory lock of changes; any number but that of the schema's lock."""
_DAY = 24 * 60 * 60.0  # seconds; a server that has stored nothing for so long is gone, or idle

_MASK = (1 << SEQ_BITS) - 1

# Lists are passed as one text: the driver writes lists in Python, element by element (measured).
_LOCK = (
    "SELECT conversation_id, last, changes FROM numbers WHERE conversation_id = ANY(%s::int[]) "
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
    UPDATE numbers SET last = new.last, changes = changes + new.change
    FROM unnest(%s::int[], %s::bigint[], %s::int[]) AS new (id, last, change)
    WHERE conversation_id = new.id"""


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
    connection.exec_driver_sql("SELECT pg_advisory_xact_lock(%s)", (CHANGES_LOCK,))


def take_changed(connection: Connection) -> Collection[int]:
    """Return the conversations for which the transaction has changed who may read or write."""
    return take_noted(connection)


def lock_numbers(
    connection: Connection, conversation_ids: Sequence[int]
) -> Iterable[tuple[int, int, int]]:
    """Lock the numbers of conversations until the commit; return (id, last, changes) of each."""
    wanted = (_array(conversation_ids),)
    found = connection.exec_driver_sql(_LOCK, wanted).all()
    if len(found) < len(conversation_ids):
        known = {row[0] for row in found}
        missing = [one for one in conversation_ids if one not in known]
        connection.exec_driver_sql(_ADD, (_array(missing),))
        found = connection.exec_driver_sql(_LOCK, wanted).all()
    return [(row[0], row[1], row[2]) for row in found]


def finish(
    connection: Connection,
    transaction: tuple[str, int],
    numbers: Mapping[int, int],
    changed: Collection[int],
) -> None:
    """Store the last numbers, and the writer and number of the transaction; count changes."""
    writer, number = transaction
    new = _array(numbers), _array(numbers.values()), _array(int(one in changed) for one in numbers)
    connection.exec_driver_sql(_FINISH, (number, time.time(), writer, *new))


def _array(numbers: Iterable[int]) -> str:
    return f"{{{','.join(map(str, numbers))}}}"
