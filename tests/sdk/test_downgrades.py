"""Downgrade attacks: conversations that only look encrypted, or that are made plain."""

import json

import pytest

from messenger.crypto.devices import MEGOLM
from messenger.jim.names import EVERYONE
from messenger.jim.rooms import CloseRoom, EncryptRoom, Join, ListRooms, RoomChanged
from messenger.sdk.events import ConnectionState
from messenger.sdk.store import MessageSecurity, MessageState
from tests.running import RunningServer, Talker
from tests.sdk.person import Names, People, Person, wait
from tests.sdk.proxy import Frame, LyingProxy
from tests.sdk.spy import version_of_list


def is_encrypted(client: Person, conversation: str) -> bool:
    row = client.store.summary(conversation)
    return row is not None and row.encrypted


# --- what only looks encrypted ------------------------------------------------------------------

JUNK = {
    "encoding": MEGOLM,
    "message": json.dumps({"algorithm": MEGOLM, "ciphertext": "x", "session_id": "y"}),
}


def as_junk(frame: Frame) -> list[Frame]:
    """Make messages with the text "junk" look encrypted."""
    for one in (frame, *frame.get("messages", ())):
        if one.get("message") == "junk":
            one.update(JUNK)
    return [frame]


@pytest.mark.parametrize("where", ["room", "person", "all"])
def test_junk_makes_no_conversation_look_encrypted(
    person: People, name: Names, liar: LyingProxy, one_server: RunningServer, where: str
) -> None:
    """Later plain messages are not marked there, and sending is not refused."""
    liar.lie = as_junk
    ann = person(name("a/b%41"), liar.port)
    with Talker(one_server.port) as guest:
        guest.guest_fully(name("гость 🙂"))
        room = name("#名前")
        ann.ask(Join(room=room, encrypted=False))
        guest.ask("join", room=room)
        shown = {"room": room, "person": guest.name, "all": EVERYONE}[where]
        for text in ("before", "junk", "after"):
            guest.ask("msg", to=ann.name if where == "person" else shown, message=text)
        wait(lambda: [one for one in ann.all(shown) if one.text == "after"])

        mine = [one for one in ann.all(shown) if one.sender == guest.name]
        assert [one.security for one in mine][::2] == [
            MessageSecurity.UNENCRYPTED,
            MessageSecurity.UNENCRYPTED,
        ]
        assert not mine[1].is_proved
        assert not is_encrypted(ann, shown)
        ann.send_text(shown, "an answer")
        wait(lambda: ann.last(shown).state is not MessageState.UNSENT)
        assert ann.last(shown).state is MessageState.SENT


def heard(talker: Talker) -> list[str]:
    """Return the texts of messages that have arrived since."""
    return [one["message"] for one in talker.receive_all() if one["action"] == "msg"]


def has_an_old_list(client: Person, room: str) -> None:
    """Have a client cache a room's device list: later changes are reported when they matter."""
    found: list[object] = []
    client.core.encryption.device_lists.of(room, found.append)
    wait(lambda: found)


def test_an_open_room_stays_open_where_the_list_of_its_devices_is_an_old_one(
    person: People, name: Names, one_server: RunningServer
) -> None:
    """The message encrypted for that list reached nobody, so the room was never encrypted."""
    ann, room = person(name("a/b%41")), name("#名前")
    ann.ask(Join(room=room, encrypted=False))
    has_an_old_list(ann, room)
    with Talker(one_server.port) as guest:
        guest.guest_fully(name("гость 🙂"))
        guest.ask("join", room=room)

        ann.send_text(room, "an answer")

        wait(lambda: ann.last(room).state is not MessageState.UNSENT)
        assert (ann.last(room).state, ann.last(room).security) == (
            MessageState.SENT,
            MessageSecurity.UNENCRYPTED,
        )
        wait(lambda: "an answer" in heard(guest))
        assert not is_encrypted(ann, room)


def test_what_goes_out_plain_is_not_shown_as_encrypted_because_it_was_so_once(
    person: People, name: Names, one_server: RunningServer
) -> None:
    """It was refused, since not everyone could read it, and the user wants it sent as it is."""
    ann, room = person(name("a/b%41")), name("#名前")
    ann.ask(Join(room=room, encrypted=False))
    ann.send_text(room, "encrypted")
    assert ann.wait_until_sent(60)
    assert is_encrypted(ann, room)
    with Talker(one_server.port) as guest:
        guest.guest_fully(name("гость 🙂"))
        guest.ask("join", room=room)
        ann.send_text(room, SECRET)
        wait(lambda: ann.last(room).state is MessageState.FAILED)

        ann.keys.write_plain(room)
        ann.send_again(ann.last(room))

        wait(lambda: SECRET in heard(guest))
        wait(lambda: ann.last(room).state is MessageState.SENT)
        assert [one.security for one in ann.all(room)] == [
            MessageSecurity.ENCRYPTED,
            MessageSecurity.UNENCRYPTED,
        ]


def test_the_common_chat_is_never_shown_as_encrypted(
    person: People, name: Names, liar: LyingProxy
) -> None:
    """Whatever the server says of it."""

    def lie(frame: Frame) -> list[Frame]:
        for one in frame.get("conversations", ()):
            one["encrypted"] = True
        return [frame]

    liar.lie = lie
    ann = person(name("ann"), liar.port)
    heard: list[object] = []
    ann.on(RoomChanged)(heard.append)
    wait(lambda: ann.store.get("listed"))
    liar.say({"action": "room", "time": 1, "room": EVERYONE, "change": "encrypted"})
    wait(lambda: heard)

    assert not is_encrypted(ann, EVERYONE)
    ann.send_text(EVERYONE, "good morning")
    wait(lambda: ann.last(EVERYONE).state is MessageState.SENT)


# --- rooms that are to be plain by the server's word --------------------------------------------

SECRET = "the secret: 4711"


def lowering(how: str, liar: LyingProxy) -> None:
    """Have the server say that rooms are not encrypted: for a made-up member, or in general."""

    def lie(frame: Frame) -> list[Frame]:
        if frame.get("change") == "encrypted":
            return []
        for one in (frame, *frame.get("conversations", ())):
            one.pop("encrypted", None)
        if how == "features" and "features" in frame:
            frame["features"] = ["numbers", "events"]
        if how == "ghost" and "unique_id" in frame and "devices" in frame:
            frame["plain"] = ["призрак"]
            frame["version"] = version_of_list(frame)
        return [frame]

    liar.lie = lie
    # The real server accepts it, whatever the list is.
    liar.hear = lambda frame: [{key: frame[key] for key in frame if key != "devices"}]


def come_back(client: Person) -> None:
    """Lose the connection, and make another one."""
    client._break()
    wait(lambda: client.core.state is not ConnectionState.ONLINE)
    client._again.set()
    assert client.wait_until_online(60)


def refuses(client: Person, room: str, liar: LyingProxy) -> bool:
    """Tell whether a message that the server could read is not sent."""
    client.core.encryption.device_lists.forget()
    client.send_text(room, SECRET)
    wait(lambda: client.last(room).state is not MessageState.UNSENT)
    assert SECRET not in json.dumps(liar.overheard)
    return "not sent unencrypted" in str(client.last(room).failure)


@pytest.mark.parametrize("how", ["ghost", "features"])
def test_a_room_that_one_has_made_is_encrypted_whatever_the_server_says(
    person: People, name: Names, liar: LyingProxy, how: str
) -> None:
    """Nobody else is in it yet, and the server lies from the beginning."""
    ann = person(name("Иван"), liar.port)
    lowering(how, liar)
    if how == "features":
        come_back(ann)
    room = name("#a/b%41")
    ann.ask(Join(room=room))

    assert refuses(ann, room, liar)
    assert is_encrypted(ann, room)
    ann.keys.write_plain(room)
    ann.send_text(room, "as you like")
    wait(lambda: "as you like" in json.dumps(liar.overheard))


def test_a_room_is_encrypted_once_its_creator_says_so_whatever_the_server_says(
    person: People, name: Names, liar: LyingProxy
) -> None:
    ann = person(name("ann"), liar.port)
    lowering("ghost", liar)
    room = name("#名前")
    ann.ask(Join(room=room, encrypted=False))
    ann.send_text(room, "for everybody")
    wait(lambda: ann.last(room).state is MessageState.SENT)

    ann.ask(EncryptRoom(room=room))

    assert refuses(ann, room, liar)


@pytest.mark.parametrize("how", ["ghost", "features"])
def test_a_room_with_somebody_who_is_verified_is_not_written_to_in_plain_by_itself(
    person: People, name: Names, liar: LyingProxy, how: str
) -> None:
    """Not even if the server said on joining that it is not encrypted."""
    ann, bob = person(name("ann"), liar.port), person(name("боб 🙂"))
    room = name("#тайна")
    bob.ask(Join(room=room))
    ann.keys.verify(bob.name)
    lowering(how, liar)
    ann.ask(Join(room=room))
    if how == "features":
        come_back(ann)

    assert refuses(ann, room, liar)


@pytest.mark.parametrize("how", ["ghost", "features"])
def test_a_room_that_another_device_has_joined_is_not_plain_by_the_servers_word(
    person: People, name: Names, liar: LyingProxy, how: str
) -> None:
    """The device knows only the server's word about such a room."""
    ann, bob = person(name("ann")), person(name("bob"))
    room = name("#тайна")
    for one in (bob, ann):
        one.ask(Join(room=room))
    lowering("ghost", liar)
    second = person(ann.name, liar.port, register=False)
    second.keys.recover(ann.keys.recovery_code or "")
    second.keys.devices_of(bob.name)
    lowering(how, liar)
    if how == "features":
        come_back(second)

    assert refuses(second, room, liar)


def test_rooms_that_are_open_to_guests_go_on_in_plain(
    person: People, name: Names, one_server: RunningServer
) -> None:
    """Nobody has to allow it: one has created the room so, the other was told so on joining."""
    ann, bob = person(name("ann")), person(name("Иван"))
    room = name("#кафе ☕")
    with Talker(one_server.port) as guest:
        guest.guest_fully(name("guest"))
        ann.ask(Join(room=room, encrypted=False))
        joined: list[RoomChanged] = []
        ann.on(RoomChanged)(joined.append)
        guest.ask("join", room=room)
        bob.ask(Join(room=room))
        wait(lambda: {guest.name, bob.name} <= {one.account_name for one in joined})
        for one in (ann, bob):
            forget_lists(one)
            one.send_text(room, f"from {one.name}")
            wait(lambda: one.last(room).state is not MessageState.UNSENT)  # noqa: B023  at once
            assert one.last(room).reason == ""
            while (said := guest.event("msg"))["to"] != room:
                pass
            assert said["message"] == f"from {one.name}"


def test_a_room_that_one_makes_again_as_an_open_one_is_open(
    person: People, name: Names, one_server: RunningServer
) -> None:
    ann, room = person(name("ann")), name("#名前")
    ann.ask(Join(room=room))
    ann.send_text(room, "among us")
    wait(lambda: ann.last(room).state is MessageState.SENT)
    ann.ask(CloseRoom(room=room))
    ann.ask(Join(room=room, encrypted=False))
    with Talker(one_server.port) as guest:
        guest.guest_fully(name("guest"))
        joined: list[RoomChanged] = []
        ann.on(RoomChanged)(joined.append)
        guest.ask("join", room=room)
        wait(lambda: any(one.account_name == guest.name for one in joined))
        forget_lists(ann)
        ann.send_text(room, "welcome")
        assert guest.event("msg")["message"] == "welcome"


def forget_lists(client: Person) -> None:
    """Have a client fetch device lists again, once everything on its way has arrived."""
    client.ask(ListRooms(joined=True))
    client.core.encryption.device_lists.forget()
