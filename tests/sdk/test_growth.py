"""What others send, and what one writes, makes a client neither ask nor remember without end."""

import time
from collections.abc import Callable
from typing import Any

import msgspec
import vodozemac
from msgspec import structs
from sqlalchemy import select

from messenger.crypto.accounts import Secret
from messenger.crypto.identity import Identity
from messenger.crypto.letters import seal_letter
from messenger.crypto.messages import certify, room_key
from messenger.crypto.names import room_id
from messenger.crypto.todevice import CERTIFICATE, Certificate
from messenger.jim.devices import Inbox, Letters, ReceivedLetter
from messenger.jim.rooms import ListRooms, Room, Rooms
from messenger.sdk.errors import LinkLost
from messenger.sdk.sealing import Sealing
from messenger.sdk.sealing.directory import Readers
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


def encryption(asked: Asked, clock: Callable[[], float] = time.time) -> Sealing:
    def ask(*one: Any) -> None:
        asked.append(one)

    return Sealing(Store(), ME, "DEVICE", ask, lambda _: None, clock)


def says(sealing: Sealing, device: Identity, room: str, setting: int, *, shown: bool) -> None:
    """Have a device give the key of a session that says what who joins a room can read."""
    group = vodozemac.GroupSession()
    certificate = certify(
        device, room, group.session_id, shared_history=shown, history_setting=setting
    )
    given = {**room_key(group, room), CERTIFICATE: certificate}
    sealing.groups.take_key(given, device.device)


def lists(asked: Asked) -> list[Callable[[object], None]]:
    """Return what takes the answers of the lists of rooms that were asked for."""
    return [take for request, take in asked if isinstance(request, ListRooms)]


def kept(sealing: Sealing) -> list[str]:
    """Return the names of the values that are kept of rooms' settings."""
    with sealing.keys.transaction() as connection:
        names = connection.scalars(select(profile.c.name)).all()
    return [name for name in names if name.startswith("history ")]


def test_a_stranger_who_speaks_of_many_rooms_makes_a_client_ask_seldom_and_keep_nothing() -> None:
    asked: Asked = []
    clock = Clock()
    sealing, stranger = encryption(asked, clock), Identity(STRANGER, "OTHER")

    for number in range(20):
        says(sealing, stranger, f"!x{number}:jim", 1, shown=True)

    assert len(lists(asked)) == 1
    lists(asked)[0](Rooms(200, rooms=[Room("#mine", creator=ME)]))
    assert len(lists(asked)) == 1
    clock.now += 60
    sealing.history.ask_whose()
    assert len(lists(asked)) == 2  # What was heard meanwhile.
    lists(asked)[1](Rooms(200))
    clock.now += 60
    sealing.history.ask_whose()
    assert len(lists(asked)) == 2
    assert kept(sealing) == ["history !=23mine:jim"]


def test_only_so_much_of_rooms_that_nobody_knows_is_remembered() -> None:
    sealing, stranger = encryption([]), Identity(STRANGER, "OTHER")
    certificate = Certificate("", "", "", "", {}, shared_history=True, history_setting=1)

    for number in range(5_000):
        said = structs.replace(certificate, room_id=f"!名前{number}:jim")
        sealing.history.heard(said, stranger.device)

    assert len(sealing.history._unclear) == 1000
    assert kept(sealing) == []


def test_the_setting_of_a_room_that_another_device_has_joined_a_moment_ago_is_kept() -> None:
    """Also where the connection ends before the server has said whose the room is."""
    asked: Asked = []
    clock = Clock()
    sealing, creator = encryption(asked, clock), Identity(STRANGER, "OTHER")
    name, unique = "#комната 🙂", "0" * 32
    room = room_id(name, ME, unique)
    says(sealing, creator, room, 2, shown=True)
    says(sealing, Identity("mallory", "M"), room, 9, shown=False)
    lists(asked)[0](LinkLost())
    clock.now += 60
    sealing.history.ask_whose()

    lists(asked)[1](Rooms(200, rooms=[Room("#a", creator="a")], next="#a"))
    lists(asked)[2](Rooms(200, rooms=[Room(name, creator=STRANGER, unique_id=unique)]))

    sealing.rooms.learn(name, unique)
    sealing._store.describe(name, history=True)
    assert sealing.history.is_shown(name)
    says(sealing, creator, room, 3, shown=False)
    assert not sealing.history.is_shown(name)
    for other in range(20):  # Whoever else speaks of it is not remembered.
        says(sealing, Identity(f"other {other}", "O"), room, 4, shown=True)
    assert "other" not in (sealing.keys.get(f"history {room}") or "")
    assert not sealing.history._unclear


def test_a_room_that_is_left_out_of_the_list_once_hides_its_past_until_its_creator_writes() -> None:
    asked: Asked = []
    clock = Clock()
    sealing, creator = encryption(asked, clock), Identity(STRANGER, "OTHER")
    name = "#a/b%41"
    sealing._store.describe(name, history=True)
    says(sealing, creator, sealing.rooms.of(name), 1, shown=True)
    lists(asked)[0](Rooms(200))
    assert not sealing.history.is_shown(name)

    clock.now += 60
    says(sealing, creator, sealing.rooms.of(name), 1, shown=True)
    lists(asked)[1](Rooms(200, rooms=[Room(name, creator=STRANGER)]))

    assert sealing.history.is_shown(name)


def test_a_list_of_rooms_that_goes_back_is_not_asked_for_for_ever() -> None:
    asked: Asked = []
    sealing = encryption(asked)
    says(sealing, Identity(STRANGER, "OTHER"), "!x:jim", 1, shown=True)
    for take in (0, 1):
        lists(asked)[take](Rooms(200, next="#a"))

    assert len(lists(asked)) == 2


def test_a_session_that_was_replaced_is_not_remembered() -> None:
    sealing, friend = encryption([]), Identity(STRANGER, "OTHER").device
    sealing.trust.meet([friend])
    readers = Readers("v", {friend.key[:2]: friend}, frozenset(), {})

    for _turn in range(10):
        sealing.groups.own(STRANGER, readers)
        sealing.keys.note_answer(sealing.rooms.of(STRANGER))

    assert len(sealing.groups._begun) == 1


def letter_from(stranger: Identity, reader: Sealing, seq: int) -> ReceivedLetter:
    """Return a to-device message by which a device begins a session."""
    key = next(iter(reader.identity.new_one_time_keys(1).values()))
    mine = reader.identity.device
    session = stranger.begin(mine, msgspec.json.decode(key)["key"])
    sealed = seal_letter(stranger, session, mine, "m.dummy", {})
    return ReceivedLetter(seq, stranger.account, sealed)


def number_of(sealing: Sealing, table: str) -> int:
    with sealing.keys.transaction() as connection:
        return int(connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one())


def test_a_stranger_with_a_new_device_in_each_message_fills_nothing() -> None:
    """Whether an identity of its own has signed them or not; and those of others stay."""
    clock = Clock()
    told: list[object] = []
    sealing = Sealing(Store(), ME, "DEVICE", lambda *_: None, told.append, clock)
    friend, secret = Identity("friend 🙂", "PHONE"), Secret(STRANGER)
    sealing._take([letter_from(friend, sealing, 1)])
    sealing.trust.recognise(secret.identity)

    for number in range(250):
        clock.now += 1
        stranger = Identity(STRANGER, f"名前 {number}")
        if number % 2:
            stranger.approve(secret.approve)
        sealing._take([letter_from(stranger, sealing, 2 + number)])

    assert number_of(sealing, "devices") <= 101
    assert number_of(sealing, "channels") <= 202
    assert sealing.keys.devices_of(friend.account)
    assert sealing.keys.channels_with(friend.curve25519, friend.ed25519)
    assert "名前 249" in sealing.keys.devices_of(STRANGER)
    assert "名前 1" not in sealing.keys.devices_of(STRANGER)


def test_to_device_messages_that_come_while_others_are_fetched_are_not_kept_without_end() -> None:
    """Those that were not kept are fetched."""
    asked: Asked = []
    sealing = encryption(asked)
    sealing._inbox.fetch(lambda: None)
    for seq in range(1, 2_501):
        sealing.letter_arrived(ReceivedLetter(seq, STRANGER, "{}"))
    assert len(sealing._inbox._early) <= 1000

    (take,) = [one for request, one in asked if isinstance(request, Inbox)]
    take(Letters(200, letters=[], last=0))

    assert [request.after for request, _ in asked if isinstance(request, Inbox)] == [0, 0]


def test_what_was_told_is_not_remembered_without_end() -> None:
    trust = encryption([]).trust

    assert trust._is_news("device", "a")
    assert not trust._is_news("device", "a")
    for number in range(25_000):
        trust._is_news("device", f"名前 {number}")
    assert len(trust._told) <= 10_000


def test_of_two_settings_that_were_made_at_once_the_one_that_shows_less_counts() -> None:
    """On two devices of the creator's: all hear both, in any order."""
    certificate = Certificate("", "", "", "", {}, history_setting=3)
    certificate = structs.replace(certificate, room_id="!=23mine:jim")
    creator = Identity(STRANGER, "OTHER").device
    for order in ((True, False), (False, True)):
        sealing = encryption([])
        sealing.history._made_by("!=23mine:jim", STRANGER)
        for shown in order:
            sealing.history.heard(structs.replace(certificate, shared_history=shown), creator)
        assert sealing.history._load("!=23mine:jim").heard == {STRANGER: (False, 3)}


def test_a_member_with_many_sessions_takes_no_history_from_who_joins() -> None:
    """Who joins is given the keys of 500 sessions, of each member as many as of the others."""
    reader, room = Reader(), room_id("#комната 名前", "Иван")
    bob, eve = Writer("PHONE"), Writer("E", account="eve 😈")
    reader.meets(bob.device, eve.device)
    groups, keys = reader.sealing.groups, reader.sealing.keys

    def writes(writer: Writer) -> str:
        session = vodozemac.GroupSession()
        signed = certify(writer.identity, room, session.session_id, shared_history=True)
        groups.take_key({**room_key(session, room), CERTIFICATE: signed}, writer.device)
        return session.session_id

    bobs = {writes(bob) for _ in range(20)}
    eves = [writes(eve) for _ in range(60)]

    given = [one.session_id for one in keys.groups_of(room, 40, shared=True)]
    reader.store.close()

    assert bobs <= set(given)
    assert set(eves[-20:]) <= set(given)
