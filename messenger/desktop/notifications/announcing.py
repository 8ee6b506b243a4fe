"""Announces messages that are not in sight: a notification for each conversation, a sound."""

from collections.abc import Callable, Collection
from typing import Any

from PyQt6.QtCore import QObject, QTimer
from PyQt6.QtWidgets import QApplication, QWidget

from messenger.desktop.notifications.note import Note, Notifier
from messenger.desktop.notifications.sound import play_sound
from messenger.language import _, ngettext
from messenger.sdk.events import MessageDecrypted, MessageReceived, SummariesChanged
from messenger.sdk.profiles import Preferences
from messenger.sdk.store import ConversationSummary, StoredMessage
from messenger.ui.attention import Attention, notification

_PAUSE = 1000
"""Milliseconds between two moments in which notifications are shown."""
_AT_ONCE = 3
"""Conversations with a notification each; more share one."""


class Announcer(QObject):
    """Announces what others have written, unless the user sees it.

    Messages of one moment are one notification for each conversation, with the last of them: a
    storm is told once a second.
    """

    def __init__(
        self,
        me: str,
        window: QWidget,
        preferences: Callable[[], Preferences],
        current: Callable[[], str],
        notifier: Notifier,
        blocked: Callable[[], Collection[str]] = tuple,
    ) -> None:
        """`current` returns the conversation that the window shows, empty for none."""
        super().__init__(window)
        self.attention = Attention(preferences, every=0, blocked=blocked)
        self._me = me
        self._window = window
        self._preferences = preferences
        self._current = current
        self._notifier = notifier
        self._pending: dict[str, Note] = {}
        self._count = 0
        self._makes_sound = False
        self._announced: dict[str, StoredMessage] = {}
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_PAUSE)
        self._timer.timeout.connect(self._show)

    def take(self, events: list[Any], rows: dict[str, ConversationSummary]) -> None:
        """Announce what is new in these events; `rows` are the conversations as known before."""
        has_focus = self._has_focus()
        for event in events:
            if isinstance(event, MessageReceived):
                self._take_message(event.message, rows.get(event.message.conversation), has_focus)
            elif isinstance(event, MessageDecrypted):
                self._take_text(event.message)
            elif isinstance(event, SummariesChanged):
                for row in event.summaries:
                    if not row.unread:
                        self.forget(row.name)
        if (self._pending or self._makes_sound) and not self._timer.isActive():
            self._show()

    def forget(self, conversation: str) -> None:
        """Take back the notification of a conversation, which has been read."""
        self._pending.pop(conversation, None)
        if self._announced.pop(conversation, None) is not None:
            self._notifier.withdraw(conversation)

    def tell(self, text: str) -> None:
        """Show a notification of the program itself."""
        self._notifier.show_note(Note("", "Messenger", text))

    def _take_message(
        self, message: StoredMessage, row: ConversationSummary | None, has_focus: bool
    ) -> None:
        if message.sender == self._me:
            return
        is_open = message.conversation == self._current()
        alert = self.attention.alert(message, row, is_open=is_open, has_focus=has_focus)
        self._makes_sound = self._makes_sound or alert.sound
        if alert.title:
            self._count += 1
            self._announced[message.conversation] = message
            self._add(Note(message.conversation, alert.title, alert.body, alert.sound))

    def _take_text(self, message: StoredMessage) -> None:
        """Show the text of a message whose key has arrived after it, without another sound."""
        announced = self._announced.get(message.conversation)
        if announced is not None and announced.id == message.id:
            shows = self._preferences().notes_show
            self._add(Note(message.conversation, *notification(message, shows)))

    def _add(self, note: Note) -> None:
        self._pending.pop(note.key, None)  # It goes to the end: the newest is shown last.
        self._pending[note.key] = note

    def _show(self) -> None:
        if not self._pending and not self._makes_sound:
            return
        notes = list(self._pending.values())
        if len(notes) > _AT_ONCE:
            notes = [Note("", "Messenger", self._summary(len(notes)), self._makes_sound)]
        for index, note in enumerate(notes):
            # One sound for all.
            self._notifier.show_note(note._replace(sound=note.sound and index == 0))
        if self._makes_sound and not (notes and notes[0].sound and self._notifier.plays_sounds):
            play_sound()
        self._pending.clear()
        self._count = 0
        self._makes_sound = False
        self._timer.start()

    def _summary(self, conversations: int) -> str:
        messages = ngettext("{count} new message", "{count} new messages", self._count)
        places = ngettext("{count} conversation", "{count} conversations", conversations)
        return _("{messages} in {conversations}", messages=messages, conversations=places)

    def _has_focus(self) -> bool:
        """Tell whether the user is looking at the program: one of its windows is active."""
        is_shown = self._window.isVisible() and not self._window.isMinimized()
        return is_shown and QApplication.activeWindow() is not None
