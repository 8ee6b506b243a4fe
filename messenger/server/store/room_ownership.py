"""The owner of a room whose creator has left."""

from typing import NamedTuple

from sqlalchemy import Connection, exists, or_, select, update

from messenger.jim.names import EVERYONE
from messenger.server.store import conversations as conversation_store
from messenger.server.store.messages import last_number
from messenger.server.store.schema import accounts, conversations, members


class Outcome(NamedTuple):
    """The result for a room: its creator (id and name), if there is one, or that it is closed."""

    creator_id: int | None
    creator: str | None
    closed: bool


def transfer(connection: Connection, conversation_id: int) -> Outcome:
    """Give a room whose creator has left to the account that has been a member longest.

    Without members it is closed, if a guest has created it or it has no messages.
    """
    heir = connection.execute(
        select(accounts.c.id, accounts.c.name)
        .join(members, members.c.account_id == accounts.c.id)
        .where(members.c.conversation_id == conversation_id, ~members.c.banned)
        # Members from before this time was stored have 0: of these the oldest account is first.
        .order_by(members.c.joined_at, accounts.c.id)
        .limit(1)
    ).first()
    if heir is None and _is_ephemeral(connection, conversation_id):
        conversation_store.close_room(connection, conversation_id)
        return Outcome(None, None, closed=True)
    _set_creator(connection, conversation_id, heir.id if heir else None)
    return Outcome(heir.id, heir.name, closed=False) if heir else Outcome(None, None, closed=False)


def adopt(connection: Connection, conversation_id: int, account_id: int) -> None:
    """Make the account the creator of a room that everybody has left."""
    _set_creator(connection, conversation_id, account_id)


def settle(connection: Connection) -> None:
    """Transfer every room whose creator has left while the server could not note it."""
    is_member = exists().where(
        members.c.conversation_id == conversations.c.id,
        members.c.account_id == conversations.c.creator_id,
        ~members.c.banned,
    )
    has_members = exists().where(members.c.conversation_id == conversations.c.id, ~members.c.banned)
    gone = conversations.c.creator_id.is_not(None) & ~is_member
    never_had = conversations.c.creator_id.is_(None) & has_members
    query = select(conversations.c.id).where(
        conversations.c.room.is_not(None),
        conversations.c.room != EVERYONE,
        conversations.c.closed_at.is_(None),
        or_(gone, never_had),
    )
    for conversation_id in connection.scalars(query).all():
        transfer(connection, conversation_id)


def _is_ephemeral(connection: Connection, conversation_id: int) -> bool:
    """Tell whether a guest has created the room, or it has no messages."""
    of_guest = (
        select(accounts.c.guest)
        .join(conversations, conversations.c.creator_id == accounts.c.id)
        .where(conversations.c.id == conversation_id)
    )
    return bool(connection.scalar(of_guest)) or not last_number(connection, conversation_id)


def _set_creator(connection: Connection, conversation_id: int, account_id: int | None) -> None:
    same = conversations.c.id == conversation_id
    connection.execute(update(conversations).where(same).values(creator_id=account_id))
