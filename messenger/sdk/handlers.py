"""Handlers of events, by the type of the event."""

import logging
from collections.abc import Callable
from typing import Any, TypeVar

from messenger.sdk.events import CoreEvent

_logger = logging.getLogger("messenger.client")

_Event = TypeVar("_Event")
Handler = Callable[[Any], Any]


class Handlers:
    """A registry of handlers for each type of event."""

    def __init__(self) -> None:
        self._handlers: dict[type, list[Handler]] = {}

    def on(self, event: type[_Event]) -> Callable[[Handler], Handler]:
        """Register the decorated function for each event of this type."""

        def register(handler: Handler) -> Handler:
            self._handlers.setdefault(event, []).append(handler)
            return handler

        return register

    def tell(self, event: CoreEvent) -> list[Any]:
        """Call the handlers of an event; return their results.

        An exception is logged, and the other handlers are called nevertheless.
        """
        results = []
        for handler in self._handlers.get(type(event), ()):
            try:
                results.append(handler(event))
            # A handler is the program's code: its bug must not end the connection.
            except Exception:
                _logger.exception("A handler of %s failed", type(event).__name__)
        return results
