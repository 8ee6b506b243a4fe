"""Rooms: join, leave, list, members, topic, and what a creator may do."""

import time

from sqlalchemy import Connection

from messenger.jim.errors import BadRequest, Forbidden, NotFound
from messenger.jim.events import RoomChanged
from messenger.jim.names import EVERYONE, check_line, check_room
from messenger.jim.replies import People, Reply, Room, Rooms
from messenger.jim.requests import (
    CloseRoom,
    EncryptRoom,
    Invite,
    Join,
    Kick,
    Leave,
    ListRooms,
    Members,
    ShowHistory,
    Topic,
)
from messenger.language import Phrase
from messenger.log import log
from messenger.server.actions import action, login_required
from messenger.server.app import Server
from messenger.server.conversations import Conversation
from messenger.server.handlers.contacts import as_person, find_id
from messenger.server.session import Account, Session
from messenger.server.store import accounts as account_store
from messenger.server.store import conversations as conversation_store

_PAGE = 100


@action(Join)
@log
@login_required
async def join(server: Server, session: Session, request: Join) -> Reply:
    """Become a member of a room, which the first to join makes."""
    account = _account(session)
    if request.room in ("#", EVERYONE):
        return Reply(200, alert="Everyone is in the common chat")
    check_room(request.room)
    if request.room in account.rooms:
        return Reply(200, alert=f"You are in {request.room} already")
    account_id = await server.account_id(account)
    room = await _open(server, request.room, account_id)
    if room.encrypted and not session.letters:
        raise Forbidden(
            "{name} is encrypted: join with a program that encrypts, no guest", name=room.name
        )
    if room.encrypted and account.guest:
        raise Forbidden("{name} is encrypted: register first, guests have no keys", name=room.name)
    if len(room.readers) >= server.limits.room_members:
        raise Forbidden(
            "{name} is full: a room has {most} members",
            name=room.name,
            most=server.limits.room_members,
        )
    server.rosters.changes(room)
    await server.journal.write(
        _join, room.id, account_id, server.limits.room_members, guest=account.guest
    )
    server.online.enter(account, room)
    _tell(server, room, RoomChanged(room=room.name, change="joined", account_name=account.name))
    if room.encrypted:
        secured = RoomChanged(time=time.time(), room=room.name, change="encrypted")
        server.notices.tell(secured, [session])
    if room.topic:
        about = RoomChanged(
            time=time.time(),
            room=room.name,
            change="topic",
            account_name=room.creator or "",
            topic=room.topic,
        )
        server.notices.tell(about, [session])
    return Reply(200, alert=f"You are in {room.name}")


@action(Leave)
@log
@login_required
async def leave(server: Server, session: Session, request: Leave) -> Reply:
    """Give up one's membership of a room."""
    account = _account(session)
    if request.room in ("#", EVERYONE):
        raise BadRequest("Nobody can leave the common chat")
    room = _member(account, request.room)
    server.rosters.changes(room)
    if account.id is not None:
        await server.journal.write(conversation_store.leave, room.id, account.id)
    server.online.depart(account, room)
    _tell(server, room, RoomChanged(room=room.name, change="left", account_name=account.name))
    return Reply(200, alert=f"You have left {room.name}")


@action(ListRooms)
@log
@login_required
async def list_rooms(server: Server, session: Session, request: ListRooms) -> Rooms:
    """List the rooms by name, a page at a time."""
    account = _account(session)
    rows = await server.readers.read(conversation_store.list_rooms, request.after, _PAGE)
    rooms = []
    for row in rows:
        room = server.conversations.room(row.room)
        guests = {
            reader.account
            for reader in (room.readers if room else ())
            if reader.account is not None and reader.account.guest
        }
        joined = row.room in account.rooms or row.room == EVERYONE
        count = len(server.online.accounts) if row.room == EVERYONE else row.members + len(guests)
        if joined or not request.joined:
            rooms.append(Room(row.room, row.topic, row.creator, count, joined))
    return Rooms(200, rooms=rooms, next=rows[-1].room if len(rows) == _PAGE else None)


@action(Members)
@log
@login_required
async def members(server: Server, session: Session, request: Members) -> People:
    """List a room's members, or everybody online for the common chat."""
    account = _account(session)
    if request.room in ("#", EVERYONE):
        everyone = list(server.online.accounts.values())[: server.limits.room_members]
        return People(200, people=[one.as_person() for one in everyone])
    room = _member(account, request.room)
    ids = await server.readers.read(conversation_store.member_ids, room.id)
    rows = await server.readers.read(account_store.by_ids, ids)
    people = {row.name: as_person(server, row) for row in rows}
    for reader in room.readers:
        if reader.account is not None:
            people.setdefault(reader.account.name, reader.account.as_person())
    return People(200, people=list(people.values()))


@action(Topic)
@log
@login_required
async def set_topic(server: Server, session: Session, request: Topic) -> Reply:
    """Set the topic of a room that one is a member of."""
    account = _account(session)
    check_line(Phrase("A topic"), request.topic)
    room = _member(account, request.room)
    await server.journal.write(conversation_store.set_topic, room.id, request.topic)
    room.topic = request.topic
    changed = RoomChanged(
        room=room.name, change="topic", account_name=account.name, topic=room.topic
    )
    _tell(server, room, changed)
    return Reply(200, alert="The topic is set")


@action(Kick)
@log
@login_required
async def kick(server: Server, session: Session, request: Kick) -> Reply:
    """Remove a member; for the room's creator."""
    account = _account(session)
    room = _creator(account, request.room)
    name = request.account_name
    if name == account.name:
        raise BadRequest("Leave the room instead, or close it")
    member_id = await find_id(server, name)
    is_member = await server.readers.read(conversation_store.membership, room.id, member_id)
    online = server.online.get(name)
    if not is_member and (online is None or room.name not in online.rooms) and not request.ban:
        raise NotFound("{name} is not in {room}", name=name, room=room.name)
    server.rosters.changes(room)
    await server.journal.write(conversation_store.leave, room.id, member_id, ban=request.ban)
    _tell(server, room, RoomChanged(room=room.name, change="removed", account_name=name))
    if online is not None:
        server.online.depart(online, room)
    return Reply(200, alert=f"{name} is removed from {room.name}")


@action(Invite)
@log
@login_required
async def invite(server: Server, session: Session, request: Invite) -> Reply:
    """Tell a user of a room; one who was banned from it by its creator may come again."""
    account = _account(session)
    room = _member(account, request.room)
    invited_id = await find_id(server, request.account_name)
    if room.creator == account.name:
        await server.journal.write(conversation_store.unban, room.id, invited_id)
    invited = server.online.get(request.account_name)
    changed = RoomChanged(
        time=time.time(), room=room.name, change="invited", account_name=account.name
    )
    if invited is not None:
        server.notices.tell(changed, invited.sessions)
    return Reply(200, alert=f"{request.account_name} is invited to {room.name}")


@action(CloseRoom)
@log
@login_required
async def close_room(server: Server, session: Session, request: CloseRoom) -> Reply:
    """Close a room for good; for its creator."""
    account = _account(session)
    room = _creator(account, request.room)
    await server.journal.write(conversation_store.close_room, room.id)
    server.conversations.forget_room(room)
    _tell(server, room, RoomChanged(room=room.name, change="closed", account_name=account.name))
    for member in {reader.account for reader in room.readers if reader.account is not None}:
        server.online.depart(member, room)
    return Reply(200, alert=f"{room.name} is closed")


@action(EncryptRoom)
@log
@login_required
async def encrypt_room(server: Server, session: Session, request: EncryptRoom) -> Reply:
    """Let nothing plain into a room any more; for its creator. Guests have to leave."""
    account = _account(session)
    room = _creator(account, request.room)
    server.rosters.changes(room)
    await server.journal.write(conversation_store.encrypt, room.id)
    room.encrypted = True
    changed = RoomChanged(room=room.name, change="encrypted", account_name=account.name)
    _tell(server, room, changed)
    guests = {
        reader.account
        for reader in room.readers
        if reader.account is not None and reader.account.guest
    }
    for guest in guests:
        _tell(server, room, RoomChanged(room=room.name, change="removed", account_name=guest.name))
        server.online.depart(guest, room)
    return Reply(200, alert=f"{room.name} is encrypted from now on")


@action(ShowHistory)
@log
@login_required
async def show_history(server: Server, session: Session, request: ShowHistory) -> Reply:
    """Let who joins a room read what was written before, or not; for its creator."""
    account = _account(session)
    room = _creator(account, request.room)
    await server.journal.write(conversation_store.show_history, room.id, shown=request.shown)
    room.history = request.shown
    changed = RoomChanged(
        room=room.name, change="history", account_name=account.name, shown=request.shown
    )
    _tell(server, room, changed)
    said = "who joins reads" if request.shown else "nobody who joins reads"
    return Reply(200, alert=f"{room.name}: {said} what was written before")


async def _open(server: Server, name: str, creator_id: int) -> Conversation:
    room = server.conversations.room(name)
    if room is None:
        row = await server.journal.write(conversation_store.open_room, name, creator_id)
        room = server.conversations.take(row)
    return room


def _join(connection: Connection, room_id: int, account_id: int, most: int, *, guest: bool) -> None:
    """Make the account a member, unless it is banned or the room full; a guest is one for now."""
    if conversation_store.membership(connection, room_id, account_id) is None:
        raise Forbidden("You were removed from this room for good")
    if guest:
        return
    if conversation_store.count_members(connection, room_id) >= most:
        raise Forbidden("The room is full: it has {most} members", most=most)
    conversation_store.join(connection, room_id, account_id)


def _account(session: Session) -> Account:
    assert session.account is not None
    return session.account


def _member(account: Account, name: str) -> Conversation:
    if room := account.rooms.get(name):
        return room
    raise NotFound("You are not in a room {name}", name=name)


def _creator(account: Account, name: str) -> Conversation:
    room = _member(account, name)
    if room.creator != account.name:
        raise Forbidden(
            "Only {creator} may do that in {name}",
            creator=room.creator or Phrase("the operator"),
            name=name,
        )
    return room


def _tell(server: Server, room: Conversation, changed: RoomChanged) -> None:
    changed.time = time.time()
    server.notices.tell(changed, room.readers)
