"""Memberships of rooms and the rights of their creators, for handlers."""

import time

from messenger.jim.errors import BadRequest, Forbidden, NotFound
from messenger.jim.names import EVERYONE, room_name
from messenger.jim.rooms import RoomChanged
from messenger.server.records import Account, Conversation
from messenger.server.services import Services


def room_of(account: Account, name: str) -> Conversation:
    """Return a room that the account is a member of; raises NotFound.

    Raises BadRequest for the common chat: everyone is in it, and it belongs to nobody.
    """
    if room_name(name) == EVERYONE:
        raise BadRequest(
            "This works only in rooms: everyone is in the common chat, and nobody owns it"
        )
    if room := account.rooms.get(name):
        return room
    raise NotFound("You are not in the room {name}", name=name)


def own_room(account: Account, name: str) -> Conversation:
    """Return a room that the account created; raises NotFound, or Forbidden for another's."""
    room = room_of(account, name)
    if room.creator is None:
        raise Forbidden("Nobody may do that in {name}: it has no creator any more", name=name)
    if room.creator_id != account.id:
        raise Forbidden("Only {creator} may do that in {name}", creator=room.creator, name=name)
    return room


def guests_in(room: Conversation) -> set[Account]:
    """Return the guests in a room: they are members while they are online."""
    accounts = {
        subscriber.account for subscriber in room.subscribers if subscriber.account is not None
    }
    return {account for account in accounts if account.guest}


def send_to_room(services: Services, room: Conversation, changed: RoomChanged) -> None:
    """Send an event to everybody in a room."""
    changed.time = time.time()
    services.events.send(changed, room.subscribers)
