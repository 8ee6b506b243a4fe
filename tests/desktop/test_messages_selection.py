"""Texts are selected across messages by the mouse, and copied with names and times."""

import pytest
from PyQt6.QtCore import QEvent, QPoint, QPointF, Qt
from PyQt6.QtGui import QContextMenuEvent, QGuiApplication, QMouseEvent
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QMenu, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from messenger.desktop.messages.following import LinkQuestion
from messenger.desktop.messages.information import MessageInformation
from messenger.desktop.messages.model import MessagesModel
from messenger.desktop.messages.view import MessageView
from messenger.sdk.store import MessageState
from messenger.windows.look.theme import theme
from tests.desktop.talks import ME, bubble, point_in, said, shown, talk
from tests.desktop.typing import press

_LEFT = Qt.MouseButton.LeftButton
_CONTROL = Qt.KeyboardModifier.ControlModifier
_SHIFT = Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def view(qtbot: QtBot) -> MessageView:
    theme.apply("light")
    model = MessagesModel(ME)
    made = shown(model)
    qtbot.addWidget(made)
    model.open(
        [
            said(1, "first 🎉 message of three words"),
            said(2, "second text", ME),
            said(3, "see https://example.org/a and https://good.example@evil.example/"),
            said(4, "not sent", ME, state=MessageState.FAILED, reason="too long"),
        ],
        is_room=True,
    )
    return made


def port(view: MessageView) -> QWidget:
    found = view.viewport()
    assert found is not None
    return found


def drag(view: MessageView, start: QPoint, end: QPoint) -> None:
    QTest.mousePress(port(view), _LEFT, pos=start)
    move(view, end)
    QTest.mouseRelease(port(view), _LEFT, pos=end)


def move(view: MessageView, to: QPoint) -> None:
    """Move the mouse with the button down, which QTest does without it."""
    event = QMouseEvent(
        QEvent.Type.MouseMove, QPointF(to), QPointF(port(view).mapToGlobal(to)),
        Qt.MouseButton.NoButton, _LEFT, Qt.KeyboardModifier.NoModifier,
    )  # fmt: skip
    QApplication.sendEvent(port(view), event)


def copied(view: MessageView) -> str:
    press(view, Qt.Key.Key_C, modifiers=_CONTROL)
    clipboard = QGuiApplication.clipboard()
    assert clipboard is not None
    return clipboard.text()


def test_a_part_of_a_message_is_copied_as_it_is(view: MessageView) -> None:
    # The emoji has two units of UTF-16, in which Qt counts.
    drag(view, point_in(view, 1, 6), point_in(view, 1, 16))

    assert copied(view) == "🎉 message"


def test_several_messages_are_copied_with_names_and_times(view: MessageView) -> None:
    drag(view, point_in(view, 2, 7), point_in(view, 1, 9))

    first, second = copied(view).split("\n", 2)[1], copied(view).split("\n")[-1]
    assert (first, second) == ("message of three words", "second ")
    assert copied(view).startswith("名前, 2026-05-04 12:01:\nmessage")


def test_a_double_click_selects_a_word_and_a_third_one_the_message(view: MessageView) -> None:
    at = point_in(view, 1, 11)
    QTest.mouseClick(port(view), _LEFT, pos=at)
    QTest.mouseDClick(port(view), _LEFT, pos=at)
    assert copied(view) == "message"

    QTest.mouseClick(port(view), _LEFT, pos=at)
    assert copied(view) == "first 🎉 message of three words"


def test_words_are_selected_as_a_whole_while_the_mouse_is_drawn(view: MessageView) -> None:
    at = point_in(view, 1, 11)
    QTest.mouseDClick(port(view), _LEFT, pos=at)
    move(view, point_in(view, 1, 24))
    QTest.mouseRelease(port(view), _LEFT, pos=point_in(view, 1, 24))

    assert copied(view) == "message of three"


def test_shift_extends_the_selection(view: MessageView) -> None:
    QTest.mouseClick(port(view), _LEFT, pos=point_in(view, 2, 0))
    QTest.mouseClick(port(view), _LEFT, _SHIFT, point_in(view, 2, 6))

    assert copied(view) == "second"


def test_everything_is_selected_and_escape_ends_that(view: MessageView) -> None:
    press(view, Qt.Key.Key_A, modifiers=_CONTROL)
    assert copied(view).count("12:0") == 4
    press(view, Qt.Key.Key_Escape)
    assert view.selection.is_empty


def test_the_selection_stays_when_older_messages_arrive(view: MessageView) -> None:
    drag(view, point_in(view, 2, 0), point_in(view, 2, 6))
    view.rows_model.add_older([said(0, "older")], is_start=True)
    assert copied(view) == "second"
    view.rows_model.timeline.drop_oldest(3)
    view.rows_model._show()
    assert view.selection.is_empty


def test_beyond_the_edge_it_scrolls(view: MessageView, qtbot: QtBot) -> None:
    view.rows_model.open(talk(1, 100), is_room=True)
    bar = view.verticalScrollBar()
    assert bar is not None
    end = bar.value()
    QTest.mousePress(port(view), _LEFT, pos=QPoint(300, 200))
    move(view, QPoint(300, -80))
    qtbot.waitUntil(lambda: bar.value() < end - 300)
    QTest.mouseRelease(port(view), _LEFT, pos=QPoint(300, -80))
    rows = view.selection.rows
    assert rows is not None
    assert rows[1] - rows[0] > 5


def test_a_click_follows_a_link(view: MessageView, qtbot: QtBot) -> None:
    at = point_in(view, 3, 10)
    with qtbot.waitSignal(view.link_opened) as opened:
        QTest.mouseClick(port(view), _LEFT, pos=at)
    assert opened.args == ["https://example.org/a"]

    with qtbot.assertNotEmitted(view.link_opened):
        drag(view, at, point_in(view, 3, 20))


def test_a_link_that_may_mislead_shows_its_host_first(view: MessageView, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(view.link_opened):
        QTest.mouseClick(port(view), _LEFT, pos=point_in(view, 3, 40))
    question = view.findChild(LinkQuestion)
    assert question is not None
    assert "evil.example" in [
        label.text() for label in question.findChildren(QWidget) if hasattr(label, "text")
    ]
    with qtbot.waitSignal(view.link_opened):
        question.go.click()


def test_nothing_else_than_links_is_followed(view: MessageView, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(view.link_opened):
        view.follow("file:///etc/passwd")
        view.follow("javascript:alert(1)")


def test_a_click_on_a_sender_or_on_send_again(view: MessageView, qtbot: QtBot) -> None:
    block, box = bubble(view, 1)
    assert block.head is not None
    assert block.avatar_box is not None
    for at in (block.head.box.center(), block.avatar_box.center()):
        with qtbot.waitSignal(view.sender_clicked) as clicked:
            place = at + QPointF(0, box.top() - block.box.top())
            QTest.mouseClick(port(view), _LEFT, pos=place.toPoint())
        assert clicked.args == ["名前"]
    block, box = bubble(view, 4)
    assert block.failure is not None
    end = block.failure_at + QPointF(block.failure.used - 8, block.failure.height / 2)
    with qtbot.waitSignal(view.resend_wanted) as again:
        place = end + QPointF(0, box.top() - block.box.top())
        QTest.mouseClick(port(view), _LEFT, pos=place.toPoint())
    assert again.args == [4]


def menu(view: MessageView) -> QMenu:
    found = [one for one in view.findChildren(QMenu) if one.isVisible()]
    assert len(found) == 1
    return found[0]


def choose(view: MessageView, text: str) -> None:
    shown_menu = menu(view)
    action = next(one for one in shown_menu.actions() if one.text() == text)
    action.trigger()
    shown_menu.close()


def test_the_menu_has_what_can_be_done(view: MessageView, qtbot: QtBot) -> None:
    at = point_in(view, 3, 10)
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, port(view).mapToGlobal(at))
    QApplication.sendEvent(port(view), event)
    texts = [action.text() for action in menu(view).actions() if action.text()]
    assert texts == [
        "Copy message",
        "Copy link",
        "Open link",
        "Information",
        "Report…",
        "Select all",
    ]
    choose(view, "Copy link")
    clipboard = QGuiApplication.clipboard()
    assert clipboard is not None
    assert clipboard.text() == "https://example.org/a"


def test_the_menu_key_opens_the_menu_of_the_current_message(
    view: MessageView, qtbot: QtBot
) -> None:
    view._set_current(3)
    event = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, QPoint(), QPoint())
    QApplication.sendEvent(port(view), event)
    with qtbot.waitSignal(view.resend_wanted):
        choose(view, "Send again")
    view.show_information(view.rows_model.messages[3])
    dialog = view.findChild(MessageInformation)
    assert dialog is not None
    dialog.findChildren(QPushButton)[0].click()
    assert not dialog.isVisible()


def test_buttons_appear_beside_the_message_below_the_mouse(view: MessageView, qtbot: QtBot) -> None:
    bar = view.floating.hover_bar
    QTest.mouseMove(port(view), point_in(view, 4, 2))
    view.floating.hover(QPointF(point_in(view, 4, 2)))
    assert bar.isVisible()
    assert bar.resend.isVisible()
    with qtbot.waitSignal(view.resend_wanted):
        bar.resend.click()
    view.floating.hover(QPointF(point_in(view, 1, 2)))
    assert not bar.resend.isVisible()
    bar.copy.click()
    clipboard = QGuiApplication.clipboard()
    assert clipboard is not None
    assert clipboard.text().startswith("first")
    bar.more.click()
    menu(view).close()
