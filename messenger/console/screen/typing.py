"""Who is writing where: a notice holds for some seconds, unless another follows."""

import time

from messenger.jim.events import TypingNotice

_SHOWN = 6.0


class Typing:
    """The notices that hold now."""

    def __init__(self) -> None:
        self._heard: dict[str, tuple[str, float]] = {}

    def take(self, notice: TypingNotice) -> None:
        """Somebody writes, or has stopped."""
        if notice.stopped:
            self._heard.pop(notice.conversation, None)
        else:
            self._heard[notice.conversation] = (notice.from_, time.monotonic())

    def end(self, conversation: str) -> None:
        """What was being written has come."""
        self._heard.pop(conversation, None)

    def forget(self) -> bool:
        """Forget who has not gone on; tell whether there was anybody."""
        end = time.monotonic() - _SHOWN
        over = [name for name, (_who, heard) in self._heard.items() if heard < end]
        for name in over:
            del self._heard[name]
        return bool(over)

    def who(self, conversation: str) -> str | None:
        """Return who is writing there."""
        found = self._heard.get(conversation)
        return found[0] if found else None

    def where(self) -> set[str]:
        """Return the conversations in which somebody is writing."""
        return set(self._heard)
