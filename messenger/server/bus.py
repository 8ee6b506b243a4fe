"""Carries committed messages to their subscribers: in this process, later perhaps in others."""

from collections.abc import Callable
from typing import Protocol

from messenger.server.journal import Append

Receive = Callable[[list[Append]], None]


class Bus(Protocol):
    """Carries committed messages to every server that has recipients of them."""

    def subscribe(self, receive: Receive) -> None:
        """Call this with each batch that is published."""

    def publish(self, entries: list[Append]) -> None:
        """Pass on committed messages, in order."""


class LocalBus:
    """The bus of a single server, to which all recipients are connected."""

    def __init__(self) -> None:
        self._subscribers: list[Receive] = []

    def subscribe(self, receive: Receive) -> None:
        """Call this with each batch that is published."""
        self._subscribers.append(receive)

    def publish(self, entries: list[Append]) -> None:
        """Pass on committed messages, in order."""
        for receive in self._subscribers:
            receive(entries)
