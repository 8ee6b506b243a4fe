"""The list of completions is led by keys while the field keeps the focus."""

from collections.abc import Callable

import pytest
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtGui import QShortcut
from PyQt6.QtWidgets import QApplication, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from messenger.desktop.writing.composer import Composer
from messenger.desktop.writing.emoji_catalogue import catalogue
from messenger.jim.names import EVERYONE
from tests.desktop.people import People, Person
from tests.desktop.typing import press, type_text

Shown = Callable[[Person, str], Composer]

ENTER = Qt.Key.Key_Return


@pytest.fixture
def composer(qtbot: QtBot) -> Shown:
    """Show the composer of a person at the foot of a window."""
    windows: list[QWidget] = []

    def show(whose: Person, to: str) -> Composer:
        window = QWidget()
        windows.append(window)
        qtbot.addWidget(window)
        made = Composer(whose.bridge)
        made.turn_to(to)
        layout = QVBoxLayout(window)
        layout.addStretch(1)
        layout.addWidget(made)
        window.resize(700, 500)
        window.show()
        qtbot.waitExposed(window)
        window.activateWindow()
        made.input.setFocus()
        qtbot.waitUntil(made.input.hasFocus)
        return made

    return show


def labels(composer: Composer) -> list[str]:
    if not composer.completing.is_shown:
        return []
    return [candidate.label for candidate in composer.completing.popup.candidates]


@pytest.fixture
def ann(person: People) -> Person:
    found = person("ann", online=False)
    for name in ("Мария Орлова", "Максим", "Bob"):
        found.say(name, "привет")
    return found


def test_names_are_completed_after_an_at_sign(ann: Person, composer: Shown, qtbot: QtBot) -> None:
    shown = composer(ann, EVERYONE)
    type_text(shown.input, "см. @ма")
    qtbot.waitUntil(lambda: sorted(labels(shown)) == ["Максим", "Мария Орлова"])

    type_text(shown.input, "р")
    press(shown.input, ENTER, "\r")

    assert shown.input.text() == "см. @Мария Орлова "
    assert not shown.completing.is_shown
    assert shown.input.hasFocus()


def test_up_and_down_choose_and_tab_accepts(ann: Person, composer: Shown, qtbot: QtBot) -> None:
    shown = composer(ann, EVERYONE)
    type_text(shown.input, "@м")
    qtbot.waitUntil(lambda: len(labels(shown)) == 2)
    second, first = labels(shown)[1], labels(shown)[0]

    press(shown.input, Qt.Key.Key_Down)
    assert shown.completing.popup.selected.label == second  # type: ignore[union-attr]  # it is there
    press(shown.input, Qt.Key.Key_Down)
    press(shown.input, Qt.Key.Key_Up)
    press(shown.input, Qt.Key.Key_Up)
    assert shown.input.accessibleDescription() == first
    press(shown.input, Qt.Key.Key_Tab)

    assert shown.input.text() == f"@{first} "


def test_escape_closes_the_list_and_enter_sends_what_is_typed(
    ann: Person, composer: Shown, qtbot: QtBot
) -> None:
    shown = composer(ann, EVERYONE)
    type_text(shown.input, "@ма")
    qtbot.waitUntil(lambda: len(labels(shown)) == 2)
    press(shown.input, Qt.Key.Key_Escape)
    assert not shown.completing.is_shown

    with qtbot.waitSignal(shown.sent) as signal:
        press(shown.input, ENTER, "\r")
    assert signal.args[0].text == "@ма"


def test_escape_is_the_windows_key_only_while_there_is_no_list(
    ann: Person, composer: Shown, qtbot: QtBot
) -> None:
    shown = composer(ann, EVERYONE)
    pressed: list[int] = []
    QShortcut(Qt.Key.Key_Escape, shown.window(), lambda: pressed.append(1))
    type_text(shown.input, "@ма")
    qtbot.waitUntil(lambda: len(labels(shown)) == 2)

    qtbot.keyClick(shown.input, Qt.Key.Key_Escape)
    assert not pressed
    assert not shown.completing.is_shown
    qtbot.keyClick(shown.input, Qt.Key.Key_Escape)
    assert pressed


def test_enter_sends_if_nothing_of_a_name_has_been_typed(
    ann: Person, composer: Shown, qtbot: QtBot
) -> None:
    shown = composer(ann, EVERYONE)
    type_text(shown.input, "пиши на @")
    qtbot.waitUntil(lambda: len(labels(shown)) >= 3)
    with qtbot.waitSignal(shown.sent) as signal:
        press(shown.input, ENTER, "\r")
    assert signal.args[0].text == "пиши на @"


def test_commands_are_completed_with_their_arguments(
    ann: Person, composer: Shown, qtbot: QtBot
) -> None:
    shown = composer(ann, EVERYONE)
    type_text(shown.input, "/ms")
    assert labels(shown) == ["/msg"]
    press(shown.input, ENTER, "\r")
    qtbot.waitUntil(lambda: "Bob" in labels(shown))
    type_text(shown.input, "bo")
    press(shown.input, ENTER, "\r")
    assert shown.input.text() == "/msg Bob "

    with qtbot.waitSignal(shown.command_entered) as signal:
        press(shown.input, ENTER, "\r")
    assert signal.args == ["/msg Bob", EVERYONE]


def test_members_of_a_room_come_first(person: People, composer: Shown, qtbot: QtBot) -> None:
    ann, bob = person("ann"), person("bob")
    shown = composer(ann, EVERYONE)
    type_text(shown.input, "@")
    qtbot.waitUntil(lambda: bob.name in labels(shown))
    assert ann.name not in labels(shown)


def test_emoji_are_completed_by_their_names_in_each_language(
    ann: Person, composer: Shown, qtbot: QtBot
) -> None:
    shown = composer(ann, EVERYONE)
    type_text(shown.input, "ха :спасибо")
    qtbot.waitUntil(lambda: ":pray:" in labels(shown))
    press(shown.input, ENTER, "\r")
    assert shown.input.text() == "ха 🙏"


def test_a_whole_name_between_colons_becomes_the_emoji(
    ann: Person, composer: Shown, qtbot: QtBot
) -> None:
    catalogue()
    shown = composer(ann, EVERYONE)
    type_text(shown.input, ":jo")
    qtbot.waitUntil(lambda: ":joy:" in labels(shown))
    type_text(shown.input, "y:")
    assert shown.input.text() == "😂"
    shown.input.undo()
    assert shown.input.text() == ":joy:"


def test_a_click_completes_and_the_list_closes_with_the_focus(
    ann: Person, composer: Shown, qtbot: QtBot
) -> None:
    shown = composer(ann, EVERYONE)
    type_text(shown.input, "@bo")
    qtbot.waitUntil(lambda: labels(shown) == ["Bob"])
    rows = shown.completing.popup.rows
    qtbot.mouseClick(rows.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(40, 15))
    assert shown.input.text() == "@Bob "

    type_text(shown.input, "@bo")
    assert labels(shown) == ["Bob"]
    shown.send.setFocus()
    QApplication.processEvents()
    assert not shown.completing.is_shown
