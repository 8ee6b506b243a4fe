"""Rooms are listed to the last page, and joined whatever the case of their names."""

import pytest

from messenger.jim.errors import Conflict
from messenger.jim.rooms import Join, Joined, ListRooms, Room, Rooms
from messenger.ui.rooms import all_rooms, join_room
from tests.sdk.in_memory import InMemoryClient

NAMES = ("#all", "#кафе", "#名前", "#a/b%41", "#😀")


def listing() -> InMemoryClient:
    """Return a client whose server has rooms, two on a page."""
    client = InMemoryClient("Иван")
    client.answers |= {ListRooms: _page, Join: _joined}
    client.come_online()
    return client


def _page(request: ListRooms) -> Rooms:
    first = NAMES.index(request.after) + 1 if request.after else 0
    page = NAMES[first : first + 2]
    more = page[-1] if first + 2 < len(NAMES) else None
    rooms = [Room(room=name, topic="", members=1) for name in page]
    return Rooms(200, rooms=rooms, next=more)


def _joined(request: Join) -> Joined:
    known = {name.casefold(): name for name in NAMES}
    if request.room.casefold() in known and request.room not in NAMES:
        raise Conflict("A room of this name exists in another case")
    encrypted = request.encrypted is not False
    return Joined(200, made=request.room not in NAMES, encrypted=encrypted)


def test_every_page_is_listed() -> None:
    client = listing()

    assert [room.room for room in all_rooms(client)] == list(NAMES)
    assert len(client.asked) == 3


def test_only_as_many_pages_are_asked_for_as_are_read() -> None:
    client = listing()

    assert next(all_rooms(client)).room == "#all"
    assert len(client.asked) == 1


@pytest.mark.parametrize("name", ["#кафе", "#новая"])
def test_a_room_is_joined_by_its_name(name: str) -> None:
    found, joined = join_room(listing(), name)

    assert (found, joined.made) == (name, name not in NAMES)


def test_a_room_whose_name_differs_by_case_only_is_joined() -> None:
    assert join_room(listing(), "#КАФЕ")[0] == "#кафе"


def test_a_room_that_is_open_is_asked_for_as_that() -> None:
    client = listing()

    _name, joined = join_room(client, "#новая", is_open=True)

    assert not joined.encrypted
    (asked,) = client.asked
    assert (asked.room, asked.encrypted) == ("#новая", False)
