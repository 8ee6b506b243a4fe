"""Alerts the user to messages that are not in sight: terminal bell, desktop notification."""

from textual.app import App

from messenger.console.controller import ConsoleController
from messenger.console.screen.external import desktop_note
from messenger.sdk.store import ConversationSummary, StoredMessage
from messenger.ui.attention import Attention


class Bell:
    """Alerts by the user's settings, and not for each message of a busy room."""

    def __init__(self, app: App[int], controller: ConsoleController) -> None:
        self._app = app
        self._controller = controller
        blocked = controller.client.people.blocked
        self._attention = Attention(lambda: controller.preferences, blocked=lambda: blocked.names)

    def announce(self, message: StoredMessage, row: ConversationSummary | None) -> None:
        """Alert the user to a message, unless it is in sight or its conversation is muted."""
        is_open = message.conversation == self._controller.current
        # Terminals report it (xterm's mode 1004); without a report the app counts as focused.
        focus = self._app.app_focus
        alert = self._attention.alert(message, row, is_open=is_open, has_focus=focus)
        if alert.sound:
            self._app.bell()
        if alert.notification and (driver := self._app._driver):  # noqa: SLF001  Textual has no other way to write a sequence
            driver.write(desktop_note(alert.notification))
