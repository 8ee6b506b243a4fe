"""Very long messages do not stop the window, and nothing of them is lost."""

import time

import pytest
from PyQt6.QtCore import QPointF, Qt
from PyQt6.QtGui import QGuiApplication
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from messenger.desktop.messages.blocks import Target
from messenger.desktop.messages.menu import menu_of
from messenger.desktop.messages.model import MessagesModel
from messenger.desktop.messages.view import MessageView
from messenger.desktop.messages.whole_text import WholeText
from messenger.windows.look.theme import theme
from tests.desktop.talks import ME, bubble, said, shown

_GENEROUS = 2.0
"""Seconds of own time for what takes 0.1; without a limit it took from 1 to 70."""


def view_of(text: str, qtbot: QtBot) -> MessageView:
    theme.apply("light")
    model = MessagesModel(ME)
    model.open([said(1, text), said(2, "and then")], is_start=True)
    made = shown(model, (700, 700))
    qtbot.addWidget(made)
    return made


@pytest.mark.parametrize(
    "text",
    [
        "x" * 1_000_000,
        "😀" * 60_000,
        "\n" * 200_000,
        "\u202e" * 200_000,
        "@" * 250_000,
        "https://example.org/" + "(" * 100_000 + ")" * 100_000,
        ("a" + "\u0301" * 2000) * 100,
    ],
    ids=["no spaces", "emoji", "empty lines", "controls", "mentions", "link", "marks"],
)
def test_a_message_of_any_length_is_shown_in_a_moment(text: str, qtbot: QtBot) -> None:
    before = time.thread_time()

    view = view_of(text, qtbot)
    view.grab()
    view.resize(500, 500)
    QApplication.processEvents()

    assert time.thread_time() - before < _GENEROUS


def test_all_of_a_long_message_is_shown_and_copied_where_that_is_wanted(qtbot: QtBot) -> None:
    text = "word " * 8000 + "the end"
    view = view_of(text, qtbot)
    block, _box = bubble(view, 1)
    assert block.text.text.endswith("…\nShow all of it")
    clipboard = QGuiApplication.clipboard()
    assert clipboard is not None

    view.copy_row(1)
    assert clipboard.text() == text
    view.select_everything()
    view.copy()
    assert clipboard.text().count("the end") == 1

    last = block.text._layout.lineAt(block.text._layout.lineCount() - 1)
    inside = block.text_at + QPointF(10, last.y() + last.height() / 2)
    hit = block.hit(inside)
    assert hit.target is Target.WHOLE
    place = (inside + QPointF(0, view.top_of(0))).toPoint()
    assert 0 < place.y() < view.view_height
    QTest.mouseMove(view.viewport(), place)
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    dialog = QApplication.activeModalWidget()
    assert isinstance(dialog, WholeText)
    assert dialog.words.toPlainText().replace("\n", "") == text
    dialog.accept()

    menu = menu_of(view, view.rows_model.rows[0], hit)
    assert "Show all of it" in [one.text() for one in menu.actions()]


def test_the_keyboard_shows_all_of_a_long_message(qtbot: QtBot) -> None:
    view = view_of("word " * 8000, qtbot)
    view.setCurrentIndex(view.rows_model.index(0))

    QTest.keyClick(view, Qt.Key.Key_Return)

    dialog = QApplication.activeModalWidget()
    assert isinstance(dialog, WholeText)
    dialog.accept()
