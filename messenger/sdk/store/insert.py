"""Inserts received messages into the client's tables: each once, with its number, decrypted."""

import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from msgspec import structs
from sqlalchemy import Connection, delete, or_, select, update

from messenger.jim.messages import UNDECODABLE, Message
from messenger.sdk.mentions import is_mentioned
from messenger.sdk.store import fulltext, statements
from messenger.sdk.store.closing import close_part
from messenger.sdk.store.messages import Contents, MessageSecurity, MessageState, StoredMessage
from messenger.sdk.store.rollback import go_back, without_lost
from messenger.sdk.store.schema import conversations, messages

Decrypter = Callable[[str, Sequence[Message]], list[Contents]]
"""Decrypts messages of a conversation, in the transaction that stores them."""

_INSERT = (
    "INSERT INTO messages (id, conversation, seq, sent_id, sender, text, encoding, time, state, "
    "reason, guest, security, stored, said_time, signed_by, mentions) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)

_COPY = "copy\x1f"
"""The `encoding` of a replay of one of the user's messages, which is stored under another number.

The row keeps the time that the server gives: another message under this number is not the same.
Nobody can send such an encoding: on the wire it has no control characters.
"""

# Tables, as every message that is read passes them: a call of the Enum takes ten times as long.
_STATE, _GUEST, _SECURITY, _MENTIONS = map(
    StoredMessage._fields.index, ("state", "guest", "security", "mentions")
)
_STATES = {one.value: one for one in MessageState}
_SECURITIES = {one.value: one for one in MessageSecurity}

_SENT_STATES = (MessageState.SENT, MessageState.DELIVERED, MessageState.READ)


def message_of(row: Any) -> StoredMessage:
    """Return the message in a row."""
    found = list(row)
    found[_STATE] = _STATES[row[_STATE]]
    found[_GUEST] = bool(row[_GUEST])
    found[_MENTIONS] = bool(row[_MENTIONS])
    found[_SECURITY] = _SECURITIES[row[_SECURITY]]
    return StoredMessage._make(found)


def ensure(connection: Connection, conversation: str) -> None:
    """Add a conversation to the list if it is not there."""
    connection.exec_driver_sql(
        "INSERT INTO conversations (name) VALUES (?) ON CONFLICT DO NOTHING", (conversation,)
    )


def as_they_are(_conversation: str, messages: Sequence[Message]) -> list[Contents]:
    """Return the contents of unencrypted messages; an empty one keeps its number."""
    return [
        Contents("", MessageSecurity.INVALID)
        if message.encoding in (UNDECODABLE, _COPY)
        else Contents(message.message)
        for message in messages
    ]


def insert_received(
    connection: Connection,
    conversation: str,
    me: str,
    received: Sequence[Message],
    decrypter: Decrypter,
    new_ids: Callable[[int], int],
) -> list[StoredMessage]:
    """Insert new messages; a sent one that had no number yet gets it.

    At the driver's level: a new device inserts thousands at once. `new_ids` reserves so many ids of
    rows, and returns the first.
    """
    new = list(_new(connection, conversation, me, received))
    if not new:
        return []
    # Assigned here, because `executemany` returns no ids.
    first = new_ids(len(new))
    decrypted = decrypter(conversation, new)
    stored = [
        _stored(first + index, conversation, me, message, contents)
        for index, (message, contents) in enumerate(zip(new, decrypted, strict=True))
    ]
    undecrypted = [
        (one.id, contents.session_id, contents.encrypted, contents.position)
        for one, contents in zip(stored, decrypted, strict=True)
        if contents.encrypted
    ]
    stored = without_lost(connection, conversation, stored)
    if not stored:
        return []
    connection.exec_driver_sql(_INSERT, stored)
    fulltext.add(connection, ((one.id, conversation, one.text) for one in stored))
    if undecrypted:
        connection.exec_driver_sql(
            "INSERT INTO waiting (message_id, session_id, encrypted, position) VALUES (?, ?, ?, ?)",
            undecrypted,
        )
    return stored


def _new(
    connection: Connection, conversation: str, me: str, received: Sequence[Message]
) -> Iterator[Message]:
    """Yield the messages that are not stored yet, each once.

    A message of the user that is stored under another number, or in another conversation, is a
    replay: it occupies its number, but is not shown. Else the true message with that number would
    be mistaken for it.
    """
    numbers = _stored_numbers(connection, conversation, received)
    own = set()
    for message in received:
        if message.seq and message.seq in numbers:
            continue
        shown = message
        if message.from_ == me and message.id is not None:
            if message.id in own or _numbered_own(connection, conversation, message):
                if not message.seq:
                    continue
                # It was sent, and has got this very number just now.
                if _stored_numbers(connection, conversation, [message]):
                    numbers.add(message.seq)
                    continue
                shown = structs.replace(message, id=None, encoding=_COPY, message="")
            else:
                own.add(message.id)
        numbers.add(message.seq)
        yield shown


def _stored(
    row_id: int, conversation: str, me: str, message: Message, contents: Contents
) -> StoredMessage:
    own = message.from_ == me
    now = time.time()  # a plain server sends no `stored` time
    said = (message.time or now) if contents.time is None else contents.time
    return StoredMessage(
        id=row_id,
        conversation=conversation,
        seq=message.seq or None,
        sent_id=message.id if own else None,
        sender=message.from_,
        text=contents.text,
        encoding=message.encoding,
        time=said,
        state=MessageState.SENT if own else MessageState.RECEIVED,
        reason="",
        guest=contents.is_of_a_guest(message.guest),
        security=contents.security,
        stored=message.stored or now,
        said_time=None if said == message.time else message.time,
        signed_by=contents.signed_by,
        mentions=not own and is_mentioned(me, contents.text),
    )


def _stored_numbers(
    connection: Connection, conversation: str, received: Sequence[Message]
) -> set[int]:
    numbers = [message.seq for message in received if message.seq]
    if not numbers:
        return set()
    rows = connection.exec_driver_sql(
        # One range of the index, whatever gaps the numbers have.
        "SELECT seq FROM messages WHERE conversation = ? AND seq BETWEEN ? AND ?",
        (conversation, min(numbers), max(numbers)),
    )
    return {row[0] for row in rows}


def _numbered_own(connection: Connection, conversation: str, message: Message) -> bool:
    """Tell whether a message of the user is stored; one that was being sent gets its number."""
    row = update(messages).where(messages.c.sent_id == message.id)
    query = select(messages.c.state, messages.c.conversation)
    known = connection.execute(query.where(messages.c.sent_id == message.id)).first()
    if known is None:
        return False
    if known.state not in _SENT_STATES and known.conversation == conversation:
        values = {"stored": message.stored} if message.stored else {}
        row = row.values(state=MessageState.SENT, seq=message.seq or None, **values)
        connection.execute(row)
    return True


def make_room(connection: Connection, sent_id: str, seq: int) -> bool:
    """Free the number under which the server has committed a message of the user.

    The message itself may have arrived without its id before the reply. Any other message with that
    number is one that the server has lost; or a guest has registered, and the log starts over. Tell
    whether other messages lost their numbers.
    """
    own = connection.exec_driver_sql(statements.FIND_AT_NUMBER, (seq, sent_id)).first()
    if own is None:
        return False
    there = messages.c.conversation == own.conversation, messages.c.seq == seq
    copy = messages.c.sent_id.is_(None), messages.c.sender == own.sender
    connection.execute(delete(messages).where(*there, *copy, messages.c.time == own.time))
    other = or_(messages.c.sent_id.is_(None), messages.c.sent_id != sent_id)
    if connection.execute(select(messages.c.id).where(*there, other)).first() is None:
        return False
    if is_guests(connection, own.conversation):
        close_part(connection, own.conversation, own.sender)
        return False
    go_back(connection, own.conversation, own.sender, seq - 1)
    return True


def is_guests(connection: Connection, conversation: str) -> bool:
    """Tell whether the other person of a conversation is a guest."""
    query = select(conversations.c.guest).where(conversations.c.name == conversation)
    return bool(connection.scalar(query))


def extend(connection: Connection, conversation: str, numbers: list[int]) -> None:
    """Extend the stored range of the conversation by these numbers."""
    connection.exec_driver_sql(
        "UPDATE conversations SET synced = max(synced, ?), first = min(first, ?) WHERE name = ?",
        (max(numbers), min(numbers), conversation),
    )
