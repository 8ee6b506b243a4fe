"""Messages that arrive together are pipelined, each by itself and all in order."""

import json
from collections.abc import Callable
from typing import Any

from tests.running import RunningServer, Talker

Servers = Callable[..., RunningServer]
Names = Callable[[str], str]


def test_each_message_keeps_the_keys_of_its_own(talker: Callable[..., Talker], name: Names) -> None:
    """Also if they arrive together, and go to people who have to be looked up first."""
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


def test_a_message_that_has_to_wait_causes_no_warning(own_server: Servers) -> None:
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


def test_a_message_that_has_to_wait_counts_once(own_server: Servers) -> None:
    """Whether it is refused then, or goes to somebody who has to be looked up first."""
    server = own_server(toml="[limits]\nmessage_burst = 8\nmessage_interval = 1000\n")
    with Talker(server.port) as ivan, Talker(server.port) as ann:
        names = ["a/b%41", *(f"名前 {number}" for number in range(3))]
        people = [Talker(server.port) for _ in names]
        for one, called in ((ivan, "Иван"), (ann, "Анна"), *zip(people, names, strict=True)):
            one.guest(called)
        to_many = [{"to": called} for called in names]
        refused = [{"to": "#all"}, {"to": "#all", "from": "Анна"}] * 2
        frames = [{"action": "msg", "message": "🍲", **one} for one in (*to_many, *refused)]

        ivan.send_raw(b"".join(json.dumps(frame).encode() + b"\n" for frame in frames))

        answers = [one["response"] for one in answered(ivan, len(frames))]
        assert answers == [200, 200, 200, 200, 200, 403, 200, 403]
        ivan.send("msg", to="#all", message="one more")
        assert answered(ivan, 1)[0]["response"] == 429
        for one in people:
            one.close()


def answered(talker: Talker, count: int) -> list[dict[str, Any]]:
    """Return so many replies, and skip everything else."""
    found = []
    while len(found) < count:
        one = talker.receive()
        if "response" in one:
            found.append(one)
    return found
