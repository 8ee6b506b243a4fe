"""When a user is told of a message that is not in sight, and how."""

import time
from collections.abc import Callable
from typing import NamedTuple

from messenger.sdk.profiles import Preferences
from messenger.sdk.store import ConversationRow, StoredMessage
from messenger.ui.wording import message_text

_EVERY = 1.0
"""Seconds between two calls for attention, however many messages a crowd writes."""


class Alert(NamedTuple):
    """How a message calls for attention; `notification` is a text for the desktop, or empty."""

    sound: bool = False
    notification: str = ""


class Attention:
    """Decides as the user wants it; `clock` gives seconds."""

    def __init__(
        self, preferences: Callable[[], Preferences], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._preferences = preferences
        self._clock = clock
        self._called = float("-inf")

    def alert(
        self, message: StoredMessage, row: ConversationRow | None, *, is_open: bool, has_focus: bool
    ) -> Alert:
        """Return how a message of another is told of.

        `row` is its conversation's, `is_open` says that it is the one that is shown, `has_focus`
        that the user looks at the program.
        """
        is_muted = row is not None and row.muted
        now = self._clock()
        if (is_open and has_focus) or is_muted or now - self._called < _EVERY:
            return Alert()
        self._called = now
        preferences = self._preferences()
        note = f"{message.sender}: {message_text(message)}"
        return Alert(preferences.bell, note if preferences.notes and not has_focus else "")
