"""The typing notices that the user's client sends."""

import time
from collections.abc import Callable

from messenger.sdk.client import Client

_SENT_EVERY = 4.0
"""Seconds between notices: less than they are valid, or the display would flicker."""


class TypingSender:
    """Sends typing notices, but not with every key."""

    def __init__(self, client: Client, clock: Callable[[], float] = time.monotonic) -> None:
        self._client = client
        self._clock = clock
        self._sent = float("-inf")

    def typed(self, to: str) -> None:
        """The user has typed in a conversation: send a notice if it is time."""
        now = self._clock()
        if now - self._sent > _SENT_EVERY:
            self._sent = now
            self._client.typing(to)
