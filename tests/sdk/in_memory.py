"""Clients without a socket: their server is in the same process and replies at once."""

from collections.abc import Callable
from typing import Any

from msgspec import structs

from messenger.jim.base import Reply
from messenger.jim.codec import AnyEvent, decode_request, encode, refusal
from messenger.jim.errors import ProtocolError
from messenger.jim.framing import Framer
from messenger.jim.session import EVENTS, NUMBERS, VERSION, Greeting, Welcome
from messenger.sdk import AsyncClient, Client, Credentials, Store
from messenger.sdk.verbs.shell import Shell

_LARGEST = 1_000_000


class InMemory(Shell):
    """A mixin that replaces a client's connection by a server in memory.

    `asked` are the requests since it came online. `answer` says what the server answers to which
    type of request, or raises; what is not there succeeds, and says nothing.
    """

    def __init__(self, name: str = "Иван") -> None:
        super().__init__("127.0.0.1", 1, Credentials(name), Store())  # type: ignore[arg-type, call-arg]
        self.asked: list[Any] = []
        self.answers: dict[type, Callable[[Any], Reply]] = {}
        self._greeting = Welcome(200)
        self._frames = Framer(_LARGEST)

    def come_online(self, *, plain: bool = False) -> None:
        """Log in as a guest, at a Messenger server or a plain one."""
        if not plain:
            self._greeting = Welcome(200, jim=VERSION, features=[NUMBERS, EVENTS])
        self._at_once(lambda: self.core.connected(0.0))
        self.asked.clear()

    def tell(self, event: AnyEvent) -> None:
        """Deliver an event of the server."""
        self._at_once(lambda: self.core.received(encode(event) + b"\n", 0.0))

    def _at_once(self, do: Callable[[], Any]) -> Any:
        done = do()
        while data := self.core.data_to_send():
            for frame in self._frames.feed(data):
                self.core.received(encode(self._answer_to(decode_request(frame))) + b"\n", 0.0)
        return done

    def _answer_to(self, request: Any) -> Reply:
        self.asked.append(structs.replace(request, id=None, time=None))
        try:
            reply = self.answers.get(type(request), _success)(request)
        except ProtocolError as error:
            reply = refusal(error)
        if isinstance(request, Greeting):
            reply = self._greeting
        reply.id = request.id
        return reply


class InMemoryClient(InMemory, Client):
    """The blocking client, without threads."""


class InMemoryAsyncClient(InMemory, AsyncClient):
    """The client on asyncio, without tasks."""


def _success(request: Any) -> Reply:
    reply: Reply = request.answer(200)
    return reply
