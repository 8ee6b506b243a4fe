"""The base class of verbs: their access to the client."""

import contextlib
from collections.abc import Callable, Collection
from typing import Any, Protocol, TypeVar

from messenger.jim.base import Reply, Request
from messenger.jim.errors import ProtocolError
from messenger.sdk.core import Core
from messenger.sdk.errors import NotOnline
from messenger.sdk.events import SummariesChanged
from messenger.sdk.handlers import Handler, Handlers
from messenger.sdk.store import Store
from messenger.sdk.summaries import Summaries
from messenger.sdk.verbs.verb import ANSWER_TIMEOUT, Begin, verb

_Answer = TypeVar("_Answer", bound=Reply)
_Event = TypeVar("_Event")
_Found = TypeVar("_Found")


class _Flag(Protocol):
    def set(self) -> None: ...


class Shell:
    """The part of a client that is the same whether it blocks or is awaited.

    A client implements how it waits: `_wait_for`, `_wait_until`, `_at_once`, or does not: `_soon`.
    Setting `_again` ends the pause before the next connection; `_telling` counts batches of events
    in handlers, `_queued` has what is to be done soon.
    """

    _again: _Flag
    _telling = 0
    _queued: Collection[Callable[[], object]] = ()

    def __init__(self, store: Store, core: Core) -> None:
        self.store = store
        self.core = core
        self._handlers = Handlers()
        self._summaries = Summaries(store, core.people)

    def on(self, event: type[_Event]) -> Callable[[Handler], Handler]:
        """Decorate a function that is to be called with each event of this type."""
        self._summaries.are_followed |= issubclass(event, SummariesChanged)
        return self._handlers.on(event)

    def on_batch(self, handler: Handler) -> Handler:
        """Decorate a function that is to be called with lists of all events, in their order.

        A list has what has happened at one moment, such as all messages that one read has brought:
        with many events a user interface that is called once is faster than one called for each.
        """
        self._summaries.are_followed = True
        return self._handlers.on_batch(handler)

    def post(self, request: Request[Any]) -> None:
        """Send a request and ignore its reply; does nothing while offline or if it is invalid."""

        def ask() -> None:
            # Nobody waits for the result: what was refused is not worth an error.
            with contextlib.suppress(NotOnline, ProtocolError):
                self.core.ask(request, lambda _: None)

        self._soon(ask)

    @verb
    async def ask(self, request: Request[_Answer], timeout: float = ANSWER_TIMEOUT) -> _Answer:
        """Send a request and return its reply.

        Raises the ProtocolError that the server answers with, NotOnline while offline, and
        ConnectionLost if the connection is lost or no reply arrives within `timeout` seconds.
        """
        return await self._ask(request, timeout)

    async def _ask(self, request: Request[_Answer], timeout: float) -> _Answer:
        """Do as `ask` does, for other verbs."""
        answer: _Answer = await self._wait_for(lambda take: self.core.ask(request, take), timeout)
        return answer

    async def _wait_for(self, begin: Begin, timeout: float) -> Any:
        """Begin an operation; return its result, or raise it if it is an error.

        Raises ConnectionLost if there is none within `timeout` seconds.
        """
        raise NotImplementedError

    async def _wait_until(self, condition: Callable[[], _Found], timeout: float | None) -> _Found:
        """Wait until a condition is true, at most `timeout` seconds; return its last value."""
        raise NotImplementedError

    def _soon(self, do: Callable[[], object]) -> None:
        """Do something with the core without waiting for it, in the order of the calls."""
        raise NotImplementedError

    def _at_once(self, do: Callable[[], _Found]) -> _Found:
        """Do something with the core, and send what it has to send."""
        raise NotImplementedError
