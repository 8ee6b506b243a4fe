"""Detects a server that was restored from a backup; the messages that it lost stay here."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from messenger.jim.messages import UNDECODABLE, Message
from messenger.sdk.errors import RolledBack
from messenger.sdk.store.messages import MessageSecurity, MessageState, StoredMessage
from messenger.sdk.store.rooms import noted_room_id
from messenger.sdk.store.schema import conversations, decrypted, inbound_sessions, messages, profile
from messenger.sdk.stored_errors import stored_error

_HAS_LOST = "has_lost"
"""The value of `profile` that says that messages are stored which a server has lost."""

_SAID_TIME = func.coalesce(messages.c.said_time, messages.c.time)
"""The time of writing as stated by the server, which is the one in its copy of the log."""

_COMPARED = (messages.c.sender, messages.c.encoding, _SAID_TIME)


def is_another(connection: Connection, conversation: str, message: Message) -> bool:
    """Tell whether a different message is stored under this one's number."""
    query = select(*_COMPARED).where(
        messages.c.conversation == conversation, messages.c.seq == message.seq
    )
    row = connection.execute(query).first()
    return row is not None and not _is_same(row, message)


def last_in_common(connection: Connection, conversation: str, page: Sequence[Message]) -> int:
    """Return the last number at which the local log equals the server's, by a page of that.

    The page has at least one message.
    """
    rows = connection.execute(
        select(messages.c.seq, *_COMPARED).where(
            messages.c.conversation == conversation,
            messages.c.seq.between(page[0].seq, page[-1].seq),
        )
    )
    stored = {row[0]: row[1:] for row in rows}
    same = [one.seq for one in page if one.seq in stored and _is_same(stored[one.seq], one)]
    # What follows the first other one may be the same only because it is newer than the backup.
    others = [one.seq for one in page if one.seq in stored and one.seq not in same]
    return min(others) - 1 if others else max(same, default=page[0].seq - 1)


def _is_same(row: Sequence[Any], message: Message) -> bool:
    """Compare sender and time; an undecodable message has no time."""
    sender, encoding, said_time = row
    has_no_time = UNDECODABLE in (encoding, message.encoding)
    return sender == message.from_ and (has_no_time or said_time == message.time)


def without_lost(
    connection: Connection, conversation: str, received: Sequence[StoredMessage]
) -> list[StoredMessage]:
    """Return the received messages but those that the server had lost, and has again.

    Their senders have sent them again. What is stored gets the number: it is shown, and read, once.
    """
    found = "SELECT 1 FROM profile WHERE name = ?"
    if connection.exec_driver_sql(found, (_HAS_LOST,)).first() is None:
        return list(received)
    return [one for one in received if not _is_lost(connection, conversation, one)]


def _is_lost(connection: Connection, conversation: str, message: StoredMessage) -> bool:
    if not message.seq or message.state is not MessageState.RECEIVED or not message.text:
        return False
    # The same sender has encrypted the same time: no other message has it.
    same = {"sender": message.sender, "time": message.time, "text": message.text}
    query = select(messages.c.id).where(
        messages.c.conversation == conversation,
        messages.c.seq.is_(None),
        messages.c.state == MessageState.RECEIVED,
        messages.c.security == message.security,
        *(messages.c[name] == value for name, value in same.items()),
    )
    row_id = connection.scalar(query.order_by(messages.c.id).limit(1))
    if row_id is None:
        return False
    given = {"seq": message.seq, "stored": message.stored, "said_time": message.said_time}
    connection.execute(update(messages).where(messages.c.id == row_id).values(given))
    return True


def go_back(connection: Connection, conversation: str, me: str, last: int) -> None:
    """Remove the numbers after `last`, which the server assigns to other messages now.

    The user's own messages are marked as failed, as others may not have them. Not those that failed
    verification, or arrived unencrypted in an encrypted conversation: the server may have made them
    up, and the true message with that id may still arrive.
    """
    lost = (messages.c.conversation == conversation) & (messages.c.seq > last)
    is_nobodys = messages.c.security.in_((MessageSecurity.INVALID, MessageSecurity.DOWNGRADED))
    # `sent_id` is unique: a forged message must not occupy the id of the true one.
    connection.execute(update(messages).where(lost, is_nobodys).values(sent_id=None))
    reason = stored_error(RolledBack())
    noted = insert(profile).prefix_with("OR REPLACE")
    connection.execute(noted.values(name=_HAS_LOST, value="1"))
    failed = update(messages).where(lost, messages.c.sender == me, ~is_nobodys)
    connection.execute(failed.values(state=MessageState.FAILED, reason=reason))
    connection.execute(update(messages).where(lost).values(seq=None))
    row = update(conversations).where(conversations.c.name == conversation)
    limits = {"synced": last, "delivered": last, "read": last, "first": last + 1}
    values = {name: func.min(conversations.c[name], number) for name, number in limits.items()}
    connection.execute(row.values(values))
    # They have no number any more: if they are sent again they are replays.
    room = noted_room_id(connection, conversation, me)
    sessions = select(inbound_sessions.c.name).where(inbound_sessions.c.room_id == room)
    gone = update(decrypted).where(decrypted.c.session_id.in_(sessions), decrypted.c.seq > last)
    connection.execute(gone.values(seq=0))
