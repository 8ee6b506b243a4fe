"""The server says who is a guest; it cannot make one of an account with keys."""

from messenger.jim.names import EVERYONE
from messenger.jim.rooms import Join
from messenger.sdk.store import MessageSecurity
from tests.sdk.person import Names, People, wait
from tests.sdk.proxy import Frame, LyingProxy


def as_a_guests(frame: Frame) -> list[Frame]:
    """Mark all messages and direct chats as a guest's."""
    for one in (frame, *frame.get("messages", ()), *frame.get("conversations", ())):
        if "from" in one or "conversation" in one:
            one["guest"] = True
    return [frame]


def test_a_server_makes_no_guest_of_somebody_whose_keys_are_known(
    person: People, name: Names, liar: LyingProxy
) -> None:
    ann, bob = person(name("Анна"), liar.port), person(name("名前"))
    ann.send_text(bob.name, "one")
    wait(lambda: bob.heard(ann.name) == ["one"])
    ann.keys.verify(bob.name)

    liar.lie = as_a_guests
    bob.send_text(ann.name, "two")
    wait(lambda: ann.heard(bob.name) == ["two"])
    ann.close()
    again = person(ann.name, liar.port, store=ann.store, register=False)
    bob.send_text(ann.name, "three")
    wait(lambda: again.heard(bob.name) == ["two", "three"])

    assert [one.guest for one in again.all(bob.name)] == [False, False, False]
    assert again.keys.devices_of(bob.name)
    row = again.store.summary(bob.name)
    assert row is not None
    assert not row.guest


def test_a_room_is_nobodys_guest(person: People, name: Names, liar: LyingProxy) -> None:
    """Once it was no guest's any more, all its messages would be closed, and fetched again."""
    ann, bob = person(name("Анна"), liar.port), person(name("名前"))
    room = name("#комната")
    for one in (ann, bob):
        one.ask(Join(room=room))
        one.send_text(room, f"of {one.name}")
        assert one.wait_until_sent(60)
    wait(lambda: bob.name in {one.sender for one in ann.all(room)})
    before = [(one.seq, one.text) for one in ann.all(room)]
    ann.close()
    liar.lie = as_a_guests
    again = person(ann.name, liar.port, store=ann.store, register=False)
    bob.send_text(room, "and more")
    wait(lambda: "and more" in again.heard(room))
    again.close()
    liar.lie = lambda frame: [frame]

    at_last = person(ann.name, liar.port, store=ann.store, register=False)
    bob.send_text(room, "and at last")

    wait(lambda: "and at last" in at_last.heard(room))
    assert [(one.seq, one.text) for one in at_last.all(room)][:-2] == before


def test_what_somebody_with_keys_writes_in_the_open_is_no_guests(
    person: People, name: Names, liar: LyingProxy
) -> None:
    ann, bob = person(name("Анна"), liar.port), person(name("名前"))
    ann.send_text(bob.name, "one")
    wait(lambda: bob.heard(ann.name) == ["one"])

    liar.lie = as_a_guests
    text = f"для всех {bob.name}"
    bob.send_text(EVERYONE, text)

    wait(lambda: text in ann.heard(EVERYONE))
    (found,) = (one for one in ann.all(EVERYONE) if one.text == text)
    assert not found.guest


def test_what_is_encrypted_is_no_guests(person: People, name: Names, liar: LyingProxy) -> None:
    """Also if its key arrives later than the message."""
    ann, bob = person(name("Анна"), liar.port), person(name("bob"))
    late: list[Frame] = []

    def hold_keys(frame: Frame) -> list[Frame]:
        if frame.get("action") == "to_device" or "to_device" in frame:
            late.append(frame)
            return []
        return as_a_guests(frame)

    liar.lie = hold_keys
    bob.send_text(ann.name, "сказано")
    wait(lambda: ann.all(bob.name) and ann.last(bob.name).security is MessageSecurity.WAITING)
    wait(lambda: late)
    liar.lie = as_a_guests
    for frame in late:
        liar.say(frame)
    wait(lambda: ann.last(bob.name).security is MessageSecurity.ENCRYPTED)
    assert not ann.last(bob.name).guest


def test_a_server_makes_no_guest_of_who_has_logged_in(
    person: People, name: Names, liar: LyingProxy
) -> None:
    """Guests encrypt nothing, and their chats end when their name is registered."""
    ann, bob = person(name("Анна"), liar.port), person(name("名前"))
    for text in ("one", "two"):
        bob.send_text(ann.name, text)
    wait(lambda: ann.heard(bob.name) == ["one", "two"])
    ann.close()

    liar.lie = lambda frame: [{**frame, "guest": True} if "features" in frame else frame]
    again = person(ann.name, liar.port, store=ann.store, register=False)
    again.send_text(bob.name, "three")
    wait(lambda: bob.heard(ann.name) == ["three"])

    assert not again.core.is_guest
    assert bob.last(ann.name).security is MessageSecurity.ENCRYPTED
    wait(lambda: [one.seq for one in again.all(bob.name)] == [1, 2, 3])


def test_who_has_no_keys_is_a_guest_as_the_server_says(
    person: People, name: Names, liar: LyingProxy
) -> None:
    ann, bob = person(name("Анна"), liar.port), person(name("bob"))
    liar.lie = as_a_guests
    bob.send_text(EVERYONE, "hello")
    wait(lambda: "hello" in ann.heard(EVERYONE))
    assert ann.last(EVERYONE).guest
