"""Blocks: who is blocked reaches the blocker no more, but in the rooms that both are in."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine

from messenger.server.store import accounts, blocks
from tests.running import RunningServer, Talker
from tests.server.test_keys import DeviceTalker, Names, Servers

Talkers = Callable[..., Talker]


def block(link: Talker, name: str) -> None:
    assert link.ask("block", account_name=name)["response"] == 200


def blocked(link: Talker) -> list[str]:
    return list(link.ask("get_blocks").get("blocked", []))


def arrived(link: Talker) -> list[dict[str, Any]]:
    """Return everything that has arrived by now, but messages of other tests."""
    return [one for one in link.receive_all() if one.get("to") != "#all"]


# --- messages ------------------------------------------------------------------------------------


def test_messages_of_a_blocked_user_are_refused_and_arrive_again_afterwards(
    logged_in: Talkers, name: Names
) -> None:
    anna, boris = logged_in(name("Анна")), logged_in(name("Борис"))
    # The conversation is cached by the server, as in the middle of a talk.
    assert boris.ask("msg", to=anna.name, message="до", id="1")["seq"] == 1
    assert anna.event("msg")["message"] == "до"

    block(anna, boris.name)
    refused = boris.ask("msg", to=anna.name, message="нельзя", id="2")

    assert (refused["response"], refused["error"]) == (
        403,
        f"{anna.name} does not accept your messages",
    )
    assert arrived(anna) == []
    assert anna.ask("unblock", account_name=boris.name)["response"] == 200
    assert boris.ask("msg", to=anna.name, message="после", id="3")["seq"] == 2
    assert anna.event("msg")["message"] == "после"


def test_the_blocker_has_to_unblock_before_writing(logged_in: Talkers, name: Names) -> None:
    anna, boris = logged_in(name("anna")), logged_in(name("boris"))
    anna.ask("msg", to=boris.name, message="x", id="1")

    block(anna, boris.name)
    refused = anna.ask("msg", to=boris.name, message="y", id="2")

    assert refused["response"] == 403
    assert "unblock" in refused["error"]


def test_messages_on_their_way_when_a_block_begins_are_delivered_and_later_ones_refused(
    logged_in: Talkers, name: Names
) -> None:
    anna, boris = logged_in(name("anna")), logged_in(name("boris"))
    for number in range(200):
        boris.send("msg", to=anna.name, message=str(number), id=f"m{number}")
        if number == 20:
            anna.send("block", account_name=boris.name, id="block")
    answers = [boris.receive() for _ in range(200)]

    codes = [answer["response"] for answer in answers]
    stored = codes.count(200)
    assert codes == [200] * stored + [403] * (200 - stored)
    before: list[dict[str, Any]] = []
    while (one := anna.receive()).get("id") != "block":
        before.append(one)
    assert [one["seq"] for one in before if one.get("action") == "msg"] == list(
        range(1, stored + 1)
    )
    assert arrived(anna) == []


def test_whoever_was_blocked_while_offline_is_refused_at_the_next_login(
    talker: Talkers, logged_in: Talkers, name: Names
) -> None:
    anna = logged_in(name("anna"))
    logged_in(name("boris")).leave()
    block(anna, name("boris"))
    anna.leave()

    boris = talker()
    boris.log_in_fully(name("boris"))

    assert boris.ask("msg", to=name("anna"), message="x", id="1")["response"] == 403
    again = talker()
    again.log_in_fully(name("anna"))
    assert arrived(again) == []
    assert blocked(again) == [name("boris")]


def test_messages_in_common_rooms_go_on(logged_in: Talkers, name: Names) -> None:
    anna, boris = logged_in(name("anna")), logged_in(name("boris"))
    for link in (anna, boris):
        link.ask("join", room=name("#room"))
    block(anna, boris.name)

    assert boris.ask("msg", to=name("#room"), message="всем", id="1")["response"] == 200
    assert anna.event("msg")["message"] == "всем"


# --- everything else -----------------------------------------------------------------------------


def test_typing_receipts_and_invitations_do_not_pass_in_either_direction(
    logged_in: Talkers, name: Names
) -> None:
    anna, boris = logged_in(name("anna")), logged_in(name("boris"))
    for one, other in ((anna, boris), (boris, anna)):
        one.ask("msg", to=other.name, message="x", id="1")
        one.ask("join", room=name("#common"))
    boris.ask("join", room=name("#other"))
    block(anna, boris.name)
    anna.receive_all()
    boris.receive_all()

    for one, other in ((anna, boris), (boris, anna)):
        for conversation in (other.name, name("#common")):
            one.ask("typing", to=conversation)
        one.ask("receipt", conversation=other.name, delivered=2, read=2)
    assert boris.ask("invite", room=name("#other"), account_name=anna.name)["response"] == 403

    others = [
        one for link in (anna, boris) for one in arrived(link) if one.get("from") != link.name
    ]
    assert others == []


def test_presence_is_hidden_from_both_and_shown_again(logged_in: Talkers, name: Names) -> None:
    anna, boris = logged_in(name("anna")), logged_in(name("boris"))
    for one, other in ((anna, boris), (boris, anna)):
        one.ask("add_contact", user_id=other.name)
        one.ask("presence", user={"account_name": one.name, "status": "тут"})
    for one in (anna, boris):
        one.receive_all()

    anna.send("block", account_name=boris.name)
    for one, other in ((anna, boris), (boris, anna)):
        assert one.event("contact")["person"] == {"account_name": other.name}
    anna.receive_all()
    for one, other in ((anna, boris), (boris, anna)):
        one.ask("presence", user={"account_name": one.name, "status": "занят"})
        assert other.ask("whois", account_name=one.name)["people"] == [{"account_name": one.name}]
        assert arrived(other) == []
    anna.send("unblock", account_name=boris.name)

    for one, other in ((anna, boris), (boris, anna)):
        person = one.event("contact")["person"]
        assert (person["account_name"], person["state"], person["status"]) == (
            other.name,
            "online",
            "занят",
        )


def test_to_device_messages_and_keys_are_refused_without_a_common_room(
    server: RunningServer, name: Names
) -> None:
    with (
        DeviceTalker(server.port, name("anna")) as anna,
        DeviceTalker(server.port, name("boris")) as boris,
    ):
        anna.publish_one_time(3)
        assert len(boris.claim(anna.name)) == 1
        block(anna, boris.name)

        assert boris.claim(anna.name) == []
        assert boris.devices(anna.name)["response"] == 403
        assert to_device(boris, anna.name)["response"] == 200
        assert "to_device" not in anna.ask("inbox")

        # A room's messages need keys, which arrive as to-device messages.
        for link in (anna, boris):
            link.ask("join", room=name("#room"))
        assert len(boris.claim(anna.name)) == 1
        to_device(boris, anna.name)
        assert [one["message"] for one in anna.ask("inbox")["to_device"]] == ["ключ"]
        boris.ask("leave", room=name("#room"))
        to_device(boris, anna.name)
        assert "to_device" not in anna.ask("inbox", after=1)


def to_device(link: Talker, to: str) -> dict[str, Any]:
    message = {"account_name": to, "device": "D1", "message": "ключ"}
    return link.ask("to_device", messages=[message])


# --- blocking ------------------------------------------------------------------------------------


def test_the_other_devices_of_the_account_learn_of_it(
    talker: Talkers, logged_in: Talkers, name: Names
) -> None:
    anna, _boris = logged_in(name("anna")), logged_in(name("boris"))
    second = talker()
    second.log_in_fully(anna.name, device="d2")

    block(anna, name("boris"))
    block(anna, name("boris"))
    told = second.event("block")
    assert (told["account_name"], told["blocked"]) == (name("boris"), True)
    assert blocked(second) == [name("boris")]
    second.ask("unblock", account_name=name("boris"))
    assert anna.event("block")["blocked"] is False
    assert blocked(anna) == []


def test_contacts_come_with_the_blocked_users(logged_in: Talkers, name: Names) -> None:
    anna, _boris = logged_in(name("anna")), logged_in(name("boris"))
    block(anna, name("boris"))

    assert anna.ask("get_contacts")["blocked"] == [name("boris")]


@pytest.mark.parametrize(
    ("whom", "code"), [("nobody", 404), ("me", 400), ("#room", 400), ("", 400), ("x" * 26, 400)]
)
def test_only_other_accounts_can_be_blocked(
    logged_in: Talkers, name: Names, whom: str, code: int
) -> None:
    me = logged_in(name("me"))
    asked = name(whom) if whom in ("me", "nobody") else whom

    assert me.ask("block", account_name=asked)["response"] == code
    assert me.ask("unblock", account_name=asked)["response"] == 404
    assert blocked(me) == []


def test_guests_cannot_block_but_can_be_blocked_under_whatever_they_register(
    talker: Talkers, logged_in: Talkers, name: Names
) -> None:
    anna, guest = logged_in(name("anna")), talker()
    guest.guest(name("Гость"))

    assert guest.ask("block", account_name=anna.name)["response"] == 403
    block(anna, guest.name)
    assert guest.ask("msg", to=anna.name, message="x")["response"] == 403
    guest.leave()
    guest = talker()
    guest.guest(name("Гость"))
    assert guest.ask("msg", to=anna.name, message="x")["response"] == 403
    guest.leave()
    registered = logged_in(name("Гость"))
    assert registered.ask("msg", to=anna.name, message="x", id="1")["response"] == 403


def test_an_account_blocks_only_so_many(own_server: Servers) -> None:
    server = own_server("--limits", "off", toml="[limits]\nblocks = 2\n")
    with Talker(server.port) as anna:
        for one in ("anna", "b", "c", "d"):
            anna.register_quickly(one)
        anna.log_in_fully("anna")
        answers = [anna.ask("block", account_name=one)["response"] for one in ("b", "c", "d", "c")]

        assert answers == [200, 200, 403, 200]
        assert blocked(anna) == ["b", "c"]
        with Talker(server.port) as d:
            d.log_in_fully("d")
            assert d.ask("msg", to="anna", message="x", id="1")["response"] == 200


def test_blocks_of_a_login_are_those_of_both_sides(new_engine: Callable[[], Engine]) -> None:
    engine = new_engine()
    with engine.begin() as connection:
        anna, boris = (accounts.create(connection, one, "") for one in ("Анна", "Борис"))
        blocks.block(connection, anna, "Борис", 1)
        blocks.block(connection, anna, "Борис", 1)
        with pytest.raises(blocks.TooManyBlocks):
            blocks.block(connection, anna, "Вера", 1)

        assert blocks.blocks_of(connection, anna, "Анна") == ({"Борис"}, set())
        assert blocks.blocks_of(connection, boris, "Борис") == (set(), {"Анна"})
        assert blocks.blockers(connection, "Борис") == {"Анна"}
        assert blocks.unblock(connection, anna, "Борис")
        assert not blocks.unblock(connection, anna, "Борис")
    engine.dispose()


def test_blocks_hold_after_a_restart(own_server: Servers) -> None:
    server = own_server("--limits", "off")
    with Talker(server.port) as anna, Talker(server.port) as guest:
        for one in ("anna", "boris"):
            anna.register_quickly(one)
        anna.log_in_fully("anna")
        guest.guest("гость")
        guest.ask("msg", to="anna", message="x")
        block(anna, "гость")
        block(anna, "boris")
    server.stop()
    server.start()
    with Talker(server.port) as anna, Talker(server.port) as boris, Talker(server.port) as guest:
        boris.log_in_fully("boris")
        guest.guest("гость")

        assert boris.ask("msg", to="anna", message="x", id="1")["response"] == 403
        assert guest.ask("msg", to="anna", message="x")["response"] == 403
        anna.log_in_fully("anna")
        assert blocked(anna) == ["boris", "гость"]
        assert anna.ask("unblock", account_name="гость")["response"] == 200
        assert guest.ask("msg", to="anna", message="x")["response"] == 200


@pytest.mark.parametrize("is_guest", [True, False])
def test_a_block_that_begins_while_somebody_logs_in_holds(
    talker: Talkers, logged_in: Talkers, name: Names, is_guest: bool
) -> None:
    anna, before = logged_in(name("anna")), talker()
    if is_guest:
        before.guest(name("boris"))
        before.ask("msg", to=anna.name, message="x")  # From now on there is such a name.
    else:
        before.register_quickly(name("boris"))
        token = before.log_in_fully(name("boris"))["token"]
    before.leave()
    for _ in range(20):
        boris = talker()
        anna.send("block", account_name=name("boris"), id="block")
        if is_guest:
            assert boris.guest(name("boris"))["response"] == 200
        else:
            assert boris.log_in_fully(name("boris"), token=token)["response"] == 200
        while anna.receive().get("id") != "block":
            pass

        assert boris.ask("msg", to=anna.name, message="x", id="1")["response"] == 403
        boris.leave()
        assert anna.ask("unblock", account_name=name("boris"))["response"] == 200
