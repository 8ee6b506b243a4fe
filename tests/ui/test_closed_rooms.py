"""A room that is closed stays marked, also after a restart, until it is made again."""

from messenger.jim.rooms import RoomChanged
from messenger.sdk.store import Store
from messenger.ui.closed_rooms import ClosedRooms


def change(kind: str, who: str = "") -> RoomChanged:
    return RoomChanged(time=0, room="#кафе", change=kind, account_name=who)


def test_a_closed_room_is_known_after_a_restart() -> None:
    store = Store()
    rooms = ClosedRooms(store)

    assert rooms.take(change("closed"), "Иван")
    assert not rooms.take(change("closed"), "Иван")
    rooms.save()

    again = ClosedRooms(store)
    again.load()
    assert again.names == {"#кафе"}


def test_a_room_that_the_user_joins_anew_is_open() -> None:
    rooms = ClosedRooms(Store())
    rooms.take(change("closed"), "Иван")

    assert not rooms.take(change("joined", "名前"), "Иван")
    assert rooms.names == {"#кафе"}
    assert rooms.take(change("joined", "Иван"), "Иван")
    assert rooms.names == frozenset()
