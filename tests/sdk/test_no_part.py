"""Accounts that are not part of a conversation, or were not then, read nothing of it."""

import json

from messenger.crypto.accounts import Secret
from messenger.crypto.devices import MEGOLM
from messenger.crypto.names import room_id
from messenger.sdk.events import IdentityChanged
from messenger.sdk.store import MessageSecurity, MessageState
from tests.sdk.person import Names, People, told, wait
from tests.sdk.proxy import Frame, LyingProxy
from tests.sdk.spy import Spy, version_of_list
from tests.sdk.test_lying_server import talking


def test_somebody_else_in_the_list_of_a_direct_chat_gets_no_key(
    person: People, name: Names, liar: LyingProxy
) -> None:
    """A direct chat has two members: an account that the server adds would read along unnoticed."""
    ann, bob = person(name("ann"), liar.port), person(name("Иван"))
    talking(ann, bob)
    spy = Spy(liar, name("eve"), "SPY", stranger=True)
    spy.slip_in()
    ann.core.encryption.device_lists.forget()

    ann.send_text(bob.name, "the secret: 4711")
    wait(lambda: ann.store.count_unsent() == 0)

    assert spy.messages == spy.read == []
    assert "somebody else's devices" in str(ann.last(bob.name).failure)
    assert ann.core.encryption.keys.devices_of(spy.device.account) == {}


def test_nobody_else_makes_a_direct_chat_plain(
    person: People, name: Names, liar: LyingProxy
) -> None:
    """The server says that a guest is in it, who cannot decrypt."""
    ann, bob = person(name("ann"), liar.port), person(name("名前"))
    ann.keys.safety_number(bob.name)

    def lower(frame: Frame) -> list[Frame]:
        if "version" in frame and "devices" in frame:
            frame["plain"] = ["a guest"]
            frame["version"] = version_of_list(frame)
        return [frame]

    liar.lie = lower
    liar.hear = lambda frame: [{key: frame[key] for key in frame if key != "devices"}]
    ann.core.encryption.device_lists.forget()
    ann.send_text(bob.name, "the secret: 4711")
    wait(lambda: ann.store.count_unsent() == 0)

    assert "the secret: 4711" not in json.dumps(liar.overheard)
    assert ann.last(bob.name).state is MessageState.FAILED


def test_another_identity_opens_nothing_that_was_written_before(
    person: People, name: Names, liar: LyingProxy
) -> None:
    """It is announced, and trusted where the one before was not verified: from then on."""
    ann, bob = person(name("ann"), liar.port), person(name("bob"))
    talking(ann, bob)
    changed = told(ann, IdentityChanged)
    before = [one["message"] for one in liar.overheard if one.get("action") == "msg"]
    spy = Spy(liar, bob.name, "SPY", secret=Secret(bob.name))
    spy.slip_in()
    ann.core.encryption.device_lists.forget()
    ann.send_text(bob.name, "from then on")
    wait(lambda: spy.read == ["from then on"])
    assert changed == [IdentityChanged(bob.name, was_verified=False)]

    keys = len(spy.messages)
    newest = [one["message"] for one in liar.overheard if one.get("action") == "msg"][-1]
    # It gets its own again: requests are answered in order.
    for message in (*before, newest):
        body = {
            "algorithm": MEGOLM,
            "room_id": room_id(bob.name, ann.name),
            "session_id": json.loads(message)["session_id"],
            "sender_key": ann.core.encryption.identity.curve25519,
        }
        request = {
            "action": "request",
            "body": body,
            "request_id": "1",
            "requesting_device_id": "SPY",
        }
        spy.write(ann, "m.room_key_request", request)
    wait(lambda: len(spy.messages) > keys)

    assert [text for message in before for text in spy.opened(message)] == []


def test_what_was_held_back_while_another_identity_was_shown_can_be_read_after_that(
    person: People, name: Names, liar: LyingProxy
) -> None:
    """It was decrypted with an earlier key: nobody would send that again."""
    ann, bob = person(name("ann"), liar.port), person(name("Иван"))
    bob.send_text(ann.name, "one")
    wait(lambda: ann.heard(bob.name) == ["one"])
    Spy(liar, bob.name, "SPY", secret=Secret(bob.name)).slip_in()
    ann.keys.devices_of(bob.name)
    bob.send_text(ann.name, "two")
    wait(lambda: len(ann.all(bob.name)) == 2)
    assert ann.last(bob.name).security is MessageSecurity.UNSIGNED

    liar.lie = liar.hear = lambda frame: [frame]
    ann.keys.devices_of(bob.name)

    wait(lambda: ann.heard(bob.name) == ["one", "two"])
