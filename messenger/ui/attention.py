"""Decides when and how a message that is not in sight alerts the user."""

import time
from collections.abc import Callable
from typing import NamedTuple

from messenger.sdk.profiles import Preferences
from messenger.sdk.store import ConversationSummary, StoredMessage
from messenger.ui.wording import message_text

_EVERY = 1.0
"""Seconds between two alerts: in a busy room one for each message would only annoy."""


class Alert(NamedTuple):
    """How to alert the user to a message; `notification` is a text for the desktop, or empty."""

    sound: bool = False
    notification: str = ""


class Attention:
    """Decides by the user's preferences; `clock` returns seconds."""

    def __init__(
        self, preferences: Callable[[], Preferences], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._preferences = preferences
        self._clock = clock
        self._alerted_at = float("-inf")

    def alert(
        self,
        message: StoredMessage,
        row: ConversationSummary | None,
        *,
        is_open: bool,
        has_focus: bool,
    ) -> Alert:
        """Return the alert for somebody else's message.

        `row` is its conversation's; `is_open`: that conversation is shown; `has_focus`: the program
        has the focus.
        """
        is_muted = row is not None and row.muted
        now = self._clock()
        if (is_open and has_focus) or is_muted or now - self._alerted_at < _EVERY:
            return Alert()
        self._alerted_at = now
        preferences = self._preferences()
        note = f"{message.sender}: {message_text(message)}"
        return Alert(preferences.bell, note if preferences.notes and not has_focus else "")
