"""Rooms on the wire: membership, topic, rights and what changes."""

from typing import Literal

from msgspec import Struct, field

from messenger.jim.base import Event, Reply, Request
from messenger.jim.contacts import People
from messenger.jim.fields import Name, Number, UniqueId


class Joined(Reply):
    """The reply to `join`: whether it created the room, and whether that is encrypted only."""

    made: bool = False
    encrypted: bool = False


class Join(Request[Joined], tag="join", kw_only=True):
    """Join a room, which is created if there is none of that name.

    A room created by a device with keys is `encrypted` unless the request says otherwise.
    `unique_id` will tell a room that is created now from others of the same name.
    """

    answer = Joined
    room: Name
    encrypted: bool | None = None
    unique_id: UniqueId | None = None


class Leave(Request[Reply], tag="leave", kw_only=True):
    """Leave a room."""

    room: Name


class Room(Struct, omit_defaults=True):
    """A room as the list shows it."""

    room: str
    topic: str = ""
    creator: str = ""
    members: Number = 0
    joined: bool = False
    unique_id: str = ""


class Rooms(Reply):
    """The reply to `rooms`; `next` is the `after` of the next page, if there is one."""

    rooms: list[Room] = field(default_factory=list)
    next: str | None = None


class ListRooms(Request[Rooms], tag="rooms", kw_only=True):
    """List the rooms by name, in pages; if `joined`, only those that the user is in."""

    answer = Rooms
    joined: bool = False
    after: Name = ""


class ListMembers(Request[People], tag="members", kw_only=True):
    """List the members of a room; for the common chat, everybody who is online."""

    answer = People
    room: Name


class Topic(Request[Reply], tag="topic", kw_only=True):
    """Set a room's topic."""

    room: Name
    topic: str


class Kick(Request[Reply], tag="kick", kw_only=True):
    """Remove a member, with `ban` for good; for the room's creator."""

    room: Name
    account_name: Name
    ban: bool = False


class Invite(Request[Reply], tag="invite", kw_only=True):
    """Invite somebody to a room that the user is a member of; from its creator it ends a ban."""

    room: Name
    account_name: Name


class CloseRoom(Request[Reply], tag="close_room", kw_only=True):
    """Close a room for good; for its creator."""

    room: Name


class EncryptRoom(Request[Reply], tag="encrypt_room", kw_only=True):
    """Have a room accept only encrypted messages from now on; for its creator."""

    room: Name


class ShowHistory(Request[Reply], tag="show_history", kw_only=True):
    """Let new members of a room read messages from before they joined, or not; for its creator.

    The server stores the setting; the members' clients share the keys.
    """

    room: Name
    shown: bool = True


class RoomChanged(Event, tag="room", kw_only=True):
    """A change of a room: of its members, topic, encryption, history or creator, or its end.

    `account_name` is who did it, for `creator` the new creator; an empty `topic` was cleared.
    `history` is `shown` to new members, or not. An account that `joined` gets the room's
    `unique_id`, which another room of the same name does not have.
    """

    room: str
    change: Literal[
        "joined", "left", "removed", "invited", "topic", "closed", "encrypted", "history", "creator"
    ]
    account_name: str = ""
    topic: str = ""
    shown: bool = False
    unique_id: str = ""
