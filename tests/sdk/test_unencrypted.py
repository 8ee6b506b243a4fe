"""Plain messages that the server makes up, and its word about messages, are shown as such."""

import json

import pytest

from messenger.jim.rooms import Join
from messenger.sdk.events import ConnectionState, MessagesMissing
from messenger.sdk.store import MessageSecurity, MessageState
from messenger.ui.json_lines import message_json
from messenger.ui.wording import message_line
from tests.sdk.person import Names, People, Person, told, wait
from tests.sdk.proxy import Frame, LyingProxy
from tests.sdk.spy import version_of_list
from tests.sdk.test_lying_server import talking


def made_up(ann: Person, sender: str, seq: int) -> Frame:
    """Return a plain message of the server in any name."""
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
    """In text, in JSON, and in the own name, too; only a device's signature counts as verified."""
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
        assert message.security is MessageSecurity.DOWNGRADED
        line = message_line(message, ann.name, verified)
        assert "not encrypted" in line
        assert "✔" not in line
        assert json.loads(message_json(message))["security"] == "downgraded"
    assert "✔" in message_line(ann.all(bob.name)[1], ann.name, verified)


def test_an_encrypted_message_without_a_sequence_number_is_not_shown(
    person: People, name: Names, liar: LyingProxy
) -> None:
    """Without a number it could be shown repeatedly."""
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
    """If the server says that there are no keys, or that it delivers nothing encrypted."""
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
        wait(lambda: ann.core.state is not ConnectionState.ONLINE)
        ann._again.set()
        assert ann.wait_until_online(60)
    ann.core.encryption.device_lists.forget()
    ann.send_text(bob.name, "the secret: 4711")
    wait(lambda: ann.last(bob.name).state is MessageState.FAILED)
    assert "not sent unencrypted" in str(ann.last(bob.name).failure)
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
    # The log has the server's times nevertheless: no message is taken for another one.
    ann._break()
    wait(lambda: ann.core.state is not ConnectionState.ONLINE)
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
