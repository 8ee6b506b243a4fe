"""Neither others' messages nor own ones make a client's requests or memory grow without limit."""

import time
from collections.abc import Callable
from typing import Any

import msgspec
import vodozemac
from msgspec import structs
from sqlalchemy import select

from messenger.crypto.accounts import Secret
from messenger.crypto.identity import Identity
from messenger.crypto.messages import certify, room_key
from messenger.crypto.names import room_id
from messenger.crypto.to_device import encrypt_to_device
from messenger.crypto.to_device_content import CERTIFICATE, Certificate
from messenger.jim.devices import GetInbox, InboxPage, ReceivedToDevice
from messenger.jim.rooms import ListRooms, Room, Rooms
from messenger.sdk.encryption import Encryption
from messenger.sdk.encryption.device_lists import DeviceList
from messenger.sdk.errors import ConnectionLost
from messenger.sdk.store import Store
from messenger.sdk.store.schema import profile
from tests.sdk.reader import Reader, Writer

ME, STRANGER = "Иван", "a/b%41 名前"


Asked = list[tuple[Any, Callable[[object], None]]]


class Clock:
    """Time that passes where a test says so, in seconds."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


def new_encryption(asked: Asked, clock: Callable[[], float] = time.time) -> Encryption:
    def ask(*one: Any) -> None:
        asked.append(one)

    return Encryption(Store(), ME, "DEVICE", ask, lambda _: None, clock)


def says(encryption: Encryption, device: Identity, room: str, setting: int, *, shown: bool) -> None:
    """Have a device send a session key with the room's setting for new members."""
    group = vodozemac.GroupSession()
    certificate = certify(
        device, room, group.session_id, shared_history=shown, history_setting=setting
    )
    given = {**room_key(group, room), CERTIFICATE: certificate}
    encryption.sessions.take_key(given, device.device)


def lists(asked: Asked) -> list[Callable[[object], None]]:
    """Return the callbacks of the requests for room lists."""
    return [take for request, take in asked if isinstance(request, ListRooms)]


def kept(encryption: Encryption) -> list[str]:
    """Return the names of the stored values of rooms' settings."""
    with encryption.keys.transaction() as connection:
        names = connection.scalars(select(profile.c.name)).all()
    return [name for name in names if name.startswith("history ")]


def test_a_stranger_who_speaks_of_many_rooms_makes_a_client_ask_seldom_and_keep_nothing() -> None:
    asked: Asked = []
    clock = Clock()
    encryption, stranger = new_encryption(asked, clock), Identity(STRANGER, "OTHER")

    for number in range(20):
        says(encryption, stranger, f"!x{number}:jim", 1, shown=True)

    assert len(lists(asked)) == 1
    lists(asked)[0](Rooms(200, rooms=[Room("#mine", creator=ME)]))
    assert len(lists(asked)) == 1
    clock.now += 60
    encryption.history.ask_whose()
    assert len(lists(asked)) == 2  # What has arrived meanwhile.
    lists(asked)[1](Rooms(200))
    clock.now += 60
    encryption.history.ask_whose()
    assert len(lists(asked)) == 2
    assert kept(encryption) == ["history !=23mine:jim"]


def test_only_so_much_of_rooms_that_nobody_knows_is_remembered() -> None:
    encryption, stranger = new_encryption([]), Identity(STRANGER, "OTHER")
    certificate = Certificate("", "", "", "", {}, shared_history=True, history_setting=1)

    for number in range(5_000):
        said = structs.replace(certificate, room_id=f"!名前{number}:jim")
        encryption.history.heard(said, stranger.device)

    assert len(encryption.history._unclear) == 1000
    assert kept(encryption) == []


def test_the_setting_of_a_room_that_another_device_has_joined_a_moment_ago_is_kept() -> None:
    """Also if the connection ends before the server has named the room's creator."""
    asked: Asked = []
    clock = Clock()
    encryption, creator = new_encryption(asked, clock), Identity(STRANGER, "OTHER")
    name, unique = "#комната 🙂", "0" * 32
    room = room_id(name, ME, unique)
    says(encryption, creator, room, 2, shown=True)
    says(encryption, Identity("mallory", "M"), room, 9, shown=False)
    lists(asked)[0](ConnectionLost())
    clock.now += 60
    encryption.history.ask_whose()

    lists(asked)[1](Rooms(200, rooms=[Room("#a", creator="a")], next="#a"))
    lists(asked)[2](Rooms(200, rooms=[Room(name, creator=STRANGER, unique_id=unique)]))

    encryption.rooms.learn(name, unique)
    encryption.context.store.describe(name, history=True)
    assert encryption.history.is_shown(name)
    says(encryption, creator, room, 3, shown=False)
    assert not encryption.history.is_shown(name)
    for other in range(20):  # Others who mention it are not remembered.
        says(encryption, Identity(f"other {other}", "O"), room, 4, shown=True)
    assert "other" not in (encryption.keys.get(f"history {room}") or "")
    assert not encryption.history._unclear


def test_a_room_that_is_left_out_of_the_list_once_hides_its_past_until_its_creator_writes() -> None:
    asked: Asked = []
    clock = Clock()
    encryption, creator = new_encryption(asked, clock), Identity(STRANGER, "OTHER")
    name = "#a/b%41"
    encryption.context.store.describe(name, history=True)
    says(encryption, creator, encryption.rooms.of(name), 1, shown=True)
    lists(asked)[0](Rooms(200))
    assert not encryption.history.is_shown(name)

    clock.now += 60
    says(encryption, creator, encryption.rooms.of(name), 1, shown=True)
    lists(asked)[1](Rooms(200, rooms=[Room(name, creator=STRANGER)]))

    assert encryption.history.is_shown(name)


def test_a_list_of_rooms_that_goes_back_is_not_asked_for_for_ever() -> None:
    asked: Asked = []
    encryption = new_encryption(asked)
    says(encryption, Identity(STRANGER, "OTHER"), "!x:jim", 1, shown=True)
    for take in (0, 1):
        lists(asked)[take](Rooms(200, next="#a"))

    assert len(lists(asked)) == 2


def test_a_session_that_was_replaced_is_not_remembered() -> None:
    encryption, friend = new_encryption([]), Identity(STRANGER, "OTHER").device
    encryption.trust.remember_all([friend])
    readers = DeviceList("v", {friend.key[:2]: friend}, frozenset(), {})

    for _turn in range(10):
        encryption.outbound.session_for(STRANGER, readers)
        encryption.keys.note_answer(encryption.rooms.of(STRANGER))

    assert len(encryption.outbound._begun) == 1


def to_device_from(stranger: Identity, reader: Encryption, seq: int) -> ReceivedToDevice:
    """Return a to-device message that begins an Olm session."""
    key = next(iter(reader.identity.new_one_time_keys(1).values()))
    mine = reader.identity.device
    session = stranger.begin(mine, msgspec.json.decode(key)["key"])
    encrypted = encrypt_to_device(stranger, session, mine, "m.dummy", {})
    return ReceivedToDevice(seq, stranger.account, encrypted)


def number_of(encryption: Encryption, table: str) -> int:
    with encryption.keys.transaction() as connection:
        return int(connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one())


def test_a_stranger_with_a_new_device_in_each_message_fills_nothing() -> None:
    """Whether an identity of its own has signed them or not; devices of others stay."""
    clock = Clock()
    told: list[object] = []
    encryption = Encryption(Store(), ME, "DEVICE", lambda *_: None, told.append, clock)
    friend, secret = Identity("friend 🙂", "PHONE"), Secret(STRANGER)
    encryption.inbox._take([to_device_from(friend, encryption, 1)])
    encryption.trust.recognise(secret.identity)

    for number in range(250):
        clock.now += 1
        stranger = Identity(STRANGER, f"名前 {number}")
        if number % 2:
            stranger.approve(secret.approve)
        encryption.inbox._take([to_device_from(stranger, encryption, 2 + number)])

    assert number_of(encryption, "devices") <= 101
    assert number_of(encryption, "olm_sessions") <= 202
    assert encryption.keys.devices_of(friend.account)
    assert encryption.keys.olm_sessions_with(friend.curve25519, friend.ed25519)
    assert "名前 249" in encryption.keys.devices_of(STRANGER)
    assert "名前 1" not in encryption.keys.devices_of(STRANGER)


def test_to_device_messages_that_come_while_others_are_fetched_are_not_kept_without_end() -> None:
    """Those that were dropped are fetched later."""
    asked: Asked = []
    encryption = new_encryption(asked)
    encryption.inbox.fetch(lambda: None)
    for seq in range(1, 2_501):
        encryption.inbox.arrived(ReceivedToDevice(seq, STRANGER, "{}"))
    assert len(encryption.inbox._early) <= 1000

    (take,) = [one for request, one in asked if isinstance(request, GetInbox)]
    take(InboxPage(200, to_device=[], last=0))

    assert [request.after for request, _ in asked if isinstance(request, GetInbox)] == [0, 0]


def test_reported_events_are_not_remembered_without_end() -> None:
    trust = new_encryption([]).trust

    assert trust._is_news("device", "a")
    assert not trust._is_news("device", "a")
    for number in range(25_000):
        trust._is_news("device", f"名前 {number}")
    assert len(trust._reported) <= 10_000


def test_of_two_settings_that_were_made_at_once_the_one_that_shows_less_counts() -> None:
    """On two devices of the creator: all get both, in any order."""
    certificate = Certificate("", "", "", "", {}, history_setting=3)
    certificate = structs.replace(certificate, room_id="!=23mine:jim")
    creator = Identity(STRANGER, "OTHER").device
    for order in ((True, False), (False, True)):
        encryption = new_encryption([])
        encryption.history._made_by("!=23mine:jim", STRANGER)
        for shown in order:
            encryption.history.heard(structs.replace(certificate, shared_history=shown), creator)
        assert encryption.history._load("!=23mine:jim").heard == {STRANGER: (False, 3)}


def test_a_member_with_many_sessions_takes_no_history_from_who_joins() -> None:
    """A new member gets the keys of 500 sessions, equally many of each member."""
    reader, room = Reader(), room_id("#комната 名前", "Иван")
    bob, eve = Writer("PHONE"), Writer("E", account="eve 😈")
    reader.meets(bob.device, eve.device)
    sessions, keys = reader.encryption.sessions, reader.encryption.keys

    def writes(writer: Writer) -> str:
        session = vodozemac.GroupSession()
        signed = certify(writer.identity, room, session.session_id, shared_history=True)
        sessions.take_key({**room_key(session, room), CERTIFICATE: signed}, writer.device)
        return session.session_id

    bobs = {writes(bob) for _ in range(20)}
    eves = [writes(eve) for _ in range(60)]

    given = [one.session_id for one in keys.inbound_sessions_of(room, 40, shared=True)]
    reader.store.close()

    assert bobs <= set(given)
    assert set(eves[-20:]) <= set(given)
