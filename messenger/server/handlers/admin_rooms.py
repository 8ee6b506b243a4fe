"""Rooms, for administrators: list, show, close."""

from messenger.jim.admin.rooms import (
    CloseAnyRoom,
    ListAllRooms,
    RoomDetails,
    RoomEntry,
    RoomMember,
    RoomsPage,
    ShowRoom,
)
from messenger.jim.base import Reply
from messenger.jim.names import EVERYONE, room_name
from messenger.log import log
from messenger.server.actions import action, actor_required
from messenger.server.actors import ADMINISTRATOR, Actor
from messenger.server.administration import rooms
from messenger.server.answers import localized
from messenger.server.membership import guests_in
from messenger.server.records import Account, Session
from messenger.server.services import Services
from messenger.server.store import room_list
from messenger.server.store.missing import missing_room
from messenger.server.store.room_list import ListedRoom


@action(ListAllRooms, role=ADMINISTRATOR)
@log
@actor_required
async def list_all_rooms(
    services: Services, session: Session, actor: Actor, request: ListAllRooms
) -> RoomsPage:
    """List the open rooms, a page at a time."""
    rows, total = await services.read_pool.read(room_list.page, request)
    return RoomsPage(200, rooms=[_entry(services, row) for row in rows], total=total)


@action(ShowRoom, role=ADMINISTRATOR)
@log
@actor_required
async def show_room(
    services: Services, session: Session, actor: Actor, request: ShowRoom
) -> RoomDetails:
    """Show a room and its members; of the common chat, in which all accounts are, none."""
    name = room_name(request.room)
    row = await services.read_pool.read(room_list.one, name)
    if row is None:
        raise await services.read_pool.read(missing_room, name)
    stored = await services.read_pool.read(room_list.members_of, row.id)
    room = services.conversations.get(row.id)
    members = [
        RoomMember(one.name, online=one.name in services.online.accounts, banned=one.banned)
        for one in stored
    ]
    if room is not None and name != EVERYONE:
        members += [RoomMember(one.name, guest=True, online=True) for one in guests_in(room)]
    return RoomDetails(200, room=_entry(services, row), members=members)


@action(CloseAnyRoom, role=ADMINISTRATOR)
@log
@actor_required
async def close_any_room(
    services: Services, session: Session, actor: Actor, request: CloseAnyRoom
) -> Reply:
    """Close a room for good."""
    await rooms.close(services, actor, request.room)
    return Reply(200, alert=localized(session, "{room} is closed", room=request.room))


def _entry(services: Services, row: ListedRoom) -> RoomEntry:
    online: set[Account] = set()
    if (room := services.conversations.get(row.id)) is not None:
        online = {one.account for one in room.subscribers if one.account is not None}
    guests = sum(one.guest for one in online)
    return RoomEntry(
        row.room,
        topic=row.topic,
        creator=row.creator,
        members=len(online) if row.room == EVERYONE else row.members + guests,
        online=len(online),
        messages=row.messages,
        encrypted=bool(row.encrypted),
        history=bool(row.history),
        created=row.created,
    )
