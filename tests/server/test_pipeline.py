"""Messages that come together are pipelined, each for itself and all in order."""

import json
from collections.abc import Callable

from tests.running import RunningServer, Talker

Servers = Callable[..., RunningServer]
Names = Callable[[str], str]


def test_each_message_keeps_the_keys_of_its_own(talker: Callable[..., Talker], name: Names) -> None:
    """Also of those that come together, and go to people who have to be looked up first."""
    ivan, others = talker(), [talker(), talker()]
    ivan.guest(name("Иван"))
    for other, called in zip(others, ("名前", "a/b%41"), strict=True):
        other.guest(name(called))
    frames = [
        {"action": "msg", "to": name(called), "message": "🍲", f"of {called}": number}
        for number, called in enumerate(("名前", "a/b%41"))
    ]

    ivan.send_raw(b"".join(json.dumps(frame).encode() + b"\n" for frame in frames))

    assert [ivan.receive()["response"] for _ in frames] == [200, 200]
    for number, (other, called) in enumerate(zip(others, ("名前", "a/b%41"), strict=True)):
        message = other.event("msg")
        assert {key: message[key] for key in message if key.startswith("of ")} == {
            f"of {called}": number
        }


def test_a_message_that_has_to_wait_for_its_turn_leaves_no_warning(own_server: Servers) -> None:
    server = own_server("--limits", "off")
    with Talker(server.port) as ivan, Talker(server.port) as ann, Talker(server.port) as bob:
        for one, called in ((ivan, "Иван"), (ann, "名前"), (bob, "a/b%41")):
            one.guest(called)
        ivan.ask("msg", to="名前", message="known")
        frames = [{"action": "msg", "to": to, "message": "🍲"} for to in ("名前", "a/b%41")]
        ivan.send_raw(b"".join(json.dumps(frame).encode() + b"\n" for frame in frames))

        assert [ivan.receive()["response"] for _ in frames] == [200, 200]
        assert bob.event("msg")["message"] == "🍲"
    server.stop()

    assert server.said == ""
