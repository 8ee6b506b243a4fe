"""Rooms as administrators see them: filtered, sorted, and a page at a time."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, func, or_, select

from messenger.jim.admin.rooms import ListAllRooms, RoomOrder
from messenger.jim.errors import BadRequest
from messenger.jim.names import EVERYONE, room_name
from messenger.server.store import conversations as conversation_store
from messenger.server.store.audit import Change
from messenger.server.store.membership import count_members
from messenger.server.store.messages import last_numbers
from messenger.server.store.missing import missing_room
from messenger.server.store.schema import accounts, conversations, members


class ListedRoom(NamedTuple):
    """An open room in a list, without what is in memory only; `created` is unix time."""

    id: int
    room: str
    topic: str
    creator: str
    members: int
    encrypted: bool
    history: bool
    created: float
    messages: int


class MemberRow(NamedTuple):
    """A member of a room, or an account that was banned from it."""

    name: str
    banned: bool


_MEMBERS = (
    select(func.count())
    .where(members.c.conversation_id == conversations.c.id, ~members.c.banned)
    .scalar_subquery()
)
_CREATOR = func.coalesce(accounts.c.name, "")
_COLUMNS = (
    conversations.c.id,
    conversations.c.room,
    conversations.c.topic,
    _CREATOR,
    _MEMBERS,
    conversations.c.encrypted,
    conversations.c.history,
    conversations.c.created_at,
)
_FROM = conversations.outerjoin(accounts, accounts.c.id == conversations.c.creator_id)
_IS_OPEN = conversations.c.room.is_not(None) & conversations.c.closed_at.is_(None)
_ORDERS: Mapping[RoomOrder, ColumnElement[Any]] = {
    "room": conversations.c.room,
    "creator": _CREATOR,
    "members": _MEMBERS,
    "created": conversations.c.created_at,
}


def page(connection: Connection, asked: ListAllRooms) -> tuple[list[ListedRoom], int]:
    """Return a page of open rooms, and how many all pages have."""
    wanted = _IS_OPEN
    if asked.search:
        wanted &= or_(
            conversations.c.room.contains(asked.search, autoescape=True),
            conversations.c.topic.contains(asked.search, autoescape=True),
        )
    total = connection.scalar(select(func.count()).select_from(conversations).where(wanted)) or 0
    order = _ORDERS[asked.sort]
    query = (
        select(*_COLUMNS)
        .select_from(_FROM)
        .where(wanted)
        .order_by(order.desc() if asked.descending else order, conversations.c.id)
        .offset(asked.rows.start)
        .limit(asked.rows.stop - asked.rows.start)
    )
    return _rooms(connection, query), total


def one(connection: Connection, name: str) -> ListedRoom | None:
    """Return the open room of that name."""
    query = select(*_COLUMNS).select_from(_FROM)
    found = _rooms(connection, query.where(_IS_OPEN, conversations.c.room == name))
    return found[0] if found else None


def members_of(connection: Connection, conversation_id: int) -> list[MemberRow]:
    """Return the members of a room, and whoever is banned from it, by name."""
    query = (
        select(accounts.c.name, members.c.banned)
        .join(accounts, accounts.c.id == members.c.account_id)
        .where(members.c.conversation_id == conversation_id)
        .order_by(accounts.c.name_key)
    )
    return [MemberRow(row.name, bool(row.banned)) for row in connection.execute(query)]


def close(connection: Connection, name: str) -> Change[int]:
    """Close the open room of that name, and yield its id.

    Raises NotFound, or BadRequest for the common chat.
    """
    if room_name(name) == EVERYONE:
        raise BadRequest("The common chat cannot be closed")
    found = conversation_store.find_room(connection, name)
    if found is None:
        raise missing_room(connection, name)
    before = {"creator": found.creator, "members": count_members(connection, found.id)}
    conversation_store.close_room(connection, found.id)
    return Change(before, {"closed": True}, found.id)


def _rooms(connection: Connection, query: Select[Any]) -> list[ListedRoom]:
    rows = connection.execute(query).all()
    last = last_numbers(connection, [row.id for row in rows])
    return [ListedRoom._make((*row, last[row.id][0])) for row in rows]
