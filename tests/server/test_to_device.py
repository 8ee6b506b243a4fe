"""To-device messages reach their device in order, and wait for it."""

from typing import Any

from tests.running import RunningServer
from tests.server.test_keys import DeviceTalker, Names, Servers


def test_to_device_messages_reach_their_device_in_order_and_wait_for_it(
    server: RunningServer, name: Names
) -> None:
    with DeviceTalker(server.port, name("ann")) as ann:
        with DeviceTalker(server.port, name("bob")) as bob:
            for number in range(3):
                assert send(ann, name("bob"), str(number))["response"] == 200
                message = bob.event("to_device")["message"]
                assert message == {"seq": number + 1, "from": name("ann"), "message": str(number)}
        send(ann, name("bob"), "3", "4")
    with DeviceTalker(server.port, name("bob"), is_new=False) as bob:
        answer = bob.ask("inbox", after=2)
        assert [one["message"] for one in answer["to_device"]] == ["2", "3", "4"]
        assert answer["last"] == 5
        assert "to_device" not in bob.ask("inbox", after=5)
        assert "to_device" not in bob.ask("inbox")


def send(link: DeviceTalker, to: str, *messages: str) -> dict[str, Any]:
    to_device_messages = [
        {"account_name": to, "device": "D1", "message": message} for message in messages
    ]
    return link.ask("to_device", messages=to_device_messages)


def test_to_device_messages_to_a_device_that_never_comes_are_bounded(own_server: Servers) -> None:
    server = own_server("--limits", "off", toml="[limits]\nto_device_queue = 5\n")
    with DeviceTalker(server.port, "ann") as ann:
        DeviceTalker(server.port, "bob").close()
        for number in range(9):
            assert send(ann, "bob", str(number))["response"] == 200
        assert send(ann, "nobody", "x")["response"] == 200
    with DeviceTalker(server.port, "bob", is_new=False) as bob:
        assert bob.ask("inbox")["last"] == 5
