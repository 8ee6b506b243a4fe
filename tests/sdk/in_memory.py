"""Clients whose server is played to them: what they send is answered at once, by no socket."""

from collections.abc import Callable
from typing import Any

from msgspec import structs

from messenger.jim.base import Reply, Request
from messenger.jim.codec import AnyEvent
from messenger.jim.session import Presence
from messenger.sdk import AsyncClient, Client, Credentials, Store
from messenger.sdk.verbs.shell import Shell
from tests.sdk.playbook import ME, Answer, PlayedServer


class InMemory(Shell):
    """A mixin that replaces a client's connection by a server in memory.

    `answers` says what the server answers to which type of request, or raises; what is not there
    succeeds, and says nothing.
    """

    def __init__(self, name: str = ME) -> None:
        super().__init__("127.0.0.1", 1, Credentials(name), Store())  # type: ignore[arg-type, call-arg]
        self.server = PlayedServer(self.core)
        self.answers: dict[type, Answer] = self.server.answers

    @property
    def asked(self) -> list[Request[Any]]:
        """The requests since it came online, without what the connection adds."""
        return [structs.replace(one, id=None, time=None) for one in self.server.requests]

    def come_online(self, *, plain: bool = False) -> None:
        """Log in as a guest, at a server of ours or at a plain one."""
        if plain:
            self.answers[Presence] = lambda _: Reply(200)
        self.server.connect()
        self.forget_asked()

    def forget_asked(self) -> None:
        """Note what is asked from now on."""
        self.server.requests.clear()

    def tell(self, event: AnyEvent) -> None:
        """Say something unasked, as the server does."""
        self.server.say(event)

    def _at_once(self, do: Callable[[], Any]) -> Any:
        done = do()
        self.server.run()
        return done

    def _soon(self, do: Callable[[], object]) -> None:
        self._at_once(do)


class InMemoryClient(InMemory, Client):
    """The blocking client, without threads."""


class InMemoryAsyncClient(InMemory, AsyncClient):
    """One on asyncio; it has no tasks."""
