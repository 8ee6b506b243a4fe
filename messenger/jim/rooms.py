"""Rooms on the wire: membership, topic, rights and what changes."""

from typing import Literal

from msgspec import Struct, field

from messenger.jim.base import Event, Reply, Request
from messenger.jim.contacts import People
from messenger.jim.fields import Name, Number, UniqueId


class Joined(Reply):
    """The answer to `join`: whether the room was made by it, and whether it is encrypted only."""

    made: bool = False
    encrypted: bool = False


class Join(Request[Joined], tag="join", kw_only=True):
    """Become a member of a room, which is made if there is none of that name.

    A room that is made by a device with keys is `encrypted` unless it says otherwise. `unique_id`
    is what a room that is made now is told by from others of its name.
    """

    answer = Joined
    room: Name
    encrypted: bool | None = None
    unique_id: UniqueId | None = None


class Leave(Request[Reply], tag="leave", kw_only=True):
    """Give up one's membership."""

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
    """The answer to `rooms`; `next` is the `after` of the next page, if there is one."""

    rooms: list[Room] = field(default_factory=list)
    next: str | None = None


class ListRooms(Request[Rooms], tag="rooms", kw_only=True):
    """List the rooms by name, in pages; `joined` only one's own."""

    answer = Rooms
    joined: bool = False
    after: Name = ""


class Members(Request[People], tag="members", kw_only=True):
    """List the members of a room, or of the common chat: who is online."""

    answer = People
    room: Name


class Topic(Request[Reply], tag="topic", kw_only=True):
    """Set a room's topic."""

    room: Name
    topic: str


class Kick(Request[Reply], tag="kick", kw_only=True):
    """Remove a member, `ban` for good; for the room's creator."""

    room: Name
    account_name: Name
    ban: bool = False


class Invite(Request[Reply], tag="invite", kw_only=True):
    """Tell a user of a room that one is a member of, and end a ban."""

    room: Name
    account_name: Name


class CloseRoom(Request[Reply], tag="close_room", kw_only=True):
    """Close a room for good; for its creator."""

    room: Name


class EncryptRoom(Request[Reply], tag="encrypt_room", kw_only=True):
    """Let nothing plain into a room any more; for its creator."""

    room: Name


class ShowHistory(Request[Reply], tag="show_history", kw_only=True):
    """Let who joins a room read what was written before, or not; for its creator.

    The server keeps the setting; members' clients give the keys.
    """

    room: Name
    shown: bool = True


class RoomChanged(Event, tag="room", kw_only=True):
    """A room changed: who joined, left, was removed or invited; its topic, encryption, end.

    `account_name` is who did it, for `creator` whose the room is from now on; an empty `topic` has
    been cleared. `history` is `shown` to those who join, or not. Who `joined` is told the room's
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
