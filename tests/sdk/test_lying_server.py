"""A server that lies about keys, devices and senders: it decrypts nothing and deceives nobody."""

from typing import Any

import pytest
import vodozemac

from messenger.crypto.accounts import Secret
from messenger.crypto.devices import MEGOLM
from messenger.crypto.identity import PICKLE_KEY
from messenger.crypto.messages import certify, encrypt
from messenger.crypto.names import room_id
from messenger.sdk import Store
from messenger.sdk.encryption.olm_sessions import Content
from messenger.sdk.encryption.session_keys import Reach
from messenger.sdk.events import IdentityChanged, VerificationChanged
from messenger.sdk.store import IdentityTrust, MessageSecurity, MessageState
from tests.running import RunningServer
from tests.sdk.person import Names, People, Person, told, wait
from tests.sdk.proxy import Frame, LyingProxy
from tests.sdk.spy import Spy


def to_device_messages_to(client: Person) -> list[dict[str, Any]]:
    """Return a list that fills with the contents of to-device messages to the client."""
    found: list[dict[str, Any]] = []
    take = client.core.encryption.sessions.take_key

    def look(content: dict[str, Any], sender: Any, *, exported: bool = False) -> Reach | None:
        kind = "m.forwarded_room_key" if exported else "m.room_key"
        found.append({"type": kind, "content": content})
        return take(content, sender, exported=exported)

    client.core.encryption.sessions.take_key = look  # type: ignore[method-assign]
    return found


def talking(one: Person, other: Person) -> None:
    """Have both write to each other, and read it."""
    one.send_text(other.name, "привет")
    wait(lambda: "привет" in other.heard(one.name))
    other.send_text(one.name, "здравствуй")
    wait(lambda: "здравствуй" in one.heard(other.name))


def to_device_messages_of(liar: LyingProxy) -> list[Frame]:
    """Return the to-device messages that the client has sent."""
    return [one for one in liar.overheard if one.get("action") == "to_device"]


def send(client: Person, messages: list[Content]) -> None:
    """Send to-device messages unchanged."""
    sent: list[object] = []
    with client._lock:
        client.core.encryption.olm_sessions.send(messages, sent.append)
        client._woken.set()
    wait(lambda: sent)
    assert not isinstance(sent[0], Exception)


def test_a_known_device_with_other_keys_is_given_no_key_that_it_asks_for(
    person: People, name: Names, liar: LyingProxy
) -> None:
    """The server requests keys of both sides in the name of bob's device, with its own keys."""
    ann, bob = person(name("Иван Ё"), liar.port), person(name("bob"))
    talking(ann, bob)
    spy = Spy(liar, bob.name, bob.core.encryption.identity.device_id)
    liar.hear = spy.hear
    ann_device = ann.core.encryption.identity.device
    sessions = {
        group.session_id
        for group in ann.core.encryption.keys.inbound_sessions_of(room_id(bob.name, ann.name), 10)
    }
    assert len(sessions) == 2
    before = len(to_device_messages_of(liar))
    for session_id in sessions:
        body = {
            "algorithm": MEGOLM,
            "room_id": room_id(bob.name, ann.name),
            "session_id": session_id,
            "sender_key": ann_device.curve25519,
        }
        request = {
            "action": "request",
            "body": body,
            "request_id": "1",
            "requesting_device_id": bob.core.encryption.identity.device_id,
        }
        spy.write(ann, "m.room_key_request", request)
    # The real device still gets what it asks for.
    asked = Content(ann_device, "m.room_key_request", {**request, "body": body})
    send(bob, [asked])
    wait(lambda: len(to_device_messages_of(liar)) > before)

    assert spy.messages == []


def test_a_device_with_the_id_of_an_own_device_is_announced(
    person: People, name: Names, liar: LyingProxy
) -> None:
    """Ids belong to an account: bob's device may have the id of one of ann's, and is bob's."""
    ann, bob = person(name("ann"), liar.port), person(name("名前"))
    talking(ann, bob)
    ann.keys.verify(bob.name)
    spy = Spy(liar, bob.name, ann.core.encryption.identity.device_id)
    spy.slip_in()
    ann.core.encryption.device_lists.forget()

    ann.send_text(bob.name, "the secret: 4711")
    wait(lambda: "the secret: 4711" in bob.heard(ann.name))

    wait(lambda: ann.appeared == [bob.name])


def test_a_device_with_the_own_id_and_other_keys_is_refused(
    person: People, name: Names, liar: LyingProxy
) -> None:
    ann, bob = person(name("ann"), liar.port), person(name("bob"))
    talking(ann, bob)
    spy = Spy(liar, ann.name, ann.core.encryption.identity.device_id)
    spy.slip_in()
    ann.core.encryption.device_lists.forget()

    ann.send_text(bob.name, "the secret: 4711")
    wait(lambda: ann.store.count_unsent() == 0)

    assert spy.messages == []
    assert spy.read == []


def test_whoever_has_a_session_cannot_give_it_without_a_certificate_for_it(
    person: People, name: Names
) -> None:
    """A member has ann's key; a certificate of his for another session proves nothing."""
    ann, eve, late = person(name("ann")), person(name("eve")), person(name("late"))
    talking(ann, eve)
    ann.send_text(late.name, "hello")
    wait(lambda: late.heard(ann.name) == ["hello"])
    eve.send_text(late.name, "hello")
    wait(lambda: late.heard(eve.name) == ["hello"])
    group = next(
        one
        for one in eve.core.encryption.keys.inbound_sessions_of(room_id(ann.name, eve.name), 9)
        if one.account == ann.name
    )
    session = vodozemac.InboundGroupSession.from_pickle(group.pickle, PICKLE_KEY)
    key = session.export_at(session.first_known_index)
    assert key is not None
    stolen = {
        "algorithm": MEGOLM,
        "room_id": group.room_id,
        "session_id": group.session_id,
        "session_key": key.to_base64(),
    }
    eve_device = eve.core.encryption.identity
    as_hers = certify(eve_device, group.room_id, "another session")
    to = late.core.encryption.identity.device
    send(
        eve,
        [
            Content(to, "m.forwarded_room_key", stolen),
            Content(to, "m.forwarded_room_key", {**stolen, "messenger.certificate": as_hers}),
        ],
    )
    eve.send_text(late.name, "they have come before this")
    wait(lambda: "they have come before this" in late.heard(eve.name))

    assert not late.core.encryption.keys.inbound_sessions(group.session_id)


def test_nothing_that_is_in_a_to_device_message_has_an_effect_if_its_sender_is_not_proved(
    person: People, name: Names, liar: LyingProxy
) -> None:
    """A session key in the name of a known device: its messages are never shown as bob's."""
    ann, bob = person(name("ann"), liar.port), person(name("bob"))
    talking(ann, bob)
    spy = Spy(liar, bob.name, bob.core.encryption.identity.device_id)
    group = vodozemac.GroupSession()
    room = room_id(bob.name, ann.name)
    key = {
        "algorithm": MEGOLM,
        "room_id": room,
        "session_id": group.session_id,
        "session_key": group.session_key.to_base64(),
        "messenger.certificate": certify(spy.identity, room, group.session_id),
    }
    spy.write(ann, "m.room_key", key)
    bob.send_text(ann.name, "after it")
    wait(lambda: "after it" in ann.heard(bob.name))

    assert not ann.core.encryption.keys.inbound_sessions(group.session_id)
    last = ann.last(bob.name)
    assert last.security is MessageSecurity.ENCRYPTED


@pytest.mark.parametrize("verified", [True, False])
@pytest.mark.parametrize(
    "how", [{}, {"identity": None}, {"identity": None, "alone": True}, {"alone": True}]
)
def test_a_device_that_a_known_identity_has_not_signed_gets_no_key(
    person: People, name: Names, liar: LyingProxy, how: dict[str, Any], *, verified: bool
) -> None:
    """Beside the real devices or instead of them, with the identity or without it."""
    ann, bob = person(name("ann"), liar.port), person(name("bob"))
    talking(ann, bob)
    if verified:
        ann.keys.verify(bob.name)
    changed = told(ann, IdentityChanged)
    spy = Spy(liar, bob.name, "SPY", **how)
    spy.slip_in()
    ann.core.encryption.device_lists.forget()

    ann.send_text(bob.name, "the secret: 4711")
    wait(lambda: ann.store.count_unsent() == 0)

    assert spy.messages == []
    assert spy.read == []
    failed = ann.last(bob.name).state is MessageState.FAILED
    if "identity" in how:
        wait(lambda: changed == [IdentityChanged(bob.name, was_verified=verified)])
        assert failed is (verified or "alone" in how)
    else:
        assert failed is ("alone" in how)
    if verified and "identity" in how:
        assert ann.keys.trust_of(bob.name) is IdentityTrust.CHANGED
    if not failed:
        wait(lambda: bob.heard(ann.name)[-1] == "the secret: 4711")


def test_an_unapproved_device_of_the_own_account_gets_no_key(
    person: People, name: Names, liar: LyingProxy
) -> None:
    ann, bob = person(name("ann"), liar.port), person(name("bob"))
    talking(ann, bob)
    for how in ({}, {"identity": None}, {"identity": Secret(ann.name).published()}):
        spy = Spy(liar, ann.name, "SPY", **how)
        spy.slip_in()
        ann.core.encryption.device_lists.forget()
        ann.send_text(bob.name, "the secret: 4711")
        wait(lambda: ann.store.count_unsent() == 0)
        assert spy.messages == []
        assert spy.read == []
    assert ann.last(bob.name).state is MessageState.FAILED
    assert ann.keys.trust_of(ann.name) is IdentityTrust.VERIFIED
    liar.lie, liar.hear = (lambda frame: [frame]), (lambda frame: [frame])
    ann.core.encryption.device_lists.forget()
    ann.send_text(bob.name, "and on")
    wait(lambda: bob.heard(ann.name)[-1] == "and on")


@pytest.mark.parametrize(
    "kind", ["m.room_key", "m.forwarded_room_key", "m.key.verification.request"]
)
def test_what_a_device_that_is_not_signed_sends_has_no_effect(
    person: People, name: Names, liar: LyingProxy, kind: str
) -> None:
    ann, bob = person(name("ann"), liar.port), person(name("bob"))
    talking(ann, bob)
    asked = told(ann, VerificationChanged)
    spy = Spy(liar, bob.name, "SPY")
    spy.slip_in()
    group = vodozemac.GroupSession()
    room = room_id(bob.name, ann.name)
    inbound = vodozemac.InboundGroupSession(group.session_key)
    exported = inbound.export_at(0)
    assert exported is not None
    key = {
        "algorithm": MEGOLM,
        "room_id": room,
        "session_id": group.session_id,
        "session_key": group.session_key.to_base64()
        if kind == "m.room_key"
        else exported.to_base64(),
        "messenger.certificate": certify(spy.identity, room, group.session_id),
        "transaction_id": "t",
        "from_device": "SPY",
        "methods": ["m.sas.v1"],
    }
    spy.write(ann, kind, key)
    liar.say(
        {
            "action": "msg",
            "time": 1.0,
            "to": ann.name,
            "from": bob.name,
            "encoding": MEGOLM,
            "message": encrypt(spy.identity, group, room, "x1", "pay to 666"),
            "seq": ann.last(bob.name).seq + 1,  # type: ignore[operator]
            "stored": 1.0,
            "id": "x1",
        }
    )
    wait(lambda: len(ann.all(bob.name)) == 3)

    assert not ann.core.encryption.keys.inbound_sessions(group.session_id)
    assert ann.last(bob.name).security in (
        MessageSecurity.UNSIGNED,
        MessageSecurity.WAITING,
        MessageSecurity.EARLIER,
    )
    assert ann.last(bob.name).text == ""
    assert asked == []


def test_a_session_from_before_an_identity_was_known_shows_nothing_new_of_an_unsigned_device(
    one_server: RunningServer, person: People, name: Names
) -> None:
    """Trust on first use ends with the first identity: bob's next device makes one."""
    ann = person(name("ann"))
    unsigned = Person(name("bob"), one_server.port, Store())
    unsigned.send_text(ann.name, "trusted on first use")
    wait(lambda: ann.heard(unsigned.name) == ["trusted on first use"])
    bob = person(unsigned.name, register=False)
    bob.send_text(ann.name, "with an identity")
    wait(lambda: ann.heard(bob.name)[-1] == "with an identity")
    wait(lambda: ann.keys.trust_of(bob.name) is IdentityTrust.UNVERIFIED)

    unsigned.send_text(ann.name, "not any more")
    wait(lambda: len(ann.heard(bob.name)) == 3)

    assert ann.last(bob.name).security is MessageSecurity.UNSIGNED
    assert ann.last(bob.name).text == ""
    unsigned.close()


def test_an_account_that_has_no_identity_any_more_can_be_accepted_as_that(
    person: People, name: Names, liar: LyingProxy
) -> None:
    """Never automatically: the user agrees, and its devices are trusted on first use again."""
    ann, bob = person(name("ann"), liar.port), person(name("bob"))
    talking(ann, bob)
    ann.keys.verify(bob.name)
    spy = Spy(liar, bob.name, "ANOTHER", identity=None, alone=True)
    spy.slip_in()
    ann.core.encryption.device_lists.forget()
    ann.send_text(bob.name, "who are you?")
    wait(lambda: ann.last(bob.name).state is MessageState.FAILED)

    ann.keys.accept(bob.name)
    ann.send_text(bob.name, "as you like")
    wait(lambda: ann.store.count_unsent() == 0)

    assert spy.read == ["as you like"]
    assert ann.keys.trust_of(bob.name) is IdentityTrust.UNKNOWN
