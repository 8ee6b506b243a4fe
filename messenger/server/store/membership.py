"""Members of rooms: entering, leaving, and bans."""

import time

from sqlalchemy import Connection, delete, func, insert, select

from messenger.jim.errors import Forbidden
from messenger.server.limits import Limits
from messenger.server.store import accounts as account_store
from messenger.server.store import changes, room_ownership
from messenger.server.store.conversations import rooms_of
from messenger.server.store.schema import conversations, members


def membership(connection: Connection, conversation_id: int, account_id: int) -> bool | None:
    """Tell whether the account is a member; None if it is banned."""
    query = select(members.c.banned).where(
        members.c.conversation_id == conversation_id, members.c.account_id == account_id
    )
    banned = connection.scalar(query)
    return None if banned else banned is not None


def count_members(connection: Connection, conversation_id: int) -> int:
    """Return how many members the room has."""
    query = select(func.count()).where(
        members.c.conversation_id == conversation_id, ~members.c.banned
    )
    return int(connection.scalar(query) or 0)


def enter(
    connection: Connection, room_id: int, account_id: int, limits: Limits, *, guest: bool
) -> bool:
    """Make the account a member, unless it is banned or the room full; guests are not stored.

    Tell whether the room belongs to the account from now on, as everybody had left it. Raises
    Forbidden.
    """
    room = connection.execute(
        select(conversations.c.creator_id, conversations.c.closed_at).where(
            conversations.c.id == room_id
        )
    ).one()
    if room.closed_at is not None:
        raise Forbidden("The room was closed just now: join again to create a new one")
    is_member = membership(connection, room_id, account_id)
    if is_member is None:
        raise Forbidden("You were removed from this room for good")
    if account_store.role_of(connection, account_id) is None:
        raise Forbidden("This account was blocked or removed just now")
    if is_member or guest:  # another device of the account may have joined just now
        return False
    if count_members(connection, room_id) >= limits.room_members:
        raise Forbidden("The room is full: it has {most} members", most=limits.room_members)
    # Counted in the transaction, because another device may be joining rooms as well.
    if len(rooms_of(connection, account_id)) >= limits.rooms:
        raise Forbidden("You are already in {most} rooms: leave one first", most=limits.rooms)
    row = {"conversation_id": room_id, "account_id": account_id}
    connection.execute(insert(members).values(joined_at=time.time(), **row))
    changes.note(connection, room_id)
    if room.creator_id is None:
        room_ownership.adopt(connection, room_id, account_id)
    return room.creator_id is None


def leave(
    connection: Connection, conversation_id: int, account_id: int, *, ban: bool = False
) -> None:
    """End a membership, for good if `ban`."""
    row = {"conversation_id": conversation_id, "account_id": account_id}
    connection.execute(
        delete(members).where(
            members.c.conversation_id == conversation_id, members.c.account_id == account_id
        )
    )
    if ban:
        connection.execute(insert(members).values(banned=True, **row))
    changes.note(connection, conversation_id)


def unban(connection: Connection, conversation_id: int, account_id: int) -> None:
    """Let an account that was banned join again."""
    connection.execute(
        delete(members).where(
            members.c.conversation_id == conversation_id,
            members.c.account_id == account_id,
            members.c.banned,
        )
    )


def member_ids(connection: Connection, conversation_id: int) -> list[int]:
    """Return the accounts that are members of the room."""
    query = select(members.c.account_id).where(
        members.c.conversation_id == conversation_id, ~members.c.banned
    )
    return list(connection.scalars(query))
