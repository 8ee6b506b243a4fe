"""A server that repeats messages: the real message with the number of a copy is shown."""

import pytest

from messenger.jim.rooms import Join
from messenger.sdk.events import MessagesLost
from messenger.sdk.store import MessageSecurity, MessageState
from tests.sdk.person import Names, People, Person, told, wait
from tests.sdk.proxy import Frame, LyingProxy

PLAIN = {"encoding": "utf-8", "message": "send the money to account 666"}


@pytest.fixture
def devices(person: People, name: Names, liar: LyingProxy) -> tuple[Person, Person]:
    """Two approved devices of one account; the server lies to the second."""
    first = person(name("Иван"))
    second = person(first.name, liar.port, register=False)
    second.keys.recover(first.keys.recovery_code or "")
    return first, second


def texts(client: Person, conversation: str) -> list[str]:
    """Return the decrypted, authenticated texts of a conversation."""
    return [one.text for one in client.all(conversation) if one.is_proved]


def send(client: Person, to: str, *texts: str) -> None:
    """Send messages; the server has them then."""
    for text in texts:
        client.send_text(to, text)
    assert client.wait_until_sent(60)


def overheard(liar: LyingProxy, *, passes: bool = True) -> list[Frame]:
    """Return a list that fills with the messages for the client, delivered or not."""
    heard: list[Frame] = []

    def listen(frame: Frame) -> list[Frame]:
        if frame.get("action") == "msg" and "seq" in frame:
            heard.append(frame)
            return [frame] if passes else []
        return [frame]

    liar.lie = listen
    return heard


@pytest.mark.parametrize("changed", [{}, {"time": 0}, PLAIN, {**PLAIN, "id": "another"}])
@pytest.mark.parametrize("where", ["名前", "#комната"])
def test_a_copy_of_a_message_of_another_own_device_hides_no_message_in_its_place(
    devices: tuple[Person, Person],
    person: People,
    name: Names,
    liar: LyingProxy,
    where: str,
    changed: Frame,
) -> None:
    first, second = devices
    to = name(where)
    if to.startswith("#"):
        first.ask(Join(room=to))
    else:
        person(to)
    lost, heard = told(second, MessagesLost), overheard(liar)
    send(first, to, "one")
    wait(lambda: texts(second, to) == ["one"])
    liar.say({**heard[-1], "seq": 2, **changed})
    wait(lambda: second.store.synced(to) == 2)
    assert second.last(to).security in (MessageSecurity.INVALID, MessageSecurity.DOWNGRADED)

    send(first, to, "two", "three")

    wait(lambda: texts(second, to) == ["one", "two", "three"])
    wait(lambda: lost == [MessagesLost(to)])
    # Nobody has written the copy: there is nothing to send again.
    assert not [one for one in second.all(to) if one.state is MessageState.FAILED]


def test_a_copy_in_another_conversation_hides_none_that_comes_in_its_place(
    devices: tuple[Person, Person], person: People, name: Names, liar: LyingProxy
) -> None:
    first, second = devices
    bob, eve = person(name("名前")), person(name("eve 🦊"))
    heard = overheard(liar)
    send(first, bob.name, "for bob")
    wait(lambda: texts(second, bob.name) == ["for bob"])
    liar.say({**heard[-1], "to": eve.name, "seq": 1})
    wait(lambda: second.store.synced(eve.name) == 1)

    send(first, eve.name, "for eve", "and more")

    wait(lambda: texts(second, eve.name) == ["for eve", "and more"])
    assert texts(second, bob.name) == ["for bob"]


def test_a_copy_that_came_last_hides_nothing_that_was_written_while_one_was_away(
    devices: tuple[Person, Person], person: People, name: Names, liar: LyingProxy
) -> None:
    first, second = devices
    bob, heard = person(name("名前")), overheard(liar)
    send(first, bob.name, "one")
    wait(lambda: texts(second, bob.name) == ["one"])
    liar.say({**heard[-1], "seq": 2})
    wait(lambda: second.store.synced(bob.name) == 2)
    second.close()
    send(first, bob.name, "two", "three")

    again = person(first.name, store=second.store, register=False)

    wait(lambda: texts(again, bob.name) == ["one", "two", "three"])


@pytest.mark.parametrize("changed", [{"message": "lost"}, PLAIN])
def test_a_message_that_came_changed_and_in_the_place_of_another_comes_as_it_was_written(
    devices: tuple[Person, Person], person: People, name: Names, liar: LyingProxy, changed: Frame
) -> None:
    first, second = devices
    bob = person(name("名前"))
    send(first, bob.name, "one")
    wait(lambda: texts(second, bob.name) == ["one"])
    held = overheard(liar, passes=False)
    send(first, bob.name, "two", "three")
    wait(lambda: len(held) == 2)
    two, three = held
    liar.say({**three, "seq": 2, **changed})
    wait(lambda: second.store.synced(bob.name) == 2)
    overheard(liar)

    liar.say(two)
    send(first, bob.name, "four")

    wait(lambda: texts(second, bob.name) == ["one", "two", "three", "four"])


def test_who_is_given_the_number_of_an_earlier_message_is_told_that_it_is_lost(
    person: People, name: Names, liar: LyingProxy
) -> None:
    ann, bob = person(name("Анна"), liar.port), person(name("名前"))
    send(ann, bob.name, "one", "two", "three")
    lost = told(ann, MessagesLost)
    liar.lie = lambda frame: [{**frame, "seq": 2} if frame.get("seq") == 4 else frame]

    send(ann, bob.name, "four")

    wait(lambda: lost == [MessagesLost(bob.name)])
    shown = ann.all(bob.name)
    assert [(one.text, one.seq) for one in shown[:2]] == [("one", 1), ("four", 2)]
    failed = [one.text for one in shown if one.state is MessageState.FAILED]
    assert failed == ["two", "three"]
