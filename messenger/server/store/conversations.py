"""Conversations (direct chats, rooms, the common chat), their members and receipts."""

import secrets
import time
from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, delete, func, insert, or_, select, update

from messenger.jim.names import EVERYONE
from messenger.server.store import changes, looks, upsert
from messenger.server.store.messages import first_numbers, last_number, last_numbers
from messenger.server.store.schema import MAX_ID, accounts, conversations, members, receipts

_PAGE = 200  # conversations in one query; those without missed messages are left out


class ConversationRow(NamedTuple):
    """A conversation as it is stored; `last` is the number of its last message.

    `changes` counts what limits who may read or write there; -1 if they were not counted.
    """

    id: int
    room: str | None = None
    first_id: int | None = None
    second_id: int | None = None
    topic: str = ""
    creator_id: int | None = None
    creator: str | None = None
    encrypted: bool = False
    history: bool = False
    unique_id: str | None = None
    last: int = 0
    changes: int = -1


class RoomRow(NamedTuple):
    """A room as a list shows it."""

    id: int
    room: str
    topic: str
    creator: str
    members: int
    unique_id: str


class SummaryRow(NamedTuple):
    """A conversation of an account, with its receipts.

    `unread` counts messages that are not read, and not removed for their age.
    """

    id: int
    room: str | None
    topic: str
    other: str | None
    other_is_guest: bool
    encrypted: bool
    history: bool
    unique_id: str | None
    last: int
    time: float
    delivered: int
    read: int
    peer_delivered: int
    peer_read: int
    unread: int = 0


def _conversation(connection: Connection, query: Select[Any]) -> ConversationRow | None:
    row = connection.execute(query).first()
    return ConversationRow._make((*row, last_number(connection, row.id), -1)) if row else None


_COLUMNS = (
    conversations.c.id,
    conversations.c.room,
    conversations.c.first_id,
    conversations.c.second_id,
    conversations.c.topic,
    conversations.c.creator_id,
    accounts.c.name,
    conversations.c.encrypted,
    conversations.c.history,
    conversations.c.unique_id,
)
_FROM = conversations.outerjoin(accounts, accounts.c.id == conversations.c.creator_id)


def find_room(connection: Connection, room: str) -> ConversationRow | None:
    """Return the open room of that name."""
    query = select(*_COLUMNS).select_from(_FROM)
    return _conversation(
        connection, query.where(conversations.c.room == room, conversations.c.closed_at.is_(None))
    )


def find_direct(connection: Connection, one: int, other: int) -> ConversationRow | None:
    """Return the direct chat of two accounts."""
    # One row for a pair, whoever of the two writes first.
    first, second = sorted((one, other))
    query = select(*_COLUMNS).select_from(_FROM)
    return _conversation(
        connection,
        query.where(conversations.c.first_id == first, conversations.c.second_id == second),
    )


def open_direct(connection: Connection, one: int, other: int) -> ConversationRow:
    """Return the direct chat of two accounts, created if there is none."""
    if found := find_direct(connection, one, other):
        return found
    first, second = sorted((one, other))
    row = insert(conversations).values(first_id=first, second_id=second, created_at=time.time())
    number = connection.execute(row.returning(conversations.c.id)).scalar_one()
    return ConversationRow(int(number), first_id=first, second_id=second, changes=0)


def open_room(
    connection: Connection,
    room: str,
    creator: int | None,
    *,
    encrypted: bool = False,
    unique_id: str | None = None,
) -> ConversationRow:
    """Return the room of that name, created by `creator` if there is none.

    It gets another `unique_id` if a room has that one already. Raises LooksTaken if it has to be
    created, but another name looks the same.
    """
    if found := find_room(connection, room):
        return found
    looks.take(connection, room)
    taken = select(conversations.c.id).where(conversations.c.unique_id == unique_id)
    if unique_id is not None and connection.scalar(taken) is not None:
        unique_id = new_unique_id()
    row = insert(conversations).values(
        room=room,
        creator_id=creator,
        encrypted=encrypted,
        created_at=time.time(),
        unique_id=unique_id,
    )
    connection.execute(row)
    made = find_room(connection, room)
    assert made is not None
    return made


def new_unique_id() -> str:
    """Return a random id that no other room has."""
    return secrets.token_hex(16)


def close_room(connection: Connection, conversation_id: int) -> None:
    """Close a room for good: its log stays, its name is free."""
    same = conversations.c.id == conversation_id
    # First, as the name is needed for it.
    looks.give_back(connection, str(connection.scalar(select(conversations.c.room).where(same))))
    connection.execute(update(conversations).where(same).values(closed_at=time.time()))
    connection.execute(delete(members).where(members.c.conversation_id == conversation_id))
    changes.note(connection, conversation_id)


def set_topic(connection: Connection, conversation_id: int, topic: str) -> None:
    """Set the topic of a room."""
    same = conversations.c.id == conversation_id
    connection.execute(update(conversations).where(same).values(topic=topic))


def encrypt(connection: Connection, conversation_id: int) -> None:
    """Allow only encrypted messages in a room from now on."""
    same = conversations.c.id == conversation_id
    connection.execute(update(conversations).where(same).values(encrypted=True))
    changes.note(connection, conversation_id)


def show_history(connection: Connection, conversation_id: int, *, shown: bool) -> None:
    """Let new members of a room read earlier messages, or not."""
    same = conversations.c.id == conversation_id
    connection.execute(update(conversations).where(same).values(history=shown))


# --- rooms ---------------------------------------------------------------------------------------


def rooms_of(connection: Connection, account_id: int) -> list[str]:
    """Return the names of the rooms that the account is a member of."""
    query = (
        select(conversations.c.room)
        .join(members, members.c.conversation_id == conversations.c.id)
        .where(members.c.account_id == account_id, ~members.c.banned)
        .where(conversations.c.closed_at.is_(None))
    )
    return [str(room) for room in connection.scalars(query)]


def load_rooms_of(connection: Connection, account_id: int) -> list[ConversationRow]:
    """Return the rooms that the account is a member of."""
    found = (find_room(connection, name) for name in rooms_of(connection, account_id))
    return [room for room in found if room is not None]


def list_rooms(connection: Connection, after: str, limit: int) -> list[RoomRow]:
    """Return the open rooms after the name `after`, by name."""
    counted = (
        select(func.count())
        .where(members.c.conversation_id == conversations.c.id, ~members.c.banned)
        .scalar_subquery()
    )
    query = (
        select(
            conversations.c.id,
            conversations.c.room,
            conversations.c.topic,
            func.coalesce(accounts.c.name, ""),
            counted,
            func.coalesce(conversations.c.unique_id, ""),
        )
        .select_from(_FROM)
        .where(conversations.c.room > after, conversations.c.closed_at.is_(None))
        .order_by(conversations.c.room)
        .limit(limit)
    )
    return [RoomRow(*row) for row in connection.execute(query)]


# --- receipts and summaries --------------------------------------------------------------------


def summaries(connection: Connection, account_id: int, after: int, limit: int) -> list[SummaryRow]:
    """Return the conversations that an account takes part in, after the id `after`, by id."""
    mine = or_(
        conversations.c.first_id == account_id,
        conversations.c.second_id == account_id,
        conversations.c.room == EVERYONE,
        conversations.c.id.in_(
            select(members.c.conversation_id).where(
                members.c.account_id == account_id, ~members.c.banned
            )
        ),
    )
    other = func.coalesce(
        func.nullif(conversations.c.first_id, account_id), conversations.c.second_id
    )
    peer = receipts.alias()
    query = (
        select(
            conversations.c.id,
            conversations.c.room,
            conversations.c.topic,
            accounts.c.name,
            func.coalesce(accounts.c.guest, False),
            conversations.c.encrypted,
            conversations.c.history,
            conversations.c.unique_id,
            func.coalesce(receipts.c.delivered, 0),
            func.coalesce(receipts.c.read, 0),
            func.coalesce(peer.c.delivered, 0),
            func.coalesce(peer.c.read, 0),
        )
        .select_from(
            conversations.outerjoin(
                receipts,
                (receipts.c.conversation_id == conversations.c.id)
                & (receipts.c.account_id == account_id),
            )
            .outerjoin(accounts, accounts.c.id == other)
            .outerjoin(
                peer, (peer.c.conversation_id == conversations.c.id) & (peer.c.account_id == other)
            )
        )
        .where(mine, conversations.c.closed_at.is_(None), conversations.c.id > min(after, MAX_ID))
        .order_by(conversations.c.id)
        .limit(limit)
    )
    rows = connection.execute(query).all()
    last = last_numbers(connection, [row[0] for row in rows])
    found = [SummaryRow(*[*row[:8], *last[row[0]], *row[8:]]) for row in rows]
    first = first_numbers(connection, [row.id for row in found if row.last > row.read])
    return [
        row._replace(unread=row.last - max(row.read, first[row.id] - 1)) if row.id in first else row
        for row in found
    ]


def missed(
    connection: Connection, account_id: int
) -> list[tuple[ConversationRow, tuple[str, str] | None, int]]:
    """Return the conversations with messages that were not delivered to the account yet.

    With each: the two names of a direct chat, and the number of the last message delivered.
    """
    me = connection.scalar(select(accounts.c.name).where(accounts.c.id == account_id))
    found = []
    after: int | None = 0
    while after is not None:
        rows = summaries(connection, account_id, after, _PAGE)
        for row in rows:
            if row.last > row.delivered:
                pair = None if row.room else (str(me), str(row.other))
                stored = ConversationRow(
                    row.id,
                    row.room,
                    topic=row.topic,
                    encrypted=row.encrypted,
                    history=row.history,
                    unique_id=row.unique_id,
                    last=row.last,
                )
                found.append((stored, pair, row.delivered))
        after = rows[-1].id if len(rows) == _PAGE else None
    return found


class Advance(NamedTuple):
    """A reader's receipts in a conversation: the numbers of the last message delivered and read."""

    account_id: int
    conversation_id: int
    delivered: int
    read: int


def advance_receipts(connection: Connection, advances: Sequence[Advance]) -> None:
    """Advance receipts, which never go back; a message that is read has been delivered."""
    # What PostgreSQL calls `greatest` is `max` with two arguments in SQLite.
    greatest = func.max if connection.dialect.name == "sqlite" else func.greatest
    added = upsert.insert(connection, receipts)
    statement = added.on_conflict_do_update(
        index_elements=[receipts.c.account_id, receipts.c.conversation_id],
        set_={
            "delivered": greatest(receipts.c.delivered, added.excluded.delivered),
            "read": greatest(receipts.c.read, added.excluded.read),
        },
    )
    connection.execute(statement, [advance._asdict() for advance in advances])


def receipt_of(connection: Connection, account_id: int, conversation_id: int) -> tuple[int, int]:
    """Return the account's receipts in the conversation: delivered, and read."""
    query = select(receipts.c.delivered, receipts.c.read).where(
        receipts.c.account_id == account_id, receipts.c.conversation_id == conversation_id
    )
    row = connection.execute(query).first()
    return (int(row[0]), int(row[1])) if row else (0, 0)
