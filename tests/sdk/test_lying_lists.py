"""Device lists that leave an account out, or add one that reads along."""

import json

import pytest

from messenger.console.notice_lines import explain
from messenger.crypto.accounts import Secret
from messenger.crypto.identity import Identity
from messenger.jim.rooms import Join, Leave, RoomChanged
from messenger.sdk.events import IdentityChanged, MembersAppeared
from messenger.sdk.store import IdentityTrust, MessageState
from tests.sdk.person import Names, People, Person, wait
from tests.sdk.proxy import Frame, LyingProxy
from tests.sdk.spy import version_of_list
from tests.sdk.test_downgrades import SECRET


class LeavingOut:
    """Leaves an account out of the lists of direct chats, with a version that fits.

    The real server accepts messages for such a list as for the real one.
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
    """Return a device list without an account, with the version that fits it."""
    kept = {key: [one for one in listed[key] if one["account_name"] != account] for key in keys}
    listed = {**listed, **kept}
    return {**listed, "version": version_of_list(listed)}


def fails_for(client: Person, other: Person) -> str:
    """Send something, and return why it has failed."""
    client.send_text(other.name, SECRET)
    wait(lambda: client.last(other.name).state is not MessageState.UNSENT)
    assert client.last(other.name).state is MessageState.FAILED
    return str(client.last(other.name).failure)


@pytest.mark.parametrize("keys", [("devices", "identities"), ("devices",)])
@pytest.mark.parametrize(
    "known", [IdentityTrust.UNKNOWN, IdentityTrust.UNVERIFIED, IdentityTrust.VERIFIED]
)
def test_nothing_is_sent_where_the_other_person_is_not_in_the_list(
    person: People, name: Names, liar: LyingProxy, known: IdentityTrust, keys: tuple[str, ...]
) -> None:
    """It would be encrypted for nobody, and shown as sent. A known account counts as changed."""
    ann, bob = person(name("Иван"), liar.port), person(name("a/b%41"))
    if known is not IdentityTrust.UNKNOWN:
        ann.keys.safety_number(bob.name)
    if known is IdentityTrust.VERIFIED:
        ann.keys.verify(bob.name)
    changed: list[object] = []
    ann.on(IdentityChanged)(changed.append)
    LeavingOut(liar, bob.name, *keys)
    ann.core.encryption.device_lists.forget()

    reason = fails_for(ann, bob)

    assert bob.name in reason
    if "identities" in keys and known is not IdentityTrust.UNKNOWN:
        was_verified = known is IdentityTrust.VERIFIED
        wait(lambda: changed == [IdentityChanged(bob.name, was_verified=was_verified)])
    if known is IdentityTrust.UNVERIFIED:
        assert "no device" in reason
    liar.lie, liar.hear = (lambda frame: [frame]), (lambda frame: [frame])
    if ann.keys.has_changed(bob.name):
        ann.keys.accept(bob.name)
    ann.core.encryption.device_lists.forget()
    ann.send_text(bob.name, "there you are")
    wait(lambda: "there you are" in bob.heard(ann.name))


def test_nothing_is_sent_where_the_own_devices_are_not_in_the_list(
    person: People, name: Names, liar: LyingProxy
) -> None:
    """One of them is asking: such a list is a lie, and the others could read nothing."""
    ann, bob = person(name("ann"), liar.port), person(name("bob"))
    LeavingOut(liar, ann.name, "devices", "identities")
    ann.core.encryption.device_lists.forget()

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
            gone = {"account_name": bob.name, "device": bob.core.encryption.identity.device_id}
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


class Ghost:
    """A member of a room whom only the server's device list has, with a device and an identity."""

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


def write_anew(client: Person, room: str) -> None:
    """Write a message for a list that is fetched again."""
    client.core.encryption.device_lists.forget()
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


def test_a_member_whose_join_was_reported_is_not_announced_by_a_list(
    person: People, name: Names
) -> None:
    """Not by the next list, nor after a restart; those who join meanwhile are, once, together."""
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
    """Nor is that of a room that is joined again."""
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
