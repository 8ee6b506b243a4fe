"""Rooms: created by the first who joins, led by their creator."""

from collections.abc import Callable

import pytest

from tests.running import RunningServer, Talker

Talkers = Callable[..., Talker]
Names = Callable[[str], str]
Servers = Callable[..., RunningServer]


def texts(answer: dict[str, object]) -> list[str]:
    """Return the texts of a page of history."""
    messages = answer.get("messages", [])
    assert isinstance(messages, list)
    return [message["message"] for message in messages]


def test_a_room_is_created_by_the_first_who_joins(logged_in: Talkers, name: Names) -> None:
    ann, bob = logged_in(name("ann")), logged_in(name("bob"))

    ann.ask("join", room=name("#r"))
    bob.ask("join", room=name("#r"))

    assert ann.event("room")["change"] == "joined"
    (room,) = [one for one in bob.ask("rooms")["rooms"] if one["room"] == name("#r")]
    assert (room["creator"], room["members"], room["joined"]) == (name("ann"), 2, True)
    people = bob.ask("members", room=name("#r"))["people"]
    assert {one["account_name"] for one in people} == {name("ann"), name("bob")}


def test_members_stay_members_while_they_are_offline(
    logged_in: Talkers, talker: Talkers, name: Names
) -> None:
    ann, bob = logged_in(name("ann")), logged_in(name("bob"))
    for link in (ann, bob):
        link.ask("join", room=name("#r"))
    bob.leave()
    ann.ask("msg", to=name("#r"), message="while away", id="1")

    again = talker()
    again.log_in_fully(name("bob"))

    assert texts(again.ask("history", conversation=name("#r"), after=0)) == ["while away"]
    assert again.ask("msg", to=name("#r"), message="back", id="2")["seq"] == 2


def test_the_topic_is_set_and_reported(logged_in: Talkers, name: Names) -> None:
    ann, bob = logged_in(name("ann")), logged_in(name("bob"))
    for link in (ann, bob):
        link.ask("join", room=name("#r"))

    ann.ask("topic", room=name("#r"), topic="tea")

    while (event := bob.event("room"))["change"] != "topic":
        pass
    assert event["topic"] == "tea"
    eve = logged_in(name("eve"))
    eve.send("join", room=name("#r"))
    while (event := eve.event("room"))["change"] != "topic":
        pass
    assert event["topic"] == "tea"
    assert ann.ask("topic", room=name("#r"), topic="a\nb")["response"] == 400


def test_the_creator_removes_bans_and_unbans_members(logged_in: Talkers, name: Names) -> None:
    ann, bob = logged_in(name("ann")), logged_in(name("bob"))
    room = name("#r")
    for link in (ann, bob):
        link.ask("join", room=room)

    assert bob.ask("kick", room=room, account_name=name("ann"))["response"] == 403
    assert ann.ask("kick", room=room, account_name=name("bob"))["response"] == 200
    assert bob.ask("msg", to=room, message="x", id="1")["response"] == 404
    assert bob.ask("join", room=room)["response"] == 200
    assert ann.ask("kick", room=room, account_name=name("bob"), ban=True)["response"] == 200
    assert bob.ask("join", room=room)["response"] == 403
    assert ann.ask("invite", room=room, account_name=name("bob"))["response"] == 200
    assert bob.event("room")["change"] == "invited"
    assert bob.ask("join", room=room)["response"] == 200


def test_the_creator_closes_the_room_and_its_name_is_free(logged_in: Talkers, name: Names) -> None:
    ann, bob = logged_in(name("ann")), logged_in(name("bob"))
    room = name("#r")
    for link in (ann, bob):
        link.ask("join", room=room)
    ann.ask("msg", to=room, message="old", id="1")

    assert bob.ask("close_room", room=room)["response"] == 403
    assert ann.ask("close_room", room=room)["response"] == 200
    assert bob.ask("msg", to=room, message="x", id="2")["response"] == 404
    assert bob.ask("join", room=room)["response"] == 200
    assert texts(bob.ask("history", conversation=room, after=0)) == []


def test_a_room_holds_as_many_as_the_limit_says(own_server: Servers) -> None:
    server = own_server("--limits", "off", toml="[limits]\nroom_members = 2")
    links = [Talker(server.port) for _ in range(3)]
    codes = []
    for number, link in enumerate(links):
        link.register(f"u{number}")
        link.log_in(f"u{number}")
        codes.append(link.ask("join", room="#r")["response"])
        link.leave()

    assert codes == [200, 200, 403]


@pytest.mark.parametrize("wrong", ["r", "#", "#a b", "#" + "x" * 50, "#a\n"])
def test_an_invalid_room_name_is_refused(logged_in: Talkers, name: Names, wrong: str) -> None:
    expected = 200 if wrong == "#" else 400
    assert logged_in(name("ann")).ask("join", room=wrong)["response"] == expected


def test_devices_of_one_account_may_join_at_once(
    talker: Talkers, logged_in: Talkers, name: Names
) -> None:
    bob, first = logged_in(name("bob")), logged_in(name("ann"))
    others = [talker() for _ in range(5)]
    for number, other in enumerate(others, 2):
        other.log_in_fully(name("ann"), device=f"d{number}")
    for round_ in range(5):
        room = name(f"#r{round_}")
        bob.ask("join", room=room)
        for device in (first, *others):
            device.send("join", room=room, id=round_)

        for device in (first, *others):
            while (answer := device.receive()).get("id") != round_:
                pass
            assert answer["response"] == 200
        assert len(bob.ask("members", room=room)["people"]) == 2
