"""A user's hands and eyes at a main window: clicks, keys, and what is shown."""

from collections.abc import Callable
from typing import TypeVar

from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QLabel,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from messenger.desktop.main_window import MainWindow
from tests.desktop.typing import press, type_text

_PATIENCE = 90_000  # milliseconds; what takes so long hangs
_LEFT = Qt.MouseButton.LeftButton
_Widget = TypeVar("_Widget", bound=QWidget)


class Hands:
    """Does with a window what a user does; waits until something is shown before it is used."""

    def __init__(self, window: MainWindow, qtbot: QtBot) -> None:
        self.window = window
        self._qtbot = qtbot

    # --- doing ---------------------------------------------------------------------------------

    def write(self, text: str) -> None:
        """Type a message, and press Enter."""
        field = self.window.composer.input
        type_text(field, text)
        press(field, Qt.Key.Key_Return, "\r")

    def click(self, text: str, within: QWidget | None = None) -> None:
        """Click on the visible button of this text or name."""
        inside = within or self.window
        self.wait(lambda: _button(inside, text) is not None)
        QTest.mouseClick(_button(inside, text), _LEFT)

    def choose(self, button: QToolButton, entry: str) -> None:
        """Choose an entry of a button's menu."""
        menu = button.menu()
        assert menu is not None
        action = next(one for one in menu.actions() if one.text().split("\t")[0] == entry)
        action.trigger()

    def double_click(self, view: QAbstractItemView, name: str) -> None:
        """Double-click on a row by its name."""
        self.wait(lambda: row_of(view, name) is not None)
        model, row = view.model(), row_of(view, name)
        assert model is not None
        assert row is not None
        at = view.visualRect(model.index(row, 0)).center()
        QTest.mouseClick(view.viewport(), _LEFT, pos=at)
        QTest.mouseDClick(view.viewport(), _LEFT, pos=at)

    def open(self, name: str) -> None:
        """Open a conversation by a double click in the list."""
        self.double_click(self.window.conversations.list, name)
        assert self.window.controller.current == name

    def key(
        self,
        key: Qt.Key,
        modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
        widget: QWidget | None = None,
    ) -> None:
        """Press a key where the keyboard is, as a shortcut if it is one."""
        QTest.keyClick(widget or self.window.focusWidget() or self.window, key, modifiers)

    # --- seeing --------------------------------------------------------------------------------

    def wait(self, condition: Callable[[], bool]) -> None:
        """Wait until a condition holds."""
        self._qtbot.waitUntil(condition, timeout=_PATIENCE)

    def texts(self) -> list[str]:
        """Return the texts of the messages that are shown."""
        return [one.text for one in self.window.model.messages]

    def spoken(self) -> list[str]:
        """Return what a screen reader says of the rows of messages."""
        model = self.window.model
        role = Qt.ItemDataRole.AccessibleTextRole
        return [str(model.index(row, 0).data(role)) for row in range(model.rowCount())]

    def see(self, text: str) -> None:
        """Wait until a message is shown."""
        self.wait(lambda: text in self.texts())

    def dialog(self, kind: type[_Widget]) -> _Widget:
        """Return the open dialog of this kind, as soon as there is one."""
        self.wait(lambda: isinstance(QApplication.activeModalWidget(), kind))
        found = QApplication.activeModalWidget()
        assert isinstance(found, kind)
        return found

    def wait_until_closed(self, dialog: QWidget) -> None:
        """Wait until a dialog has closed, and be back in the window.

        Without a window manager nobody activates it again.
        """
        self.wait(lambda: QApplication.activeModalWidget() is not dialog)
        self.window.activateWindow()
        self.wait(self.window.isActiveWindow)

    def said(self, within: QWidget) -> str:
        """Return all text that the visible labels within a widget show."""
        labels = within.findChildren(QLabel)
        return "\n".join(one.text() for one in labels if one.isVisibleTo(within))


def row_of(view: QAbstractItemView, name: str) -> int | None:
    """Return the row of a name in a list."""
    model = view.model()
    count = model.rowCount() if model is not None else 0
    rows = (row for row in range(count) if model and model.index(row, 0).data() == name)
    return next(rows, None)


def _button(within: QWidget, text: str) -> QAbstractButton | None:
    found = (
        one
        for one in within.findChildren(QAbstractButton)
        if text in (one.text(), one.accessibleName()) and one.isVisible() and one.isEnabled()
    )
    return next(found, None)
