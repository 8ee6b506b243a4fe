"""The last message and the unread count of conversations, for their list."""

from sqlalchemy import Connection, bindparam, func, select

from messenger.sdk.store.insert import message_of
from messenger.sdk.store.messages import StoredMessage
from messenger.sdk.store.schema import conversations, messages

# Built once, as they run often: SQLAlchemy takes longer to build them than to run them.
_UNREAD = (
    select(messages.c.conversation, func.count())
    .join(conversations, conversations.c.name == messages.c.conversation)
    .where(messages.c.state == "received", messages.c.seq > conversations.c.read)
    .group_by(messages.c.conversation)
)
_UNREAD_OF = _UNREAD.where(messages.c.conversation == bindparam("of"))


def last_messages(connection: Connection) -> dict[str, StoredMessage]:
    """Return the last message of each conversation; those without a number are the latest."""
    numbers = (
        select(messages.c.conversation, func.max(messages.c.seq).label("seq"))
        .group_by(messages.c.conversation)
        .subquery()
    )
    numbered = select(messages).join(
        numbers,
        (numbers.c.conversation == messages.c.conversation) & (numbers.c.seq == messages.c.seq),
    )
    unnumbered = select(messages).where(messages.c.seq.is_(None)).order_by(messages.c.id)
    return {
        row.conversation: message_of(row)
        # In this order: a message without a number takes the place of the last numbered one.
        for query in (numbered, unnumbered)
        for row in connection.execute(query)
    }


def count_unread(connection: Connection, name: str | None = None) -> dict[str, int]:
    """Return the number of unread messages of each conversation, or of one."""
    query = _UNREAD if name is None else _UNREAD_OF
    return {row[0]: row[1] for row in connection.execute(query, {"of": name})}
