"""Rooms, as administrators list and close them."""

from typing import Literal

from msgspec import Struct, field

from messenger.jim.admin.paging import Page, Paged
from messenger.jim.base import Reply, Request
from messenger.jim.fields import Name, Number

RoomOrder = Literal["room", "creator", "members", "created"]
"""The field by which a list of rooms is sorted."""


class RoomEntry(Struct, omit_defaults=True):
    """An open room in a list; `created` is unix time, `messages` counts those of its log."""

    room: str
    topic: str = ""
    creator: str = ""
    members: Number = 0
    online: Number = 0
    messages: Number = 0
    encrypted: bool = False
    history: bool = False
    created: float = 0


class RoomsPage(Page):
    """The reply to `admin_rooms`."""

    rooms: list[RoomEntry] = field(default_factory=list)


class ListAllRooms(Paged[RoomsPage], tag="admin_rooms", kw_only=True):
    """List the open rooms whose name or topic contains `search`, in pages."""

    answer = RoomsPage
    search: Name = ""
    sort: RoomOrder = "room"
    descending: bool = False


class RoomMember(Struct, omit_defaults=True):
    """A member of a room, or an account that was removed from it for good (`banned`)."""

    account_name: str
    guest: bool = False
    online: bool = False
    banned: bool = False


class RoomDetails(Reply):
    """The reply to `admin_room`."""

    room: RoomEntry | None = None
    members: list[RoomMember] = field(default_factory=list)


class ShowRoom(Request[RoomDetails], tag="admin_room", kw_only=True):
    """Show one open room and its members."""

    answer = RoomDetails
    room: Name


class CloseAnyRoom(Request[Reply], tag="admin_close", kw_only=True):
    """Close a room for good, whoever has created it: its members leave, its name is free."""

    room: Name
