"""The rights in a room: its creator's by account, then the longest member's; and its members."""

from collections.abc import Callable

import pytest

from tests.running import PASSWORD, RunningServer, Talker, understanding

Talkers = Callable[..., Talker]
Names = Callable[[str], str]
Servers = Callable[..., RunningServer]


def room_event(link: Talker, change: str) -> dict[str, object]:
    """Return the next event about this change of a room."""
    while (event := link.event("room"))["change"] != change:
        pass
    return event


def creator_of(link: Talker, room: str) -> str:
    """Return the creator of a room."""
    return str(next(one["creator"] for one in link.ask("rooms")["rooms"] if one["room"] == room))


def encrypting(link: Talker, name: str) -> Talker:
    """Log in as a device that has keys."""
    link.register(name)
    user = {"account_name": name, "password": PASSWORD}
    features = ["numbers", "events", "encryption"]
    link.ask("authenticate", user=user, **{**understanding("d1"), "features": features})
    return link


def test_a_room_whose_creator_leaves_belongs_to_the_longest_member(
    logged_in: Talkers, name: Names
) -> None:
    carol, bob, ann = (logged_in(name(one)) for one in ("carol", "bob", "ann"))
    room = name("#чай")
    for link in (carol, bob, ann):
        link.ask("join", room=room)

    carol.ask("leave", room=room)

    assert room_event(ann, "creator")["account_name"] == name("bob")
    assert creator_of(ann, room) == name("bob")
    refused = ann.ask("kick", room=room, account_name=name("bob"))
    assert refused["error"] == f"Only {name('bob')} may do that in {room}"
    assert bob.ask("kick", room=room, account_name=name("ann"))["response"] == 200
    carol.ask("join", room=room)
    assert carol.ask("close_room", room=room)["response"] == 403


def test_a_room_that_everybody_has_left_belongs_to_the_next_member(
    logged_in: Talkers, name: Names
) -> None:
    carol, bob = logged_in(name("carol")), logged_in(name("bob"))
    room = name("#чай")
    carol.ask("join", room=room)
    carol.ask("msg", to=room, message="to be kept", id="1")
    carol.ask("leave", room=room)

    bob.ask("join", room=room)

    assert creator_of(bob, room) == name("bob")
    assert bob.ask("history", conversation=room, after=0)["last"] == 1


def test_a_room_without_members_and_messages_is_gone(logged_in: Talkers, name: Names) -> None:
    carol = logged_in(name("carol"))
    carol.ask("join", room=name("#пусто"))

    carol.ask("leave", room=name("#пусто"))

    assert name("#пусто") not in [one["room"] for one in carol.ask("rooms")["rooms"]]


def test_the_name_of_a_guest_who_created_a_room_gives_no_rights(
    logged_in: Talkers, talker: Talkers, name: Names
) -> None:
    zoe, later, ann = talker(), talker(), logged_in(name("ann"))
    room = name("#чай")
    zoe.guest(name("zoe"))
    zoe.ask("join", room=room)
    ann.ask("join", room=room)

    zoe.close()

    assert room_event(ann, "creator")["account_name"] == name("ann")
    later.register(name("zoe"))
    later.log_in(name("zoe"))
    later.ask("join", room=room)
    assert later.ask("kick", room=room, account_name=name("ann"))["response"] == 403
    assert ann.ask("kick", room=room, account_name=name("zoe"))["response"] == 200


def test_a_room_of_guests_ends_with_its_creator(talker: Talkers, name: Names) -> None:
    zoe, gus = talker(), talker()
    room = name("#чай")
    zoe.guest(name("zoe"))
    gus.guest_fully(name("gus"))
    for link in (zoe, gus):
        link.ask("join", room=room)

    zoe.close()

    assert room_event(gus, "closed")["room"] == room
    assert gus.ask("msg", to=room, message="hello?")["response"] == 404


def test_rooms_are_in_order_after_the_server_was_killed(own_server: Servers) -> None:
    server = own_server("--limits", "off")
    with Talker(server.port) as zoe, Talker(server.port) as gus, Talker(server.port) as ann:
        zoe.guest("zoe")
        gus.guest("gus")
        ann.register("ann")
        ann.log_in("ann")
        for link, room in ((zoe, "#a"), (ann, "#a"), (gus, "#b")):
            link.ask("join", room=room)
        server.kill()
    server.start()

    with Talker(server.port) as zoe, Talker(server.port) as ann:
        zoe.guest("zoe")
        zoe.ask("join", room="#a")
        assert zoe.ask("close_room", room="#a")["response"] == 403
        ann.log_in("ann")
        rooms = {one["room"]: one.get("creator") for one in ann.ask("rooms")["rooms"]}
        assert rooms == {"#a": "ann", "#all": None}


def test_a_guest_learns_nothing_of_an_earlier_guest_of_that_name(
    logged_in: Talkers, talker: Talkers, name: Names
) -> None:
    bob, first, second, watcher = logged_in(name("bob")), talker(), talker(), logged_in(name("ann"))
    watcher.ask("add_contact", user_id=name("bob"))
    first.guest_fully(name("gus"))
    first.ask("msg", to=name("bob"), message="between us", id="1")
    first.ask("receipt", conversation=name("bob"), read=1)
    first.ask("add_contact", user_id=name("bob"))
    assert bob.event("msg")["message"] == "between us"
    first.close()
    while (answer := second.guest_fully(name("gus")))["response"] != 200:
        second = talker()

    assert answer["guest"]
    found = second.ask("conversations")["conversations"]
    assert [one["conversation"] for one in found] == ["#all"]
    assert second.ask("get_contacts")["contacts"] == []
    bob.ask("msg", to=name("gus"), message="who are you?", id="2")
    assert second.event("msg")["message"] == "who are you?"
    (chat,) = [
        one
        for one in second.ask("conversations")["conversations"]
        if one["conversation"] == name("bob")
    ]
    assert (chat["last"], chat.get("read", 0)) == (2, 0)


def test_a_cleared_topic_is_reported_as_cleared(logged_in: Talkers, name: Names) -> None:
    ann, bob = logged_in(name("ann")), logged_in(name("bob"))
    for link in (ann, bob):
        link.ask("join", room=name("#r"))
    ann.ask("topic", room=name("#r"), topic="чай")
    assert room_event(bob, "topic")["topic"] == "чай"

    assert ann.ask("topic", room=name("#r"), topic="")["alert"] == "The topic is cleared"

    assert "topic" not in room_event(bob, "topic")


# --- encrypted rooms ----------------------------------------------------------------------------


def test_a_room_created_by_a_device_with_keys_is_encrypted(
    talker: Talkers, logged_in: Talkers, name: Names
) -> None:
    ann, bob = encrypting(talker(), name("ann")), encrypting(talker(), name("bob"))
    guest, plain, without_keys = talker(), talker(), logged_in(name("carol"))
    room = name("#тайна")
    guest.guest(name("gus"))
    plain.register(name("dave"))
    plain.log_in(name("dave"))

    assert ann.ask("join", room=room)["response"] == 200

    for link in (guest, plain, without_keys):
        answer = link.ask("join", room=room)
        assert answer["response"] == 403
        assert "is encrypted" in answer["error"]
    assert bob.ask("join", room=room)["response"] == 200
    (summary,) = [
        one for one in bob.ask("conversations")["conversations"] if one["conversation"] == room
    ]
    assert summary["encrypted"]


@pytest.mark.parametrize("who", ["asks for it open", "has no keys", "is a guest"])
def test_other_rooms_are_open_to_all(talker: Talkers, name: Names, who: str) -> None:
    maker, guest = talker(), talker()
    keys: dict[str, object] = {"room": name("#открыто")}
    if who == "is a guest":
        maker.guest(name("ann"), **understanding("d1"))
    elif who == "has no keys":
        maker.register(name("ann"))
        maker.log_in(name("ann"))
        keys["encrypted"] = True
    else:
        encrypting(maker, name("ann"))
        keys["encrypted"] = False
    guest.guest(name("gus"))

    assert maker.ask("join", **keys)["response"] == 200
    assert guest.ask("join", room=name("#открыто"))["response"] == 200
    assert guest.ask("msg", to=name("#открыто"), message="hi")["response"] == 200


# --- how many -----------------------------------------------------------------------------------


def test_an_account_creates_and_joins_only_so_many_rooms(own_server: Servers) -> None:
    server = own_server(toml="[limits]\nrooms = 3\nnew_room_burst = 4")
    with Talker(server.port) as ann:
        ann.register("ann")
        ann.log_in("ann")

        codes = [ann.ask("join", room=f"#r{number}")["response"] for number in range(5)]

        assert codes == [200, 200, 200, 403, 429]
        rooms = {one["room"] for one in ann.ask("rooms")["rooms"]}
        assert rooms == {"#all", "#r0", "#r1", "#r2"}
