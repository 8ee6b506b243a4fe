"""Whether the desktop has a tray: asked without waiting, and watched."""

from typing import Any

from PyQt6.QtCore import QObject, pyqtSignal, pyqtSlot
from PyQt6.QtDBus import QDBusConnection, QDBusMessage, QDBusServiceWatcher
from PyQt6.QtWidgets import QSystemTrayIcon

from messenger.desktop.notifications import dbus_values

_WATCHER = "org.kde.StatusNotifierWatcher"
_PATH = "/StatusNotifierWatcher"
_PROPERTIES = "org.freedesktop.DBus.Properties"


class TrayHost(QObject):
    """Knows whether there is a tray. Signals: `changed`, with whether there is one now.

    Qt asks the desktop when the first icon is made, waits for its answer, and remembers it for
    ever: so the desktop is asked here before, and Qt only after it has answered.
    """

    changed = pyqtSignal(bool)

    def __init__(self, bus: QDBusConnection | None = None) -> None:
        """Without a `bus` the platform is asked, once."""
        super().__init__()
        self.is_available = False
        self._bus = bus
        if bus is None:
            self.is_available = QSystemTrayIcon.isSystemTrayAvailable()
            return
        self._watcher = QDBusServiceWatcher(
            _WATCHER, bus, QDBusServiceWatcher.WatchModeFlag.WatchForOwnerChange, self
        )
        self._watcher.serviceOwnerChanged.connect(self._owner_changed)
        for signal in ("StatusNotifierHostRegistered", "StatusNotifierHostUnregistered"):
            bus.connect(_WATCHER, _PATH, _WATCHER, signal, self._ask)
        self._ask()

    def _owner_changed(self, _service: str, _old: str, new: str) -> None:
        if new:
            self._ask()
        else:
            self._take(False)

    @pyqtSlot()
    def _ask(self) -> None:
        assert self._bus is not None
        message = QDBusMessage.createMethodCall(_WATCHER, _PATH, _PROPERTIES, "Get")
        message.setArguments([_WATCHER, "IsStatusNotifierHostRegistered"])
        message.setAutoStartService(False)
        dbus_values.call(self._bus, message, self, self._answered)

    def _answered(self, reply: list[Any] | None) -> None:
        is_registered = bool(reply and _plain(reply[0]))
        # An icon of X11 (XEmbed) needs no service: there only Qt knows.
        self._take(is_registered or QSystemTrayIcon.isSystemTrayAvailable())

    def _take(self, is_available: bool) -> None:
        if is_available != self.is_available:
            self.is_available = is_available
            self.changed.emit(is_available)


def _plain(value: Any) -> Any:
    """Return what is in a variant."""
    return value.variant() if hasattr(value, "variant") else value
