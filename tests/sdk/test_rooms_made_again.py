"""A room that is made again is another room; one that is handed over hides more."""

import json

from messenger.jim.rooms import CloseRoom, Join, Leave, ShowHistory
from messenger.sdk.encryption.unencrypted import PreparedMessage
from messenger.sdk.events import MessagesLost
from messenger.sdk.store import MessageSecurity
from tests.running import PASSWORD, RunningServer, Talker
from tests.sdk.person import Names, People, Person, told, wait
from tests.sdk.proxy import Frame, LyingProxy
from tests.sdk.spy import version_of_list
from tests.sdk.test_keys_of_the_past import history_keys
from tests.sdk.test_lying_server import to_device_messages_to


def joined(people: tuple[Person, ...], room: str, *, encrypted: bool | None = None) -> None:
    for one in people:
        one.ask(Join(room=room, encrypted=encrypted))


def test_who_was_away_finds_the_old_room_kept_and_the_new_one_behind_it(
    person: People, name: Names, one_server: RunningServer
) -> None:
    """The sequence numbers start again, and no lost messages are reported."""
    ann, bob = person(name("Анна")), person(name("боб"))
    room = name("#комната")
    joined((ann, bob), room, encrypted=False)
    for text in ("old 1", "old 2", "old 3"):
        ann.send_text(room, text)
    wait(lambda: bob.heard(room) == ["old 1", "old 2", "old 3"])
    bob.close()
    ann.ask(CloseRoom(room=room))
    joined((ann,), room, encrypted=False)
    with Talker(one_server.port) as link:
        link.log_in(bob.name, PASSWORD)
        assert link.ask("join", room=room)["response"] == 200
    ann.send_text(room, "new 1")
    wait(lambda: ann.last(room).seq == 1)

    again = person(bob.name, store=bob.store, register=False)
    lost = told(again, MessagesLost)
    wait(lambda: again.heard(room) == ["old 1", "old 2", "old 3", "new 1"])
    ann.send_text(room, "new 2")
    wait(lambda: again.heard(room)[-1] == "new 2")

    assert lost == []
    assert [message.seq for message in again.all(room)] == [-3, -2, -1, 1, 2]


def test_no_session_of_the_old_room_is_one_of_the_new(person: People, name: Names) -> None:
    ann, bob, eve = (person(name(one)) for one in ("ann", "bob", "名前"))
    room = name("#room")
    joined((ann, bob), room)
    ann.ask(ShowHistory(room=room, shown=True))
    ann.send_text(room, "for bob only")
    wait(lambda: "for bob only" in bob.heard(room))
    before = {one.core.encryption.rooms.of(room) for one in (ann, bob)}
    ann.ask(CloseRoom(room=room))

    received = to_device_messages_to(eve)
    joined((ann, bob, eve), room)
    ann.ask(ShowHistory(room=room, shown=True))
    for one in (ann, bob):
        one.send_text(room, f"hello of {one.name}")
        wait(lambda: f"hello of {one.name}" in eve.heard(room))  # noqa: B023  at once
    after = {one.core.encryption.rooms.of(room) for one in (ann, bob, eve)}
    assert len(before) == len(after) == 1
    assert before != after
    given = {one["content"]["session_id"] for one in received}
    old = {
        group.session_id for group in ann.core.encryption.keys.inbound_sessions_of(before.pop(), 99)
    }
    assert given
    assert old
    assert not given & old
    assert bob.last(room).security is MessageSecurity.ENCRYPTED


def test_leave_to_write_unencrypted_is_for_the_old_room_alone(person: People, name: Names) -> None:
    ann, room = person(name("Анна")), name("#комната")
    joined((ann,), room)
    plain = ann.core.encryption.plain
    plain.allow(room, allowed=True)

    def goes_plain() -> bool:
        message = ann.send_text(room, "as it is")
        [prepared] = plain.prepared([message], "nobody can open it", {ann.name})
        return isinstance(prepared, PreparedMessage)

    assert goes_plain()
    ann.ask(CloseRoom(room=room))
    joined((ann,), room)
    assert not goes_plain()


def test_a_list_of_devices_belongs_to_one_room(
    person: People, name: Names, one_server: RunningServer
) -> None:
    """A server that claims another id has to make up another version: nobody else reads that."""
    liar = LyingProxy(one_server.port, lambda frame: [frame])
    ann, bob = person(name("ann"), liar.port), person(name("bob"))
    room = name("#room")
    joined((bob, ann), room)
    real = ann.core.encryption.rooms.unique(room)

    def swap(frame: Frame) -> list[Frame]:
        if "devices" not in frame or "version" not in frame:
            return [frame]
        found = {**frame, "unique_id": "0" * 32}
        assert version_of_list(found) != version_of_list(frame) == frame["version"]
        return [found]

    liar.lie = swap
    ann.core.encryption.device_lists.forget()
    sent = ann.send_text(room, "текст")
    wait(lambda: ann.all(room)[-1].reason or ann.store.count_unsent() == 0)
    assert "contradicts itself" in str(ann.all(room)[-1].failure)
    assert real
    assert not any(one.get("id") == sent.sent_id for one in liar.overheard)
    liar.close()


def test_a_list_that_was_asked_for_before_all_was_forgotten_is_not_remembered(
    person: People, name: Names, liar: LyingProxy
) -> None:
    ann, bob = person(name("ann"), liar.port), person(name("bob"))
    room = name("#комната")
    joined((bob, ann), room)
    directory, late, found = ann.core.encryption.device_lists, list[Frame](), list[object]()

    def asked() -> list[object]:
        return [
            one["id"]
            for one in liar.overheard
            if one["action"] == "devices" and one["conversation"] == room
        ]

    def hold(frame: Frame) -> list[Frame]:
        if frame.get("id") not in asked():
            return [frame]
        late.append(frame)
        return []

    directory.of(room, found.append)
    wait(lambda: found)
    liar.lie = hold
    directory.forget()
    directory.of(room, found.append)
    wait(lambda: late)
    directory.forget()
    liar.lie = lambda frame: [frame]
    liar.say(late[0])
    wait(lambda: len(found) == 2)
    before = len(asked())
    directory.of(room, found.append)
    wait(lambda: len(found) == 3)
    assert len(asked()) == before + 1


def test_nobody_but_the_first_creator_can_show_what_others_have_written(
    person: People, name: Names
) -> None:
    """After a change of the creator this is the server's word: it may hide more, not show more."""
    ann, bob, eve = (person(name(one)) for one in ("ann", "bob", "ева"))
    room = name("#room")
    joined((ann, bob, eve), room)
    ann.ask(ShowHistory(room=room, shown=True))
    for one in (ann, eve):
        one.send_text(room, f"secret of {one.name}")
        wait(lambda: f"secret of {one.name}" in bob.heard(room))  # noqa: B023  at once
    wait(lambda: eve.core.encryption.history.is_shown(room))
    ann.ask(Leave(room=room))
    wait(lambda: not eve.core.encryption.history.is_shown(room))
    bob.ask(ShowHistory(room=room, shown=True))
    bob.send_text(room, "mine now")
    wait(lambda: "mine now" in eve.heard(room))
    assert not eve.core.encryption.history.is_shown(room)

    newcomer = person(name("новый"))
    received = to_device_messages_to(newcomer)
    joined((newcomer,), room)
    eve.send_text(room, "welcome")
    wait(lambda: "welcome" in newcomer.heard(room))
    assert history_keys(received) == []


def test_the_server_keeps_the_id_that_the_creators_client_has_made(
    one_server: RunningServer, name: Names
) -> None:
    with Talker(one_server.port) as ann, Talker(one_server.port) as bob:
        for link in (ann, bob):
            link.register_quickly(name("ann" if link is ann else "bob"))
            link.log_in_fully(name("ann" if link is ann else "bob"))
        rooms = [name("#one"), name("#other"), name("#third")]
        device_id = f"{abs(hash(rooms[0])):032x}"[-32:]
        assert ann.ask("join", room=rooms[0], unique_id="no id")["response"] == 400
        assert ann.ask("join", room=rooms[0], unique_id=device_id)["response"] == 200
        assert bob.ask("join", room=rooms[0], unique_id="1" * 32)["response"] == 200
        assert ann.event("room")["unique_id"] == device_id
        # Nobody can create a room with the id of another one.
        for room in rooms[1:]:
            assert bob.ask("join", room=room, unique_id=device_id)["response"] == 200
        listed = bob.ask("conversations")["conversations"]
        device_ids = {one["conversation"]: one.get("unique_id", "") for one in listed}
        assert device_ids[rooms[0]] == device_id
        assert len({device_ids[room] for room in rooms}) == 3
        assert all(len(device_ids[room]) == 32 for room in rooms)
        listed = [one for one in bob.ask("rooms", joined=True)["rooms"] if one["room"] in rooms]
        assert {one["room"]: one["unique_id"] for one in listed} == {
            room: device_ids[room] for room in rooms
        }
        assert json.dumps(bob.ask("rooms")).count(device_id) == 1
