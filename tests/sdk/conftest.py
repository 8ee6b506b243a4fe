"""Real clients, and a server between them that lies as a test says."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from messenger.sdk import Store
from tests.running import RunningServer
from tests.sdk.person import People, Person
from tests.sdk.proxy import LyingProxy


@pytest.fixture
def person(one_server: RunningServer, tmp_path: Path) -> Iterator[People]:
    """Make clients with a database each, or with one that is given: `person("ann")`.

    They are closed after the test, with their databases: a process has few file descriptors.
    """
    made: list[Person] = []

    def make(name: str, port: int = 0, store: Store | None = None, **more: bool) -> Person:
        store = store or Store(tmp_path / f"{len(made)}.db")
        made.append(Person(name, port or one_server.port, store, **more))
        return made[-1]

    yield make
    for one in made:
        one.close()
        one.store.close()


@pytest.fixture
def liar(one_server: RunningServer) -> Iterator[LyingProxy]:
    """A server that is honest until a test says how it lies."""
    proxy = LyingProxy(one_server.port, lambda frame: [frame])
    yield proxy
    proxy.close()
