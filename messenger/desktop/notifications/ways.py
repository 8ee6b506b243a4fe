"""The ways to show a notification: the desktop's service, the tray icon, or none."""

from PyQt6.QtDBus import QDBusConnection

from messenger.desktop.notifications.freedesktop import FreedesktopNotifier
from messenger.desktop.notifications.note import Note, Notifier
from messenger.desktop.notifications.tray import Tray, TrayNotifier


class Ways(Notifier):
    """Shows each notification in the best way that there is at the moment."""

    def __init__(self, bus: QDBusConnection | None) -> None:
        """Without a `bus` there is no service to ask."""
        super().__init__()
        self._by_tray: TrayNotifier | None = None
        self._by_bus = FreedesktopNotifier(bus, self) if bus is not None else None
        self._nowhere = Notifier(self)
        if self._by_bus is not None:
            self._pass_on(self._by_bus)

    @property
    def plays_sounds(self) -> bool:
        """Whether the best way plays the sound of a notification itself."""
        return self._best.plays_sounds

    def use_tray(self, tray: Tray | None) -> None:
        """Use this icon where there is no service; None: it is gone."""
        if self._by_tray is not None:
            self._by_tray.deleteLater()
        self._by_tray = TrayNotifier(tray) if tray is not None else None
        if self._by_tray is not None:
            self._pass_on(self._by_tray)

    def show_note(self, note: Note) -> None:
        """Show a notification in the place of the last one of the same key."""
        self._best.show_note(note)

    def withdraw(self, key: str) -> None:
        """Take a notification back."""
        if self._by_bus is not None:
            self._by_bus.withdraw(key)

    @property
    def _best(self) -> Notifier:
        # Before the service has answered it may be the best: it is asked, and fails or not.
        if self._by_bus is not None and (self._by_bus.is_available or self._by_tray is None):
            return self._by_bus
        return self._by_tray or self._nowhere

    def _pass_on(self, notifier: Notifier) -> None:
        notifier.opened.connect(self.opened)
        notifier.read.connect(self.read)
