"""Who else must hear of it: in this process, and one day in others."""

from collections.abc import Callable
from typing import Protocol

from messenger.server.journal import Append


class Bus(Protocol):
    """Carries committed messages to every server that has readers of them."""

    def publish(self, entries: list[Append]) -> None:
        """Pass on what was committed, in order."""


class LocalBus:
    """The bus of a single server: its own readers are all there are."""

    def __init__(self, deliver: Callable[[list[Append]], None]) -> None:
        self.publish = deliver
