"""Pages of a conversation, back from its end."""

from sqlalchemy import ColumnElement, Connection, bindparam, select

from messenger.sdk.store.messages import StoredMessage
from messenger.sdk.store.receiving import message_of
from messenger.sdk.store.schema import messages

# Asked all the time: SQLAlchemy takes longer to write them than to run them.
_ALL = select(messages).where(messages.c.conversation == bindparam("of")).limit(bindparam("most"))
_UNNUMBERED = _ALL.where(messages.c.seq.is_(None)).order_by(messages.c.id.desc())
_NUMBERED = _ALL.where(messages.c.seq.is_not(None)).order_by(messages.c.seq.desc())


def page_of(
    connection: Connection, conversation: str, before: StoredMessage | None, limit: int
) -> list[StoredMessage]:
    """Return the last messages of a conversation, or the last before one, in order.

    Numbered messages come by number; those that have none yet come after them.
    """
    unnumbered, numbered = _UNNUMBERED, _NUMBERED
    if before is not None:
        earlier = _earlier(before)
        unnumbered, numbered = unnumbered.where(earlier), numbered.where(earlier)
    rows = list(connection.execute(unnumbered, {"of": conversation, "most": limit}))
    rows += connection.execute(numbered, {"of": conversation, "most": limit - len(rows)})
    return [message_of(row) for row in reversed(rows)]


def _earlier(before: StoredMessage) -> ColumnElement[bool]:
    if before.seq is not None:
        return messages.c.seq < before.seq
    return messages.c.seq.is_not(None) | (messages.c.id < before.id)
