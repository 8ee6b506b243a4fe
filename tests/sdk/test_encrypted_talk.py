"""What encryption does from the first message on: chats, rooms, new devices, keys that are late."""

import json
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from messenger.jim.rooms import EncryptRoom, Invite, Join, Kick, Leave, ShowHistory
from messenger.sdk.encryption import key_answers
from messenger.sdk.events import (
    DeviceAppeared,
    MembersAppeared,
    MessageChanged,
    MessageDecrypted,
    MessagesMissing,
)
from messenger.sdk.key_errors import NotEncryptable
from messenger.sdk.store import MessageSecurity, MessageState
from tests.in_process import InProcessClient, Users
from tests.running import until
from tests.sdk.person import Names

Frame = dict[str, Any]


def lying(change: Callable[[Frame], Iterable[Frame]]) -> Callable[[bytes], Iterable[bytes]]:
    """Return what a server does that changes its frames so."""
    return lambda frame: [json.dumps(one).encode() + b"\n" for one in change(json.loads(frame))]


def locks(client: InProcessClient, conversation: str) -> list[MessageSecurity]:
    return [message.security for message in client.all(conversation)]


@pytest.fixture(scope="module")
def ann(shared_user: Users) -> InProcessClient:
    """Somebody whom tests share, each with a room or another user of its own."""
    return shared_user("Анна с друзьями")


@pytest.fixture(scope="module")
def member(shared_user: Users) -> InProcessClient:
    """Another one, for rooms."""
    return shared_user("名前 %41")


def in_a_room(room: str, *clients: InProcessClient) -> None:
    for client in clients:
        client.ask(Join(room=room))


# --- direct chats ------------------------------------------------------------------------------


def test_a_chat_is_encrypted_from_its_first_message(
    ann: InProcessClient, user: Users, name: Names
) -> None:
    bob = user(name("bob"))

    for text in ("привет", "名前", "a/b%41"):
        ann.say(bob.name, text)
        bob.say(ann.name, text)

    assert bob.heard(ann.name) == ann.heard(bob.name) == ["привет", "名前", "a/b%41"]
    assert set(locks(ann, bob.name)) == set(locks(bob, ann.name)) == {MessageSecurity.ENCRYPTED}
    assert {one.state for one in ann.all(bob.name) if one.sender == ann.name} == {
        MessageState.DELIVERED
    }


def test_one_may_write_to_oneself(user: Users, name: Names) -> None:
    ann = user(name("ann"))

    ann.say(ann.name, "note to self")
    second = user(ann.name, register=False)
    ann.keys.approve(second.keys.approval_code)
    ann.say(ann.name, "and another")

    assert second.all(ann.name)[-1].text == "and another"


def test_who_was_away_reads_what_was_written_meanwhile(
    ann: InProcessClient, user: Users, name: Names
) -> None:
    bob = user(name("bob"))
    bob.break_off()
    for number in range(3):
        ann.say(bob.name, f"{number}")

    bob.start()

    assert bob.heard(ann.name) == ["0", "1", "2"]


def test_what_was_written_offline_goes_out_encrypted(
    ann: InProcessClient, user: Users, name: Names
) -> None:
    bob = user(name("bob"))
    ann.break_off()
    ann.send_text(bob.name, "later")

    ann.start()

    assert bob.heard(ann.name) == ["later"]
    assert locks(bob, ann.name) == [MessageSecurity.ENCRYPTED]


def test_a_device_that_comes_while_one_writes_reads_from_then_on(
    ann: InProcessClient, user: Users, name: Names
) -> None:
    """The server refuses what is not encrypted for it; the sender lists the devices anew."""
    bob = user(name("bob"))
    ann.say(bob.name, "before")
    second = user(bob.name, register=False)
    bob.keys.approve(second.keys.approval_code)

    message = ann.say(bob.name, "after")

    assert message.state is MessageState.DELIVERED
    assert bob.heard(ann.name) == ["before", "after"]
    assert second.heard(ann.name)[-1] == "after"
    assert (
        DeviceAppeared(bob.name, second.core.encryption.identity.device_id, approved=True)
        in ann.told
    )


def test_a_guest_is_written_to_in_plain_and_is_no_account(
    ann: InProcessClient, user: Users, name: Names
) -> None:
    guest = user(name("guest"), password=None)

    ann.say(guest.name, "hi")
    guest.say(ann.name, "hi yourself")

    assert guest.heard(ann.name) == ["hi"]
    assert ann.heard(guest.name) == ["hi yourself"]
    assert set(locks(ann, guest.name)) == {MessageSecurity.UNENCRYPTED}
    assert ann.store.is_guests(guest.name)


def test_a_guest_who_registers_is_somebody_new(
    ann: InProcessClient, user: Users, name: Names
) -> None:
    guest = user(name("guest"), password=None)
    ann.say(guest.name, "to the guest")
    guest.close()

    account = user(guest.name)
    ann.say(account.name, "to the account")

    assert account.heard(ann.name) == ["to the account"]
    assert ann.store.is_guests(account.name) is False


# --- rooms -------------------------------------------------------------------------------------


def test_all_members_of_a_room_read_what_is_written_there(
    ann: InProcessClient, member: InProcessClient, user: Users, name: Names
) -> None:
    room, people = name("#room"), [ann, member, user(name("eve"))]
    in_a_room(room, *people)

    for one in people:
        one.say(room, f"from {one.name}")

    for one in people:
        assert [message.text for message in one.all(room)] == [f"from {who.name}" for who in people]
        assert set(locks(one, room)) == {MessageSecurity.ENCRYPTED}


def test_who_has_left_reads_nothing_more(
    ann: InProcessClient, member: InProcessClient, name: Names
) -> None:
    room = name("#room")
    in_a_room(room, ann, member)
    ann.say(room, "before")

    member.ask(Leave(room=room))
    ann.say(room, "after")

    assert member.heard(room) == ["before"]
    assert ann.all(room)[-1].state is MessageState.SENT


def test_who_joins_where_history_is_shown_reads_what_was_written_before(
    ann: InProcessClient, member: InProcessClient, name: Names
) -> None:
    room = name("#room")
    in_a_room(room, ann)
    ann.ask(ShowHistory(room=room, shown=True))
    ann.say(room, "before")
    ann.pass_time(10)

    in_a_room(room, member)
    ann.say(room, "after")
    member.pass_time(10)

    assert member.heard(room) == ["before", "after"]


def test_who_joins_where_it_is_not_shown_does_not(
    ann: InProcessClient, member: InProcessClient, name: Names
) -> None:
    room = name("#room")
    in_a_room(room, ann)
    ann.ask(ShowHistory(room=room, shown=False))
    ann.say(room, "before")

    in_a_room(room, member)
    ann.say(room, "after")
    member.fetch_older(room)
    member.settle()

    assert member.heard(room)[-1] == "after"
    assert "before" not in member.heard(room)


def test_somebody_who_was_listed_before_he_joined_is_told(
    ann: InProcessClient, user: Users, name: Names
) -> None:
    room, bob = name("#room"), user(name("bob"))
    in_a_room(room, ann)
    ann.say(room, "alone")
    ann.break_off()
    in_a_room(room, bob)

    ann.start()
    ann.say(room, "with bob")

    told = [one for one in ann.of(MembersAppeared) if one.room == room]
    assert told == [MembersAppeared(room, (bob.name,))]
    assert bob.heard(room)[-1] == "with bob"
    assert bob.heard(room)[:-1] in ([], [""])


def test_an_open_room_takes_plain_messages_until_it_is_encrypted(
    ann: InProcessClient, user: Users, name: Names
) -> None:
    room, guest = name("#room"), user(name("guest"), password=None)
    ann.ask(Join(room=room, encrypted=False))
    in_a_room(room, guest)
    ann.say(room, "for everybody")
    assert guest.heard(room) == ["for everybody"]

    ann.ask(EncryptRoom(room=room))

    refused = ann.say(room, "for members")
    if refused.state is MessageState.FAILED:
        assert isinstance(ann.of(MessageChanged)[-1].error, NotEncryptable)
    assert guest.heard(room) == ["for everybody"]


def test_one_who_was_removed_reads_nothing_more_and_may_be_invited_again(
    ann: InProcessClient, member: InProcessClient, name: Names
) -> None:
    room = name("#room")
    in_a_room(room, ann, member)
    ann.say(room, "one")

    ann.ask(Kick(room=room, account_name=member.name, ban=True))
    ann.say(room, "two")
    ann.ask(Invite(room=room, account_name=member.name))
    in_a_room(room, member)
    ann.say(room, "three")

    assert member.heard(room)[:1] + member.heard(room)[-1:] == ["one", "three"]
    assert "two" not in member.heard(room)


# --- a server that fails or lies ---------------------------------------------------------------


def keep_back_to_device(frame: Frame) -> list[Frame]:
    """Deliver no to-device message, and say that there is none."""
    if "to_device" in frame:
        frame |= {"to_device": [], "last": 0}
    return [] if frame.get("action") == "to_device" else [frame]


def garble_to_device(frame: Frame) -> list[Frame]:
    """Deliver to-device messages that nobody has written."""
    for message in [
        *frame.get("to_device", []),
        *([frame["message"]] if frame.get("action") == "to_device" else []),
    ]:
        message["message"] = "{}"
    return [frame]


def test_a_key_that_comes_late_opens_the_message_that_waits_for_it(
    ann: InProcessClient, user: Users, name: Names
) -> None:
    bob = user(name("bob"))
    bob.lie = lying(keep_back_to_device)
    ann.say(bob.name, "hi")
    assert locks(bob, ann.name) == [MessageSecurity.WAITING]

    bob.lie = lambda frame: [frame]
    ann.say(bob.name, "are you there?")
    bob.break_off()
    bob.start()

    assert bob.heard(ann.name) == ["hi", "are you there?"]
    assert "hi" in [one.message.text for one in bob.of(MessageDecrypted)]


def test_a_key_that_was_spoilt_is_asked_for_and_given_again(
    user: Users, name: Names, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(key_answers, "_GIVEN_AGAIN_AFTER", 0)
    ann, bob = user(name("ann")), user(name("bob"))
    bob.lie = lying(garble_to_device)
    ann.say(bob.name, "hi")
    assert locks(bob, ann.name) == [MessageSecurity.WAITING]

    bob.lie = lambda frame: [frame]
    for one in (ann, bob):
        one.break_off()
        one.start()

    # How long it rests between two looks depends on how long the first has taken.
    until(lambda: bob.pass_time(10) and bob.heard(ann.name) == ["hi"])


@pytest.mark.parametrize("key", ["message", "from"])
def test_a_message_that_was_changed_is_not_shown(
    ann: InProcessClient, user: Users, name: Names, key: str
) -> None:
    def change(frame: Frame) -> list[Frame]:
        if frame.get("action") == "msg":
            text = frame[key]
            frame[key] = text[:-20] + ("A" * 20) if key == "message" else name("eve")
        return [frame]

    bob = user(name("bob"))
    ann.say(bob.name, "the first")
    bob.lie = lying(change)

    ann.say(bob.name, "changed")

    assert "changed" not in [one.text for one in bob.all(ann.name)]


def test_a_message_that_was_held_back_is_missed_when_the_other_one_speaks_of_it(
    ann: InProcessClient, user: Users, name: Names
) -> None:
    bob = user(name("bob"))
    ann.say(bob.name, "one")
    bob.say(ann.name, "two")
    held: list[Frame] = []

    def hold_back(frame: Frame) -> list[Frame]:
        """Show bob a log in which ann's next message has never been."""
        if frame.get("action") == "msg" and not held:
            held.append(frame)
            return []
        if frame.get("action") == "msg":
            frame["seq"] -= 1
        return [frame]

    bob.lie = lying(hold_back)
    ann.say(bob.name, "three")
    ann.say(bob.name, "four")

    assert "three" not in bob.heard(ann.name)
    assert bob.of(MessagesMissing) or bob.all(ann.name)[-1].security is MessageSecurity.INVALID
