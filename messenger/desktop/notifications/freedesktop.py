"""Notifications by D-Bus, as freedesktop.org specifies them.

https://specifications.freedesktop.org/notification-spec/1.2/
"""

import html
import os
from typing import Any

from PyQt6.QtCore import QObject, pyqtSignal, pyqtSlot
from PyQt6.QtDBus import QDBusConnection, QDBusMessage, QDBusServiceWatcher

from messenger.desktop.notifications import dbus_values
from messenger.desktop.notifications.note import Note, Notifier
from messenger.language import _
from messenger.windows.look.avatars import avatar

_SERVICE = "org.freedesktop.Notifications"
_PATH = "/org/freedesktop/Notifications"
_SOUND = "message-new-instant"
"""The name in the sound naming specification."""
_PICTURE = 64
_BY_SERVER = -1
"""How long a notification is shown: the server decides."""
_NORMAL = 1

_OPEN, _READ = "default", "mark-read"


class _Shown:
    """A notification at the server: its id, and the newer one that waits for that."""

    def __init__(self) -> None:
        self.id = 0
        self.is_sending = False
        self.next: Note | None = None
        self.is_withdrawn = False


class FreedesktopNotifier(Notifier):
    """Shows notifications by a service of the session bus.

    It never waits: a service that hangs gets no more than one call for each conversation, and none
    for 5 seconds. Signals besides those of `Notifier`: `available_changed`, when a service has
    appeared, is gone, or does not answer.
    """

    available_changed = pyqtSignal()

    def __init__(self, bus: QDBusConnection, parent: QObject | None = None) -> None:
        super().__init__()
        if parent is not None:
            self.setParent(parent)
        self.is_available = False
        self._bus = bus
        self._capabilities: frozenset[str] = frozenset()
        self._shown: dict[str, _Shown] = {}
        self._is_asking = False
        self._waiting: dict[str, Note] = {}
        for signal, slot in (
            ("ActionInvoked", self._action_invoked),
            ("NotificationClosed", self._closed),
            ("ActivationToken", self._token_given),
        ):
            bus.connect(_SERVICE, _PATH, _SERVICE, signal, slot)
        self._watcher = QDBusServiceWatcher(
            _SERVICE, bus, QDBusServiceWatcher.WatchModeFlag.WatchForOwnerChange, self
        )
        self._watcher.serviceOwnerChanged.connect(self._owner_changed)
        self._ask_capabilities()

    @property
    def plays_sounds(self) -> bool:
        """Whether the service plays the sound of a notification."""
        return "sound" in self._capabilities

    def show_note(self, note: Note) -> None:
        """Show a notification in the place of the last one of the same key."""
        if self._is_asking:  # How a text is written depends on what the service can do.
            self._waiting[note.key] = note
            return
        if not self.is_available:
            return
        shown = self._shown.setdefault(note.key, _Shown())
        shown.is_withdrawn = False
        if shown.is_sending:
            shown.next = note  # The id is not known yet: without it two would be shown.
        else:
            self._send(shown, note)

    def withdraw(self, key: str) -> None:
        """Take a notification back."""
        self._waiting.pop(key, None)
        shown = self._shown.get(key)
        if shown is None:
            return
        shown.next = None
        shown.is_withdrawn = True
        if not shown.is_sending:
            self._close(key, shown)

    # --- calls -----------------------------------------------------------------------------------

    def _ask_capabilities(self) -> None:
        self._is_asking = True
        dbus_values.call(self._bus, self._method("GetCapabilities"), self, self._take_capabilities)

    def _take_capabilities(self, reply: list[Any] | None) -> None:
        self._capabilities = frozenset(reply[0]) if reply else frozenset()
        self._is_asking = False
        self._set_available(reply is not None)
        waiting, self._waiting = self._waiting, {}
        for note in waiting.values():
            self.show_note(note)

    def _set_available(self, available: bool) -> None:
        if available != self.is_available:
            self.is_available = available
            self.available_changed.emit()

    def _send(self, shown: _Shown, note: Note) -> None:
        shown.is_sending = True
        message = self._method("Notify")
        body = html.escape(note.body) if "body-markup" in self._capabilities else note.body
        message.setArguments(
            [
                "Messenger",
                dbus_values.number(shown.id),
                "messenger",
                note.title,
                body if "body" in self._capabilities else "",
                dbus_values.texts(self._actions(note)),
                self._hints(note),
                _BY_SERVER,
            ]
        )
        dbus_values.call(self._bus, message, self, lambda reply: self._sent(note.key, shown, reply))

    def _sent(self, key: str, shown: _Shown, reply: list[Any] | None) -> None:
        shown.is_sending = False
        shown.id = reply[0] if reply else 0
        if reply is None:
            self._shown.pop(key, None)
            # Whatever waits goes another way, now that the service is known to hang.
            self._set_available(False)
            self._ask_capabilities()
        elif shown.is_withdrawn:
            self._close(key, shown)
        elif shown.next is not None:
            note, shown.next = shown.next, None
            self._send(shown, note)

    def _close(self, key: str, shown: _Shown) -> None:
        self._shown.pop(key, None)
        if shown.id:
            message = self._method("CloseNotification")
            message.setArguments([dbus_values.number(shown.id)])
            dbus_values.call(self._bus, message, self, lambda _reply: None)

    def _actions(self, note: Note) -> list[str]:
        if "actions" not in self._capabilities:
            return []
        actions = [_OPEN, _("Open")]
        return [*actions, _READ, _("Mark as read")] if note.key else actions

    def _hints(self, note: Note) -> dict[str, Any]:
        hints: dict[str, Any] = {
            "urgency": dbus_values.byte(_NORMAL),
            "category": "im.received",
            "desktop-entry": "messenger",
        }
        if note.sound:
            hints["sound-name"] = _SOUND
        else:
            hints["suppress-sound"] = True
        if note.key and note.title != "Messenger":
            hints["image-data"] = dbus_values.picture(avatar(note.key, _PICTURE))
        return hints

    @staticmethod
    def _method(name: str) -> QDBusMessage:
        return QDBusMessage.createMethodCall(_SERVICE, _PATH, _SERVICE, name)

    # --- signals of the service ------------------------------------------------------------------

    @pyqtSlot("uint", str)
    def _action_invoked(self, number: int, action: str) -> None:
        key = self._key_of(number)
        if key is None:
            return  # Another program's: the signal goes to all of them.
        if action == _READ:
            self.read.emit(key)
        else:
            self.opened.emit(key)
        self.withdraw(key)

    @pyqtSlot("uint", "uint")
    def _closed(self, number: int, _reason: int) -> None:
        key = self._key_of(number)
        if key is not None and not self._shown[key].is_sending:
            del self._shown[key]

    @pyqtSlot("uint", str)
    def _token_given(self, number: int, token: str) -> None:
        # Without it a Wayland compositor does not let the window come to the front.
        if self._key_of(number) is not None:
            os.environ["XDG_ACTIVATION_TOKEN"] = token

    def _owner_changed(self, _service: str, _old: str, new: str) -> None:
        self._shown.clear()  # Another service does not know the ids of the last one.
        if new:
            self._ask_capabilities()
        else:
            self._capabilities = frozenset()
            self._set_available(False)

    def _key_of(self, number: int) -> str | None:
        return next((key for key, shown in self._shown.items() if shown.id == number), None)
