"""What verbs need of the client that they belong to."""

import contextlib
from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from messenger.jim.base import Reply, Request
from messenger.jim.errors import ProtocolError
from messenger.sdk.core import Core
from messenger.sdk.errors import NotOnline
from messenger.sdk.handlers import Handler, Handlers
from messenger.sdk.store import Store
from messenger.sdk.verbs.verb import ANSWER_TIMEOUT, Begin, verb

_Answer = TypeVar("_Answer", bound=Reply)
_Event = TypeVar("_Event")
_Found = TypeVar("_Found")


class _Flag(Protocol):
    def set(self) -> None: ...


class Shell:
    """The part of a client that is the same whether it blocks or is awaited.

    A shell says how it waits: `_wait_for`, `_wait_until`, `_at_once`. Setting `_again` ends the
    pause before the next connection; `_telling` counts who is telling handlers at the moment.
    """

    _again: _Flag
    _telling = 0

    def __init__(self, store: Store, core: Core) -> None:
        self.store = store
        self.core = core
        self._handlers = Handlers()

    def on(self, event: type[_Event]) -> Callable[[Handler], Handler]:
        """Have the decorated function called with each event of this type."""
        return self._handlers.on(event)

    def post(self, request: Request[Any]) -> None:
        """Send a request whose reply nobody needs; nothing happens where it cannot be done now."""
        with contextlib.suppress(NotOnline, ProtocolError):
            self._at_once(lambda: self.core.ask(request, lambda _: None))

    @verb
    async def ask(self, request: Request[_Answer], timeout: float = ANSWER_TIMEOUT) -> _Answer:
        """Send a request and return its reply.

        Raises the ProtocolError that the server answers with, NotOnline while it is away, and
        ConnectionLost if the link breaks or nothing comes within `timeout` seconds.
        """
        return await self._ask(request, timeout)

    async def _ask(self, request: Request[_Answer], timeout: float) -> _Answer:
        """Do as `ask` does, for other verbs."""
        answer: _Answer = await self._wait_for(lambda take: self.core.ask(request, take), timeout)
        return answer

    async def _wait_for(self, begin: Begin, timeout: float) -> Any:
        """Begin something; return what comes of it, or raise it.

        Raises ConnectionLost where nothing comes within `timeout` seconds.
        """
        raise NotImplementedError

    async def _wait_until(self, condition: Callable[[], _Found], timeout: float | None) -> _Found:
        """Wait until a condition holds, at most `timeout` seconds; return what it says then."""
        raise NotImplementedError

    def _at_once(self, do: Callable[[], _Found]) -> _Found:
        """Do something with the core, and have sent what it wants to send."""
        raise NotImplementedError
