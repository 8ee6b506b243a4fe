"""The dialog that all others are made of: heading, body, an error, buttons."""

from typing import TypeVar

from PyQt6.QtCore import QEvent, Qt, pyqtSignal
from PyQt6.QtGui import QResizeEvent, QShowEvent
from PyQt6.QtWidgets import QDialog, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from messenger.windows.look.theme import theme
from messenger.windows.look.tokens import Space
from messenger.windows.widgets.labels import heading, text
from messenger.windows.widgets.progress import ProgressLine
from messenger.windows.widgets.scrolling import scrolled

_MARGIN = 28
"""Pixels left and right of the contents."""


class _Contents(QWidget):
    """What is in the body. Signals: `changed`, when a part of it wants another size."""

    changed = pyqtSignal()

    def event(self, event: QEvent | None) -> bool:
        """Tell that parts were shown or hidden, or have become larger or smaller."""
        handled = super().event(event)
        if event is not None and event.type() is QEvent.Type.LayoutRequest:
            self.changed.emit()
        return handled


_Opened = TypeVar("_Opened", bound=QDialog)


class Dialog(QDialog):
    """A modal dialog as high as its contents, which scroll where the screen is too small.

    It grows with them, and shrinks only by `fit`: what the user points at stays in its place.

    Add widgets to `body`, then buttons. Esc closes it.
    """

    def __init__(
        self, title: str, parent: QWidget | None = None, *, width: int = 460, margin: int = _MARGIN
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setModal(True)
        self._width = width
        self._margin = margin
        self._contents = _Contents()
        self._contents.changed.connect(self._grow)
        self.body = QVBoxLayout(self._contents)
        self.body.setContentsMargins(margin, Space.XL, margin, Space.S)
        self.body.setSpacing(Space.M)
        if title:
            self.body.addWidget(heading(title))
        self._scroll = scrolled(self._contents)
        self._progress = ProgressLine()
        self._progress.hide()
        self._error = text("")
        self._error.setObjectName("error")
        self._error.hide()
        self._buttons = QHBoxLayout()
        self._buttons.setSpacing(Space.S)
        self._foot = QVBoxLayout()
        self._foot.setContentsMargins(margin, Space.S, margin, Space.XL)
        self._foot.setSpacing(Space.M)
        self._foot.addWidget(self._progress)
        self._foot.addWidget(self._error)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._scroll, 1)
        layout.addLayout(self._foot)
        theme.changed.connect(self._refit)

    def add_buttons(self, *buttons: QPushButton) -> None:
        """Add buttons to the foot, from left to right; the last one is the primary one."""
        if self._buttons.parent() is None:
            # Not before: an empty row would let the error have no width.
            self._foot.addLayout(self._buttons)
        for button in buttons:
            self._buttons.addWidget(button, 1)

    def show_error(self, words: str) -> None:
        """Say above the buttons what went wrong; an empty text takes that back."""
        self._error.setText(words)
        self._error.setVisible(bool(words))
        self._error.setAccessibleName(words)
        self.fit()

    def set_busy(self, busy: bool) -> None:
        """Show that something is under way; the body and its fields cannot be used meanwhile."""
        self._contents.setEnabled(not busy)
        self._progress.setVisible(busy)
        if busy:
            self.show_error("")

    def fit(self) -> None:
        """Make the dialog as high as its contents at its width, within the screen.

        A wrapped label knows its height for a width only once its font is known.
        """
        self.ensurePolished()
        for widget in self.findChildren(QWidget):
            widget.ensurePolished()
        self.body.activate()
        self._foot.activate()
        screen = self.screen()
        room = screen.availableGeometry() if screen is not None else None
        width = min(self._width, room.width()) if room is not None else self._width
        parent = self.parentWidget()
        window = parent.window() if parent is not None else None
        if window is not None:
            width = min(width, max(window.width() - 2 * Space.S, 320))
        # Heights only now: in a narrower dialog more lines are wrapped.
        self._arrange_buttons(width)
        height = self._wanted_height(width)
        most = room.height() - 40 if room is not None else height
        self.setMinimumWidth(min(width, 320))
        self.resize(width, min(height, most))
        self._allow_scroll_bar()

    def _allow_scroll_bar(self) -> None:
        """Show a scroll bar only where the contents do not fit without one.

        Qt keeps one that was needed for a moment if lines wrap because of its width.
        """
        needed = self._wanted_height(self.width()) > self.height()
        policy = Qt.ScrollBarPolicy
        self._scroll.setVerticalScrollBarPolicy(
            policy.ScrollBarAsNeeded if needed else policy.ScrollBarAlwaysOff
        )

    def _wanted_height(self, width: int) -> int:
        return _height(self.body, width) + _height(self._foot, width)

    def _grow(self) -> None:
        if self.isVisible() and self._wanted_height(self.width()) > self.height():
            self.fit()

    def _refit(self) -> None:
        if self.isVisible():
            self.fit()

    def _arrange_buttons(self, width: int) -> None:
        """Stack the buttons if their texts do not fit side by side."""
        items = [self._buttons.itemAt(index) for index in range(self._buttons.count())]
        widths = [item.minimumSize().width() for item in items if item and not item.isEmpty()]
        room = width - 2 * self._margin + Space.S
        fits = (max(widths, default=0) + Space.S) * len(widths) <= room
        direction = QHBoxLayout.Direction
        self._buttons.setDirection(direction.LeftToRight if fits else direction.TopToBottom)

    def event(self, event: QEvent | None) -> bool:
        """Grow with the foot, too: it has other buttons now, which are shown a moment later."""
        handled = super().event(event)
        if event is not None and event.type() is QEvent.Type.LayoutRequest and self.isVisible():
            self._arrange_buttons(self.width())
            self._grow()
        return handled

    def showEvent(self, event: QShowEvent | None) -> None:
        """Fit once the fonts are known."""
        super().showEvent(event)
        self.fit()

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Keep the contents as wide as the dialog."""
        super().resizeEvent(event)
        self._contents.setMaximumWidth(self.width())
        self._allow_scroll_bar()


def fit_into_window(dialog: QDialog, size: tuple[int, int], smallest: tuple[int, int]) -> None:
    """Give a dialog a size, or that of the window below it if there is less room."""
    dialog.setMinimumSize(*smallest)
    width, height = size
    parent = dialog.parentWidget()
    if parent is not None and (window := parent.window()) is not None:
        width = min(width, max(smallest[0], window.width() - 2 * Space.S))
        height = min(height, max(smallest[1], window.height() - 2 * Space.S))
    dialog.resize(width, height)


def open_dialog(dialog: _Opened) -> _Opened:
    """Open a dialog, and delete it when it is closed: its parent may live as long as the program.

    Returns it at once.
    """
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()
    return dialog


def _height(layout: QVBoxLayout, width: int) -> int:
    if layout.hasHeightForWidth():
        return layout.totalHeightForWidth(width)
    return layout.totalSizeHint().height()
