"""A clumsy user of a real window, in whose conversations others and the server are hostile."""

import random
from collections.abc import Callable

from PyQt6 import sip
from PyQt6.QtCore import QMimeData, QPoint, Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QLineEdit,
    QMenu,
    QPlainTextEdit,
    QToolButton,
    QWidget,
)

from messenger.desktop.main_window import MainWindow
from messenger.sdk.events import ConnectionState, StateChanged
from messenger.windows.look.theme import theme
from tests.desktop.lies import ODD, Lies
from tests.desktop.people import Person
from tests.desktop.storms import Storm
from tests.desktop.typing import press, type_text

_KEYS = (
    Qt.Key.Key_Escape, Qt.Key.Key_Tab, Qt.Key.Key_Return, Qt.Key.Key_Up, Qt.Key.Key_Down,
    Qt.Key.Key_PageUp, Qt.Key.Key_PageDown, Qt.Key.Key_Home, Qt.Key.Key_End, Qt.Key.Key_Space,
    Qt.Key.Key_Menu, Qt.Key.Key_Backspace, Qt.Key.Key_Delete, Qt.Key.Key_Left,
)  # fmt: skip
_ACTIONS = (
    "switch", "conversation_above", "conversation_below", "next_unread", "new_chat", "new_room",
    "mute", "search_here", "search_everywhere", "toggle_list", "members", "information",
    "next_panel", "previous_panel", "escape", "write", "emoji", "help", "settings", "larger",
    "smaller", "usual_size", "full_screen", "change_password", "register",
)  # fmt: skip
_LEFT_ALONE = ("Log out", "Delete", "Quit", "Print", "Close the window")
"""What ends the program, or waits for a dialog of the system."""


class Monkey:
    """Does something at random; `did` is what, for whoever reads of a failure.

    It has a method for each thing that it can do. `written` are the texts that it has sent.
    """

    def __init__(self, window: MainWindow, friend: Person, room: str, seed: int) -> None:
        self.window = window
        self.did: list[str] = []
        self.written: list[tuple[str, str]] = []
        self._friend = friend
        self._room = room
        self._random = random.Random(seed)
        self._lies = Lies([friend.name, window.bridge.me], seed)
        self._storm = Storm(room, [*ODD[:12], friend.name, window.bridge.me], seed)
        self._number = 0
        self._acts: tuple[Callable[[], object], ...] = (
            self._go, self._go_fast, self._write, self._write, self._type, self._paste, self._press,
            self._press, self._act, self._act, self._click, self._click, self._click_row,
            self._click_row, self._drag, self._menu, self._close_something, self._close_something,
            self._resize, self._theme, self._friend_writes, self._rage, self._lie, self._lie,
            self._lose_connection,
        )  # fmt: skip

    def do_something(self) -> None:
        """Do one thing, and let the window react."""
        act = self._random.choice(self._acts)
        self.did.append(act.__name__)
        act()
        for _turn in range(self._random.randrange(3)):
            QApplication.processEvents()

    def tidy_up(self) -> None:
        """Close all menus and dialogs."""
        for _time in range(50):
            found = QApplication.activePopupWidget() or QApplication.activeModalWidget()
            if found is None:
                break
            found.close()
            QApplication.processEvents()
        self.window.search.close_bar()

    # --- the user ------------------------------------------------------------------------------

    @property
    def _front(self) -> QWidget:
        found = QApplication.activePopupWidget() or QApplication.activeModalWidget()
        return found if found is not None else self.window

    def _go(self) -> None:
        self.window.go_to(self._random.choice(self._places))

    def _go_fast(self) -> None:
        for _time in range(self._random.randrange(2, 40)):
            self.window.go_to(self._random.choice(self._places))
            if self._random.random() < 0.3:
                QApplication.processEvents()

    @property
    def _places(self) -> list[str]:
        names = [one for one in self.window.conversations.names if one]
        return [*names[:20], self._friend.name, self._room, "#", "nobody"]

    def _write(self) -> None:
        """Send a text to the friend or the room, by Enter."""
        to = self._random.choice((self._friend.name, self._room))
        self.window.go_to(to)
        self._number += 1
        odd = self._random.choice([one for one in ODD if len(one) < 1000 and one[:1] != "/"])
        text = f"{self._number}: {odd}"
        field = self.window.composer.input
        field.setPlainText("")
        mime = QMimeData()
        mime.setText(text)
        field.insertFromMimeData(mime)
        self.written.append((to, field.text().strip()))
        self.window.composer.submit()

    def _type(self) -> None:
        text = self._random.choice([one for one in ODD if len(one) < 50])
        type_text(QApplication.focusWidget() or self.window.composer.input, text)

    def _paste(self) -> None:
        clipboard = QApplication.clipboard()
        focus = QApplication.focusWidget()
        if clipboard is not None and isinstance(focus, QLineEdit | QPlainTextEdit):
            clipboard.setText(self._random.choice(ODD))
            focus.paste()

    def _press(self) -> None:
        key = self._random.choice(_KEYS)
        shift = Qt.KeyboardModifier.ShiftModifier
        modifiers = shift if self._random.random() < 0.2 else Qt.KeyboardModifier.NoModifier
        if not self._ends_program(QApplication.focusWidget()):
            press(QApplication.focusWidget() or self.window, key, "", modifiers)

    def _act(self) -> None:
        getattr(self.window.actions_of, self._random.choice(_ACTIONS))()

    def _click(self) -> None:
        buttons = [
            one
            for one in self._front.findChildren(QAbstractButton)
            if one.isVisible()
            and one.isEnabled()
            and not self._ends_program(one)
            # Qt waits within the click until the menu closes.
            and not (isinstance(one, QToolButton) and one.menu() is not None)
        ]
        if buttons:
            button = self._random.choice(buttons)
            self.did.append(f"clicks {button.accessibleName() or button.text()!r}")
            for _time in range(self._random.choice((1, 1, 2))):  # a double click, too
                QTest.mouseClick(button, Qt.MouseButton.LeftButton)

    def _ends_program(self, widget: QWidget | None) -> bool:
        said = widget.text() if isinstance(widget, QAbstractButton) else ""
        return any(one in said for one in _LEFT_ALONE)

    def _click_row(self) -> None:
        views = [one for one in self._front.findChildren(QAbstractItemView) if one.isVisible()]
        port = self._random.choice(views).viewport() if views else None
        if port is None:
            return
        at = self._point(port)
        button = self._random.choice((Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton))
        QTest.mouseClick(port, button, pos=at)
        if self._random.random() < 0.3 and not self._is_hidden(port):
            QTest.mouseDClick(port, Qt.MouseButton.LeftButton, pos=at)

    def _is_hidden(self, widget: QWidget) -> bool:
        return bool(sip.isdeleted(widget)) or not widget.isVisible()

    def _point(self, widget: QWidget) -> QPoint:
        across = self._random.randrange(max(1, widget.width()))
        return QPoint(across, self._random.randrange(max(1, widget.height())))

    def _drag(self) -> None:
        port = self.window.messages.viewport()
        if port is None or self._front is not self.window:
            return
        QTest.mousePress(port, Qt.MouseButton.LeftButton, pos=self._point(port))
        for _step in range(5):
            QTest.mouseMove(port, self._point(port) * 2 - QPoint(100, 100))
        QTest.mouseRelease(port, Qt.MouseButton.LeftButton, pos=self._point(port))
        self.window.messages.copy()

    def _menu(self) -> None:
        """Choose something in an open menu."""
        menu = QApplication.activePopupWidget()
        if isinstance(menu, QMenu):
            found = [one for one in menu.actions() if one.isEnabled() and one.text()]
            found = [one for one in found if not any(it in one.text() for it in _LEFT_ALONE)]
            if found:
                action = self._random.choice(found)
                self.did.append(f"chooses {action.text()!r}")
                menu.close()
                action.trigger()

    def _close_something(self) -> None:
        if self._front is not self.window:
            self._front.close()

    def _resize(self) -> None:
        self.window.showNormal()
        self.window.resize(self._random.randrange(300, 1400), self._random.randrange(300, 900))

    def _theme(self) -> None:
        theme.apply(self._random.choice(("light", "dark")), self._random.choice((0.8, 1.0, 2.0)))
        self.window.repaint()

    # --- others and the server -----------------------------------------------------------------

    def _friend_writes(self) -> None:
        text = self._random.choice([one for one in ODD if one.strip("/ \n")]).replace("\x00", "")
        to = self._random.choice((self.window.bridge.me, self._room))
        self._friend.say(to, text[:2000])

    def _rage(self) -> None:
        for _lot in range(self._random.randrange(1, 200)):
            self.window.bridge._take(self._storm.anything())

    def _lie(self) -> None:
        """Tell of something that no honest server and client would have let through."""
        here = self.window.controller.current
        place = self._random.choice((here, here, self._random.choice(ODD) or "#", self._room))
        self.window.bridge._take(self._lies.anything(place))

    def _lose_connection(self) -> None:
        """Tell that the connection is lost, and is there again."""
        for state in (ConnectionState.OFFLINE, ConnectionState.ONLINE):
            self.window.bridge._take([StateChanged(state)])
