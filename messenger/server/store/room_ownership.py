"""The owner of a room once its creator has gone."""

from typing import NamedTuple

from sqlalchemy import Connection, exists, or_, select, update

from messenger.jim.names import EVERYONE
from messenger.server.store import conversations as conversation_store
from messenger.server.store.messages import last_number
from messenger.server.store.schema import accounts, conversations, members


class Outcome(NamedTuple):
    """What became of a room: its creator (id and name), if there is one, or that it is closed."""

    creator_id: int | None
    creator: str | None
    closed: bool


def transfer(connection: Connection, conversation_id: int) -> Outcome:
    """The creator has gone: the room goes to the account that has been a member longest.

    Without any, a room that a guest has made, or in which nothing was written, is closed.
    """
    heir = connection.execute(
        select(accounts.c.id, accounts.c.name)
        .join(members, members.c.account_id == accounts.c.id)
        .where(members.c.conversation_id == conversation_id, ~members.c.banned)
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
    """Hand over every room whose creator has gone without its being noted."""
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
    """Tell whether nobody loses anything with the room, or only the guests who have made it."""
    of_guest = (
        select(accounts.c.guest)
        .join(conversations, conversations.c.creator_id == accounts.c.id)
        .where(conversations.c.id == conversation_id)
    )
    return bool(connection.scalar(of_guest)) or not last_number(connection, conversation_id)


def _set_creator(connection: Connection, conversation_id: int, account_id: int | None) -> None:
    same = conversations.c.id == conversation_id
    connection.execute(update(conversations).where(same).values(creator_id=account_id))
