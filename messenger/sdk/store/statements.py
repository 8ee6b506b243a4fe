"""The most frequent statements of a client's database, compiled once.

SQLAlchemy takes longer to compile a statement than SQLite to run it. The parameters are named
beside each.
"""

from functools import cache

from sqlalchemy import Table

from messenger.sdk.store.messages import MessageState
from messenger.sdk.store.schema import messages

COLUMNS = ", ".join(messages.columns.keys())
"""The columns in StoredMessage's order, which a migrated table does not have."""


def columns_of(alias: str, table: Table) -> str:
    """Return the columns of a table in the schema's order, for a query with several tables."""
    return ", ".join(f"{alias}.{column.name}" for column in table.columns)


ADD_MESSAGE = (
    "INSERT INTO messages (id, conversation, sender, text, sent_id, time, stored, state) "
    f"VALUES (?, ?, ?, ?, ?, ?, ?, '{MessageState.UNSENT}')"
)
ADD_QUEUED = f"{ADD_MESSAGE} ON CONFLICT (id) DO NOTHING"
"""It may be there: Ctrl+C may come between a commit and the end of the queue."""

_UNSENT = f"FROM messages WHERE state = '{MessageState.UNSENT}'"
UNSENT_IN = f"SELECT {COLUMNS} {_UNSENT} AND conversation = ? ORDER BY id LIMIT ?"
COUNT_UNSENT_IN = f"SELECT conversation, count(*) {_UNSENT} GROUP BY conversation"
COUNT_UNSENT = f"SELECT count(*) {_UNSENT}"

SET_SENT = (
    f"UPDATE messages SET state = '{MessageState.SENT}', seq = ?, stored = coalesce(?, stored) "
    "WHERE sent_id = ?"
)
BETWEEN = (
    f"SELECT {COLUMNS} FROM messages WHERE conversation = ? AND seq BETWEEN ? AND ? ORDER BY seq"
)

FOLLOW = "UPDATE conversations SET synced = ? WHERE name = ? AND synced = ?"
"""Advance `synced` to a number; the conversation, and the number directly before it."""


def _reach(state: MessageState, before: MessageState) -> str:
    return (
        # Its planner would take the index of numbers, and look at every message of the log.
        f"UPDATE messages INDEXED BY ix_messages_{before} SET state = '{state}' "
        # From 1 on: numbers below 0 are those of a closed log, whose receipts are over.
        f"WHERE conversation = ? AND seq BETWEEN 1 AND ? AND state = '{before}' RETURNING {COLUMNS}"
    )


REACH_READ = tuple(
    _reach(MessageState.READ, before) for before in (MessageState.DELIVERED, MessageState.SENT)
)
REACH_DELIVERED = (_reach(MessageState.DELIVERED, MessageState.SENT),)
"""The conversation, and the number of the receipt."""

FIND_AT_NUMBER = """
SELECT own.conversation, own.sender, own.time
FROM messages AS own JOIN messages AS other
ON other.conversation = own.conversation AND other.seq = ? AND other.id != own.id
WHERE own.sent_id = ?
"""
"""A number, and the `sent_id` of a message: which other message has that number."""


@cache
def change_message(*columns: str) -> str:
    """Return the statement that sets these columns of a sent message, and returns it.

    Its parameters are their values, and the `sent_id`.
    """
    new = ", ".join(f"{name} = ?" for name in columns)
    return f"UPDATE messages SET {new} WHERE sent_id = ? RETURNING {COLUMNS}"


@cache
def describe(*columns: str) -> str:
    """Return the statement that sets these columns of a conversation; receipts only advance.

    Its parameters are their values, and the conversation.
    """
    new = (
        f"{name} = max({name}, ?)" if name in ("delivered", "read") else f"{name} = ?"
        for name in columns
    )
    return f"UPDATE conversations SET {', '.join(new)} WHERE name = ?"
