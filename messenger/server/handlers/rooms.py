"""Rooms: join, leave, list, members, topic, invite."""

import logging
import time

from messenger.jim.base import Reply
from messenger.jim.contacts import People
from messenger.jim.errors import BadRequest, Conflict, Forbidden, TooMany
from messenger.jim.names import EVERYONE, check_line, check_new_room, room_name
from messenger.jim.rooms import (
    Invite,
    Join,
    Joined,
    Leave,
    ListMembers,
    ListRooms,
    Room,
    RoomChanged,
    Rooms,
    Topic,
)
from messenger.language import N_, Phrase
from messenger.log import log
from messenger.server.actions import action, login_required
from messenger.server.answers import localized
from messenger.server.blocks import check_accepts, person_for, seen_by
from messenger.server.membership import guests_in, room_of, send_to_room
from messenger.server.people import account_id_of, find_id
from messenger.server.records import Account, Conversation, Session
from messenger.server.services import Services
from messenger.server.store import accounts as account_store
from messenger.server.store import conversations as conversation_store
from messenger.server.store import membership as membership_store
from messenger.server.store.looks import LooksTaken

_logger = logging.getLogger("messenger.server")

_PAGE = 100  # several screens


@action(Join)
@log
@login_required
async def join(services: Services, session: Session, account: Account, request: Join) -> Reply:
    """Join a room; the first to join creates it."""
    name = room_name(request.room)
    if name == EVERYONE:
        return Reply(200, alert=localized(session, "Everyone is in the common chat"))
    if name in account.rooms:
        return _joined(session, account.rooms[name], N_("You are already in {room}"))
    account_id = await account_id_of(services, account)
    found = await _find(services, name)
    room = found or await _make(services, session, account, account_id, request)
    # Somebody else may have created it during the query.
    made = found is None and room.creator_id == account_id
    _check_may_join(services, session, account, room)
    await _enter(services, account, account_id, room)
    services.online.join_room(account, room)
    send_to_room(
        services,
        room,
        RoomChanged(
            room=room.name, change="joined", account_name=account.name, unique_id=room.unique_id
        ),
    )
    _introduce(services, session, room)
    if account.guest and not account.sessions:  # it has disconnected meanwhile
        await services.room_ownership.left(room, account)
    return _joined(session, room, N_("You are in {room}"), made=made)


@action(Leave)
@log
@login_required
async def leave(services: Services, session: Session, account: Account, request: Leave) -> Reply:
    """Leave a room."""
    if room_name(request.room) == EVERYONE:
        raise BadRequest("Nobody can leave the common chat")
    room = room_of(account, request.room)
    services.device_lists.invalidate(room)
    if account.id is not None:
        await services.journal.write(membership_store.leave, room.id, account.id)
    services.online.leave_room(account, room)
    send_to_room(
        services, room, RoomChanged(room=room.name, change="left", account_name=account.name)
    )
    await services.room_ownership.left(room, account)
    return Reply(200, alert=localized(session, "You have left {room}", room=room.name))


@action(ListRooms)
@log
@login_required
async def list_rooms(
    services: Services, session: Session, account: Account, request: ListRooms
) -> Rooms:
    """List the rooms by name, a page at a time."""
    rows = await services.read_pool.read(conversation_store.list_rooms, request.after, _PAGE)
    rooms = []
    for row in rows:
        room = services.conversations.room(row.room)
        guests = guests_in(room) if room else set()
        joined = row.room in account.rooms or row.room == EVERYONE
        count = len(services.online.accounts) if row.room == EVERYONE else row.members + len(guests)
        if joined or not request.joined:
            rooms.append(Room(row.room, row.topic, row.creator, count, joined, row.unique_id))
    # By what was read: rooms that were left out would end the list too early.
    return Rooms(200, rooms=rooms, next=rows[-1].room if len(rows) == _PAGE else None)


@action(ListMembers)
@log
@login_required
async def members(
    services: Services, session: Session, account: Account, request: ListMembers
) -> People:
    """List a room's members, or everybody online for the common chat."""
    if room_name(request.room) == EVERYONE:
        # The common chat has no limit of members, an answer has one.
        everyone = list(services.online.accounts.values())[: services.limits.room_members]
        return People(200, people=[seen_by(account, one.as_person()) for one in everyone])
    room = room_of(account, request.room)
    ids = await services.read_pool.read(membership_store.member_ids, room.id)
    rows = await services.read_pool.read(account_store.by_ids, ids)
    people = {row.name: person_for(services, account, row) for row in rows}
    for subscriber in room.subscribers:
        if (member := subscriber.account) is not None:
            people.setdefault(member.name, seen_by(account, member.as_person()))
    if room.creator in people:
        people[room.creator].creator = True
    return People(200, people=list(people.values()))


@action(Topic)
@log
@login_required
async def set_topic(
    services: Services, session: Session, account: Account, request: Topic
) -> Reply:
    """Set the topic of a room; for its members."""
    check_line(Phrase("A topic"), request.topic)
    room = room_of(account, request.room)
    await services.journal.write(conversation_store.set_topic, room.id, request.topic)
    room.topic = request.topic
    changed = RoomChanged(
        room=room.name, change="topic", account_name=account.name, topic=room.topic
    )
    send_to_room(services, room, changed)
    done = N_("The topic is set") if room.topic else N_("The topic is cleared")
    return Reply(200, alert=localized(session, done))


@action(Invite)
@log
@login_required
async def invite(services: Services, session: Session, account: Account, request: Invite) -> Reply:
    """Invite a user to a room; an invitation by the room's creator lifts a ban."""
    room = room_of(account, request.room)
    invited_id = await find_id(services, request.account_name)
    check_accepts(account, request.account_name)
    if room.creator_id == account.id:
        await services.journal.write(membership_store.unban, room.id, invited_id)
    invited = services.online.get(request.account_name)
    changed = RoomChanged(
        time=time.time(), room=room.name, change="invited", account_name=account.name
    )
    if invited is not None:
        services.events.send(changed, invited.sessions)
    done = N_("{name} is invited to {room}")
    return Reply(200, alert=localized(session, done, name=request.account_name, room=room.name))


async def _enter(services: Services, account: Account, account_id: int, room: Conversation) -> None:
    """Store the membership; a room that everybody has left becomes the account's."""
    services.device_lists.invalidate(room)
    try:
        adopted = await services.journal.write(
            membership_store.enter, room.id, account_id, services.limits, guest=account.guest
        )
    except Forbidden:
        await services.room_ownership.left(room, account)  # closes the room if it is a new one
        raise
    if adopted:
        room.creator_id, room.creator = account_id, account.name


async def _find(services: Services, name: str) -> Conversation | None:
    """Return the open room of that name."""
    if room := services.conversations.room(name):
        return room
    row = await services.journal.write(conversation_store.find_room, name)
    return services.conversations.take(row) if row else None


async def _make(
    services: Services, session: Session, account: Account, account_id: int, request: Join
) -> Conversation:
    """Create a room; it is encrypted if the creator's client can encrypt and does not refuse."""
    check_new_room(request.room)
    if wait := services.rates.new_rooms.take(account.name):
        raise TooMany(
            "You are creating too many rooms: try again later", retry_after=round(wait, 1)
        )
    can_encrypt = session.receives_to_device and not account.guest
    encrypted = can_encrypt and request.encrypted is not False
    try:
        row = await services.journal.write(
            conversation_store.open_room,
            request.room,
            account_id,
            encrypted=encrypted,
            unique_id=request.unique_id or conversation_store.new_unique_id(),
        )
    except LooksTaken as error:
        raise Conflict(
            "There is a room {other} whose name looks the same: join it, or choose another name",
            other=error.name,
        ) from error
    if row.creator_id == account_id:
        _logger.info("%r has made the room %r", account.name, request.room)
    return services.conversations.take(row)


def _check_may_join(
    services: Services, session: Session, account: Account, room: Conversation
) -> None:
    if room.encrypted and account.guest:
        raise Forbidden("{name} is encrypted: register first, guests have no keys", name=room.name)
    if room.encrypted and not session.receives_to_device:
        raise Forbidden(
            "{name} is encrypted: join with a client that supports encryption", name=room.name
        )
    if len(room.subscribers) >= services.limits.room_members:
        raise Forbidden(
            "{name} is full: a room has at most {most} members",
            name=room.name,
            most=services.limits.room_members,
        )


def _joined(session: Session, room: Conversation, text: str, *, made: bool = False) -> Reply:
    """Return the reply; plain clients get the keys that they know, and no others."""
    alert = localized(session, text, room=room.name)
    if not session.events:
        return Reply(200, alert=alert)
    return Joined(200, alert=alert, made=made, encrypted=room.encrypted)


def _introduce(services: Services, session: Session, room: Conversation) -> None:
    """Send the state of the room to a session that has just joined."""
    if room.encrypted:
        changed = RoomChanged(time=time.time(), room=room.name, change="encrypted")
        services.events.send(changed, [session])
    if room.topic:
        about = RoomChanged(
            time=time.time(),
            room=room.name,
            change="topic",
            account_name=room.creator or "",
            topic=room.topic,
        )
        services.events.send(about, [session])
