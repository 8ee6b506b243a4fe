"""What others write is shown as it is: never as markup, never as a letter to press."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QTextDocument
from PyQt6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

import messenger.desktop
import messenger.windows
from messenger.desktop.chat_head import Title
from messenger.desktop.data.working import FileRow
from messenger.ui.conversation_security import Protection
from messenger.windows.widgets import labels
from messenger.windows.widgets.buttons import IconButton, LinkButton, PlainButton
from messenger.windows.widgets.menus import add_to_menu

MARKUP = "<img src='file:/etc/passwd'><h1>verified</h1>"
_PACKAGES = [Path(one.__path__[0]) for one in (messenger.desktop, messenger.windows)]
_OWN = {"key_sheet.py", "verification_parts.py"}
"""They show nobody's texts but the program's."""


def test_no_tip_is_markup(qtbot: QtBot) -> None:
    title, button, file = Title(), IconButton("x", "x"), FileRow("Choose", lambda: None)
    for widget in (title, button, file):
        qtbot.addWidget(widget)
    title.show_title("ann", "", Protection.NONE, f"only you and {MARKUP} can read it")
    button.show_icon("x", MARKUP)
    file.show_file(Path(MARKUP))

    for widget in (title, button, file):
        page = QTextDocument()
        page.setHtml(widget.toolTip())  # as Qt shows a tip that looks like a page
        assert MARKUP in page.toPlainText()
        assert "<img" not in widget.toolTip()
    button.show_icon("x", "ann & bob")
    assert button.toolTip() == "ann & bob"


def test_an_ampersand_is_shown_in_buttons_and_menus(qtbot: QtBot) -> None:
    menu = QMenu()
    qtbot.addWidget(menu)
    action = add_to_menu(menu, "Verify a&b…", "", lambda: None)
    buttons = [PlainButton("a&b"), LinkButton("x")]
    buttons[1].setText("a&b")

    assert action.text() == "Verify a&&b…"
    for button in buttons:
        qtbot.addWidget(button)
        assert button.text() == "a&&b"
        assert button.shortcut().isEmpty()


@pytest.mark.parametrize("make", [labels.heading, labels.title, labels.text, labels.mono])
def test_no_label_is_markup(make: object, qtbot: QtBot) -> None:
    assert callable(make)
    label = make(MARKUP)
    qtbot.addWidget(label)
    assert label.textFormat() is Qt.TextFormat.PlainText


def test_all_tips_and_labels_are_made_where_that_is_known() -> None:
    """A new window that calls Qt by itself would bring markup back."""
    assert list(_calls("setToolTip", {"plain.py"})) == []
    assert list(_calls("QLabel", {"labels.py", *_OWN}, only_with_arguments=True)) == []
    assert list(_calls("QMessageBox", set())) == []
    assert list(_calls("setHtml", {"printing.py"})) == []


def _calls(name: str, allowed: set[str], *, only_with_arguments: bool = False) -> Iterator[str]:
    for file in (one for package in _PACKAGES for one in package.rglob("*.py")):
        nodes = ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        calls = [one for one in nodes if isinstance(one, ast.Call)]
        for call in calls if file.name not in allowed else []:
            is_meant = bool(call.args) or not only_with_arguments
            if is_meant and name in (_name(call.func), _owner(call.func)):
                yield f"{file.name}:{call.lineno}"


def _name(function: ast.expr) -> str:
    return getattr(function, "attr", getattr(function, "id", ""))


def _owner(function: ast.expr) -> str:
    return _name(function.value) if isinstance(function, ast.Attribute) else ""
