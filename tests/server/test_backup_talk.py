"""People talk while a backup is made; the server is killed and deleted, restored, and all go on."""

import shutil
import threading
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path

import pytest

from messenger.sdk import Store
from messenger.sdk.store import MessageSecurity, MessageState
from tests.forking import run
from tests.postgresql import Postgresql, use_database
from tests.running import RunningServer, running
from tests.sdk.person import Person, wait

NAMES = ("анна", "борис")


@pytest.fixture(params=("sqlite", "postgresql"))
def url(request: pytest.FixtureRequest) -> Callable[[], str]:
    """Return the URL of a new empty database, nothing for the file in the directory."""
    if request.param == "sqlite":
        return lambda: ""
    postgresql: Postgresql = request.getfixturevalue("postgresql")
    return postgresql.empty_database


@pytest.fixture
def server(tmp_path: Path, url: Callable[[], str]) -> Iterator[RunningServer]:
    data = tmp_path / "server"
    if place := url():
        use_database(data, place)
    with running(data, "--limits", "off") as server:
        yield server


class Talking:
    """Two people who write to each other all the time, each from a thread of its own."""

    def __init__(self, ann: Person, bob: Person) -> None:
        self.written: dict[str, list[str]] = {ann.name: [], bob.name: []}
        self._stopped = threading.Event()
        self._threads = [
            threading.Thread(target=self._write, args=pair) for pair in ((ann, bob), (bob, ann))
        ]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Have them end."""
        self._stopped.set()
        for thread in self._threads:
            thread.join()

    def _write(self, one: Person, other: Person) -> None:
        texts = self.written[one.name]
        while not self._stopped.wait(0.002):
            texts.append(f"{one.name} {len(texts)}")
            one.send_text(other.name, texts[-1])


def come(server: RunningServer, tmp_path: Path) -> tuple[Person, Person]:
    """Return both people with their databases, online."""
    ann, bob = (Person(name, server.port, Store(tmp_path / f"{name}.db")) for name in NAMES)
    return ann, bob


def leave(*people: Person) -> None:
    for one in people:
        one.close()
        one.store.close()


def answered(one: Person, other: Person) -> list[str]:
    """Return what one has written, and the server has stored."""
    return [
        message.text
        for message in one.all(other.name)
        if message.sender == one.name and message.seq
    ]


def numbered(one: Person, other: Person) -> list[str]:
    return [message.text for message in one.all(other.name) if message.seq]


def test_everybody_goes_on_with_a_backup_that_was_made_under_load(
    server: RunningServer, tmp_path: Path, url: Callable[[], str]
) -> None:
    ann, bob = people = come(server, tmp_path)
    talking = Talking(ann, bob)
    wait(lambda: answered(ann, bob) and answered(bob, ann) and len(bob.heard(ann.name)) > 50)
    before = answered(ann, bob), answered(bob, ann)
    words = ("-m", "messenger", "backup")
    made = run(*words, "make", "--data", str(server.data), str(tmp_path / "backups"))
    assert made.returncode == 0, made.stderr
    count = len(bob.heard(ann.name))
    wait(lambda: len(bob.heard(ann.name)) > count + 20)
    server.kill()
    talking.stop()
    leave(*people)
    shutil.rmtree(server.data)

    place = url()
    more = ("--database", place) if place else ()
    (backup,) = (tmp_path / "backups").glob("*.gz")
    again = tmp_path / "elsewhere"
    restored = run(*words, "restore", str(backup), "--data", str(again), *more)
    assert restored.returncode == 0, restored.stderr
    if place:
        (again / "messenger.toml").unlink()
        use_database(again, place)
    server.data, old_port, server.port = again, server.port, 0
    server.start()
    assert server.port != old_port

    ann, bob = people = come(server, tmp_path)
    for one, other, texts in ((ann, bob, before[0]), (bob, ann, before[1])):
        assert one.wait_until_sent(60)
        for there in (one, other):
            peer = other.name if there is one else one.name
            found = [message for message in there.all(peer) if message.text in texts]
            # What was answered before the backup is there once, in order, and has its number.
            assert [message.text for message in found] == texts
            assert all(message.seq for message in found)
            assert {message.security for message in found} == {MessageSecurity.ENCRYPTED}
    wait(lambda: numbered(ann, bob) == numbered(bob, ann))
    # What was answered after it comes back from those who have written it.
    for one, other in ((ann, bob), (bob, ann)):
        for message in one.all(other.name):
            if message.state is MessageState.FAILED:
                one.send_again(message)
        assert one.wait_until_sent(60)
        one.send_text(other.name, f"new of {one.name}")
        wait(lambda: f"new of {one.name}" in other.heard(one.name))  # noqa: B023  at once
    new = [f"new of {name}" for name in NAMES]
    everything = sorted([*chain.from_iterable(talking.written.values()), *new])
    wait(lambda: numbered(ann, bob) == numbered(bob, ann))
    for one, other in ((ann, bob), (bob, ann)):
        assert sorted(message.text for message in one.all(other.name)) == everything
        assert {message.security for message in one.all(other.name)} == {MessageSecurity.ENCRYPTED}

    # A third person begins sessions with devices whose one-time keys were dropped.
    eve = Person("ева", server.port, Store(tmp_path / "eve.db"))
    for one in people:
        eve.send_text(one.name, f"hello {one.name}")
        wait(lambda: one.heard("ева") == [f"hello {one.name}"])  # noqa: B023  at once
        one.send_text("ева", f"hello from {one.name}")
        wait(lambda: eve.heard(one.name) == [f"hello from {one.name}"])  # noqa: B023  at once
        assert one.last("ева").security is MessageSecurity.ENCRYPTED
    leave(*people, eve)
