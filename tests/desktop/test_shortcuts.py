"""Each key of the table acts, wherever the keyboard is, and the sheet shows all of them."""

from functools import partial
from types import SimpleNamespace

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QLineEdit, QListView, QMainWindow, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from messenger.desktop.settings.key_sheet import KeySheet, key_rows, matching
from messenger.desktop.shortcuts import install, key_text, sequences
from messenger.desktop.writing.input import MessageInput
from messenger.ui.commands import COMMANDS
from messenger.ui.shortcuts import WINDOW_KEYS, Shortcut, shortcuts, window_keys
from messenger.ui.where import Where

TABLE = shortcuts(Where.WINDOW)


class Window(QMainWindow):
    """A window with what has the keyboard in the real one; `called` is what its keys have done."""

    def __init__(self) -> None:
        super().__init__()
        self.called: list[tuple[object, ...]] = []
        self.input = MessageInput()
        self.line = QLineEdit()
        self.list = QListView()
        contents = QWidget()
        layout = QVBoxLayout(contents)
        for widget in (self.input, self.line, self.list):
            layout.addWidget(widget)
        self.setCentralWidget(contents)
        install(
            self, SimpleNamespace(**{one.action: partial(self._note, one.action) for one in TABLE})
        )

    def _note(self, *what: object) -> None:
        self.called.append(what)


@pytest.fixture
def window(qtbot: QtBot) -> Window:
    made = Window()
    qtbot.addWidget(made)
    made.show()
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    return made


@pytest.mark.parametrize("focus", ["input", "line", "list"])
@pytest.mark.parametrize("shortcut", TABLE, ids=lambda one: one.action)
def test_a_key_acts_once_whatever_has_the_keyboard(
    window: Window, shortcut: Shortcut, focus: str
) -> None:
    widget = getattr(window, focus)
    widget.setFocus()
    for place, key in enumerate(shortcut.keys, 1):
        QTest.keySequence(widget, sequences((key,))[0])

        expected = (shortcut.action, place) if shortcut.action == "place" else (shortcut.action,)
        assert window.called == [expected], key
        window.called.clear()
    assert window.input.text() == window.line.text() == ""


def test_no_key_of_the_window_stands_twice() -> None:
    keys = [one.toString() for shortcut in TABLE for one in sequences(shortcut.keys)]

    assert len(keys) == len(set(keys))
    assert all(keys)


def test_every_action_needs_a_function(qtbot: QtBot) -> None:
    window = QMainWindow()
    qtbot.addWidget(window)

    with pytest.raises(AttributeError):
        install(window, SimpleNamespace())


def test_a_tip_names_the_main_key() -> None:
    assert key_text("settings") == "F4"
    assert key_text("edit") == ""


def test_the_sheet_has_all_keys_and_commands(qtbot: QtBot) -> None:
    sheet = KeySheet()
    qtbot.addWidget(sheet)

    assert len(sheet.shown) == len(TABLE) + len(WINDOW_KEYS)
    sheet.tabs.setCurrentIndex(1)
    assert len(sheet.shown) == len(COMMANDS)


def test_the_sheet_is_filtered_by_what_is_typed(qtbot: QtBot) -> None:
    sheet = KeySheet(first="commands")
    qtbot.addWidget(sheet)
    sheet.show()
    qtbot.keyClicks(sheet.filter, "room BAN")
    assert [row[0].split()[0] for row in sheet.shown] == ["/invite", "/ban"]

    qtbot.keyClicks(sheet.filter, "nonsense")
    assert not sheet.shown
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_PageDown, Qt.Key.Key_Return):
        qtbot.keyClick(sheet.filter, key)
    assert not sheet.isVisible()


def test_the_sheet_has_one_column_where_it_is_narrow(qtbot: QtBot) -> None:
    sheet = KeySheet()
    qtbot.addWidget(sheet)
    sheet.show()
    sheet.resize(340, 460)
    qtbot.waitUntil(lambda: sheet._columns == 1)
    sheet.resize(900, 600)
    qtbot.waitUntil(lambda: sheet._columns == 2)

    qtbot.keyClick(sheet, Qt.Key.Key_F1)

    assert not sheet.isVisible()


def test_words_are_found_in_any_order_and_case() -> None:
    assert matching(key_rows(), "SEARCH conversation") == [
        ("Ctrl+F", "search in this conversation")
    ]


def test_the_sheet_shows_the_key_that_sends() -> None:
    assert [one.label for one in window_keys("enter")][:2] == ["Enter", "Shift+Enter"]
    assert [one.label for one in window_keys("ctrl+enter")][:2] == ["Ctrl+Enter", "Enter"]
