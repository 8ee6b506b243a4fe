"""A connected client in which nothing happens asks its database nothing."""

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

import pytest

from messenger.jim.errors import TooMany
from messenger.jim.messages import SendMessage
from messenger.jim.rooms import Join
from messenger.sdk import Store
from messenger.sdk.store import MessageSecurity
from tests.in_process import InProcessClient, Users
from tests.sdk.person import Names
from tests.sdk.playbook import on_plain_server, played

_HOUR = 3600
_TICK = 5  # seconds; what is due seldom is looked for as often


@contextmanager
def queries(store: Store) -> Iterator[list[str]]:
    """Return a list that fills with the statements that SQLite runs for a store."""
    found: list[str] = []
    store._driver.set_trace_callback(found.append)
    yield found
    store._driver.set_trace_callback(None)


def use_clock(client: InProcessClient) -> None:
    """Have all parts that look into the database now and then use the client's clock."""
    encryption = client.core.encryption
    encryption._requests._clock = encryption._redecryption._clock = client.clock


def passes(seconds: int, pass_time: Callable[[float], bool]) -> None:
    """Have the time pass in which a client ticks."""
    for _ in range(seconds // _TICK):
        assert pass_time(_TICK)


def without_content(frame: bytes) -> Iterable[bytes]:
    """Lose what a to-device message says."""
    found = json.loads(frame)
    if found.get("action") == "to_device":
        found["message"]["message"] = "lost"
    return [json.dumps(found).encode() + b"\n"]


@pytest.mark.parametrize("kind", ["account", "guest", "in memory"])
def test_a_client_asks_nothing_while_nothing_happens(user: Users, name: Names, kind: str) -> None:
    ann = user(name("ann"))
    more = {"store": Store()} if kind == "in memory" else {}
    password = {"password": None} if kind == "guest" else {}
    bob = user(name("bob"), **more, **password)
    use_clock(bob)
    if kind != "guest":  # who has no keys, so that the room would not let them in
        room = name("#room")
        for one in (ann, bob):
            one.ask(Join(room=room))
            one.say(room, "hello")
    ann.say(bob.name, "hello")
    assert bob.heard(ann.name) == ["hello"]
    passes(60, bob.pass_time)  # what follows from all this: keys are backed up, and so on

    with queries(bob.store) as found:
        passes(_HOUR, bob.pass_time)

    assert not _but_transactions(found)


def test_a_client_with_messages_that_wait_for_keys_asks_nothing_between_requests(
    user: Users, name: Names
) -> None:
    ann, bob = user(name("ann")), user(name("bob"))
    use_clock(bob)
    bob.lie = without_content
    ann.say(bob.name, "hello")
    assert bob.all(ann.name)[-1].security is MessageSecurity.WAITING
    passes(2000, bob.pass_time)  # the pauses between requests become longer, up to an hour

    with queries(bob.store) as found:
        passes(900, bob.pass_time)
        assert not _but_transactions(found)
        passes(_HOUR, bob.pass_time)
        assert any("waiting" in one for one in found), "it requests the key again"


def test_a_client_that_waits_to_send_again_asks_nothing() -> None:
    server = played().connect()
    server.answers[SendMessage] = lambda _: TooMany("Not so fast", retry_after=600.0)
    server.core.outbox.add("bob", "hello", 1.0)
    server.run()
    assert server.asked(SendMessage)
    server.pass_time(1)

    with queries(server.core.store) as found:
        passes(500, server.pass_time)

    assert not _but_transactions(found)


def test_a_client_of_a_plain_server_asks_nothing() -> None:
    server = on_plain_server().connect()
    server.pass_time(1)

    with queries(server.core.store) as found:
        passes(_HOUR, server.pass_time)

    assert not _but_transactions(found)


def _but_transactions(found: list[str]) -> list[str]:
    """Return the queries: what the server answers to a probe is read in an empty transaction."""
    return [one for one in found if one not in ("BEGIN", "COMMIT")]
