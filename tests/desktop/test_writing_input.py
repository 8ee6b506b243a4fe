"""The input field: keys that send and break lines, pasted texts, input methods, its height."""

import pytest
from PyQt6.QtCore import QMimeData, Qt, QUrl
from PyQt6.QtGui import QInputMethodEvent, QResizeEvent
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from messenger.desktop.writing.input import MessageInput
from tests.desktop.typing import press, type_text

ENTER = Qt.Key.Key_Return
SHIFT, CONTROL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier
NONE = Qt.KeyboardModifier.NoModifier


@pytest.fixture
def field(qtbot: QtBot) -> MessageInput:
    made = MessageInput()
    qtbot.addWidget(made)
    made.resize(400, made.height())
    made.show()
    qtbot.waitExposed(made)
    return made


@pytest.mark.parametrize(
    ("sends_with", "modifiers", "sends"),
    [
        ("enter", NONE, True),
        ("enter", CONTROL, True),
        ("enter", SHIFT, False),
        ("ctrl+enter", CONTROL, True),
        ("ctrl+enter", NONE, False),
        ("ctrl+enter", SHIFT, False),
    ],
)
def test_a_key_sends_and_the_other_one_breaks_the_line(
    field: MessageInput, sends_with: str, modifiers: Qt.KeyboardModifier, sends: bool
) -> None:
    field.sends_with = sends_with
    sent: list[str] = []
    field.submitted.connect(lambda: sent.append(field.text()))
    type_text(field, "при")

    press(field, ENTER, "\r", modifiers)
    type_text(field, "вет")

    assert sent == (["при"] if sends else [])
    assert field.text() == ("привет" if sends else "при\nвет")


def test_enter_ends_a_composition_and_sends_nothing(field: MessageInput) -> None:
    sent: list[int] = []
    field.submitted.connect(lambda: sent.append(1))
    QApplication.sendEvent(field, QInputMethodEvent("にほ", []))
    press(field, ENTER, "\r")
    assert not sent

    commit = QInputMethodEvent()
    commit.setCommitString("日本")
    QApplication.sendEvent(field, commit)
    assert field.text().endswith("日本")

    press(field, ENTER, "\r")
    assert sent


def test_it_grows_to_eight_lines_and_then_scrolls(field: MessageInput) -> None:
    one_line = field.height()
    assert one_line == 38

    field.load("\n".join("12345678"))
    eight = field.height()
    field.load("\n".join("123456789"))

    assert one_line < eight == field.height()
    field.load("")
    assert field.height() == one_line


def test_a_long_line_is_wrapped_and_makes_it_grow(field: MessageInput) -> None:
    type_text(field, "слово " * 30)
    assert field.height() > 38


def test_what_is_pasted_is_a_plain_text_without_control_characters(field: MessageInput) -> None:
    data = QMimeData()
    data.setHtml("<b>bold</b>")
    data.setText("bold\0\r\nline\x1b[31m 🎈")
    field.insertFromMimeData(data)
    assert field.text() == "bold\nline[31m 🎈"

    field.undo()
    assert field.text() == ""


def test_a_pasted_text_longer_than_any_message_is_refused(
    field: MessageInput, qtbot: QtBot
) -> None:
    data = QMimeData()
    data.setText("ы" * 200_001)
    with qtbot.waitSignal(field.too_long) as signal:
        field.insertFromMimeData(data)
    assert signal.args == [200_001]
    assert field.text() == ""


def test_files_are_no_text_but_links_are(field: MessageInput) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile("/home/ann/list.txt")])
    assert not field.canInsertFromMimeData(data)

    data.setUrls([QUrl("https://example.org/")])
    data.setText("https://example.org/")
    assert field.canInsertFromMimeData(data)


def test_emoji_count_as_one_character_before_the_cursor(field: MessageInput) -> None:
    type_text(field, "👩‍🚀🎈 :рж")
    assert field.text_before_cursor() == "👩‍🚀🎈 :рж"

    field.replace_before_cursor(":рж", "😂")
    assert field.text() == "👩‍🚀🎈 😂"
    field.undo()
    assert field.text() == "👩‍🚀🎈 :рж"


def test_up_in_the_first_line_asks_for_an_older_text(field: MessageInput) -> None:
    asked: list[bool] = []
    field.recall_wanted.connect(asked.append)
    field.load("раз\nдва")

    press(field, Qt.Key.Key_Up)
    assert not asked
    press(field, Qt.Key.Key_Up)
    press(field, Qt.Key.Key_Down)
    press(field, Qt.Key.Key_Down)
    assert asked == [True, False]


def test_a_height_at_which_the_text_needs_another_one_is_looked_for_no_longer(
    field: MessageInput, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a scroll bar it had nine lines, without one eight, and the window stood still."""
    asked: list[int] = []

    def lines() -> int:
        asked.append(8 + len(asked) % 2)
        field.resizeEvent(QResizeEvent(field.size(), field.size()))
        return asked[-1]

    monkeypatch.setattr(field, "_lines", lines)

    field.grow()

    assert len(asked) < 10
