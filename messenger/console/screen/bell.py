"""Tells a user of what is not in sight: by the terminal's bell, and by a note on the desktop."""

import time

from textual.app import App

from messenger.console.screen.outside import desktop_note
from messenger.console.talk import Talk
from messenger.sdk.store import ConversationRow, StoredMessage
from messenger.ui.wording import said

_RING_EVERY = 1.0


class Bell:
    """Rings as the user wants it, and not for every message of a crowd."""

    def __init__(self, app: App[int], talk: Talk) -> None:
        self._app = app
        self._talk = talk
        self._rang = 0.0

    def announce(self, message: StoredMessage, row: ConversationRow | None) -> None:
        """Tell of a message, unless it is in sight or its conversation is muted."""
        in_sight = self._app.app_focus and message.conversation == self._talk.current
        now = time.monotonic()
        if in_sight or (row is not None and row.muted) or now - self._rang < _RING_EVERY:
            return
        self._rang = now
        preferences = self._talk.preferences
        if preferences.bell:
            self._app.bell()
        if preferences.notes and not self._app.app_focus and (driver := self._app._driver):  # noqa: SLF001  Textual has no other way to write a sequence
            driver.write(desktop_note(f"{message.sender}: {said(message)}"))
