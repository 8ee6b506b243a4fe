"""The journal's transactions on SQLite: one writer, whose numbers are in memory."""

from typing import Any

from sqlalchemy import Connection

from messenger.server.store.backend import SharedJournal

shared: SharedJournal | None = None

_INSERT = "INSERT INTO messages (message_key, sender_id, stored_at, frame) VALUES (?, ?, ?, ?)"
# No other conflict: a number that is taken is an error.
_INSERT_WITH_ID = (
    "INSERT INTO messages (message_key, sender_id, stored_at, frame, sent_id) "
    "VALUES (?, ?, ?, ?, ?) "
    "ON CONFLICT (sent_id, sender_id) WHERE sent_id IS NOT NULL DO NOTHING"
)
_DELETE = "DELETE FROM messages WHERE message_key = ?"


def append(connection: Connection, rows: list[tuple[Any, ...]]) -> None:
    """Append messages: rows of (key, sender, unix time, frame)."""
    _execute(connection, _INSERT, rows)


def append_with_ids(connection: Connection, rows: list[tuple[Any, ...]]) -> bool:
    """Append messages: rows of (key, sender, unix time, frame, the sender's id).

    False, and none of them is appended, if an id is stored already, or twice among them.
    Separate from `append`, as binding a NULL costs the driver as much as all other values.
    """
    if _execute(connection, _INSERT_WITH_ID, rows) == len(rows):
        return True
    # A savepoint would do the same, but costs every message half as much as storing it.
    _execute(connection, _DELETE, [row[:1] for row in rows])
    return False


def _execute(connection: Connection, statement: str, rows: list[tuple[Any, ...]]) -> int:
    """Execute the statement for each row; return how many rows were changed."""
    return connection.exec_driver_sql(statement, rows).rowcount
