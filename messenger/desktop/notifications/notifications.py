"""Wires notifications, tray icon, counts and the closing of the window."""

import sys
from collections.abc import Callable, Collection
from typing import Any

from PyQt6.QtCore import QObject, QTimer, pyqtSignal
from PyQt6.QtDBus import QDBusConnection
from PyQt6.QtGui import QGuiApplication
from PyQt6.QtWidgets import QWidget

from messenger.desktop.bridge import Bridge
from messenger.desktop.notifications.announcing import Announcer
from messenger.desktop.notifications.background import Background
from messenger.desktop.notifications.tray import Tray
from messenger.desktop.notifications.tray_host import TrayHost
from messenger.desktop.notifications.ways import Ways
from messenger.language import _
from messenger.sdk.events import SummariesChanged
from messenger.sdk.profiles import Preferences
from messenger.sdk.store import ConversationSummary
from messenger.ui.unread import UnreadCount, counted


def session_bus() -> QDBusConnection | None:
    """Return the session bus of a desktop that has one."""
    if sys.platform in ("win32", "darwin"):
        return None
    bus = QDBusConnection.sessionBus()
    return bus if bus.isConnected() else None


class Notifications(QObject):
    """What a window tells its user while they look elsewhere.

    Signals: `opened`, with the conversation (empty for none) that the user wants to see; the
    window is in front then.
    """

    opened = pyqtSignal(str)

    def __init__(
        self,
        bridge: Bridge,
        window: QWidget,
        preferences: Callable[[], Preferences],
        current: Callable[[], str],
        blocked: Callable[[], Collection[str]] = tuple,
        *,
        title: str = "",
        bus: QDBusConnection | None = None,
    ) -> None:
        """`current` returns the conversation that the window shows, empty for none.

        `blocked` returns whom the user has blocked. None of them may call the client. `bus` is that
        of `session_bus`.
        """
        super().__init__(window)
        self._bridge = bridge
        self._window = window
        self._title = title or f"Messenger — {bridge.me}"
        self._unread = UnreadCount()
        self._has_told_of_hiding = False
        self._ways = Ways(bus)
        self._ways.setParent(self)
        self.announcer = Announcer(bridge.me, window, preferences, current, self._ways, blocked)
        self.tray: Tray | None = None
        self._host = TrayHost(bus)
        self._host.setParent(self)
        self.background = Background(
            window, lambda: preferences().close_to_tray, lambda: self.tray is not None
        )
        self._unmuting = QTimer(self)
        self._unmuting.setSingleShot(True)
        self._unmuting.timeout.connect(lambda: self.mute(0))
        self._connect()
        self._show_count()

    def mute(self, seconds: float) -> None:
        """Mute everything for a time; 0 unmutes it."""
        self.announcer.attention.mute(seconds)
        self._unmuting.start(round(seconds * 1000)) if seconds else self._unmuting.stop()
        if self.tray is not None:
            self.tray.show_muted(bool(seconds))

    def open(self, conversation: str) -> None:
        """Bring the window to the front, at a conversation unless that is empty."""
        self.background.show_window()
        self.opened.emit(conversation)

    def take_rows(self, rows: list[ConversationSummary]) -> None:
        """Take what is stored of all conversations: the window reads it once for everybody."""
        # What has changed meanwhile is newer.
        self._unread.take([row for row in rows if row.name not in self._unread.rows])
        self._show_count()

    # --- events ----------------------------------------------------------------------------------

    def _connect(self) -> None:
        self._bridge.happened.connect(self._take)
        self._ways.opened.connect(self.open)
        self._ways.read.connect(self._mark_read)
        self._host.changed.connect(self._tray_changed)
        self.background.hidden.connect(self._tell_of_hiding)
        self.background.closing.connect(self._remove_tray)
        if self._host.is_available:
            self._tray_changed(True)

    def _take(self, events: list[Any]) -> None:
        self.announcer.take(events, self._unread.rows)
        changes = [one.summaries for one in events if isinstance(one, SummariesChanged)]
        if self._unread.take(row for rows in changes for row in rows):
            self._show_count()

    def _mark_read(self, conversation: str) -> None:
        self._bridge.write(lambda client: client.mark_read(conversation), owner=self)

    def _show_count(self) -> None:
        unread = self._unread.total
        self._window.setWindowTitle(counted(self._title, unread))
        app = QGuiApplication.instance()
        if isinstance(app, QGuiApplication):
            app.setBadgeNumber(unread)
        if self.tray is not None:
            self.tray.show_unread(unread)

    # --- the tray --------------------------------------------------------------------------------

    def _tray_changed(self, is_available: bool) -> None:
        if is_available and self.tray is None:
            self.tray = Tray(self._title)
            self.tray.open_wanted.connect(lambda: self.open(""))
            self.tray.toggle_wanted.connect(self.background.toggle_window)
            self.tray.mute_wanted.connect(self.mute)
            self.tray.quit_wanted.connect(self.background.quit)
            self.tray.show_unread(self._unread.total)
            self.tray.show_muted(self.announcer.attention.is_muted)
            self._ways.use_tray(self.tray)
        elif not is_available:
            self._remove_tray()
        self.background.tray_changed(is_available)

    def _remove_tray(self) -> None:
        if self.tray is not None:
            self._ways.use_tray(None)
            self.tray.remove()
            self.tray = None

    def _tell_of_hiding(self) -> None:
        if not self._has_told_of_hiding:
            self._has_told_of_hiding = True
            said = _("Messenger keeps running. Its icon in the tray brings the window back.")
            self.announcer.tell(said)
