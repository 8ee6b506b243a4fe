"""The panel about a room shows it as it is, and lets those who may change it."""

from collections.abc import Callable

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from messenger.desktop.people.finder_dialog import FinderDialog
from messenger.desktop.people.room_panel import RoomPanel
from messenger.jim.errors import Forbidden
from messenger.windows.widgets.question import Question
from tests.desktop.people import People, Person
from tests.desktop.typing import press, type_text

Made = tuple[Person, Person, str]


@pytest.fixture
def room(person: People, name: Callable[[str], str]) -> Made:
    """A room of Ann's that Bob is in, open to guests."""
    ann, bob, room = person("ann"), person("bob"), name("#room")
    ann.do(lambda client: client.join(room, encrypted=False))
    bob.do(lambda client: client.join(room))
    return ann, bob, room


def panel_about(qtbot: QtBot, whose: Person, room: str) -> RoomPanel:
    panel = RoomPanel(whose.bridge, room)
    qtbot.addWidget(panel)
    panel.resize(320, 700)
    panel.show()
    qtbot.waitExposed(panel)
    qtbot.waitUntil(lambda: bool(panel.members.people))
    return panel


def members(panel: RoomPanel) -> set[str]:
    return {person.account_name for person in panel.members.people}


def agree(panel: QWidget) -> None:
    questions = panel.findChildren(Question)
    questions[-1].yes.click()


def choose(panel: RoomPanel, name: str, title: str) -> None:
    menu = panel.members.menu(name)
    next(one for one in menu.actions() if one.text() == title).trigger()
    menu.deleteLater()


def test_members_come_and_go_and_only_the_creator_sees_rights(qtbot: QtBot, room: Made) -> None:
    ann, bob, name = room
    ours, theirs = panel_about(qtbot, ann, name), panel_about(qtbot, bob, name)

    assert members(ours) == members(theirs) == {ann.name, bob.name}
    qtbot.waitUntil(lambda: ours.portrait.line == "2 members, 2 online")
    qtbot.waitUntil(lambda: ours.close_room.isVisible() and ours.encrypt.isVisible())
    assert not theirs.close_room.isVisible()
    assert not theirs.encrypt.isVisible()
    assert not theirs.history.isEnabled()
    titles = [one.text() for one in theirs.members.menu(ann.name).actions()]
    assert "Remove for good…" not in titles
    bob.do(lambda client: client.leave(name))
    qtbot.waitUntil(lambda: members(ours) == {ann.name})


def test_the_topic_is_edited_in_its_place(qtbot: QtBot, room: Made) -> None:
    ann, bob, name = room
    ours, theirs = panel_about(qtbot, ann, name), panel_about(qtbot, bob, name)

    theirs.topic.pencil.click()
    type_text(theirs.topic.edit, "чай")
    press(theirs.topic.edit, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: ours.topic.words.text() == "чай")
    qtbot.waitUntil(lambda: not theirs.topic.edit.isVisible())
    theirs.topic.pencil.click()
    assert theirs.topic.edit.text() == "чай"
    press(theirs.topic.edit, Qt.Key.Key_Escape)
    assert theirs.topic.words.text() == "чай"


def test_a_member_is_removed_and_banned_after_a_question(qtbot: QtBot, room: Made) -> None:
    ann, bob, name = room
    panel = panel_about(qtbot, ann, name)

    choose(panel, bob.name, "Remove for good…")
    panel.members.findChildren(Question)[-1].cancel.click()
    choose(panel, bob.name, "Remove for good…")
    agree(panel.members)
    qtbot.waitUntil(lambda: members(panel) == {ann.name})
    with pytest.raises(Forbidden):
        bob.do(lambda client: client.join(name))


def test_a_user_is_invited_and_a_wrong_name_is_told(qtbot: QtBot, room: Made) -> None:
    ann, bob, name = room
    panel = panel_about(qtbot, ann, name)

    panel.invite.click()
    dialog = panel.findChild(FinderDialog)
    assert dialog is not None
    dialog.edit.setText("nobody at all")
    press(dialog.edit, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "nobody at all" in dialog._error.text())
    dialog.edit.setText(bob.name)
    with qtbot.waitSignal(dialog.chosen) as chosen:
        press(dialog.edit, Qt.Key.Key_Return)
    assert chosen.args == [bob.name]


def test_history_and_encryption_are_changed(qtbot: QtBot, room: Made) -> None:
    ann, _bob, name = room
    panel = panel_about(qtbot, ann, name)
    qtbot.waitUntil(panel.history.isEnabled)
    was_shown = panel.history.isChecked()

    panel.history.click()
    qtbot.waitUntil(lambda: ann.do(lambda c: c.summaries([name]))[0].history is not was_shown)
    qtbot.waitUntil(lambda: panel.history.isChecked() is not was_shown)
    panel.encrypt.click()
    agree(panel)
    qtbot.waitUntil(lambda: panel.encryption.words.startswith("End-to-end encrypted"))
    assert not panel.encrypt.isVisible()


def test_a_room_is_left_or_closed_after_a_question(qtbot: QtBot, room: Made) -> None:
    ann, bob, name = room
    ours, theirs = panel_about(qtbot, ann, name), panel_about(qtbot, bob, name)
    qtbot.waitUntil(ours.close_room.isVisible)

    theirs.leave.click()
    with qtbot.waitSignal(theirs.left) as left:
        agree(theirs)
    assert left.args == [name]
    ours.close_room.click()
    with qtbot.waitSignal(ours.left):
        agree(ours)


def test_the_common_chat_has_nobody_to_leave_it(qtbot: QtBot, person: People) -> None:
    panel = panel_about(qtbot, person("ann"), "#all")

    assert not panel.leave.isVisible()
    assert not panel.close_room.isVisible()
    assert panel.encryption.words == "Not encrypted: open to everyone"
    assert panel.portrait.line.endswith(" online")
