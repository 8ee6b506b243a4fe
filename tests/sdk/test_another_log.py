"""A server that was restored from a backup has another log: clients compare what they have."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from messenger.sdk import Store
from messenger.sdk.events import MessageReceived, MessagesLost
from messenger.sdk.store import MessageSecurity, MessageState
from messenger.server.backup.making import make_backup
from messenger.server.backup.restoring import restore_backup
from messenger.server.backup.source import Source
from tests.running import RunningServer, running
from tests.sdk.person import Person, told, wait


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RunningServer]:
    with running(tmp_path / "server", "--limits", "off") as server:
        yield server


def back_up(server: RunningServer, target: Path) -> Path:
    """Back up a server that goes on to run."""
    files = (server.data / name for name in ("key.pem", "certificate.pem", "messenger.toml"))
    return make_backup(Source("", server.data, *files), target, lambda _: None).file


def bring_back(server: RunningServer, backup: Path) -> None:
    """Kill the server, delete its files, restore a backup, and start it."""
    server.kill()
    shutil.rmtree(server.data)
    restore_backup(backup, server.data, "", lambda _: None)
    server.start()


def talk(ann: Person, bob: Person, *texts: str) -> None:
    """Have one person write to another, who receives each before the next is written."""
    for text in texts:
        ann.send_text(bob.name, text)
        wait(lambda: text in bob.heard(ann.name))  # noqa: B023  at once
    assert ann.wait_until_sent(60)


def numbered(one: Person, other: str) -> list[str]:
    """Return the messages to which the server has given numbers."""
    return [message.text for message in one.all(other) if message.seq]


def test_as_many_new_messages_as_were_lost_are_not_taken_for_those(
    server: RunningServer, tmp_path: Path
) -> None:
    """Whoever was offline comes back to a log that is exactly as long as the one before."""
    files = {name: tmp_path / f"{name}.db" for name in ("анна", "боб")}
    ann, bob = (Person(name, server.port, Store(file)) for name, file in files.items())
    lost = told(ann, MessagesLost)
    talk(ann, bob, "kept")
    backup = back_up(server, tmp_path)
    talk(ann, bob, "lost 0", "lost 1", "lost 2")
    bob.close()
    bob.store.close()

    bring_back(server, backup)
    wait(lambda: lost)
    for text in ("new 0", "new 1", "new 2"):
        ann.send_text("боб", text)
    assert ann.wait_until_sent(60)
    assert [one.seq for one in ann.all("боб") if one.text == "new 2"] == [4]

    bob = Person("боб", server.port, Store(files["боб"]))
    wait(lambda: numbered(bob, "анна") == ["kept", "new 0", "new 1", "new 2"])
    assert [one.text for one in bob.all("анна") if not one.seq] == ["lost 0", "lost 1", "lost 2"]
    assert {one.security for one in bob.all("анна")} == {MessageSecurity.ENCRYPTED}
    talk(bob, ann, "answer")
    talk(ann, bob, "and on")
    for one in (ann, bob):
        one.close()


def test_a_message_that_arrives_before_all_is_compared_is_not_taken_for_the_next(
    server: RunningServer, tmp_path: Path
) -> None:
    """People write on while somebody with an older log comes back, in chats and rooms."""
    ann, bob = (Person(one, server.port, Store(tmp_path / one)) for one in ("анна", "боб"))
    ann.join("#кухня")
    bob.join("#кухня")
    for name in ("#кухня", "боб"):
        ann.send_text(name, f"kept in {name}")
    wait(lambda: bob.heard("#кухня") and bob.heard("анна"))
    backup = back_up(server, tmp_path)
    for number in range(5):
        for name in ("#кухня", "боб"):
            ann.send_text(name, f"lost {number}")
    wait(lambda: len(bob.heard("#кухня")) == len(bob.heard("анна")) == 6)
    assert ann.wait_until_sent(60)  # Otherwise the client sends them again by itself.
    bob.close()
    bob.store.close()

    bring_back(server, backup)
    assert ann.wait_until_online(60)
    for number in range(40):
        for name in ("#кухня", "боб"):
            ann.send_text(name, f"new {number}")
        if number == 5:
            ann.wait_until_sent(60)
            bob = Person("боб", server.port, Store(tmp_path / "боб"))
    new = [f"new {number}" for number in range(40)]
    assert ann.wait_until_sent(60)
    wait(lambda: numbered(bob, "анна") == ["kept in боб", *new])
    wait(lambda: numbered(bob, "#кухня") == ["kept in #кухня", *new])
    for name in ("#кухня", "анна"):
        assert {one.security for one in bob.all(name)} == {MessageSecurity.ENCRYPTED}
        assert len(bob.all(name)) == 46
    for one in (ann, bob):
        one.close()


def test_what_was_lost_and_is_sent_again_is_shown_once_and_in_order(
    server: RunningServer, tmp_path: Path
) -> None:
    """Their authors have the lost messages sent again: recipients know that they are the same."""
    ann, bob = (Person(one, server.port, Store(tmp_path / one)) for one in ("анна", "боб"))
    lost = told(ann, MessagesLost), told(bob, MessagesLost)
    talk(ann, bob, "kept")
    backup = back_up(server, tmp_path)
    talk(ann, bob, "lost 0", "lost 1", "lost 1")
    talk(bob, ann, "answer")
    bring_back(server, backup)
    wait(lambda: lost[0] and lost[1])
    received = told(bob, MessageReceived)
    for one, other in ((ann, bob), (bob, ann)):
        for message in one.all(other.name):
            if message.state is MessageState.FAILED:
                one.send_again(message)
        assert one.wait_until_sent(60)
    talk(ann, bob, "new")

    texts = ["kept", "lost 0", "lost 1", "lost 1", "answer", "new"]
    for one, other in ((ann, bob), (bob, ann)):
        wait(lambda: numbered(one, other.name) == texts)  # noqa: B023  at once
        assert [message.seq for message in one.all(other.name)] == [1, 2, 3, 4, 5, 6]
        assert {message.security for message in one.all(other.name)} == {MessageSecurity.ENCRYPTED}
        assert MessageState.FAILED not in {message.state for message in one.all(other.name)}
    wait(lambda: received)  # The event of what is stored comes after it.
    assert len(received) == 1, "what was lost is not new"
    for one in (ann, bob):
        one.close()


def test_a_chat_that_began_after_the_backup_is_known_to_be_lost(
    server: RunningServer, tmp_path: Path
) -> None:
    ann, bob = (Person(one, server.port, Store(tmp_path / one)) for one in ("анна", "боб"))
    lost = told(ann, MessagesLost)
    backup = back_up(server, tmp_path)
    talk(ann, bob, "hi")
    bring_back(server, backup)
    wait(lambda: lost == [MessagesLost("боб")])
    (message,) = ann.all("боб")
    assert (message.seq, message.state) == (None, MessageState.FAILED)
    talk(bob, ann, "is anybody there?")
    assert numbered(ann, "боб") == ["is anybody there?"]
    for one in (ann, bob):
        one.close()


def test_whoever_had_not_fetched_a_key_when_it_was_lost_can_read_what_follows(
    server: RunningServer, tmp_path: Path
) -> None:
    """The key of a session was shared after the backup: another session is begun."""
    ann, bob = (Person(one, server.port, Store(tmp_path / one)) for one in ("анна", "боб"))
    talk(ann, bob, "kept")
    talk(bob, ann, "an answer: the next message begins a session")
    bob.close()
    bob.store.close()
    backup = back_up(server, tmp_path)
    ann.send_text("боб", "lost")
    assert ann.wait_until_sent(60)

    bring_back(server, backup)
    assert ann.wait_until_online(60)
    ann.send_text("боб", "new")
    assert ann.wait_until_sent(60)
    ann.close()  # Nobody answers requests for keys.
    bob = Person("боб", server.port, Store(tmp_path / "боб"))
    wait(lambda: bob.heard("анна") == ["kept", "new"])
    assert bob.last("анна").security is MessageSecurity.ENCRYPTED
    bob.close()
