"""Rooms: list, show, close."""

from messenger.jim.admin.rooms import (
    CloseAnyRoom,
    ListAllRooms,
    RoomDetails,
    RoomOrder,
    RoomsPage,
    ShowRoom,
)
from messenger.sdk.administration.verbs import AdministrationVerbs


class RoomVerbs(AdministrationVerbs):
    """Verbs for rooms."""

    def rooms(
        self,
        search: str = "",
        *,
        sort: RoomOrder = "room",
        descending: bool = False,
        offset: int = 0,
        limit: int = 100,
    ) -> RoomsPage:
        """Return a page of the open rooms, those with `search` in their names or topics."""
        asked = ListAllRooms(
            search=search, sort=sort, descending=descending, offset=offset, limit=limit
        )
        return self.ask(asked)

    def room(self, name: str) -> RoomDetails:
        """Return an open room with its members."""
        return self.ask(ShowRoom(room=name))

    def close_room(self, name: str) -> str:
        """Close a room for good."""
        return self._do(CloseAnyRoom(room=name))
