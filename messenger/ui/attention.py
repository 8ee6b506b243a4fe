"""Decides when and how a message that is not in sight alerts the user."""

import time
from collections.abc import Callable, Collection
from typing import NamedTuple

from messenger.jim.names import is_room
from messenger.language import _
from messenger.output import visible
from messenger.sdk.profiles import Preferences
from messenger.sdk.store import ConversationSummary, StoredMessage
from messenger.ui.blocked import is_hidden
from messenger.ui.wording import message_text, shown_name

_EVERY = 1.0
"""Seconds between two alerts: in a busy room one for each message would only annoy."""
_MAX_TEXT = 300
"""Characters of a text: no desktop shows more."""


class Alert(NamedTuple):
    """How to alert the user to a message; without a title there is no desktop notification."""

    sound: bool = False
    title: str = ""
    body: str = ""

    @property
    def notification(self) -> str:
        """The desktop notification as a line, or empty."""
        return f"{self.title}: {self.body}" if self.title else ""


class Attention:
    """Decides by the user's preferences; `clock` returns seconds.

    `every` is the least time between two alerts: a user interface that gathers them itself passes
    0. The user can mute all conversations for a time. Messages that are hidden, because their
    senders are among `blocked`, alert nobody.
    """

    def __init__(
        self,
        preferences: Callable[[], Preferences],
        clock: Callable[[], float] = time.monotonic,
        every: float = _EVERY,
        blocked: Callable[[], Collection[str]] = tuple,
    ) -> None:
        self._preferences = preferences
        self._clock = clock
        self._every = every
        self._blocked = blocked
        self._alerted_at = float("-inf")
        self._muted_until = float("-inf")

    @property
    def is_muted(self) -> bool:
        """Whether the user has muted everything for a time."""
        return self._clock() < self._muted_until

    def mute(self, seconds: float) -> None:
        """Mute all conversations for a time; 0 unmutes them."""
        self._muted_until = self._clock() + seconds

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
        preferences = self._preferences()
        now = self._clock()
        is_muted = self.is_muted or (row is not None and row.muted)
        is_wanted = preferences.notify_about == "all" or _is_for_user(message)
        is_too_soon = now - self._alerted_at < self._every
        is_wanted = is_wanted and not is_hidden(message, self._blocked())
        if (is_open and has_focus) or is_muted or not is_wanted or is_too_soon:
            return Alert()
        self._alerted_at = now
        if has_focus or not preferences.notes:
            return Alert(preferences.bell)
        return Alert(preferences.bell, *notification(message, preferences.notes_show))


def notification(message: StoredMessage, shows: str) -> tuple[str, str]:
    """Return the title and the text of a notification, which shows as much as the user wants."""
    if shows == "nothing":
        return "Messenger", _("New message")
    title = shown_name(message.conversation)
    if shows == "name":
        return title, _("New message")
    text = visible(message_text(message)[:_MAX_TEXT], lines=True)
    if is_room(message.conversation):
        text = f"{shown_name(message.sender)}: {text}"
    return title, text


def _is_for_user(message: StoredMessage) -> bool:
    """Tell whether a message mentions the user, or is in a chat with nobody else."""
    return message.mentions or not is_room(message.conversation)
