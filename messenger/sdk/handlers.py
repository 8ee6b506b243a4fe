"""Handlers of events: by the type of the event, or of all events at once."""

import logging
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

from messenger.sdk.events import CoreEvent

_logger = logging.getLogger("messenger.client")

_Event = TypeVar("_Event")
Handler = Callable[[Any], Any]


class Handlers:
    """A registry of handlers for each type of event, and of those that take whole batches."""

    def __init__(self) -> None:
        self._handlers: dict[type, list[Handler]] = {}
        self._batch_handlers: list[Handler] = []

    def on(self, event: type[_Event]) -> Callable[[Handler], Handler]:
        """Register the decorated function for each event of this type."""

        def register(handler: Handler) -> Handler:
            self._handlers.setdefault(event, []).append(handler)
            return handler

        return register

    def on_batch(self, handler: Handler) -> Handler:
        """Register a handler for all events, which gets those of a moment as one list."""
        self._batch_handlers.append(handler)
        return handler

    def tell(self, events: Sequence[CoreEvent]) -> list[Any]:
        """Call the handlers of these events; return their results.

        An exception is logged, and the other handlers are called nevertheless.
        """
        return list(self._results(events))

    def _results(self, events: Sequence[CoreEvent]) -> Iterator[Any]:
        for handler in self._batch_handlers:
            yield self._result(handler, list(events), "a batch of events")
        for event in events:
            for handler in self._handlers.get(type(event), ()):
                yield self._result(handler, event, type(event).__name__)

    @staticmethod
    def _result(handler: Handler, told: Any, name: str) -> Any:
        try:
            return handler(told)
        # A handler is the program's code: its bug must not end the connection.
        except Exception:
            _logger.exception("A handler of %s failed", name)
