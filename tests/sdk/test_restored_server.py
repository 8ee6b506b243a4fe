"""A server or a client that was restored from a backup has lost the time since."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from messenger.jim.devices import PublishKeys
from messenger.sdk import Store
from messenger.sdk.errors import ConnectionLost, NotOnline
from messenger.sdk.events import MessageReceived, MessagesLost
from messenger.sdk.store import MessageSecurity, MessageState
from tests.running import RunningServer, running
from tests.sdk.person import Person, told, wait
from tests.server.test_keys import DeviceTalker


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RunningServer]:
    with running(tmp_path / "server", "--limits", "off") as server:
        yield server


def bring_back(server: RunningServer, backup: Path) -> None:
    """Stop the server, replace its files by a backup's, and start it."""
    server.stop()
    shutil.rmtree(server.data)
    shutil.copytree(backup, server.data)
    server.start()


def back_up(server: RunningServer, backup: Path) -> None:
    server.stop()
    shutil.copytree(server.data, backup)
    server.start()


def keys_at_the_server(client: Person) -> set[str]:
    """Return the ids of the available one-time keys, none while the server is stopped."""
    try:
        return set(client.ask(PublishKeys()).one_time_keys)
    except (NotOnline, ConnectionLost):
        return set()


def test_a_restored_server_hands_out_no_used_key(server: RunningServer, tmp_path: Path) -> None:
    bob = Person("bob", server.port, Store(tmp_path / "bob.db"))
    waited: list[MessageSecurity] = []
    bob.on(MessageReceived)(lambda event: waited.append(event.message.security))
    at_first = keys_at_the_server(bob)
    back_up(server, tmp_path / "backup")
    ann = Person("ann", server.port, Store())
    ann.send_text("bob", "from ann")
    wait(lambda: bob.heard("ann") == ["from ann"])
    wait(lambda: len(at_first - keys_at_the_server(bob)) == 1)
    ann.close()

    bring_back(server, tmp_path / "backup")
    wait(lambda: len(keys_at_the_server(bob) - at_first) == 50)
    eve = Person("eve", server.port, Store())
    eve.send_text("bob", "from eve")
    wait(lambda: bob.heard("eve") == ["from eve"])
    wait(lambda: waited == [MessageSecurity.ENCRYPTED] * 2)

    for one in (bob, eve):
        one.close()


def test_what_a_server_has_forgotten_stays_and_what_is_new_comes(
    server: RunningServer, tmp_path: Path
) -> None:
    ann, bob = (
        Person(name, server.port, Store(tmp_path / f"{name}.db")) for name in ("ann", "bob")
    )
    lost = told(ann, MessagesLost), told(bob, MessagesLost)
    ann.send_text("bob", "kept")
    wait(lambda: bob.heard("ann") == ["kept"])
    back_up(server, tmp_path / "backup")
    for number in range(3):
        ann.send_text("bob", f"lost {number}")
        wait(lambda: bob.last("ann").text == f"lost {number}")  # noqa: B023  at once
        bob.send_text("ann", f"answer {number}")
        wait(lambda: ann.last("bob").text == f"answer {number}")  # noqa: B023  at once
    assert ann.wait_until_sent(60)
    assert bob.wait_until_sent(60)

    bring_back(server, tmp_path / "backup")
    wait(lambda: lost[0] and lost[1])
    assert lost == ([MessagesLost("bob")], [MessagesLost("ann")])
    said = [f"{what} {number}" for number in range(3) for what in ("lost", "answer")]
    ann.send_text("bob", "new")
    wait(lambda: "new" in bob.heard("ann"))
    bob.send_text("ann", "and back")
    wait(lambda: "and back" in ann.heard("bob"))

    for one, other in ((ann, bob), (bob, ann)):
        found = one.all(other.name)
        assert [message.text for message in found] == ["kept", "new", "and back", *said]
        assert [message.seq for message in found] == [1, 2, 3, *[None] * 6]
        assert {message.security for message in found} == {MessageSecurity.ENCRYPTED}
        failed = [message.text for message in found if message.state is MessageState.FAILED]
        assert failed == [text for text in said if text.startswith("lost") == (one is ann)]
        one.close()


def test_what_is_new_has_the_numbers_of_what_was_forgotten(
    server: RunningServer, tmp_path: Path
) -> None:
    """The server does not list a conversation that began after the backup; new messages arrive."""
    ann, bob = (
        Person(name, server.port, Store(tmp_path / f"{name}.db")) for name in ("ann", "bob")
    )
    back_up(server, tmp_path / "backup")
    for number in range(3):
        ann.send_text("bob", f"lost {number}")
    wait(lambda: bob.heard("ann") == [f"lost {number}" for number in range(3)])

    bring_back(server, tmp_path / "backup")
    ann.send_text("bob", "new")
    wait(lambda: "new" in bob.heard("ann"))
    bob.send_text("ann", "and back")
    wait(lambda: "and back" in ann.heard("bob"))

    for one, other in ((ann, "bob"), (bob, "ann")):
        wait(lambda: numbered(one, other) == ["new", "and back"])  # noqa: B023  at once
        assert len(one.all(other)) == 5
        one.close()


def numbered(one: Person, other: str) -> list[str]:
    """Return the messages to which the server has given numbers."""
    return [message.text for message in one.all(other) if message.seq]


def test_who_comes_when_the_numbers_have_caught_up_misses_nothing(
    server: RunningServer, tmp_path: Path
) -> None:
    ann, bob = (
        Person(name, server.port, Store(tmp_path / f"{name}.db")) for name in ("ann", "bob")
    )
    ann.send_text("bob", "kept")
    wait(lambda: bob.heard("ann") == ["kept"])
    back_up(server, tmp_path / "backup")
    for number in range(3):
        ann.send_text("bob", f"lost {number}")
    wait(lambda: bob.last("ann").text == "lost 2")
    bob.close()
    bob.store.close()

    bring_back(server, tmp_path / "backup")
    new = [f"new {number}" for number in range(5)]
    for text in new:
        ann.send_text("bob", text)
    assert ann.wait_until_sent(60)
    bob = Person("bob", server.port, Store(tmp_path / "bob.db"))
    wait(lambda: [one.text for one in bob.all("ann") if one.seq] == ["kept", *new])

    assert bob.heard("ann")[6:] == ["lost 0", "lost 1", "lost 2"]
    for one in (ann, bob):
        one.close()


def test_a_restored_client_replaces_the_keys_that_it_does_not_know(
    server: RunningServer, tmp_path: Path
) -> None:
    file = tmp_path / "bob.db"
    bob = Person("bob", server.port, Store(file))
    bob.close()
    bob.store.close()
    old = file.read_bytes()
    bob = Person("bob", server.port, Store(file))
    at_first = keys_at_the_server(bob)
    with DeviceTalker(server.port, "greedy") as greedy:
        for _ in range(45):
            greedy.claim("bob", bob.core.encryption.identity.device_id)
        ann = Person("ann", server.port, Store())
        ann.send_text("bob", "hi")
        wait(lambda: len(keys_at_the_server(bob)) > 25)
        while keys_at_the_server(bob) & at_first:
            greedy.claim("bob", bob.core.encryption.identity.device_id)
    ann.close()
    bob.close()
    bob.store.close()
    for left in tmp_path.glob("bob.db-*"):
        left.unlink()
    file.write_bytes(old)

    bob = Person("bob", server.port, Store(file))
    eve = Person("eve", server.port, Store())
    locks: list[MessageSecurity] = []
    bob.on(MessageReceived)(
        lambda event: (
            locks.append(event.message.security) if event.message.sender == "eve" else None
        )
    )
    eve.send_text("bob", "can you read this?")

    wait(lambda: bob.heard("eve") == ["can you read this?"])
    wait(lambda: locks == [MessageSecurity.ENCRYPTED])
    for one in (bob, eve):
        one.close()


def test_a_fallback_key_that_was_used_is_replaced(tmp_path: Path) -> None:
    config = tmp_path / "server.toml"
    config.write_text("[limits]\nclaim_burst = 1\n")
    with running(tmp_path / "server", "--config", str(config)) as server:
        ann = Person("ann", server.port, Store())
        bob = Person("bob", server.port, Store(tmp_path / "bob.db"))
        at_first = bob.ask(PublishKeys()).fallback
        ann.send_text("bob", "by a one-time key")
        wait(lambda: bob.heard("ann") == ["by a one-time key"])
        assert bob.ask(PublishKeys()).fallback == at_first

        ann.core.encryption.keys.drop_sessions()
        ann.send_text("bob", "by the fallback key")

        wait(lambda: bob.heard("ann")[-1] == "by the fallback key")
        wait(lambda: bob.ask(PublishKeys()).fallback not in ("", at_first))
        for one in (ann, bob):
            one.close()
