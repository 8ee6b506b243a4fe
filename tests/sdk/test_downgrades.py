"""A server, or anybody, that wants a conversation to look encrypted, or to be no longer."""

import contextlib
import json

import pytest

from messenger.console.notice_lines import explain
from messenger.crypto.accounts import Secret
from messenger.crypto.devices import MEGOLM
from messenger.crypto.identity import Identity
from messenger.crypto.signed import Forged
from messenger.jim.errors import ProtocolError
from messenger.jim.events import RoomChanged
from messenger.jim.names import EVERYONE
from messenger.jim.requests import CloseRoom, EncryptRoom, Join, Leave, ListRooms
from messenger.sdk.errors import VerificationNeeded
from messenger.sdk.events import IdentityChanged, LinkState, MembersAppeared
from messenger.sdk.store import Lock, MessageState, Trust
from tests.running import RunningServer, Talker
from tests.sdk.person import Names, People, Person, wait
from tests.sdk.proxy import Frame, LyingProxy
from tests.sdk.spy import version_of_list


def is_encrypted(client: Person, conversation: str) -> bool:
    row = client.store.conversation(conversation)
    return row is not None and row.sealed


# --- what only looks encrypted ------------------------------------------------------------------

JUNK = {
    "encoding": MEGOLM,
    "message": json.dumps({"algorithm": MEGOLM, "ciphertext": "x", "session_id": "y"}),
}


def as_junk(frame: Frame) -> list[Frame]:
    """Have what says "junk" look as if it were encrypted."""
    for one in (frame, *frame.get("messages", ())):
        if one.get("message") == "junk":
            one.update(JUNK)
    return [frame]


@pytest.mark.parametrize("where", ["room", "person", "all"])
def test_junk_makes_no_conversation_look_encrypted(
    person: People, name: Names, liar: LyingProxy, one_server: RunningServer, where: str
) -> None:
    """Nor is what comes plain after it marked, nor refused what is written there."""
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
        assert [one.lock for one in mine][::2] == [Lock.OPEN, Lock.OPEN]
        assert not mine[1].is_proved
        assert not is_encrypted(ann, shown)
        ann.send_text(shown, "an answer")
        wait(lambda: ann.last(shown).state is not MessageState.UNSENT)
        assert ann.last(shown).state is MessageState.SENT


def heard(talker: Talker) -> list[str]:
    """Return the texts of the messages that have come since."""
    return [one["message"] for one in talker.receive_all() if one["action"] == "msg"]


def has_an_old_list(client: Person, room: str) -> None:
    """Have a client remember who can read in a room: what changes then is told where it matters."""
    found: list[object] = []
    client.core.sealing.directory.of(room, found.append)
    wait(lambda: found)


def test_an_open_room_stays_open_where_the_list_of_its_devices_is_an_old_one(
    person: People, name: Names, one_server: RunningServer
) -> None:
    """What was encrypted for that list has reached nobody, so nothing was ever encrypted there."""
    ann, room = person(name("a/b%41")), name("#名前")
    ann.ask(Join(room=room, encrypted=False))
    has_an_old_list(ann, room)
    with Talker(one_server.port) as guest:
        guest.guest_fully(name("гость 🙂"))
        guest.ask("join", room=room)

        ann.send_text(room, "an answer")

        wait(lambda: ann.last(room).state is not MessageState.UNSENT)
        assert (ann.last(room).state, ann.last(room).lock) == (MessageState.SENT, Lock.OPEN)
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
        assert [one.lock for one in ann.all(room)] == [Lock.SEALED, Lock.OPEN]


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
    """Have the server say that rooms are not encrypted: a ghost is in them, or nothing can be."""

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
    # The real server takes it, whatever the list is.
    liar.hear = lambda frame: [{key: frame[key] for key in frame if key != "devices"}]


def come_back(client: Person) -> None:
    """Lose the connection, and make another one."""
    client._break()
    wait(lambda: client.core.state is not LinkState.ONLINE)
    client._again.set()
    assert client.wait_until_online(60)


def refuses(client: Person, room: str, liar: LyingProxy) -> bool:
    """Whether a message is not sent, which the server could read."""
    client.core.sealing.directory.forget()
    client.send_text(room, SECRET)
    wait(lambda: client.last(room).state is not MessageState.UNSENT)
    assert SECRET not in json.dumps(liar.overheard)
    return "not sent unencrypted" in client.last(room).reason


@pytest.mark.parametrize("how", ["ghost", "features"])
def test_a_room_that_one_has_made_is_encrypted_whatever_the_server_says(
    person: People, name: Names, liar: LyingProxy, how: str
) -> None:
    """Nobody else is in it yet, and the server has lied from the first word on."""
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
    """Not even where the server has said already at the door that it is not encrypted."""
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
    """Of such a room this device knows nothing but what the server says."""
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
    """Nobody has to allow it: one has made the room so, the other was told so at the door."""
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


# --- whom one verifies --------------------------------------------------------------------------


def listed_anew(client: Person, other: Person) -> None:
    """Have the client ask for the list of devices; what it says may be refused."""
    with contextlib.suppress(ProtocolError):
        client.keys.devices_of(other.name)


@pytest.mark.parametrize("again", [False, True])
def test_only_the_identity_whose_number_was_shown_is_verified(
    person: People, name: Names, again: bool
) -> None:
    """The number is compared by phone, and meanwhile the server lists another identity."""
    ann, bob = person(name("ann")), person(name("名前"))
    if again:
        ann.keys.verify(bob.name)
        bob.keys.reset()
        listed_anew(ann, bob)
        assert ann.keys.trust_of(bob.name) is Trust.CHANGED
    number = ann.keys.safety_number(bob.name)
    bob.keys.reset()
    listed_anew(ann, bob)

    with pytest.raises(VerificationNeeded) as told:
        ann.keys.verify(bob.name)
    assert told.value.account == bob.name
    assert ann.keys.trust_of(bob.name) is not Trust.VERIFIED

    assert number != ann.keys.safety_number(bob.name) == bob.keys.safety_number(ann.name)
    ann.keys.verify(bob.name)
    assert ann.keys.trust_of(bob.name) is Trust.VERIFIED


def test_an_identity_that_has_changed_is_not_verified_before_its_number_was_shown(
    person: People, name: Names
) -> None:
    ann, bob = person(name("ann")), person(name("bob"))
    ann.keys.verify(bob.name)
    bob.keys.reset()
    listed_anew(ann, bob)

    with pytest.raises(VerificationNeeded):
        ann.keys.verify(bob.name)
    ann.keys.safety_number(bob.name)
    ann.keys.verify(bob.name)
    assert ann.keys.trust_of(bob.name) is Trust.VERIFIED


def test_the_number_that_was_shown_is_known_after_a_restart(person: People, name: Names) -> None:
    ann, bob = person(name("Иван")), person(name("bob"))
    ann.keys.safety_number(bob.name)
    ann.close()
    bob.keys.reset()
    again = Person(ann.name, bob.port, ann.store, register=False)
    listed_anew(again, bob)

    with pytest.raises(VerificationNeeded):
        again.keys.verify(bob.name)
    again.close()


@pytest.mark.parametrize("verified", [False, True])
def test_each_other_identity_is_announced(person: People, name: Names, verified: bool) -> None:
    """Also that one goes and comes again: the last that was told of is the one that is kept."""
    ann, bob = person(name("ann")), person(name("bob"))
    ann.keys.devices_of(bob.name)
    if verified:
        ann.keys.verify(bob.name)
    changed: list[object] = []
    ann.on(IdentityChanged)(changed.append)
    trust = ann.core.sealing.trust
    secret = bob.core.sealing.account.secret
    assert secret is not None
    one, other = (Secret(bob.name).identity for _ in range(2))
    for count, identity in enumerate((one, other, one, secret.identity), 1):
        with ann._to_send:
            with contextlib.suppress(Forged):
                trust.recognise(identity)
            ann._to_send.notify()
        wait(lambda: len(changed) == count)  # noqa: B023  at once
        assert changed[-1] == IdentityChanged(bob.name, was_verified=verified)
        with contextlib.suppress(Forged):
            trust.recognise(identity)  # the same one again is nothing new
    assert len(changed) == 4


# --- who is left out ----------------------------------------------------------------------------


class LeavingOut:
    """Leaves an account out of the lists of direct chats, so that they add up without it.

    What is sent for such a list the real server takes for the real one.
    """

    def __init__(self, liar: LyingProxy, account: str, *keys: str) -> None:
        self._account, self._keys, self._real = account, keys, ""
        liar.lie, liar.hear = self.lie, self.hear

    def lie(self, frame: Frame) -> list[Frame]:
        if "devices" in frame and "version" in frame:
            self._real = frame["version"]
            frame = without(self._account, frame, *self._keys)
        return [frame]

    def hear(self, frame: Frame) -> list[Frame]:
        return [{**frame, "devices": self._real} if frame["action"] == "msg" else frame]


def without(account: str, listed: Frame, *keys: str) -> Frame:
    """Return a list of devices without an account, with the version that fits it."""
    kept = {key: [one for one in listed[key] if one["account_name"] != account] for key in keys}
    listed = {**listed, **kept}
    return {**listed, "version": version_of_list(listed)}


def fails_for(client: Person, other: Person) -> str:
    """Send something, and return why it has failed."""
    client.send_text(other.name, SECRET)
    wait(lambda: client.last(other.name).state is not MessageState.UNSENT)
    assert client.last(other.name).state is MessageState.FAILED
    return client.last(other.name).reason


@pytest.mark.parametrize("keys", [("devices", "identities"), ("devices",)])
@pytest.mark.parametrize("known", [Trust.UNKNOWN, Trust.UNVERIFIED, Trust.VERIFIED])
def test_nothing_is_sent_where_the_other_person_is_not_in_the_list(
    person: People, name: Names, liar: LyingProxy, known: Trust, keys: tuple[str, ...]
) -> None:
    """It would be encrypted for nobody, and shown as sent. Who was known counts as changed."""
    ann, bob = person(name("Иван"), liar.port), person(name("a/b%41"))
    if known is not Trust.UNKNOWN:
        ann.keys.safety_number(bob.name)
    if known is Trust.VERIFIED:
        ann.keys.verify(bob.name)
    changed: list[object] = []
    ann.on(IdentityChanged)(changed.append)
    LeavingOut(liar, bob.name, *keys)
    ann.core.sealing.directory.forget()

    reason = fails_for(ann, bob)

    assert bob.name in reason
    if "identities" in keys and known is not Trust.UNKNOWN:
        was_verified = known is Trust.VERIFIED
        wait(lambda: changed == [IdentityChanged(bob.name, was_verified=was_verified)])
    if known is Trust.UNVERIFIED:
        assert "no device" in reason
    liar.lie, liar.hear = (lambda frame: [frame]), (lambda frame: [frame])
    if ann.keys.has_changed(bob.name):
        ann.keys.accept(bob.name)
    ann.core.sealing.directory.forget()
    ann.send_text(bob.name, "there you are")
    wait(lambda: "there you are" in bob.heard(ann.name))


def test_nothing_is_sent_where_ones_own_devices_are_not_in_the_list(
    person: People, name: Names, liar: LyingProxy
) -> None:
    """One of them is asking: such a list is a lie, and the other ones would read nothing."""
    ann, bob = person(name("ann"), liar.port), person(name("bob"))
    LeavingOut(liar, ann.name, "devices", "identities")
    ann.core.sealing.directory.forget()

    assert f"no device of {ann.name}" in fails_for(ann, bob)


def test_a_change_that_leaves_nobody_in_the_list_is_not_believed(
    person: People, name: Names, liar: LyingProxy
) -> None:
    """The server says that the other person's last device was removed just now."""
    ann, bob = person(name("ann"), liar.port), person(name("名前"))
    lists: list[Frame] = []
    told: list[Frame] = []

    def lie(frame: Frame) -> list[Frame]:
        if "devices" in frame and "version" in frame:
            lists.append(frame)
        if frame.get("response") == 409:
            rest = without(bob.name, lists[-1], "devices", "identities")
            gone = {"account_name": bob.name, "device": bob.core.sealing.identity.ident}
            frame = {**frame, "version": rest["version"], "added": [], "removed": [gone]}
            told.append(frame)
        return [frame]

    def refuse(frame: Frame) -> list[Frame]:
        if frame["action"] != "msg":
            return [frame]
        return [{**frame, "devices": lists[-1]["version"] if told else "outdated"}]

    liar.lie = lie
    ann.send_text(bob.name, "hi")
    wait(lambda: bob.heard(ann.name) == ["hi"])
    liar.hear = refuse
    ann.send_text(bob.name, "are you there?")
    wait(lambda: ann.last(bob.name).state is not MessageState.UNSENT)

    assert told
    wait(lambda: "are you there?" in bob.heard(ann.name))


# --- who reads along in a room ------------------------------------------------------------------


class Ghost:
    """A member of a room whom the server lists, with a device and an identity, and tells nobody."""

    def __init__(self, liar: LyingProxy, account: str) -> None:
        secret, device = Secret(account), Identity(account, "GHOST")
        device.approve(secret.approve)
        keys = json.loads(device.device_keys)
        self._device = {"account_name": account, "device": "GHOST", "keys": keys}
        self._identity = {"account_name": account, "identity": secret.published()}
        self._real: dict[str, str] = {}
        self.is_listed = True
        liar.lie, liar.hear = self.lie, self.hear

    def lie(self, frame: Frame) -> list[Frame]:
        if "devices" not in frame or "unique_id" not in frame or not self.is_listed:
            return [frame]
        real = frame["version"]
        frame["devices"].append(self._device)
        frame["identities"].append(self._identity)
        frame["version"] = version_of_list(frame)
        self._real[frame["version"]] = real
        return [frame]

    def hear(self, frame: Frame) -> list[Frame]:
        if frame["action"] == "msg" and frame.get("devices") in self._real:
            frame = {**frame, "devices": self._real[frame["devices"]]}
        return [frame]


def forget_lists(client: Person) -> None:
    """Have a client ask for lists of devices anew, once all that was on its way has come."""
    client.ask(ListRooms(joined=True))
    client.core.sealing.directory.forget()


def write_anew(client: Person, room: str) -> None:
    """Write something for a list that is asked for anew."""
    client.core.sealing.directory.forget()
    client.send_text(room, "hello")
    wait(lambda: client.last(room).state is not MessageState.UNSENT)
    assert client.last(room).reason == ""


def told_of_members(client: Person) -> list[object]:
    heard: list[object] = []
    client.on(MembersAppeared)(heard.append)
    return heard


def test_somebody_whom_only_the_list_of_a_room_has_is_announced_once(
    person: People, name: Names, liar: LyingProxy
) -> None:
    ann, bob = person(name("Иван"), liar.port), person(name("bob"))
    room, ghost = name("#a/b%41"), name("призрак 👻")
    for one in (ann, bob):
        one.ask(Join(room=room))
    told = told_of_members(ann)
    write_anew(ann, room)
    assert told == []

    listing = Ghost(liar, ghost)
    for _ in range(3):
        write_anew(ann, room)
    assert told == [MembersAppeared(room, (ghost,))]
    assert explain(told[0]) == f"{room} has a new member who can read new messages: {ghost}"

    listing.is_listed = False
    write_anew(ann, room)
    listing.is_listed = True
    write_anew(ann, room)
    assert told == 2 * [MembersAppeared(room, (ghost,))]


def test_who_has_joined_before_ones_eyes_is_announced_by_that_alone(
    person: People, name: Names
) -> None:
    """Not at the next list, nor after a restart; those who join meanwhile are, once, together."""
    ann, bob, eve, zoe = (person(name(one)) for one in ("ann", "боб", "eve", "名前"))
    room = name("#дом")
    ann.ask(Join(room=room))
    told = told_of_members(ann)
    write_anew(ann, room)
    joined: list[RoomChanged] = []
    ann.on(RoomChanged)(joined.append)
    bob.ask(Join(room=room))
    wait(lambda: [one for one in joined if one.account_name == bob.name])
    write_anew(ann, room)
    assert told == []

    ann.close()
    for one in (eve, zoe):
        one.ask(Join(room=room))
    again = Person(ann.name, bob.port, ann.store, register=False)
    told = told_of_members(again)
    for _ in range(2):
        write_anew(again, room)
    again.close()

    assert told == [MembersAppeared(room, tuple(sorted((eve.name, zoe.name))))]
    assert "new members" in explain(told[0])


def test_the_first_list_of_a_room_is_no_news(person: People, name: Names) -> None:
    """Nor is that of one that is joined again."""
    ann, bob, eve = (person(name(one)) for one in ("ann", "bob", "eve"))
    room = name("#кафе")
    for one in (bob, ann):
        one.ask(Join(room=room))
    told = told_of_members(ann)
    write_anew(ann, room)
    ann.ask(Leave(room=room))
    eve.ask(Join(room=room))
    ann.ask(Join(room=room))
    write_anew(ann, room)
    assert told == []
