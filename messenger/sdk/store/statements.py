"""What a client's database is asked all the time: written once, where SQLAlchemy would each time.

To write a statement takes it longer than to run one. The parameters are named beside each.
"""

from functools import cache

from sqlalchemy import bindparam, select, update

from messenger.sdk.store.messages import MessageState
from messenger.sdk.store.schema import conversations, messages

COLUMNS = ", ".join(messages.columns.keys())
"""Those of a StoredMessage, in order: a database of an earlier version has them in another one."""

ADD_MESSAGE = (
    "INSERT INTO messages (conversation, sender, text, sent_id, time, stored, state) "
    f"VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING {COLUMNS}"
)

_UNSENT = f"FROM messages WHERE state = '{MessageState.UNSENT}'"
NEXT_UNSENT = f"SELECT {COLUMNS} {_UNSENT} ORDER BY id LIMIT 1"
COUNT_UNSENT = f"SELECT count(*) {_UNSENT}"

CONVERSATION = select(conversations).where(conversations.c.name == bindparam("of"))

CHANGE_MESSAGE = (
    update(messages).where(messages.c.sent_id == bindparam("which")).returning(*messages.c)
)
"""`which`: what it was sent under; the other parameters are columns."""


def _reach(state: MessageState, *before: MessageState) -> str:
    reached = ", ".join(f"'{one}'" for one in before)
    return (
        f"UPDATE messages SET state = '{state}' WHERE conversation = ? AND seq BETWEEN 1 AND ? "
        f"AND state IN ({reached}) RETURNING {COLUMNS}"
    )


REACH_READ = _reach(MessageState.READ, MessageState.SENT, MessageState.DELIVERED)
REACH_DELIVERED = _reach(MessageState.DELIVERED, MessageState.SENT)
"""The conversation, and a number."""

WHAT_STANDS_AT = """
SELECT own.conversation, own.sender, own.time, other.id AS other_id
FROM messages AS own LEFT JOIN messages AS other
ON other.conversation = own.conversation AND other.seq = ? AND other.id != own.id
WHERE own.sent_id = ?
"""
"""A number, and what one's own message was sent under: which one has the number there."""


@cache
def describe(*columns: str) -> str:
    """Return what sets these columns of a conversation; how far readers have come only grows.

    Their values, and the conversation.
    """
    new = (
        f"{name} = max({name}, ?)" if name in ("delivered", "read") else f"{name} = ?"
        for name in columns
    )
    return f"UPDATE conversations SET {', '.join(new)} WHERE name = ?"
