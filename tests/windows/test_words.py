"""Texts of others of any length fit where texts are shown, and can be copied as they are."""

import time

import pytest
from PyQt6.QtGui import QGuiApplication, QKeySequence
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QLabel, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from messenger.windows.look.painting import label
from messenger.windows.look.theme import theme
from messenger.windows.widgets.banner import Banner
from messenger.windows.widgets.labels import heading, mono
from messenger.windows.widgets.question import Question
from messenger.windows.widgets.words import Words

LONG = ("W" * 25, "z" * 300, "ё" * 300, "https://example.org/" + "a-b_c" * 100, "😀" * 300)


@pytest.mark.parametrize("text", LONG)
def test_no_word_makes_a_window_wider(qtbot: QtBot, text: str) -> None:
    theme.apply("light")
    window = QWidget()
    qtbot.addWidget(window)
    layout = QVBoxLayout(window)
    for widget in (Banner(f"The topic is now: {text}"), heading(text), mono(text)):
        layout.addWidget(widget)
    window.resize(340, 300)
    window.show()
    question = Question("Leave?", text, "Leave", lambda: None, window)
    qtbot.addWidget(question)
    question.show()

    assert window.width() == 340
    assert question.width() <= 340
    assert question.findChildren(Words)[0].minimumSizeHint().width() < 340


@pytest.mark.parametrize("text", [*LONG, "a\u0301" * 40, "plain words", "שלום" * 20])
def test_a_text_is_copied_as_it_is(qtbot: QtBot, text: str) -> None:
    shown = mono(text)
    qtbot.addWidget(shown)
    clipboard = QGuiApplication.clipboard()
    assert clipboard is not None
    assert shown.text() == text

    shown.setSelection(0, len(QLabel.text(shown).encode("utf-16-le")) // 2)
    QTest.keySequence(shown, QKeySequence(QKeySequence.StandardKey.Copy))

    assert clipboard.text() == text


def test_a_screen_reader_reads_what_a_text_is_and_the_text(qtbot: QtBot) -> None:
    link = "jim://chat.example.org:7777?invite=QR7MK2WD9XHT4LCB"
    shown = Words(link)
    qtbot.addWidget(shown)
    assert shown.accessibleName() == link  # and not each letter by itself
    shown.setAccessibleName("Invitation link")
    assert shown.accessibleName() == f"Invitation link: {link}"
    shown.setText("none")
    assert shown.accessibleName() == "Invitation link: none"


def test_texts_of_a_megabyte_are_shown_in_a_moment(qtbot: QtBot) -> None:
    before = time.thread_time()
    for text in ("x" * 1_000_000, "😀" * 100_000, "\n" * 200_000):
        shown = Words(text)
        qtbot.addWidget(shown)
        shown.setWordWrap(True)
        shown.resize(300, 300)
        shown.show()
        shown.grab()
        label(text, width=300)

    assert time.thread_time() - before < 2


def test_an_underscore_in_the_last_line_of_a_code_is_seen(qtbot: QtBot) -> None:
    theme.apply("light")
    seen = []
    for end in ("_", ""):
        shown = mono("jim://chat.example.org:7777?invite=QR7MK2WD9XHT4LCB" + end)
        qtbot.addWidget(shown)
        shown.ensurePolished()
        shown.resize(200, shown.heightForWidth(200))
        seen.append(shown.grab().toImage())
    assert seen[0] != seen[1]
