"""What others send, and what one writes, makes a client neither ask nor remember without end."""

from collections.abc import Callable
from typing import Any

import vodozemac

from messenger.crypto.identity import Identity
from messenger.crypto.messages import certify, room_key
from messenger.crypto.todevice import CERTIFICATE
from messenger.jim.replies import Rooms
from messenger.jim.requests import ListRooms
from messenger.sdk.sealing import Sealing
from messenger.sdk.sealing.directory import Readers
from messenger.sdk.store import Store

ME, STRANGER = "Иван", "a/b%41 名前"


def encryption(asked: list[tuple[Any, Callable[[object], None]]]) -> Sealing:
    return Sealing(Store(), ME, "DEVICE", lambda *one: asked.append(one), lambda _: None)


def test_a_stranger_who_speaks_of_many_rooms_makes_a_client_ask_once_at_a_time() -> None:
    asked: list[tuple[Any, Callable[[object], None]]] = []
    sealing, stranger = encryption(asked), Identity(STRANGER, "OTHER")

    for number in range(20):
        group, room = vodozemac.GroupSession(), f"!x{number}:jim"
        certificate = certify(stranger, room, group.session_id, history_setting=1)
        given = {**room_key(group, room), CERTIFICATE: certificate}
        sealing.groups.take_key(given, stranger.device)

    def under_way() -> list[Any]:
        return [take for request, take in asked if isinstance(request, ListRooms)]

    assert len(under_way()) == 1
    under_way()[0](Rooms(200))
    assert len(under_way()) == 2  # What was heard meanwhile.
    under_way()[1](Rooms(200))
    assert len(under_way()) == 2


def test_a_session_that_was_replaced_is_not_remembered() -> None:
    sealing, friend = encryption([]), Identity(STRANGER, "OTHER").device
    sealing.trust.meet([friend])
    readers = Readers("v", {friend.key[:2]: friend}, frozenset(), {})

    for _turn in range(10):
        sealing.groups.own(STRANGER, readers)
        sealing.keys.note_answer(sealing.rooms.of(STRANGER))

    assert len(sealing.groups._begun) == 1
