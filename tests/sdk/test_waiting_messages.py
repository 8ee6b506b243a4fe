"""Messages that have waited for their keys are decrypted once, whatever arrived meanwhile."""

import pytest

from messenger.jim.rooms import Join, Leave
from messenger.sdk.events import ConnectionState
from messenger.sdk.store import MessageSecurity
from tests.sdk.person import Names, People, Person, wait
from tests.sdk.proxy import Frame, LyingProxy
from tests.sdk.test_lying_server import talking
from tests.sdk.test_unencrypted import made_up


def without_keys(frame: Frame) -> list[Frame]:
    """Lose to-device messages; the next one has the number that follows."""
    if frame.get("action") == "to_device":
        frame["message"]["message"] = "lost"
    return [frame]


def reconnect(client: Person) -> None:
    """Break the connection, and reconnect at once."""
    client._break()
    wait(lambda: client.core.state is not ConnectionState.ONLINE)
    client._again.set()


def test_a_message_that_has_waited_is_shown_once_whatever_numbers_it_has_had(
    person: People, name: Names, liar: LyingProxy
) -> None:
    """The server loses it, and has it again, before its key arrives."""
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
    """A device with the later key backs it up, too: the next device reads everything."""
    ann, bob = person(name("ann")), person(name("bob"))
    bob.send_text(ann.name, "one")
    wait(lambda: ann.heard(bob.name) == ["one"])
    wait(ann.core.encryption.keys.backed_up)
    code = ann.keys.recovery_code or ""

    liar.lie = lambda frame: [
        {**frame, "keys": {}} if isinstance(frame.get("keys"), dict) else frame
    ]
    second = person(ann.name, liar.port, register=False)
    second.keys.recover(code)
    bob.send_text(ann.name, "two")
    wait(lambda: "two" in second.heard(bob.name))
    wait(second.core.encryption.keys.backed_up)

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
    assert ann.last(room).security is MessageSecurity.WAITING

    liar.lie = lambda frame: [frame]
    reconnect(ann)

    wait(lambda: ann.heard(room) == ["while both were there"])


def test_an_older_message_is_opened_after_newer_ones_have_lost_their_numbers(
    person: People, name: Names, liar: LyingProxy
) -> None:
    """Its session's key arrives late, and the server has lost the end of the conversation."""
    ann, bob = person(name("ann")), person(name("bob"))
    bob.send_text(ann.name, "one")
    wait(lambda: ann.heard(bob.name) == ["one"])
    wait(ann.core.encryption.keys.backed_up)
    code = ann.keys.recovery_code or ""
    liar.lie = lambda frame: [
        {**frame, "keys": {}} if isinstance(frame.get("keys"), dict) else frame
    ]
    second = person(ann.name, liar.port, register=False)
    second.keys.recover(code)
    bob.send_text(ann.name, "two")
    wait(lambda: "two" in second.heard(bob.name))
    assert second.all(bob.name)[0].security is MessageSecurity.EARLIER
    liar.say(made_up(second, bob.name, 2))
    wait(lambda: second.all(bob.name)[1].security is MessageSecurity.DOWNGRADED)

    liar.lie = lambda frame: [frame]
    with second._lock:
        second.core.encryption.account.backup.restore()
        second._woken.set()

    wait(lambda: second.all(bob.name)[0].text == "one")
    assert second.all(bob.name)[0].is_proved


def test_a_repeated_own_message_hides_no_later_message(
    person: People, name: Names, liar: LyingProxy
) -> None:
    """Under the next number, in the same or another conversation."""
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
