"""What the server tells of rooms and readers: what is noted of it, and what is told."""

import pytest

from messenger.jim.contacts import ContactChanged, Person
from messenger.jim.devices import ListDevices
from messenger.jim.errors import NotFound
from messenger.jim.history import ListConversations
from messenger.jim.messages import ReceiptChanged, TypingNotice
from messenger.jim.rooms import RoomChanged
from messenger.jim.session import EPHEMERAL
from messenger.sdk.changes import DevicesSeen
from messenger.sdk.events import (
    ConversationChanged,
    DeviceAppeared,
    MessageChanged,
    MessagesMissing,
)
from messenger.sdk.store import ConversationSummary, MessageState, Store
from tests.sdk.playbook import ME, PlayedServer, played

BOB, ROOM = "名前", "#кафе"


@pytest.fixture
def server() -> PlayedServer:
    server = played().connect()
    server.core.events()
    server.requests.clear()
    return server


def row(server: PlayedServer, name: str = ROOM) -> ConversationSummary:
    found = server.core.store.summary(name)
    assert found is not None
    return found


@pytest.mark.parametrize(
    "event",
    [
        ContactChanged(person=Person(BOB, state="online")),
        TypingNotice(conversation=BOB, from_=BOB),
        RoomChanged(room=ROOM, change="left", account_name=BOB),
        RoomChanged(room=ROOM, change="invited", account_name=BOB),
        RoomChanged(room=ROOM, change="removed", account_name=ME),
        RoomChanged(room=ROOM, change="closed", account_name=BOB),
        RoomChanged(room=ROOM, change="creator", account_name=BOB),
    ],
    ids=repr,
)
def test_what_happens_is_passed_on(server: PlayedServer, event: object) -> None:
    server.say(event)

    assert server.core.events() == [event]


def test_a_topic_is_kept(server: PlayedServer) -> None:
    server.say(RoomChanged(room=ROOM, change="topic", topic="чай"))

    assert row(server).topic == "чай"
    assert ConversationChanged(ROOM) in server.core.events()


def test_a_room_that_is_encrypted_stays_so(server: PlayedServer) -> None:
    server.say(RoomChanged(room=ROOM, change="encrypted"))

    assert row(server).encrypted
    assert ConversationChanged(ROOM) in server.core.events()


def test_whether_a_room_shows_its_history_is_kept_and_looked_up(server: PlayedServer) -> None:
    server.say(RoomChanged(room=ROOM, change="history", account_name=BOB, shown=True))

    assert row(server).history
    assert server.asked(ListConversations)


def test_when_one_has_joined_is_kept(server: PlayedServer) -> None:
    server.answers[ListDevices] = lambda _: NotFound("This server knows no devices")

    server.say(RoomChanged(room=ROOM, change="joined", account_name=ME, time=77))
    server.say(RoomChanged(room=ROOM, change="joined", account_name=BOB, time=99))

    assert row(server).joined == 77


def test_ones_own_receipts_of_another_device_count_here(server: PlayedServer) -> None:
    server.say(server.write(BOB, "hi"))
    server.core.events()

    server.say(ReceiptChanged(conversation=BOB, from_=ME, delivered=1, read=1))

    assert (row(server, BOB).read, row(server, BOB).unread) == (1, 0)
    assert server.core.events() == [ConversationChanged(BOB)]


def test_receipts_of_others_change_what_one_has_written(server: PlayedServer) -> None:
    server.core.outbox.add(BOB, "hi", 5)
    server.run()
    server.core.events()
    marked = ReceiptChanged(conversation=BOB, from_=BOB, delivered=1, read=1)

    server.say(marked)

    changed, told = server.core.events()
    assert isinstance(changed, MessageChanged)
    assert changed.message.state is MessageState.READ
    assert told == marked


# --- devices -----------------------------------------------------------------------------------


def seen(*events: object) -> list[object]:
    told: list[object] = []
    devices = DevicesSeen(Store(), told.append)
    for event in events:
        devices.tell(event)  # type: ignore[arg-type]
    return told


def test_of_devices_for_once_the_first_is_told() -> None:
    first, second = (DeviceAppeared(BOB, f"{EPHEMERAL}{number}") for number in range(2))

    assert seen(first, second) == [first]


def test_each_device_that_stays_is_told_but_not_without_end() -> None:
    many = [DeviceAppeared(BOB, f"device {number}") for number in range(30)]
    other = DeviceAppeared("eve", "device")

    assert seen(*many, other) == [*many[:20], other]


def test_what_else_happens_is_always_told() -> None:
    missing = MessagesMissing(BOB)

    assert seen(missing, missing) == [missing, missing]
