"""The view keeps its place, follows the end, and shows what is looked for."""

from functools import partial

import pytest
from PyQt6.QtCore import QEvent, QObject, QPoint, Qt
from PyQt6.QtGui import QColor, QGuiApplication, QImage, QPainter, QPaintEvent
from PyQt6.QtTest import QTest
from pytestqt.qtbot import QtBot

from messenger.desktop.messages.model import MessagesModel
from messenger.desktop.messages.painting import FLASH_BELOW
from messenger.desktop.messages.text_block import TextBlock
from messenger.desktop.messages.view import MessageView
from messenger.sdk.store import MessageSecurity, MessageState
from messenger.windows.look.theme import theme
from tests.desktop.talks import ME, bubble, said, shown, talk
from tests.desktop.typing import press, type_text


@pytest.fixture
def view(qtbot: QtBot) -> MessageView:
    theme.apply("light")
    model = MessagesModel(ME)
    made = shown(model)
    qtbot.addWidget(made)
    model.open(talk(101, 300), is_room=True, is_encrypted=True)
    qtbot.waitUntil(lambda: not made._idle.isActive())
    return made


def top_row(view: MessageView) -> tuple[int, int]:
    """Return the key of the first row that is in sight as a whole, and where it is."""
    first, end = view.in_sight()
    row = next(at for at in range(first, end) if view.top_of(at) >= 0)
    return view.rows_model.rows[row].key, view.top_of(row)


def test_it_opens_at_the_end_and_follows_it(view: MessageView) -> None:
    assert view.is_at_end
    last = view.visualRect(view.rows_model.index(199))
    assert last.bottom() <= view.view_height

    view.rows_model.add(talk(301, 310))

    assert view.is_at_end
    assert view.visualRect(view.rows_model.index(209)).bottom() <= view.view_height
    assert view.rows_model.rows[view.indexAt(last.center()).row()].key > 300


def test_what_is_read_stays_in_its_place(view: MessageView, qtbot: QtBot) -> None:
    bar = view.verticalScrollBar()
    assert bar is not None
    bar.setValue(bar.maximum() // 2)
    before = top_row(view)
    model = view.rows_model

    model.add_older(talk(1, 100), is_start=True)
    assert top_row(view) == before
    model.add(talk(301, 330))
    assert top_row(view) == before
    model.change([one._replace(text="word " * 200) for one in model.messages[:20]])
    assert top_row(view) == before
    model.note("somebody has joined")
    qtbot.waitUntil(lambda: not view._idle.isActive())
    assert top_row(view) == before
    model.timeline.drop_oldest(60)
    model._show()
    assert top_row(view) == before

    theme.apply("dark")
    assert top_row(view)[0] == before[0]


def test_another_width_keeps_the_row_at_the_top(view: MessageView) -> None:
    view.show_message(200)
    before = top_row(view)[0]

    view.resize(400, 500)

    assert abs(top_row(view)[0] - before) <= 1
    view.to_end()
    view.resize(700, 300)
    assert view.is_at_end


def test_scrolling_asks_for_pages_and_tells_of_the_end(view: MessageView, qtbot: QtBot) -> None:
    bar = view.verticalScrollBar()
    assert bar is not None
    with qtbot.waitSignals([view.older_wanted, view.at_end_changed]):
        bar.setValue(0)
    assert view.floating.jump_button.isVisible()
    view.count_new(3)
    assert "3 new messages" in view.floating.jump_button.accessibleName()

    with qtbot.waitSignal(view.at_end_changed, check_params_cb=lambda is_at_end: is_at_end):
        QTest.mouseClick(view.floating.jump_button, Qt.MouseButton.LeftButton)

    assert not view.floating.jump_button.isVisible()
    assert view.floating.jump_button.count == 0


def test_within_a_conversation_the_end_is_loaded_first(view: MessageView, qtbot: QtBot) -> None:
    view.rows_model.open(talk(101, 150), is_room=True, has_newer=True)
    assert not view.is_at_end
    bar = view.verticalScrollBar()
    assert bar is not None
    bar.setValue(0)
    with qtbot.waitSignal(view.newer_wanted):
        bar.setValue(bar.maximum())
    assert not view.is_at_end
    with qtbot.waitSignal(view.newest_wanted):
        QTest.mouseClick(view.floating.jump_button, Qt.MouseButton.LeftButton)


def test_a_message_is_shown_in_the_middle(view: MessageView) -> None:
    assert view.show_message(150)

    _block, box = bubble(view, 150)
    assert abs(box.center().y() - view.view_height / 2) < 60
    assert view.rows_model.rows[view.currentIndex().row()].key == 150
    assert not view.show_message(9999)


def test_unread_messages_are_shown_from_the_first_one(view: MessageView) -> None:
    view.rows_model.open(talk(101, 300), unread_after=200, is_room=True)
    assert view.show_unread()
    row = view.rows_model.first_unread()
    assert row is not None
    assert view.top_of(row) == 64
    assert not view.follows

    view.rows_model.open(talk(101, 300), unread_after=299, is_room=True)
    view.show_unread()
    assert view.is_at_end


def test_few_messages_stand_at_the_bottom(view: MessageView) -> None:
    view.rows_model.open([said(1), said(2)], is_start=True)

    assert view.visualRect(view.rows_model.index(1)).bottom() > view.view_height - 20
    assert view.indexAt(QPoint(5, 5)).row() == 0
    assert view.is_at_end


def test_keys_walk_from_message_to_message(view: MessageView, qtbot: QtBot) -> None:
    view.setFocus()
    view._set_current(199)
    press(view, Qt.Key.Key_Up)
    press(view, Qt.Key.Key_Up)
    assert view.currentIndex().row() == 197
    press(view, Qt.Key.Key_PageUp)
    assert view.currentIndex().row() < 196
    assert view.currentIndex().row() == view.in_sight()[0]
    press(view, Qt.Key.Key_Home)
    assert view.currentIndex().row() == 0
    press(view, Qt.Key.Key_End)
    assert view.currentIndex().row() == 199
    assert view.is_at_end
    with qtbot.waitSignal(view.typed, check_params_cb=lambda text: text == "ж"):
        type_text(view, "ж")


def test_keys_scroll_within_a_message_that_is_higher_than_the_view(view: MessageView) -> None:
    view.rows_model.open([said(1), said(2, "line\n" * 100), said(3)], is_start=True)
    view._set_current(2)
    press(view, Qt.Key.Key_Up)
    assert view.currentIndex().row() == 1
    tops = [view.top_of(1)]
    while view.currentIndex().row() == 1 and len(tops) < 20:
        press(view, Qt.Key.Key_Down)
        tops.append(view.top_of(1))
    assert 4 < len(tops) < 12
    assert tops == sorted(tops, reverse=True)


def test_the_start_of_a_conversation_is_told_once_it_is_known(view: MessageView) -> None:
    view.rows_model.add_older([], is_start=True)
    assert view._heights.start > 40
    assert view.is_at_end


def test_enter_sends_a_failed_message_again(view: MessageView, qtbot: QtBot) -> None:
    failed = said(301, "no", ME, state=MessageState.FAILED, reason="too long")
    view.rows_model.add([failed])
    view._set_current(200)
    with qtbot.waitSignal(view.resend_wanted, check_params_cb=lambda key: key == 301):
        press(view, Qt.Key.Key_Return)
    view._set_current(3)
    with qtbot.assertNotEmitted(view.resend_wanted):
        press(view, Qt.Key.Key_Return)


def test_the_text_of_the_current_message_is_copied(view: MessageView) -> None:
    view._set_current(199)
    view.copy()
    clipboard = QGuiApplication.clipboard()
    assert clipboard is not None
    assert clipboard.text() == view.rows_model.messages[-1].text


@pytest.mark.parametrize("choice", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 900])
def test_every_kind_of_message_is_painted(view: MessageView, choice: str, width: int) -> None:
    theme.apply(choice, 1.3)
    kinds = [said(number, "text", security=one) for number, one in enumerate(MessageSecurity, 1)]
    states = [said(100 + at, "ok 🎉", ME, state=one) for at, one in enumerate(MessageState)]
    odd = [
        said(200, "🎉"),
        said(201, "مرحبا https://example.org"),
        said(202, "W" * 300),
        said(203, f"@{ME} hi"),
        said(204, "e\u0301" * 50, guest=True),
        said(205, "\n\n"),
    ]
    view.resize(width, 2500)
    view.rows_model.open([*kinds, *states, *odd], 1, is_room=True, is_encrypted=True, is_start=True)
    view.rows_model.note("ann has joined")
    view.mark("text", 3)

    picture = view.grab().toImage()

    assert picture.format() != QImage.Format.Format_Invalid
    for row in range(view.rows_model.rowCount()):
        block = view.block(row)
        assert block.box.left() >= 0
        assert block.box.right() <= view.view_width
        assert block.text.used <= block.box.width()
    theme.apply("light")


class Painted(QObject):
    """The bottoms of what a widget has painted."""

    def __init__(self) -> None:
        super().__init__()
        self.bottoms: list[int] = []

    def eventFilter(  # Qt's name
        self, _watched: QObject | None, event: QEvent | None
    ) -> bool:
        if isinstance(event, QPaintEvent):
            self.bottoms.append(event.rect().bottom())
        return False


def test_a_highlight_goes_without_a_trace(view: MessageView, qtbot: QtBot) -> None:
    """It is repainted as far as it was painted."""
    row = view.in_sight()[0] + 3
    below = view.visualRect(view.rows_model.index(row)).bottom() + FLASH_BELOW
    view.flash(view.rows_model.rows[row].key)
    port, painted = view.viewport(), Painted()
    assert port is not None
    qtbot.waitUntil(lambda: view._flash.currentTime() > 0)
    QGuiApplication.processEvents()
    port.installEventFilter(painted)
    qtbot.waitUntil(lambda: len(painted.bottoms) > 2)
    assert min(painted.bottoms) >= below


def test_a_row_does_not_paint_on_another_one(
    view: MessageView, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Marks stacked on a letter reach far beyond its line, into what others have written."""

    def draw_too_much(_text: TextBlock, painter: QPainter, *_arguments: object) -> None:
        painter.fillRect(-1000, -1000, 2000, 2000, QColor("#FF00FF"))

    row = view.in_sight()[0] + 2
    top = view.top_of(row)
    monkeypatch.setattr(TextBlock, "draw", lambda *_arguments: None)
    before = view.grab().toImage()
    monkeypatch.setattr(view.block(row).text, "draw", partial(draw_too_much, None))
    after = view.grab().toImage()

    assert after.pixel(5, top + 20) != before.pixel(5, top + 20)
    assert after.pixel(5, top - 10) == before.pixel(5, top - 10)
    below = top + view.block(row).height + 10
    assert after.pixel(5, below) == before.pixel(5, below)
