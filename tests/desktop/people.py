"""People at a real server: each with a client, a database, and a bridge to a window."""

import functools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from messenger.sdk import Client, Credentials, Store
from messenger.sdk.profiles import Profile
from messenger.sdk.store import StoredMessage
from tests.stretching import PASSWORD

if TYPE_CHECKING:
    from messenger.desktop.bridge import Bridge

_PATIENCE = 60  # seconds; what takes so long hangs
_Found = TypeVar("_Found")


class Person:
    """A person who is online; `bridge` is for a window, `do` for what others are to do.

    No test calls `client` itself: a test runs in the GUI thread, where the client refuses.
    """

    def __init__(self, name: str, port: int, directory: Path, *, password: str = PASSWORD) -> None:
        self.name = name
        self.port = port
        self._directory = directory
        self._password = password
        self._worker = ThreadPoolExecutor(1, f"doing for {name}")
        self._is_closed = False
        self.client: Client = self._in_worker(self._new_client)

    def _new_client(self) -> Client:
        credentials = Credentials(self.name, self._password, register=True)
        store = Store(self._directory / "messages.db")
        return Client("127.0.0.1", self.port, credentials, store, program="tests")

    @functools.cached_property
    def bridge(self) -> "Bridge":
        """What a window of this person uses."""
        from messenger.desktop.bridge import Bridge

        return Bridge(self.client)

    @functools.cached_property
    def profile(self) -> Profile:
        """A profile with settings of its own."""
        found = Profile(self._directory / "profile")
        found.set_up("127.0.0.1", self.port, self.name)
        return found

    def start(self) -> None:
        """Connect, and wait until the server has let this person in."""
        self.do(lambda client: client.start())
        assert self.do(lambda client: client.wait_until_online(_PATIENCE))

    def do(self, work: Callable[[Client], _Found]) -> _Found:
        """Do something with the client, in a thread of its own; return its result."""
        return self._in_worker(lambda: work(self.client))

    def say(self, to: str, text: str) -> StoredMessage:
        """Write to a person or to a room."""
        return self.do(lambda client: client.send_text(to, text))

    def heard(self, conversation: str) -> list[str]:
        """Return what others have written there, as far as it has arrived."""
        page = self.do(lambda client: client.store.page(conversation, limit=1000))
        return [one.text for one in page if one.sender != self.name]

    def close(self) -> None:
        """End the client and its bridge."""
        if self._is_closed:
            return
        self._is_closed = True
        if "bridge" in self.__dict__:
            self.bridge.close()
        self.do(lambda client: client.close())
        self.do(lambda client: client.store.close())
        self._worker.shutdown()

    def _in_worker(self, work: Callable[[], _Found]) -> _Found:
        return self._worker.submit(work).result(_PATIENCE)


People = Callable[..., Person]
