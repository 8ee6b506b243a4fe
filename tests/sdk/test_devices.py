"""Several devices of one account, and people who verify each other."""

import pytest

from messenger.jim.errors import BadRequest, Forbidden, NotFound
from messenger.jim.rooms import Join, Leave
from messenger.sdk import Store
from messenger.sdk.encryption import key_backup
from messenger.sdk.events import DeviceAppeared, KeysRestored
from messenger.sdk.key_states import Approval, ApprovalState, RecoveryState
from messenger.sdk.store import MessageSecurity
from tests.running import RunningServer, Talker
from tests.sdk.person import Names, People, Person, approvals, told, wait
from tests.sdk.proxy import Frame, LyingProxy


def texts(client: Person, conversation: str) -> list[str]:
    return [message.text for message in client.all(conversation)]


def test_a_device_that_is_approved_reads_everything_that_was_written(
    person: People, name: Names
) -> None:
    ann, bob = person(name("ann")), person(name("bob"))
    room = name("#room")
    for one in (ann, bob):
        one.ask(Join(room=room))
    for number in range(130):
        ann.send_text(bob.name, f"to bob {number}")
    assert ann.wait_until_sent(60)
    bob.send_text(ann.name, "to ann")
    ann.send_text(room, "to the room")
    for one in (ann, bob):
        assert one.wait_until_sent(60)
    wait(lambda: "to ann" in texts(ann, bob.name))

    second = person(ann.name, register=False)
    restored = told(second, KeysRestored)
    wait(lambda: len(second.all(bob.name)) == 100)
    assert {message.security for message in second.all(bob.name)} == {MessageSecurity.EARLIER}
    assert not second.keys.is_approved
    ann.keys.approve(second.keys.approval_code)

    wait(lambda: restored)
    wait(lambda: len(texts(second, bob.name)) == 131)
    assert texts(second, bob.name) == [f"to bob {number}" for number in range(130)] + ["to ann"]
    assert texts(second, room) == ["to the room"]
    assert second.keys.is_approved
    assert second.keys.recovery_code == ann.keys.recovery_code
    assert second.store.search("TO BOB 7")
    # The change arrives at no particular time.
    wait(lambda: [one.approved for one in ann.keys.own_devices()] == [True, True])
    wait(lambda: [one.approved for one in bob.keys.devices_of(ann.name)] == [True, True])


def test_the_recovery_code_does_the_same_without_another_device(
    person: People, name: Names
) -> None:
    ann, bob = person(name("ann")), person(name("bob"))
    code = ann.keys.recovery_code
    assert code is not None
    bob.send_text(ann.name, "kept")
    wait(lambda: texts(ann, bob.name) == ["kept"])
    wait(lambda: not ann.core.encryption.keys.not_backed_up(1))
    ann.close()

    again = person(ann.name, register=False)
    approved = approvals(again, ApprovalState.APPROVED)
    with pytest.raises(BadRequest, match=r"Invalid (recovery )?code"):
        again.keys.recover(code[:-1])
    with pytest.raises(BadRequest, match="another account"):
        again.keys.recover(bob.keys.recovery_code or "")
    assert not approved
    again.keys.recover(code.lower())

    wait(lambda: texts(again, bob.name) == ["kept"])
    wait(lambda: approved)
    assert again.keys.recovery.state is not RecoveryState.CODE_UNCONFIRMED


def test_what_is_backed_up_only_after_a_device_was_approved_is_found_later(
    person: People, name: Names
) -> None:
    ann, bob = person(name("ann")), person(name("bob"))
    uploads = ann.core.encryption.account.backup._uploads
    uploads._is_waiting = True  # As if the server took long.
    bob.send_text(ann.name, "backed up late")
    wait(lambda: texts(ann, bob.name) == ["backed up late"])
    again = person(ann.name, register=False)
    restored = told(again, KeysRestored)
    wait(lambda: again.all(bob.name))
    again.keys.recover(ann.keys.recovery_code or "")
    wait(lambda: restored)
    assert texts(again, bob.name) == [""]

    uploads._is_waiting = False

    wait(lambda: texts(again, bob.name) == ["backed up late"], 40)


def test_what_is_seen_only_after_a_device_was_approved_is_looked_for_again(
    person: People, name: Names, one_server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server corrupts the backup, and the room's messages arrive only after joining again."""
    monkeypatch.setattr(key_backup, "_LOOKED_AGAIN", (0.5, 1.0))
    ann, room = person(name("ann")), name("#room")
    ann.ask(Join(room=room))
    person(name("bob")).ask(Join(room=room))
    ann.send_text(room, "before")
    assert ann.wait_until_sent(60)
    wait(ann.core.encryption.keys.backed_up)
    ann.ask(Leave(room=room))

    def garble(frame: Frame) -> list[Frame]:
        keys = frame.get("keys")
        return [{**frame, "keys": dict.fromkeys(keys, "A")} if isinstance(keys, dict) else frame]

    liar = LyingProxy(one_server.port, garble)
    again = person(ann.name, liar.port, register=False)
    restored = told(again, KeysRestored)
    again.keys.recover(ann.keys.recovery_code or "")
    wait(lambda: restored)
    again.close()
    liar.lie = lambda frame: [frame]
    again = Person(ann.name, liar.port, again.store, register=False)
    again.ask(Join(room=room))

    wait(lambda: texts(again, room) == ["before"])
    again.close()
    liar.close()


def test_a_key_that_is_lost_is_found_in_what_another_device_has_backed_up(
    person: People, name: Names, one_server: RunningServer
) -> None:
    ann, bob = person(name("ann")), person(name("bob"))
    liar = LyingProxy(one_server.port, lambda frame: [frame])
    second = person(ann.name, liar.port, register=False)
    ann.keys.approve(second.keys.approval_code)
    wait(lambda: second.keys.is_approved)

    def lose(frame: Frame) -> list[Frame]:
        if frame.get("action") == "to_device":
            frame["message"]["message"] = "{}"
        return [frame]

    liar.lie = lose
    bob.send_text(ann.name, "lost for one")
    wait(lambda: texts(ann, bob.name) == ["lost for one"])
    bob.close()
    wait(lambda: not ann.core.encryption.keys.not_backed_up(1))
    second.core.encryption.account.backup.stop()
    second.core.encryption._requests.forget()

    wait(lambda: texts(second, bob.name) == ["lost for one"])
    liar.close()


def test_a_new_device_is_announced_as_what_it_is(person: People, name: Names) -> None:
    ann, bob = person(name("ann")), person(name("bob"))
    room = name("#room")
    ann.ask(Join(room=room))
    ann.send_text(room, "alone")
    ann.send_text(bob.name, "hi")
    wait(lambda: "hi" in texts(bob, ann.name))
    announced = told(ann, DeviceAppeared)

    approved = person(bob.name, register=False)
    bob.keys.approve(approved.keys.approval_code)
    wait(lambda: approved.keys.is_approved)
    approved.send_text(ann.name, "from my new device")
    wait(lambda: "from my new device" in texts(ann, bob.name))
    first = DeviceAppeared(bob.name, approved.core.encryption.identity.device_id, approved=True)
    wait(lambda: announced == [first])

    second = person(bob.name, register=False)
    bob.keys.approve(second.keys.approval_code)
    wait(lambda: second.keys.is_approved)
    third = person(bob.name, register=False)
    bob.ask(Join(room=room))
    ann.send_text(room, "no more")
    wait(lambda: "no more" in texts(bob, room))
    wait(lambda: len(announced) == 3)
    assert set(announced[1:]) == {
        DeviceAppeared(bob.name, second.core.encryption.identity.device_id, approved=True),
        DeviceAppeared(
            bob.name, third.core.encryption.identity.device_id, approved=False, excluded=True
        ),
    }


def test_a_device_that_only_its_to_device_messages_tell_of_is_announced(
    person: People, name: Names, one_server: RunningServer
) -> None:
    """A server may leave a device out of the lists, or not answer: it is announced nevertheless."""
    liar = LyingProxy(one_server.port, lambda frame: [frame])
    ann, bob = person(name("ann"), liar.port), person(name("bob"))
    ann.send_text(bob.name, "hi")
    wait(lambda: "hi" in texts(bob, ann.name))
    announced = told(ann, DeviceAppeared)
    liar.lie = lambda frame: [] if "devices" in frame else [frame]

    slipped_in = person(bob.name, register=False)
    slipped_in.send_text(ann.name, "it is me")

    device_id = slipped_in.core.encryption.identity.device_id
    unsigned = DeviceAppeared(bob.name, device_id, approved=False, excluded=True)
    wait(lambda: announced == [unsigned])
    liar.close()


def test_a_device_that_nobody_has_approved_reads_and_says_nothing_until_it_is(
    person: People, name: Names
) -> None:
    """The approval is one step; both sides then decrypt the messages that were hidden."""
    ann, bob = person(name("ann")), person(name("Иван"))
    ann.send_text(bob.name, "hi")
    wait(lambda: "hi" in texts(bob, ann.name))
    second = person(ann.name, register=False)
    approved = approvals(second, ApprovalState.APPROVED)

    bob.send_text(ann.name, "for the approved")
    wait(lambda: "for the approved" in texts(ann, bob.name))
    wait(lambda: second.last(bob.name).security is MessageSecurity.UNAPPROVED)
    second.send_text(bob.name, "is it me?")
    wait(lambda: bob.last(ann.name).security is MessageSecurity.UNSIGNED)
    assert bob.last(ann.name).text == ""
    assert second.last(bob.name).text == "is it me?"

    ann.keys.approve(second.keys.approval_code)
    wait(lambda: approved)
    wait(lambda: "for the approved" in texts(second, bob.name))
    bob.core.encryption._requests.forget()
    wait(lambda: texts(bob, ann.name)[-1] == "is it me?", 40)
    bob.send_text(ann.name, "both read this")
    wait(lambda: texts(second, bob.name)[-1] == texts(ann, bob.name)[-1] == "both read this")


def test_a_code_that_no_device_shows_approves_nothing(person: People, name: Names) -> None:
    ann, bob = person(name("ann")), person(name("bob"))
    second = person(ann.name, register=False)
    stranger = person(bob.name, register=False)

    for code in ("", "ABCDE", "A" * 32, stranger.keys.approval_code):
        with pytest.raises(BadRequest):
            ann.keys.approve(code)
    with pytest.raises(BadRequest, match="not approved itself"):
        second.keys.approve(second.keys.approval_code)
    assert not second.keys.is_approved
    assert not stranger.keys.is_approved


def test_each_account_gets_an_identity_once_and_later_devices_ask_for_approval(
    person: People, name: Names
) -> None:
    ann = person(name("ann"))
    assert ann.keys.recovery_code
    assert ann.keys.is_approved
    second = person(ann.name, register=False)

    assert not second.keys.is_approved
    assert second.keys.recovery_code is None
    needed = Approval(ApprovalState.NEEDED, second.keys.approval_code)
    assert second.keys.approval == needed
    assert [one.is_this for one in ann.keys.own_devices()] == [True, False]


def test_a_lost_device_is_removed_and_given_no_keys(
    person: People, name: Names, one_server: RunningServer
) -> None:
    ann, bob = person(name("ann")), person(name("bob"))
    lost = person(ann.name, register=False)
    ann.keys.approve(lost.keys.approval_code)
    wait(lambda: lost.keys.is_approved)
    bob.send_text(ann.name, "one")
    wait(lambda: texts(lost, bob.name) == ["one"])

    ann.keys.forget_device(lost.core.encryption.identity.device_id)

    bob.send_text(ann.name, "two")
    wait(lambda: texts(ann, bob.name) == ["one", "two"])
    assert len(ann.keys.own_devices()) == 1
    assert texts(lost, bob.name) == ["one"]
    with pytest.raises(NotFound):
        ann.keys.forget_device("unknown")
    with pytest.raises(Forbidden, match="log out instead"):
        ann.keys.forget_device(ann.core.encryption.identity.device_id)
    with Talker(one_server.port) as guest:
        guest.guest_fully(name("guest"))
        assert guest.ask("forget_device", device="x")["response"] == Forbidden.code


def test_a_database_in_memory_makes_no_identity(one_server: RunningServer, name: Names) -> None:
    bot = Person(name("bot"), one_server.port, Store())
    bot.send_text("#all", "everything before this has been done")
    assert bot.wait_until_sent(60)

    assert not bot.keys.is_approved
    bot.close()
