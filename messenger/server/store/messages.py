"""Reading the log of messages: pages, first and last numbers, and ids that are stored.

A message without a frame is left of one that was removed for its age: it was its conversation's
last, whose number counts, and nothing else reads it.
"""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    ScalarSelect,
    cast,
    func,
    select,
    text,
    tuple_,
)

from messenger.server.store.schema import SEQ_BITS, accounts, conversations, messages

_MASK = (1 << SEQ_BITS) - 1
# One descent of the index for each conversation, whatever the planner knows of the table.
_LAST = text(
    f"""SELECT wanted.id, last.message_key, last.stored_at
    FROM unnest(CAST(:ids AS int[])) AS wanted (id)
    LEFT JOIN LATERAL (
        SELECT message_key, stored_at FROM messages
        WHERE message_key BETWEEN wanted.id::bigint << {SEQ_BITS}
            AND (wanted.id::bigint << {SEQ_BITS}) + {_MASK}
        ORDER BY message_key DESC LIMIT 1
    ) AS last ON true"""  # noqa: S608  made of constants only
)
_LOOKED_UP = 1_000  # ids in one query: SQLite binds 32,766 values at most


class MessageRow(NamedTuple):
    """A stored message: its number, the frame that recipients get, and the columns beside it."""

    seq: int
    frame: str
    sent_id: str | None
    stored_at: float
    guest: bool


def first_key(conversation_id: int) -> int:
    """Return the key of the conversation's number 0, before its first message."""
    return conversation_id << SEQ_BITS


def last_key(conversation_id: int) -> int:
    """Return the greatest key that a message of the conversation may have."""
    return first_key(conversation_id) + _MASK


def first_kept(conversation_id: ColumnElement[int]) -> ScalarSelect[Any]:
    """Return, in SQL, the key of the first message that a conversation still has."""
    base = cast(conversation_id, BigInteger) * (1 << SEQ_BITS)
    return (
        select(messages.c.message_key)
        .where(messages.c.message_key.between(base, base + _MASK), messages.c.frame != "")
        .order_by(messages.c.message_key)
        .limit(1)
        .scalar_subquery()
    )


def first_numbers(connection: Connection, conversation_ids: Iterable[int]) -> dict[int, int]:
    """Return the number of the first message that each conversation still has, if it has any."""
    query = select(conversations.c.id, first_kept(conversations.c.id))
    rows = connection.execute(query.where(conversations.c.id.in_(conversation_ids)))
    return {row[0]: seq_of(row[1]) for row in rows if row[1] is not None}


def known_ids(
    connection: Connection, keys: Sequence[tuple[int, str]]
) -> dict[tuple[int, str], int]:
    """Return the numbers of those (sender, id) that are stored already."""
    found = {}
    for start in range(0, len(keys), _LOOKED_UP):
        columns = tuple_(messages.c.sender_id, messages.c.sent_id)
        query = select(messages.c.sender_id, messages.c.sent_id, messages.c.message_key).where(
            # SQLite uses a partial index only for a query that repeats its condition.
            messages.c.sent_id.is_not(None),
            columns.in_(keys[start : start + _LOOKED_UP]),
        )
        found.update({(row[0], row[1]): seq_of(row[2]) for row in connection.execute(query)})
    return found


def seq_of(key: int) -> int:
    """Return the number that a message with this key has in its conversation."""
    return key & _MASK


def last_number(connection: Connection, conversation_id: int) -> int:
    """Return the number of the conversation's last message, 0 if there is none."""
    base = first_key(conversation_id)
    query = select(func.max(messages.c.message_key)).where(
        messages.c.message_key.between(base, base + _MASK)
    )
    return seq_of(connection.scalar(query) or 0)


def last_numbers(
    connection: Connection, conversation_ids: Iterable[int]
) -> dict[int, tuple[int, float]]:
    """Return the number and the time of the last message of each conversation."""
    if connection.dialect.name != "sqlite":
        return _last_numbers(connection, list(conversation_ids))
    found = {}
    for conversation_id in conversation_ids:
        base = first_key(conversation_id)
        query = (
            select(messages.c.message_key, messages.c.stored_at)
            .where(messages.c.message_key.between(base, base + _MASK))
            .order_by(messages.c.message_key.desc())
            .limit(1)
        )
        row = connection.execute(query).first()
        found[conversation_id] = (seq_of(row[0]), row[1]) if row else (0, 0.0)
    return found


def _last_numbers(
    connection: Connection, conversation_ids: list[int]
) -> dict[int, tuple[int, float]]:
    """Return the same by one query: to another process, each costs a round trip."""
    rows = connection.execute(_LAST, {"ids": conversation_ids})
    return {row[0]: (seq_of(row[1] or 0), row[2] or 0.0) for row in rows}


def page(
    connection: Connection,
    conversation_id: int,
    *,
    after: int | None = None,
    before: int | None = None,
    since: float = 0,
    limit: int = 100,
) -> list[MessageRow]:
    """Return messages in order: the first after `after`, or else the last before `before`.

    `since` leaves out messages stored earlier (unix time).
    """
    base = first_key(conversation_id)
    # Greater numbers would reach into the keys of the next conversation.
    first = base + min(after or 0, _MASK) + 1
    last = base + (_MASK if before is None else min(max(before - 1, 0), _MASK))
    order = messages.c.message_key.asc() if after is not None else messages.c.message_key.desc()
    query = (
        select(
            messages.c.message_key,
            messages.c.frame,
            messages.c.sent_id,
            messages.c.stored_at,
            func.coalesce(accounts.c.guest, False),
        )
        .select_from(messages.outerjoin(accounts, accounts.c.id == messages.c.sender_id))
        .where(messages.c.message_key.between(first, last), messages.c.frame != "")
        .order_by(order)
        .limit(limit)
    )
    if since:
        query = query.where(messages.c.stored_at >= since)
    rows = [MessageRow(seq_of(row[0]), *row[1:]) for row in connection.execute(query)]
    return rows if after is not None else rows[::-1]


def senders_between(
    connection: Connection, conversation_id: int, after: int, up_to: int
) -> set[int]:
    """Return the senders of the messages with numbers after `after` up to `up_to`."""
    base = first_key(conversation_id)
    query = (
        select(messages.c.sender_id)
        .where(messages.c.message_key.between(base + after + 1, base + up_to))
        .distinct()
    )
    return set(connection.scalars(query))
