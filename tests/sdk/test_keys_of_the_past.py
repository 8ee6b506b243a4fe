"""Keys of old messages go to members who may read them, not to whom the server names."""

from typing import Any

from messenger.jim.rooms import CloseRoom, Join, RoomChanged, ShowHistory
from messenger.sdk import Store
from tests.sdk.person import Names, People, Person, wait
from tests.sdk.proxy import LyingProxy
from tests.sdk.spy import Spy
from tests.sdk.test_lying_server import to_device_messages_to


def history_keys(messages: list[dict[str, Any]]) -> list[str]:
    """Return the old sessions whose keys were sent."""
    kind = "m.forwarded_room_key"
    return [one["content"]["session_id"] for one in messages if one["type"] == kind]


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
    received = to_device_messages_to(newcomer)
    newcomer.ask(Join(room=room))
    spy = Spy(liar, bob.name, "SPY")
    spy.slip_in()
    ann.core.encryption.device_lists.forget()

    ann.send_text(room, "a new one")
    wait(lambda: "a new one" in newcomer.heard(room))

    assert spy.messages == []
    assert history_keys(received) == []
    newcomer.close()


def test_what_was_written_while_a_room_hid_its_history_stays_hidden(
    person: People, name: Names
) -> None:
    """A session has the setting of its beginning; a room that is made again is another one."""
    ann, bob = person(name("ann")), person(name("bob"))
    room = name("#room")
    for one in (ann, bob):
        one.ask(Join(room=room))
    for shown in (False, True):
        ann.ask(ShowHistory(room=room, shown=shown))
        for one, other in ((ann, bob), (bob, ann)):
            wait(lambda: bob.row(room).history is shown)  # noqa: B023  at once
            one.send_text(room, f"{one.name} {shown}")
            wait(lambda: f"{one.name} {shown}" in other.heard(room))  # noqa: B023  at once
    eve = person(name("eve"))
    eve.ask(Join(room=room))
    ann.send_text(room, "welcome")
    wait(lambda: "welcome" in eve.heard(room))
    wait(lambda: {f"{one.name} True" for one in (ann, bob)} <= set(eve.heard(room)))
    assert not {f"{one.name} False" for one in (ann, bob)} & set(eve.heard(room))

    ann.ask(CloseRoom(room=room))
    wait(lambda: not ann.core.encryption.history.is_shown(room))
    groups = ann.core.encryption.keys.inbound_sessions_of(
        ann.core.encryption.rooms.of(room), 99, shared=True
    )
    assert groups == []
