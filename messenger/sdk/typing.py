"""Who is typing where: each notice has an end, whatever comes of it."""

from collections.abc import Callable, Iterable

from messenger.jim.messages import Message, TypingNotice
from messenger.sdk.events import CoreEvent

_VALID = 6.0
"""Seconds for which a notice is valid, unless another follows (docs/protocol.md)."""


class TypingPeople:
    """Passes notices on, and ends each that its sender does not: by `TypingNotice.stopped`.

    It is over when its message has arrived, when nothing follows it for some seconds, and with the
    connection. Times are monotonic, in seconds. May be read in any thread.
    """

    def __init__(self, tell: Callable[[CoreEvent], None]) -> None:
        self._tell = tell
        self._until: dict[tuple[str, str], float] = {}

    def in_conversation(self, conversation: str) -> list[str]:
        """Return who is typing in a conversation, those who began first before the others."""
        # `list` copies a dict atomically: another thread may change it meanwhile.
        return [who for where, who in list(self._until) if where == conversation]

    def conversations(self) -> set[str]:
        """Return the conversations in which somebody is typing."""
        return {where for where, _who in list(self._until)}

    def take(self, notice: TypingNotice, now: float) -> None:
        """Somebody is typing, or has stopped."""
        key = notice.conversation, notice.from_
        if notice.stopped:
            self._end([key])
            return
        is_new = key not in self._until
        self._until[key] = now + _VALID
        if is_new:
            self._tell(notice)

    def arrived(self, messages: Iterable[Message], me: str) -> None:
        """End the notices of the people whose messages these are."""
        if self._until:
            self._end((message.conversation(me), message.from_) for message in messages)

    def tick(self, now: float) -> None:
        """End what is over. Call every second."""
        if self._until:
            self._end([key for key, until in self._until.items() if until <= now])

    def forget(self) -> None:
        """End all: the connection is lost."""
        self._end(list(self._until))

    def _end(self, keys: Iterable[tuple[str, str]]) -> None:
        for key in keys:
            if self._until.pop(key, None) is not None:
                self._tell(TypingNotice(conversation=key[0], from_=key[1], stopped=True))
