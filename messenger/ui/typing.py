"""Typing notices: those of others, and those that the user's client sends."""

import time
from collections.abc import Callable

from messenger.sdk.client import Client
from messenger.sdk.results import TypingNotice

_SHOWN = 6.0
"""Seconds for which a notice is valid, unless another follows."""
_SENT_EVERY = 4.0
"""Seconds between notices: less than they are valid, or the display would flicker."""


class TypingIndicators:
    """Notices of others that are valid now; `clock` returns seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._heard: dict[str, tuple[str, float]] = {}

    def take(self, notice: TypingNotice) -> None:
        """Somebody is typing, or has stopped."""
        if notice.stopped:
            self.end(notice.conversation)
        else:
            self._heard[notice.conversation] = (notice.from_, self._clock())

    # Without this a notice would outlast the message that it announced.
    def end(self, conversation: str) -> None:
        """The message has arrived."""
        self._heard.pop(conversation, None)

    def forget(self) -> bool:
        """Remove expired notices; return whether there were any."""
        over = [name for name, (_who, heard) in self._heard.items() if not self._holds(heard)]
        for name in over:
            del self._heard[name]
        return bool(over)

    def who(self, conversation: str) -> str | None:
        """Return who is typing in a conversation."""
        found = self._heard.get(conversation)
        return found[0] if found is not None and self._holds(found[1]) else None

    def where(self) -> set[str]:
        """Return the conversations in which somebody is typing."""
        return {name for name, (_who, heard) in self._heard.items() if self._holds(heard)}

    def _holds(self, heard: float) -> bool:
        return self._clock() - heard < _SHOWN


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
