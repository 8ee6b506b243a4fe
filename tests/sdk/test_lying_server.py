"""A server that lies about keys, devices and senders: nothing opens for it, nobody is fooled."""

import json
from typing import Any

import pytest
import vodozemac

from messenger.crypto.accounts import Secret
from messenger.crypto.devices import MEGOLM
from messenger.crypto.identity import PICKLE_KEY
from messenger.crypto.messages import certify, seal
from messenger.crypto.names import room_id
from messenger.jim.events import RoomChanged
from messenger.jim.requests import CloseRoom, Join, Leave, ShowHistory
from messenger.sdk import Store
from messenger.sdk.events import ComparisonAsked, IdentityChanged, LinkState, MessagesMissing
from messenger.sdk.sealing.channels import Content
from messenger.sdk.sealing.sessionkeys import Reach
from messenger.sdk.store import Lock, MessageState, Trust
from messenger.ui.json_lines import message_json
from messenger.ui.wording import message_line
from tests.running import RunningServer
from tests.sdk.person import Names, People, Person, told, wait
from tests.sdk.proxy import Frame, LyingProxy
from tests.sdk.spy import Spy, version_of_list


def letters_to(client: Person) -> list[dict[str, Any]]:
    """Return a list that fills with what to-device messages to the client say."""
    found: list[dict[str, Any]] = []
    take = client.core.sealing.groups.take_key

    def look(content: dict[str, Any], sender: Any, *, exported: bool = False) -> Reach | None:
        kind = "m.forwarded_room_key" if exported else "m.room_key"
        found.append({"type": kind, "content": content})
        return take(content, sender, exported=exported)

    client.core.sealing.groups.take_key = look  # type: ignore[method-assign]
    return found


def talking(one: Person, other: Person) -> None:
    """Have both write to each other, and read it."""
    one.send_text(other.name, "привет")
    wait(lambda: "привет" in other.heard(one.name))
    other.send_text(one.name, "здравствуй")
    wait(lambda: "здравствуй" in one.heard(other.name))


def letters_of(liar: LyingProxy) -> list[Frame]:
    """Return the to-device messages that the client has sent."""
    return [one for one in liar.overheard if one.get("action") == "to_device"]


def send(client: Person, letters: list[Content]) -> None:
    """Send to-device messages as they are."""
    sent: list[object] = []
    with client._to_send:
        client.core.sealing.channels.send(letters, sent.append)
        client._to_send.notify()
    wait(lambda: sent)
    assert not isinstance(sent[0], Exception)


def test_a_known_device_with_other_keys_is_given_no_key_that_it_asks_for(
    person: People, name: Names, liar: LyingProxy
) -> None:
    """The server asks in the name of bob's device, with keys of its own, for both sides' keys."""
    ann, bob = person(name("Иван Ё"), liar.port), person(name("bob"))
    talking(ann, bob)
    spy = Spy(liar, bob.name, bob.core.sealing.identity.ident)
    liar.hear = spy.hear
    ann_device = ann.core.sealing.identity.device
    sessions = {
        group.session_id
        for group in ann.core.sealing.keys.groups_of(room_id(bob.name, ann.name), 10)
    }
    assert len(sessions) == 2
    before = len(letters_of(liar))
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
            "requesting_device_id": bob.core.sealing.identity.ident,
        }
        spy.write(ann, "m.room_key_request", request)
    # What the real device asks for after that it is given.
    asked = Content(ann_device, "m.room_key_request", {**request, "body": body})
    send(bob, [asked])
    wait(lambda: len(letters_of(liar)) > before)

    assert spy.letters == []


def test_a_device_under_the_id_of_ones_own_is_announced(
    person: People, name: Names, liar: LyingProxy
) -> None:
    """Ids are an account's own: a device of bob's may be called as one of ann's, and is bob's."""
    ann, bob = person(name("ann"), liar.port), person(name("名前"))
    talking(ann, bob)
    ann.keys.verify(bob.name)
    spy = Spy(liar, bob.name, ann.core.sealing.identity.ident)
    spy.slip_in()
    ann.core.sealing.directory.forget()

    ann.send_text(bob.name, "the secret: 4711")
    wait(lambda: "the secret: 4711" in bob.heard(ann.name))

    wait(lambda: ann.appeared == [bob.name])


def test_a_device_of_ones_own_with_ones_own_id_and_other_keys_is_refused(
    person: People, name: Names, liar: LyingProxy
) -> None:
    ann, bob = person(name("ann"), liar.port), person(name("bob"))
    talking(ann, bob)
    spy = Spy(liar, ann.name, ann.core.sealing.identity.ident)
    spy.slip_in()
    ann.core.sealing.directory.forget()

    ann.send_text(bob.name, "the secret: 4711")
    wait(lambda: ann.store.count_unsent() == 0)

    assert spy.letters == []
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
        for one in eve.core.sealing.keys.groups_of(room_id(ann.name, eve.name), 9)
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
    eve_device = eve.core.sealing.identity
    as_hers = certify(eve_device, group.room_id, "another session")
    to = late.core.sealing.identity.device
    send(
        eve,
        [
            Content(to, "m.forwarded_room_key", stolen),
            Content(to, "m.forwarded_room_key", {**stolen, "messenger.certificate": as_hers}),
        ],
    )
    eve.send_text(late.name, "they have come before this")
    wait(lambda: "they have come before this" in late.heard(eve.name))

    assert not late.core.sealing.keys.inbound_sessions(group.session_id)


def test_nothing_that_is_in_a_to_device_message_has_an_effect_if_its_sender_is_not_proved(
    person: People, name: Names, liar: LyingProxy
) -> None:
    """A key in the name of a known device: what is sealed by it never opens as bob's."""
    ann, bob = person(name("ann"), liar.port), person(name("bob"))
    talking(ann, bob)
    spy = Spy(liar, bob.name, bob.core.sealing.identity.ident)
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

    assert not ann.core.sealing.keys.inbound_sessions(group.session_id)
    last = ann.last(bob.name)
    assert last.lock is Lock.SEALED


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
    ann.core.sealing.directory.forget()

    ann.send_text(bob.name, "the secret: 4711")
    wait(lambda: ann.store.count_unsent() == 0)

    assert spy.letters == []
    assert spy.read == []
    failed = ann.last(bob.name).state is MessageState.FAILED
    if "identity" in how:
        wait(lambda: changed == [IdentityChanged(bob.name, was_verified=verified)])
        assert failed is (verified or "alone" in how)
    else:
        assert failed is ("alone" in how)
    if verified and "identity" in how:
        assert ann.keys.trust_of(bob.name) is Trust.CHANGED
    if not failed:
        wait(lambda: bob.heard(ann.name)[-1] == "the secret: 4711")


def test_a_device_in_ones_own_account_that_one_has_not_approved_gets_no_key(
    person: People, name: Names, liar: LyingProxy
) -> None:
    ann, bob = person(name("ann"), liar.port), person(name("bob"))
    talking(ann, bob)
    for how in ({}, {"identity": None}, {"identity": Secret(ann.name).published()}):
        spy = Spy(liar, ann.name, "SPY", **how)
        spy.slip_in()
        ann.core.sealing.directory.forget()
        ann.send_text(bob.name, "the secret: 4711")
        wait(lambda: ann.store.count_unsent() == 0)
        assert spy.letters == []
        assert spy.read == []
    assert ann.last(bob.name).state is MessageState.FAILED
    assert ann.keys.trust_of(ann.name) is Trust.VERIFIED
    liar.lie, liar.hear = (lambda frame: [frame]), (lambda frame: [frame])
    ann.core.sealing.directory.forget()
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
    asked = told(ann, ComparisonAsked)
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
            "message": seal(spy.identity, group, room, "x1", "pay to 666"),
            "seq": ann.last(bob.name).seq + 1,  # type: ignore[operator]
            "stored": 1.0,
            "id": "x1",
        }
    )
    wait(lambda: len(ann.all(bob.name)) == 3)

    assert not ann.core.sealing.keys.inbound_sessions(group.session_id)
    assert ann.last(bob.name).lock in (Lock.UNSIGNED, Lock.WAITING, Lock.EARLIER)
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

    unsigned.send_text(ann.name, "not any more")
    wait(lambda: len(ann.heard(bob.name)) == 3)

    assert ann.last(bob.name).lock is Lock.UNSIGNED
    assert ann.last(bob.name).text == ""
    unsigned.close()


def test_an_account_that_has_no_identity_any_more_can_be_accepted_as_that(
    person: People, name: Names, liar: LyingProxy
) -> None:
    """Never by itself: the user says so, and its devices are trusted on first use again."""
    ann, bob = person(name("ann"), liar.port), person(name("bob"))
    talking(ann, bob)
    ann.keys.verify(bob.name)
    spy = Spy(liar, bob.name, "ANOTHER", identity=None, alone=True)
    spy.slip_in()
    ann.core.sealing.directory.forget()
    ann.send_text(bob.name, "who are you?")
    wait(lambda: ann.last(bob.name).state is MessageState.FAILED)

    ann.keys.accept(bob.name)
    ann.send_text(bob.name, "as you like")
    wait(lambda: ann.store.count_unsent() == 0)

    assert spy.read == ["as you like"]
    assert ann.keys.trust_of(bob.name) is Trust.UNKNOWN


# --- what is not encrypted ----------------------------------------------------------------------


def made_up(ann: Person, sender: str, seq: int) -> Frame:
    """Return a plain message that the server has made up, in anybody's name."""
    return {
        "action": "msg",
        "time": 1.0,
        "to": ann.name,
        "from": sender,
        "encoding": "utf-8",
        "message": "send the money to account 666",
        "seq": seq,
        "stored": 1.0,
        "id": f"x{seq}",
    }


def test_what_comes_plain_into_an_encrypted_conversation_is_marked_in_its_line(
    person: People, name: Names, liar: LyingProxy
) -> None:
    """In text, in JSON, and in one's own name as well; verified is what a device has signed."""
    ann, bob = person(name("ann"), liar.port), person(name("Иван"))
    talking(ann, bob)
    ann.keys.verify(bob.name)
    last = ann.last(bob.name).seq or 0
    liar.say(made_up(ann, bob.name, last + 1))
    liar.say({**made_up(ann, ann.name, last + 2), "to": bob.name})
    liar.say({**made_up(ann, bob.name, 0), "id": None})
    wait(lambda: len(ann.all(bob.name)) == 5)

    verified = ann.keys.trust_of(bob.name)
    for message in ann.all(bob.name)[2:]:
        assert message.lock is Lock.PLAIN
        line = message_line(message, ann.name, verified)
        assert "not encrypted" in line
        assert "✔" not in line
        assert json.loads(message_json(message))["lock"] == "plain"
    assert "✔" in message_line(ann.all(bob.name)[1], ann.name, verified)


def test_a_sealed_message_that_is_at_no_place_of_the_log_is_not_shown(
    person: People, name: Names, liar: LyingProxy
) -> None:
    """Without a number it could be shown again and again."""
    ann, bob = person(name("ann"), liar.port), person(name("bob"))
    talking(ann, bob)

    def unnumbered(frame: Frame) -> list[Frame]:
        if frame.get("action") != "msg":
            return [frame]
        return [frame, {key: frame[key] for key in frame if key != "seq"}]

    liar.lie = unnumbered
    bob.send_text(ann.name, "once")
    wait(lambda: len(ann.all(bob.name)) == 4)

    assert [one.text for one in ann.all(bob.name)].count("once") == 1


@pytest.mark.parametrize("how", ["plain", "features"])
def test_a_person_whose_identity_is_known_is_not_written_to_in_plain_by_itself(
    person: People, name: Names, liar: LyingProxy, how: str
) -> None:
    """Where the server says that there are no keys, or that it passes nothing encrypted on."""
    ann, bob = person(name("ann"), liar.port), person(name("bob"))
    ann.keys.safety_number(bob.name)

    def lower(frame: Frame) -> list[Frame]:
        if how == "features" and "features" in frame:
            return [{**frame, "features": ["numbers", "events"]}]
        if how == "plain" and "version" in frame and "devices" in frame:
            for key in ("devices", "identities"):
                frame[key] = [one for one in frame[key] if one["account_name"] != bob.name]
            frame["plain"] = [bob.name]
            frame["version"] = version_of_list(frame)
        return [frame]

    liar.lie = lower
    liar.hear = lambda frame: [{key: frame[key] for key in frame if key != "devices"}]
    if how == "features":
        ann._break()
        wait(lambda: ann.core.state is not LinkState.ONLINE)
        ann._again.set()
        assert ann.wait_until_online(60)
    ann.core.sealing.directory.forget()
    ann.send_text(bob.name, "the secret: 4711")
    wait(lambda: ann.last(bob.name).state is MessageState.FAILED)
    assert "not sent unencrypted" in ann.last(bob.name).reason
    assert "the secret: 4711" not in json.dumps(liar.overheard)

    ann.keys.write_plain(bob.name)
    ann.send_text(bob.name, "as you like")
    wait(lambda: "as you like" in json.dumps(liar.overheard))
    ann.keys.write_plain(bob.name, allowed=False)
    ann.send_text(bob.name, "no more")
    wait(lambda: ann.store.count_unsent() == 0)
    assert "no more" not in json.dumps(liar.overheard)


def test_the_time_of_a_message_is_its_senders_and_not_the_servers(
    person: People, name: Names, liar: LyingProxy
) -> None:
    ann, bob = person(name("ann"), liar.port), person(name("bob"))

    def a_day_earlier(frame: Frame) -> list[Frame]:
        for message in (frame, *frame.get("messages", ())):
            if "message" in message:
                message["time"] -= 86400
        return [frame]

    liar.lie = a_day_earlier
    written = bob.send_text(ann.name, "I agree to the contract")
    wait(lambda: ann.heard(bob.name) == ["I agree to the contract"])

    assert ann.last(bob.name).time == written.time
    assert ann.last(bob.name).said_time == written.time - 86400
    # The log is the server's all the same: nothing is taken for another message.
    ann._break()
    wait(lambda: ann.core.state is not LinkState.ONLINE)
    ann._again.set()
    bob.send_text(ann.name, "again")
    wait(lambda: ann.heard(bob.name) == ["I agree to the contract", "again"])


def test_one_member_of_a_room_cannot_accuse_the_server_of_holding_messages_back(
    person: People, name: Names
) -> None:
    ann, eve, bob = person(name("ann")), person(name("eve")), person(name("bob"))
    room = name("#комната")
    for one in (ann, eve, bob):
        one.ask(Join(room=room))
    missing = told(ann, MessagesMissing)
    for liar in (eve, bob):
        liar.store.synced = lambda _conversation: 10**6  # type: ignore[method-assign]
    for number in range(2):
        eve.send_text(room, str(number))
        wait(lambda: str(number) in ann.heard(room))  # noqa: B023  at once
    assert missing == []

    bob.send_text(room, "two say so")
    wait(lambda: missing == [MessagesMissing(room)])


# --- keys of the past ---------------------------------------------------------------------------


def history_keys(letters: list[dict[str, Any]]) -> list[str]:
    """Return the sessions of the past whose keys were given."""
    kind = "m.forwarded_room_key"
    return [one["content"]["session_id"] for one in letters if one["type"] == kind]


def test_a_server_that_says_that_a_room_shows_its_history_gets_no_key_of_the_past(
    person: People, name: Names, liar: LyingProxy
) -> None:
    """By an event or by the list, in the creator's name or another's; for any device."""
    ann, bob = person(name("ann"), liar.port), person(name("bob"))
    room = name("#комната")
    for one in (bob, ann):
        one.ask(Join(room=room))
    ann.send_text(room, "an old secret")
    wait(lambda: "an old secret" in bob.heard(room))
    told: list[object] = []
    ann.on(RoomChanged)(told.append)
    for account in (bob.name, ann.name):
        change = {"action": "room", "time": 1.0, "room": room, "change": "history", "shown": True}
        liar.say({**change, "account_name": account})
    wait(lambda: len(told) == 2)
    newcomer = Person(name("eve"), liar._server_port, Store())
    received = letters_to(newcomer)
    newcomer.ask(Join(room=room))
    spy = Spy(liar, bob.name, "SPY")
    spy.slip_in()
    ann.core.sealing.directory.forget()

    ann.send_text(room, "a new one")
    wait(lambda: "a new one" in newcomer.heard(room))

    assert spy.letters == []
    assert history_keys(received) == []
    newcomer.close()


def test_what_was_written_while_a_room_hid_its_history_stays_hidden(
    person: People, name: Names
) -> None:
    """The setting of a session is that of when it was begun; a room made again is another one."""
    ann, bob = person(name("ann")), person(name("bob"))
    room = name("#room")
    for one in (ann, bob):
        one.ask(Join(room=room))
    for shown in (False, True):
        ann.ask(ShowHistory(room=room, shown=shown))
        for one, other in ((ann, bob), (bob, ann)):
            wait(lambda: bob.store.conversation(room).history is shown)  # type: ignore[union-attr]  # noqa: B023
            one.send_text(room, f"{one.name} {shown}")
            wait(lambda: f"{one.name} {shown}" in other.heard(room))  # noqa: B023  at once
    eve = person(name("eve"))
    eve.ask(Join(room=room))
    ann.send_text(room, "welcome")
    wait(lambda: "welcome" in eve.heard(room))
    wait(lambda: {f"{one.name} True" for one in (ann, bob)} <= set(eve.heard(room)))
    assert not {f"{one.name} False" for one in (ann, bob)} & set(eve.heard(room))

    ann.ask(CloseRoom(room=room))
    wait(lambda: not ann.core.sealing.history.is_shown(room))
    groups = ann.core.sealing.keys.groups_of(ann.core.sealing.rooms.of(room), 99, shared=True)
    assert groups == []


# --- who has no part in a conversation, or had none then ----------------------------------------


def test_somebody_else_in_the_list_of_a_direct_chat_gets_no_key(
    person: People, name: Names, liar: LyingProxy
) -> None:
    """A chat is its two people's: an account that the server adds would read along unnoticed."""
    ann, bob = person(name("ann"), liar.port), person(name("Иван"))
    talking(ann, bob)
    spy = Spy(liar, name("eve"), "SPY", stranger=True)
    spy.slip_in()
    ann.core.sealing.directory.forget()

    ann.send_text(bob.name, "the secret: 4711")
    wait(lambda: ann.store.count_unsent() == 0)

    assert spy.letters == spy.read == []
    assert "somebody else's devices" in ann.last(bob.name).reason
    assert ann.core.sealing.keys.devices_of(spy.device.account) == {}


def test_nobody_else_makes_a_direct_chat_plain(
    person: People, name: Names, liar: LyingProxy
) -> None:
    """The server says that a guest reads along who can open nothing."""
    ann, bob = person(name("ann"), liar.port), person(name("名前"))
    ann.keys.safety_number(bob.name)

    def lower(frame: Frame) -> list[Frame]:
        if "version" in frame and "devices" in frame:
            frame["plain"] = ["a guest"]
            frame["version"] = version_of_list(frame)
        return [frame]

    liar.lie = lower
    liar.hear = lambda frame: [{key: frame[key] for key in frame if key != "devices"}]
    ann.core.sealing.directory.forget()
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
    ann.core.sealing.directory.forget()
    ann.send_text(bob.name, "from then on")
    wait(lambda: spy.read == ["from then on"])
    assert changed == [IdentityChanged(bob.name, was_verified=False)]

    keys = len(spy.letters)
    newest = [one["message"] for one in liar.overheard if one.get("action") == "msg"][-1]
    # Its own it is given again: requests are answered in their order.
    for message in (*before, newest):
        body = {
            "algorithm": MEGOLM,
            "room_id": room_id(bob.name, ann.name),
            "session_id": json.loads(message)["session_id"],
            "sender_key": ann.core.sealing.identity.curve25519,
        }
        request = {
            "action": "request",
            "body": body,
            "request_id": "1",
            "requesting_device_id": "SPY",
        }
        spy.write(ann, "m.room_key_request", request)
    wait(lambda: len(spy.letters) > keys)

    assert [text for message in before for text in spy.opened(message)] == []


def test_what_was_held_back_while_another_identity_was_shown_can_be_read_after_that(
    person: People, name: Names, liar: LyingProxy
) -> None:
    """It was opened by a key from before: nobody would send that again."""
    ann, bob = person(name("ann"), liar.port), person(name("Иван"))
    bob.send_text(ann.name, "one")
    wait(lambda: ann.heard(bob.name) == ["one"])
    Spy(liar, bob.name, "SPY", secret=Secret(bob.name)).slip_in()
    ann.keys.devices_of(bob.name)
    bob.send_text(ann.name, "two")
    wait(lambda: len(ann.all(bob.name)) == 2)
    assert ann.last(bob.name).lock is Lock.UNSIGNED

    liar.lie = liar.hear = lambda frame: [frame]
    ann.keys.devices_of(bob.name)

    wait(lambda: ann.heard(bob.name) == ["one", "two"])


def without_keys(frame: Frame) -> list[Frame]:
    """Lose to-device messages; the next one has the number that follows."""
    if frame.get("action") == "to_device":
        frame["letter"]["message"] = "lost"
    return [frame]


def reconnect(client: Person) -> None:
    """Break the link, and make it again at once."""
    client._break()
    wait(lambda: client.core.state is not LinkState.ONLINE)
    client._again.set()


def test_a_message_that_has_waited_is_shown_once_whatever_numbers_it_has_had(
    person: People, name: Names, liar: LyingProxy
) -> None:
    """The server forgets it, and has it again, before its key comes."""
    ann, bob = person(name("ann"), liar.port), person(name("bob"))

    liar.lie = without_keys
    for text in ("one", "two"):
        bob.send_text(ann.name, text)
    assert bob.wait_until_sent(60)
    wait(lambda: len(ann.all(bob.name)) == 2)
    bob.close()
    liar.lie = lambda frame: [frame]
    liar.say(made_up(ann, bob.name, 1))
    wait(lambda: ann.heard(bob.name).count("send the money to account 666") == 1)
    reconnect(ann)
    wait(lambda: len(ann.all(bob.name)) == 5)

    again = Person(bob.name, liar._server_port, bob.store)
    wait(lambda: {"one", "two"} <= set(ann.heard(bob.name)), 60)
    again.close()

    shown = [one.text for one in ann.all(bob.name) if one.is_proved]
    assert sorted(shown) == ["one", "two"]


def test_a_key_of_later_messages_does_not_replace_the_one_of_all_in_the_backup(
    person: People, name: Names, liar: LyingProxy
) -> None:
    """A device that has it from then on backs it up, too: the next one reads everything."""
    ann, bob = person(name("ann")), person(name("bob"))
    bob.send_text(ann.name, "one")
    wait(lambda: ann.heard(bob.name) == ["one"])
    wait(ann.core.sealing.keys.backed_up)
    code = ann.keys.recovery_code or ""

    liar.lie = lambda frame: [
        {**frame, "keys": {}} if isinstance(frame.get("keys"), dict) else frame
    ]
    second = person(ann.name, liar.port, register=False)
    second.keys.recover(code)
    bob.send_text(ann.name, "two")
    wait(lambda: "two" in second.heard(bob.name))
    wait(second.core.sealing.keys.backed_up)

    third = person(ann.name, register=False)
    third.keys.recover(code)
    wait(lambda: third.heard(bob.name) == ["one", "two"])


@pytest.mark.parametrize("leaver", ["sender", "reader"])
def test_a_key_is_asked_for_where_one_of_both_has_left_the_room(
    person: People, name: Names, liar: LyingProxy, leaver: str
) -> None:
    ann, bob = person(name("ann"), liar.port), person(name("bob"))
    room = name("#комната")
    for one in (ann, bob):
        one.ask(Join(room=room))
    liar.lie = without_keys
    bob.send_text(room, "while both were there")
    wait(lambda: ann.all(room))
    (bob if leaver == "sender" else ann).ask(Leave(room=room))
    assert ann.last(room).lock is Lock.WAITING

    liar.lie = lambda frame: [frame]
    reconnect(ann)

    wait(lambda: ann.heard(room) == ["while both were there"])


def test_an_older_message_is_opened_after_newer_ones_have_lost_their_numbers(
    person: People, name: Names, liar: LyingProxy
) -> None:
    """Its session's key comes late, and the server has forgotten the end of the conversation."""
    ann, bob = person(name("ann")), person(name("bob"))
    bob.send_text(ann.name, "one")
    wait(lambda: ann.heard(bob.name) == ["one"])
    wait(ann.core.sealing.keys.backed_up)
    code = ann.keys.recovery_code or ""
    liar.lie = lambda frame: [
        {**frame, "keys": {}} if isinstance(frame.get("keys"), dict) else frame
    ]
    second = person(ann.name, liar.port, register=False)
    second.keys.recover(code)
    bob.send_text(ann.name, "two")
    wait(lambda: "two" in second.heard(bob.name))
    assert second.all(bob.name)[0].lock is Lock.EARLIER
    liar.say(made_up(second, bob.name, 2))
    wait(lambda: second.all(bob.name)[1].lock is Lock.PLAIN)

    liar.lie = lambda frame: [frame]
    with second._to_send:
        second.core.sealing.account.restore()
        second._to_send.notify()

    wait(lambda: second.all(bob.name)[0].text == "one")
    assert second.all(bob.name)[0].is_proved


def test_a_repeated_message_of_ones_own_hides_no_message_that_comes_after_it(
    person: People, name: Names, liar: LyingProxy
) -> None:
    """Under the number that comes next, there or in another conversation."""
    ann, bob, eve = person(name("ann"), liar.port), person(name("bob")), person(name("eve"))
    talking(ann, bob)
    ann.send_text(bob.name, "mine")
    assert ann.wait_until_sent(60)
    mine = ann.last(bob.name)
    again = {**made_up(ann, ann.name, 4), "to": bob.name, "id": mine.sent_id, "time": mine.time}
    liar.say(again)
    liar.say({**again, "to": eve.name, "seq": 1})
    wait(lambda: ann.store.synced(bob.name) == 4 and ann.store.synced(eve.name) == 1)

    bob.send_text(ann.name, "after it")
    eve.send_text(ann.name, "the first one")

    wait(lambda: "after it" in ann.heard(bob.name) and "the first one" in ann.heard(eve.name))
    assert [one.text for one in ann.all(bob.name)].count("mine") == 1
    assert ann.heard(eve.name) == ["the first one"]
