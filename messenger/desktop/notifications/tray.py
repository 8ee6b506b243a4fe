"""The icon in the tray: the number of unread messages, a menu; and notifications, if need be."""

from collections.abc import Callable

from PyQt6.QtCore import QObject, QRectF, Qt, pyqtSignal
from PyQt6.QtGui import QAction, QColor, QIcon, QPainter, QPixmap
from PyQt6.QtWidgets import QMenu, QSystemTrayIcon

from messenger.desktop.notifications.note import Note, Notifier
from messenger.language import _, ngettext
from messenger.windows.look.fonts import font
from messenger.windows.look.icons import icon_pixmap
from messenger.windows.look.painting import transparent
from messenger.windows.look.tokens import DARK, LIGHT, Type, Weight
from messenger.windows.widgets.plain import set_tip

HOUR = 3600.0

_SIZES = (22, 32, 48, 64)
_MOST = 99
"""The highest number: more digits are not legible in a tray."""
_ONLY_OPEN = (
    QSystemTrayIcon.ActivationReason.Trigger, QSystemTrayIcon.ActivationReason.DoubleClick,
)  # fmt: skip


class Tray(QObject):
    """An icon in the tray.

    Signals: `open_wanted`; `toggle_wanted`, by a click on the icon; `mute_wanted`, with seconds, 0
    to unmute; `quit_wanted`.
    """

    open_wanted = pyqtSignal()
    toggle_wanted = pyqtSignal()
    mute_wanted = pyqtSignal(float)
    quit_wanted = pyqtSignal()

    def __init__(self, title: str) -> None:
        super().__init__()
        self._title = title
        self.menu = QMenu()
        self._add(_("Open Messenger"), self.open_wanted.emit)
        self._mute = self._add(_("Mute for an hour"), lambda: self.mute_wanted.emit(HOUR))
        self._unmute = self._add(_("Unmute"), lambda: self.mute_wanted.emit(0.0))
        self.menu.addSeparator()
        self._add(_("Quit"), self.quit_wanted.emit)
        self.show_muted(False)
        self.icon = QSystemTrayIcon()
        self.icon.setContextMenu(self.menu)
        self.icon.activated.connect(self._activated)
        self._unread = -1
        self.show_unread(0)
        self.icon.show()

    def show_unread(self, unread: int) -> None:
        """Show the number of unread messages."""
        if unread == self._unread:
            return
        self._unread = unread
        self.icon.setIcon(tray_icon(unread))
        said = ngettext("{count} unread message", "{count} unread messages", unread)
        set_tip(self.icon, f"{self._title}\n{said}" if unread else self._title)

    def show_muted(self, is_muted: bool) -> None:
        """Offer to unmute instead of to mute."""
        self._mute.setVisible(not is_muted)
        self._unmute.setVisible(is_muted)

    def remove(self) -> None:
        """Take the icon away."""
        self.icon.hide()
        self.icon.deleteLater()
        self.menu.deleteLater()
        self.deleteLater()

    def _add(self, text: str, do: Callable[[], object]) -> QAction:
        action = QAction(text, self.menu)
        action.triggered.connect(do)
        self.menu.addAction(action)
        return action

    def _activated(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        if reason in _ONLY_OPEN:
            self.toggle_wanted.emit()


class TrayNotifier(Notifier):
    """Shows notifications by the tray icon, which has one at a time."""

    def __init__(self, tray: Tray) -> None:
        super().__init__()
        self._icon = tray.icon
        self._last = ""
        self._icon.messageClicked.connect(lambda: self.opened.emit(self._last))

    def show_note(self, note: Note) -> None:
        """Show a notification in the place of the last one."""
        self._last = note.key
        kind = QSystemTrayIcon.MessageIcon.NoIcon
        self._icon.showMessage(note.title, note.body, kind)


def tray_icon(unread: int = 0) -> QIcon:
    """Return the program's icon, with a number unless that is 0."""
    found = QIcon()
    for size in _SIZES:
        found.addPixmap(_picture(size, unread))
    return found


def _picture(size: int, unread: int) -> QPixmap:
    image = transparent(size, 1.0)
    painter = QPainter(image)
    painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(LIGHT.accent))
    painter.drawRoundedRect(QRectF(0, 0, size, size), size * 0.26, size * 0.26)
    glyph = round(size * 0.68)
    edge = (size - glyph) // 2
    painter.drawPixmap(edge, edge, icon_pixmap("chat-circle-dots-fill", LIGHT.on_accent, glyph))
    if unread:
        _paint_number(painter, size, str(unread) if unread <= _MOST else f"{_MOST}+")
    painter.end()
    return QPixmap.fromImage(image)


def _paint_number(painter: QPainter, size: int, number: str) -> None:
    high = size * 0.58
    wide = max(high, high * (0.35 + 0.42 * len(number)))
    box = QRectF(size - min(wide, size), size - high, min(wide, size), high)
    painter.setBrush(QColor(LIGHT.bad))
    # A rim: the number stands on the icon and beside it, on a panel of any colour.
    painter.setPen(QColor(DARK.text))
    painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), high / 2, high / 2)
    digits = font(Type.TEXT, Weight.BOLD)
    digits.setPixelSize(max(8, round(high * (0.78 if len(number) < 3 else 0.6))))
    painter.setFont(digits)
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, number)
