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
        self._to = ""
        self._sent = float("-inf")

    def typed(self, to: str) -> None:
        """The user has typed in a conversation: send a notice if it is time."""
        now = self._clock()
        if to != self._to or now - self._sent > _SENT_EVERY:
            self._to, self._sent = to, now
            self._client.typing(to)

    def stopped(self, to: str) -> None:
        """The user has deleted the text: end the notice, if one was sent."""
        if to == self._to:
            self._to = ""
            self._client.typing(to, stopped=True)

    def wrote(self, to: str) -> None:
        """The user has sent the text, which ends the notice: the next key begins another one."""
        if to == self._to:
            self._to = ""
