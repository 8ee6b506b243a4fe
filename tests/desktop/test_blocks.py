"""Somebody is blocked, unblocked and reported in windows."""

from collections.abc import Callable

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QApplication, QLabel, QMenu, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from messenger.desktop.main_window import MainWindow
from messenger.desktop.messages.blocks import NOTHING
from messenger.desktop.messages.menu import menu_of
from messenger.desktop.people.person_panel import PersonPanel
from messenger.desktop.people.report_dialog import ReportDialog
from messenger.desktop.settings.blocked import BlockedPage
from messenger.jim.errors import NotFound
from messenger.windows.widgets.question import Question
from tests.desktop.checking import faults
from tests.desktop.people import People, Person
from tests.desktop.typing import type_text

Windows = Callable[[Person], MainWindow]
HIDDEN = "(hidden: you have blocked the sender)"


def shown(window: MainWindow) -> list[str]:
    model = window.model
    return [str(model.index(row, 0).data()) for row in range(model.rowCount())]


def previews(window: MainWindow) -> list[str]:
    model = window.conversations.model
    return [model.row(name).preview.text for name in model.names]


def entry(menu: QMenu, text: str) -> None:
    """Choose an entry of a menu."""
    next(one for one in menu.actions() if one.text() == text).trigger()


def modal(qtbot: QtBot, kind: type) -> object:
    """Return the dialog of this kind that is open, as soon as one is."""
    qtbot.waitUntil(lambda: isinstance(QApplication.activeModalWidget(), kind))
    return QApplication.activeModalWidget()


def test_whoever_is_blocked_can_be_unblocked_where_one_would_write(
    qtbot: QtBot, person: People, window: Windows
) -> None:
    ann, bob = person("ann"), person("bob")
    bob.say(ann.name, "hi")
    mine = window(ann)
    mine.go_to(bob.name)
    assert mine.composer.isVisible()

    entry(mine.conversations.menu_of(bob.name), "Block…")
    question = modal(qtbot, Question)
    assert isinstance(question, Question)
    question.yes.click()
    qtbot.waitUntil(mine.foot.bar.isVisible)

    assert not mine.composer.isVisible()
    assert "You have blocked" in mine.foot.words.text()
    mine.go_to("#all")
    assert mine.composer.isVisible()
    mine.go_to(bob.name)
    mine.foot.unblock.click()
    qtbot.waitUntil(mine.composer.isVisible)
    assert not mine.foot.bar.isVisible()


def test_a_refused_end_of_a_block_is_told_where_it_was_wanted(
    qtbot: QtBot, person: People, window: Windows
) -> None:
    ann, bob = person("ann"), person("bob")
    mine = window(ann)
    ann.do(lambda client: client.block(bob.name))
    mine.go_to(bob.name)
    qtbot.waitUntil(mine.foot.bar.isVisible)
    server_down = NotFound("{name} is away", name="the server")

    def refuse(name: str) -> None:
        raise server_down

    ann.client.unblock = refuse  # type: ignore[method-assign,assignment]  # as a server could

    mine.foot.unblock.click()

    qtbot.waitUntil(lambda: "the server is away" in mine.foot.words.text())
    assert mine.foot.unblock.isEnabled()


def test_the_settings_list_whom_one_has_blocked_and_end_it(qtbot: QtBot, person: People) -> None:
    ann, bob, eve = person("ann"), person("bob"), person("eve")
    page = BlockedPage(ann.bridge)
    qtbot.addWidget(page)
    page.resize(500, 500)
    page.show()
    assert "You have blocked nobody." in said(page)

    for one in (bob, eve):
        ann.do(lambda client, name=one.name: client.block(name))
    qtbot.waitUntil(lambda: {bob.name, eve.name} <= set(said(page)))
    assert faults(page) == []
    buttons = page.findChildren(QPushButton)
    next(one for one in buttons if one.accessibleName() == f"Unblock {bob.name}").click()
    # Its list is replaced by another one, which is seen a moment later.
    qtbot.waitUntil(lambda: {bob.name, eve.name} & set(said(page)) == {eve.name})
    assert ann.do(lambda client: client.blocked()) == [eve.name]


def said(page: QWidget) -> list[str]:
    return [one.text() for one in page.findChildren(QLabel) if one.isVisible()]


def test_messages_of_a_blocked_user_in_rooms_are_hidden_and_shown_again(
    qtbot: QtBot, person: People, window: Windows
) -> None:
    ann, bob = person("ann"), person("bob")
    mine = window(ann)
    room = f"#{bob.name[:20].replace(' ', '')}"
    for one in (ann, bob):
        one.do(lambda client: client.join(room))
    mine.go_to(room)
    bob.say(room, "грубость")
    qtbot.waitUntil(lambda: "грубость" in shown(mine))

    # On another device, say: the window follows.
    ann.do(lambda client: client.block(bob.name))
    qtbot.waitUntil(lambda: HIDDEN in shown(mine))
    assert "грубость" not in shown(mine)
    qtbot.waitUntil(lambda: HIDDEN in previews(mine))
    ann.do(lambda client: client.unblock(bob.name))
    qtbot.waitUntil(lambda: "грубость" in shown(mine) and "грубость" in previews(mine))


def test_the_panel_about_a_person_blocks_and_unblocks(qtbot: QtBot, person: People) -> None:
    ann, bob = person("ann"), person("bob")
    panel = PersonPanel(ann.bridge, bob.name)
    qtbot.addWidget(panel)
    panel.show()

    panel.block.click()
    question = modal(qtbot, Question)
    assert isinstance(question, Question)
    question.yes.click()
    qtbot.waitUntil(lambda: panel.block.text() == "Unblock")
    panel.block.click()
    qtbot.waitUntil(lambda: panel.block.text() == "Block…")

    assert ann.do(lambda client: client.blocked()) == []


def test_a_report_shows_which_messages_are_attached(
    qtbot: QtBot, person: People, window: Windows
) -> None:
    ann, bob = person("ann"), person("bob")
    mine = window(ann)
    mine.go_to(bob.name)
    for text in ("раз", "два & &три", "четыре"):
        bob.say(ann.name, text)
    qtbot.waitUntil(lambda: len(shown(mine)) == 3)
    reported: list[tuple[object, ...]] = []
    report = ann.client.report

    def overhear(*arguments: object, **named: object) -> str:
        reported.append((*arguments, named))
        return report(*arguments, **named)  # type: ignore[arg-type]  # as they were

    ann.client.report = overhear  # type: ignore[method-assign,assignment]  # it is looked at

    entry(menu_of(mine.messages, mine.model.rows[1], NOTHING), "Report…")
    dialog = modal(qtbot, ReportDialog)
    assert isinstance(dialog, ReportDialog)
    qtbot.waitUntil(lambda: len(dialog.messages.boxes) == 3)
    assert [one.text for one in dialog.messages.chosen()] == ["два & &три"]
    dialog.send()
    assert not reported  # without a reason
    type_text(dialog.reason.edit, "спам")
    dialog.messages.boxes[2][0].click()
    dialog.block.setCheckState(Qt.CheckState.Checked)
    dialog.send()
    qtbot.waitUntil(lambda: any("will see" in one.text() for one in dialog.findChildren(QLabel)))

    (name, named) = reported[0]
    assert isinstance(named, dict)
    assert (name, named["reason"]) == (bob.name, "спам")
    assert [one.text for one in named["messages"]] == ["два & &три", "четыре"]
    assert ann.do(lambda client: client.blocked()) == [bob.name]
    dialog.close()


def test_a_room_is_reported_and_the_users_own_name_is_not(
    qtbot: QtBot, person: People, window: Windows
) -> None:
    ann = person("ann")
    mine = window(ann)
    ann.do(lambda client: client.join("#report"))
    mine.go_to("#report")

    entry(mine.conversations.menu_of("#report"), "Report…")
    dialog = modal(qtbot, ReportDialog)
    assert isinstance(dialog, ReportDialog)
    type_text(dialog.reason.edit, "спам")
    dialog.send()
    qtbot.waitUntil(lambda: any("will see" in one.text() for one in dialog.findChildren(QLabel)))
    dialog.close()

    for name in (ann.name, "#all"):
        entries = [one.text() for one in mine.conversations.menu_of(name).actions()]
        assert "Report…" not in entries
        assert "Block…" not in entries
