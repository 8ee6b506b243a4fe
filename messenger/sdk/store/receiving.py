"""What comes into the client's tables: each message once, with its number, as it was opened."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, delete, func, insert, or_, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from messenger.jim.replies import Message
from messenger.sdk.store.messages import Contents, Lock, MessageState, StoredMessage
from messenger.sdk.store.schema import conversations, messages, waiting

Opener = Callable[[str, Message], Contents]

_SENT_STATES = (MessageState.SENT, MessageState.DELIVERED, MessageState.READ)


def message_of(row: Any) -> StoredMessage:
    """Return the message of a row."""
    found = StoredMessage(*row)
    return found._replace(
        state=MessageState(found.state), guest=bool(found.guest), lock=Lock(found.lock)
    )


def ensure(connection: Connection, conversation: str) -> None:
    """Have a conversation in the list."""
    connection.execute(upsert(conversations).values(name=conversation).on_conflict_do_nothing())


def as_it_is(_conversation: str, message: Message) -> Contents:
    """Return what a message says that is not sealed."""
    return Contents(message.message)


def insert_received(
    connection: Connection, conversation: str, me: str, message: Message, opener: Opener
) -> StoredMessage | None:
    """Insert a message unless it is here; one's own that was on its way gets its number."""
    own = message.from_ == me
    if own and message.id is not None and _numbered_own(connection, message):
        return None
    if message.seq and _is_here(connection, conversation, message.seq):
        return None
    contents = opener(conversation, message)
    row = insert(messages).values(
        conversation=conversation,
        seq=message.seq or None,
        sent_id=message.id if own else None,
        sender=message.from_,
        text=contents.text,
        encoding=message.encoding,
        time=message.time,
        state=MessageState.SENT if own else MessageState.RECEIVED,
        guest=message.guest,
        lock=contents.lock,
    )
    found = message_of(connection.execute(row.returning(*messages.c)).one())
    if contents.sealed:
        connection.execute(
            insert(waiting).values(
                message_id=found.id, session_id=contents.session_id, sealed=contents.sealed
            )
        )
    return found


def _is_here(connection: Connection, conversation: str, seq: int) -> bool:
    query = select(messages.c.id).where(
        messages.c.conversation == conversation, messages.c.seq == seq
    )
    return connection.execute(query).first() is not None


def _numbered_own(connection: Connection, message: Message) -> bool:
    query = select(messages.c.state).where(messages.c.sent_id == message.id)
    state = connection.scalar(query)
    if state is None:
        return False
    if state not in _SENT_STATES:
        row = update(messages).where(messages.c.sent_id == message.id)
        connection.execute(row.values(state=MessageState.SENT, seq=message.seq or None))
    return True


def drop_copy(connection: Connection, sent_id: str, seq: int) -> None:
    """Remove the same message if it came back under its number before its answer did."""
    own = select(messages.c.conversation).where(messages.c.sent_id == sent_id).scalar_subquery()
    connection.execute(
        delete(messages).where(
            messages.c.conversation == own,
            messages.c.seq == seq,
            or_(messages.c.sent_id.is_(None), messages.c.sent_id != sent_id),
        )
    )


def follow(connection: Connection, conversation: str, seq: int) -> None:
    """Move `synced` on to a number that follows it."""
    row = update(conversations).where(
        conversations.c.name == conversation, conversations.c.synced == seq - 1
    )
    connection.execute(row.values(synced=seq))


def extend(connection: Connection, conversation: str, numbers: list[int]) -> None:
    """Widen what is here of the conversation by these numbers."""
    row = update(conversations).where(conversations.c.name == conversation)
    connection.execute(
        row.values(
            synced=func.max(conversations.c.synced, max(numbers)),
            first=func.min(conversations.c.first, min(numbers)),
        )
    )
