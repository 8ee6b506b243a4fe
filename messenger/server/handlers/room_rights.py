"""The rights of a room's creator: remove members, close it, encrypt it, show its history."""

import logging

from messenger.jim.base import Reply
from messenger.jim.errors import BadRequest, NotFound
from messenger.jim.rooms import CloseRoom, EncryptRoom, Kick, RoomChanged, ShowHistory
from messenger.language import N_
from messenger.log import log
from messenger.server.actions import action, login_required
from messenger.server.answers import localized
from messenger.server.membership import guests_in, own_room, send_to_room
from messenger.server.people import find_id
from messenger.server.records import Account, Session
from messenger.server.services import Services
from messenger.server.store import conversations as conversation_store
from messenger.server.store import membership as membership_store

_logger = logging.getLogger("messenger.server")


@action(Kick)
@log
@login_required
async def kick(services: Services, session: Session, account: Account, request: Kick) -> Reply:
    """Remove a member; for the room's creator."""
    room = own_room(account, request.room)
    name = request.account_name
    if name == account.name:
        raise BadRequest("Leave the room instead, or close it")
    member_id = await find_id(services, name)
    is_member = await services.read_pool.read(membership_store.membership, room.id, member_id)
    online = services.online.get(name)
    is_in_room = is_member or (online is not None and room.name in online.rooms)
    if not is_in_room and not request.ban:
        raise NotFound("{name} is not in {room}", name=name, room=room.name)
    services.device_lists.invalidate(room)
    await services.journal.write(membership_store.leave, room.id, member_id, ban=request.ban)
    if is_in_room:
        # Before the member is taken out of the room, so that it is told, too.
        send_to_room(
            services, room, RoomChanged(room=room.name, change="removed", account_name=name)
        )
    if online is not None:
        services.online.leave_room(online, room)
    _logger.info(
        "%r has removed %r from %r%s", account.name, name, room.name, ", for good" * request.ban
    )
    done = (
        N_("{name} is removed from {room}")
        if is_in_room
        else N_("{name} can no longer join {room}")
    )
    return Reply(200, alert=localized(session, done, name=name, room=room.name))


@action(CloseRoom)
@log
@login_required
async def close_room(
    services: Services, session: Session, account: Account, request: CloseRoom
) -> Reply:
    """Close a room for good; for its creator."""
    room = own_room(account, request.room)
    await services.journal.write(conversation_store.close_room, room.id)
    services.room_ownership.close(room, account.name)
    return Reply(200, alert=localized(session, "{room} is closed", room=room.name))


@action(EncryptRoom)
@log
@login_required
async def encrypt_room(
    services: Services, session: Session, account: Account, request: EncryptRoom
) -> Reply:
    """Allow only encrypted messages in a room; for its creator. Guests have to leave."""
    room = own_room(account, request.room)
    services.device_lists.invalidate(room)
    await services.journal.write(conversation_store.encrypt, room.id)
    room.encrypted = True
    changed = RoomChanged(room=room.name, change="encrypted", account_name=account.name)
    send_to_room(services, room, changed)
    for guest in guests_in(room):
        send_to_room(
            services, room, RoomChanged(room=room.name, change="removed", account_name=guest.name)
        )
        services.online.leave_room(guest, room)
    _logger.info("%r has encrypted the room %r", account.name, room.name)
    done = N_("{room} is encrypted from now on")
    return Reply(200, alert=localized(session, done, room=room.name))


@action(ShowHistory)
@log
@login_required
async def show_history(
    services: Services, session: Session, account: Account, request: ShowHistory
) -> Reply:
    """Let new members of a room read earlier messages, or not; for its creator."""
    room = own_room(account, request.room)
    await services.journal.write(conversation_store.show_history, room.id, shown=request.shown)
    room.history = request.shown
    changed = RoomChanged(
        room=room.name, change="history", account_name=account.name, shown=request.shown
    )
    send_to_room(services, room, changed)
    done = (
        N_("{room}: new members can read earlier messages")
        if request.shown
        else N_("{room}: new members cannot read earlier messages")
    )
    return Reply(200, alert=localized(session, done, room=room.name))
