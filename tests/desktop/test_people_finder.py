"""Dialogs find while one types, outside of the GUI thread, and do what is chosen."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from messenger.desktop.people import searches
from messenger.desktop.people.finder_dialog import FinderDialog, Search
from messenger.desktop.people.room_dialog import RoomDialog
from messenger.sdk.cancelling import cancellable
from tests.desktop.people import People, Person
from tests.desktop.typing import press, type_text


@pytest.fixture
def parent(qtbot: QtBot) -> QWidget:
    """A window that dialogs are above."""
    found = QWidget()
    qtbot.addWidget(found)
    found.resize(600, 500)
    found.show()
    return found


def ids(dialog: FinderDialog) -> list[str]:
    return [name for name, _line in dialog.found]


def test_the_switcher_goes_to_a_conversation_by_a_part_of_its_name(
    qtbot: QtBot, person: People, parent: QWidget
) -> None:
    ann = person("ann", online=False)
    for name in ("Мария", "Марк", "bob"):
        ann.say(name, "hi")
    dialog = searches.switch(ann.bridge, ["#all", "bob"], parent)
    qtbot.waitUntil(lambda: ids(dialog)[:2] == ["#all", "bob"])
    assert dialog.list.current_name == "#all"

    type_text(dialog.edit, "мар")
    qtbot.waitUntil(lambda: sorted(ids(dialog)) == ["Мария", "Марк"])
    press(dialog.edit, Qt.Key.Key_Down)
    second = ids(dialog)[1]
    with qtbot.waitSignal(dialog.chosen) as chosen:
        press(dialog.edit, Qt.Key.Key_Return)
    assert chosen.args == [second]
    assert not dialog.isVisible()


def test_enter_waits_for_what_is_typed_and_an_older_search_is_cancelled(
    qtbot: QtBot, person: People, parent: QWidget
) -> None:
    ann = person("ann", online=False)
    cancelled = threading.Event()

    def find(words: str) -> list[tuple[str, str]]:
        if words == "slow":
            with cancellable(cancelled.set):
                assert cancelled.wait(30)
        return [(words, words)]

    search = Search("Find", "Name", lambda _client: find)
    dialog = FinderDialog(ann.bridge, search, parent)
    dialog.show()
    dialog.edit.setText("slow")
    qtbot.waitUntil(lambda: dialog._task is not None and not dialog._pause.isActive())

    dialog.edit.setText("quick")
    with qtbot.waitSignal(dialog.chosen) as chosen:
        press(dialog.edit, Qt.Key.Key_Return)

    assert chosen.args == ["quick"]
    qtbot.waitUntil(cancelled.is_set)


def test_an_error_of_the_search_is_told_in_the_dialog(
    qtbot: QtBot, person: People, parent: QWidget
) -> None:
    def find(_words: str) -> Any:
        raise OSError("the disk is gone")

    search = Search("Find", "Name", lambda _client: find)
    dialog = FinderDialog(person("ann", online=False).bridge, search, parent)

    qtbot.waitUntil(lambda: "the disk is gone" in dialog._error.text())


def room_dialog(parent: QWidget, whose: Person) -> RoomDialog:
    dialog = searches.new_room(whose.bridge, ["#all"], parent)
    assert isinstance(dialog, RoomDialog)
    return dialog


def test_a_new_room_is_encrypted_or_open_and_an_old_one_is_joined(
    qtbot: QtBot, person: People, parent: QWidget, name: Callable[[str], str]
) -> None:
    ann, bob = person("ann"), person("bob")
    sealed, common = name("#sealed"), name("#common")
    for room, is_open in ((sealed, False), (common, True)):
        dialog = room_dialog(parent, ann)
        type_text(dialog.edit, room)
        qtbot.waitUntil(dialog.open_to_guests.isVisible)
        dialog.open_to_guests.setChecked(is_open)
        with qtbot.waitSignal(dialog.chosen) as chosen:
            press(dialog.edit, Qt.Key.Key_Return)
        assert chosen.args == [room]

    assert ann.do(lambda client: client.join(sealed)).encrypted
    assert not ann.do(lambda client: client.join(common)).encrypted
    theirs = room_dialog(parent, bob)
    theirs.edit.setText(sealed)
    qtbot.waitUntil(lambda: ids(theirs) == [sealed])
    assert not theirs.open_to_guests.isVisible()
    with qtbot.waitSignal(theirs.chosen):
        press(theirs.edit, Qt.Key.Key_Return)
    assert len(bob.do(lambda client: client.members(sealed))) == 2
