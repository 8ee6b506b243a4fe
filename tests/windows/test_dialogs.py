"""Dialogs fit their contents, and the checks of windows find what is wrong."""

from collections.abc import Iterator

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QApplication, QLineEdit, QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from messenger.windows.look.theme import theme
from messenger.windows.look.tokens import Size
from messenger.windows.widgets.banner import Banner
from messenger.windows.widgets.buttons import IconButton, LinkButton, PlainButton, PrimaryButton
from messenger.windows.widgets.copying import CopyButton
from messenger.windows.widgets.dialog import Dialog, open_dialog
from messenger.windows.widgets.field import Field
from messenger.windows.widgets.labels import mono, text
from messenger.windows.widgets.question import Question
from messenger.windows.widgets.switch import Switch
from tests.desktop.checking import faults, tab_order

_WORDS = "Проверьте число с собеседником "


@pytest.fixture(autouse=True)
def _usual_size(qapp: QApplication) -> Iterator[None]:
    yield
    theme.apply("light")


@pytest.mark.parametrize("scale", [1.0, 1.5])
@pytest.mark.parametrize("width", [320, 460, 640])
def test_a_dialog_fits_its_contents(qtbot: QtBot, width: int, scale: float) -> None:
    theme.apply("light", scale)
    dialog = _dialog(width)
    qtbot.addWidget(dialog)
    dialog.show()
    assert faults(dialog) == []


def test_a_dialog_of_a_narrow_window_is_higher(qtbot: QtBot) -> None:
    window = QWidget()
    window.resize(360, 480)
    qtbot.addWidget(window)
    dialog = _dialog(640)
    dialog.setParent(window, dialog.windowFlags())
    dialog.show()
    assert dialog.width() < 360
    assert faults(dialog) == []


def test_an_error_finds_its_place(qtbot: QtBot) -> None:
    theme.apply("light")
    dialog = _dialog(360)
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.show_error(_WORDS * 5)
    assert faults(dialog) == []
    dialog.set_busy(True)
    assert faults(dialog) == []


def test_an_error_is_one_line_also_without_buttons(qtbot: QtBot) -> None:
    dialog = Dialog("Add a contact", width=440)
    qtbot.addWidget(dialog)
    dialog.body.addWidget(text("You see when your contacts are online."))
    dialog.show()
    body, whole = dialog._scroll.height(), dialog.height()
    dialog.show_error("There is no user nobody")
    qtbot.waitUntil(lambda: dialog._scroll.height() == body)
    assert dialog.height() - whole < 2 * dialog._error.fontMetrics().height()


def test_a_dialog_grows_with_what_is_shown_in_it(qtbot: QtBot) -> None:
    """Such as the strength of a password: nothing has to be scrolled for."""
    dialog = _dialog(460)
    qtbot.addWidget(dialog)
    late = text(_WORDS * 6)
    late.hide()
    dialog.body.addWidget(late)
    dialog.show()
    before = dialog.height()
    late.show()
    qtbot.waitUntil(lambda: dialog.height() > before)
    bar = dialog._scroll.verticalScrollBar()
    qtbot.waitUntil(lambda: bar is not None and bar.maximum() == 0)
    assert faults(dialog) == []


def test_actions_of_a_notice_begin_where_its_words_do(qtbot: QtBot) -> None:
    banner = Banner("Write down your recovery code.")
    qtbot.addWidget(banner)
    banner.add_action("Show the code…", lambda: None)
    banner.resize(460, 80)
    banner.show()
    button = banner.findChild(LinkButton)
    assert button is not None
    words = banner._words
    assert button.x() + Size.LINK == words.x() + words.contentsRect().x()


@pytest.mark.parametrize("words", ["One line.", _WORDS * 4])
def test_a_notice_has_its_icon_first_line_and_button_in_a_row(qtbot: QtBot, words: str) -> None:
    banner = Banner(words)
    qtbot.addWidget(banner)
    banner.resize(360, banner.heightForWidth(360))
    banner.show()
    close = banner.findChild(IconButton)
    assert close is not None
    label = banner._words
    first_line = label.y() + label.contentsRect().y() + label.fontMetrics().height() / 2
    middle = close.y() + close.height() / 2
    assert banner._mark.y() + banner._mark.height() / 2 == middle
    assert abs(first_line - middle) <= 1
    assert faults(banner) == []


def test_tab_goes_through_a_dialog_from_top_to_bottom(qtbot: QtBot) -> None:
    dialog = _dialog(460)
    qtbot.addWidget(dialog)
    dialog.show()
    names = [type(one).__name__ for one in tab_order(dialog)]
    assert names == ["QLineEdit", "Switch", "IconButton", "PlainButton", "PrimaryButton"]


def test_the_checks_find_what_is_wrong(qtbot: QtBot) -> None:
    page = QWidget()
    qtbot.addWidget(page)
    layout = QVBoxLayout(page)
    small = QPushButton("a text that does not fit")
    small.setFixedWidth(30)
    layout.addWidget(QLineEdit())
    layout.addWidget(small)
    layout.insertWidget(0, QPushButton("the first one"))
    IconButton("x", "").setParent(page)
    away = QPushButton("far away", page)
    away.move(5000, 0)
    page.show()
    found = "\n".join(faults(page))
    for one in (
        "nameless: QLineEdit",
        "nameless: IconButton",
        "clipped: QPushButton 'a text",
        "outside of its parent: QPushButton 'far",
        "back to QPushButton 'the first",
    ):
        assert one in found


def test_a_dialog_grows_with_other_buttons_which_are_beside_each_other(qtbot: QtBot) -> None:
    """As when a question becomes its answer: what is hidden takes no room in the foot."""
    theme.apply("light")
    dialog = Dialog("New invitation", width=440)
    qtbot.addWidget(dialog)
    close, make = PlainButton("Закрыть"), PrimaryButton("Создать ссылку")
    dialog.add_buttons(close, make)
    dialog.show()
    make.hide()
    dialog.body.addWidget(text(_WORDS * 6))
    copy = PrimaryButton("Копировать ссылку")
    dialog.add_buttons(copy)
    dialog.fit()

    qtbot.waitUntil(copy.isVisible)
    bar = dialog._scroll.verticalScrollBar()
    qtbot.waitUntil(lambda: bar is not None and bar.maximum() == 0 and faults(dialog) == [])
    assert copy.y() == close.y()


def test_buttons_that_are_added_later_are_stacked_if_they_do_not_fit(qtbot: QtBot) -> None:
    """Qt shows them a moment after they are added."""
    theme.apply("light")
    dialog = Dialog("New invitation", width=440)
    qtbot.addWidget(dialog)
    dialog.add_buttons(PlainButton("Закрыть"))
    dialog.show()
    copy = PlainButton("Копировать ссылку в буфер обмена")
    send = PrimaryButton("Отправить приглашение по почте")
    dialog.add_buttons(copy, send)
    dialog.fit()

    qtbot.waitUntil(lambda: send.isVisible() and faults(dialog) == [])
    assert send.x() == copy.x()


def _dialog(width: int) -> Dialog:
    dialog = Dialog("Проверка собеседника, которого зовут Александра", width=width)
    for widget in (
        Field("Пароль", secret=True, help=_WORDS * 3),
        text(_WORDS * 6),
        Switch("Спрашивать при каждом запуске"),
        Banner(_WORDS * 2, icon_name="warning"),
        mono("12345 67890 " * 6),
    ):
        dialog.body.addWidget(widget)
    dialog.add_buttons(PlainButton("Отмена"), PrimaryButton("Проверить"))
    return dialog


def test_a_dialog_is_deleted_when_it_is_closed(qtbot: QtBot) -> None:
    """Its window may stay open for weeks, and look at the information of many messages."""
    window = QWidget()
    qtbot.addWidget(window)
    window.show()

    dialog = open_dialog(Dialog("Message", window))
    assert dialog.isVisible()
    dialog.reject()

    qtbot.waitUntil(lambda: not window.findChildren(Dialog))


def test_a_dialog_has_no_scroll_bar_that_would_only_fit_itself(qtbot: QtBot) -> None:
    """Lines that wrap because of the bar's width must not be what the bar is needed for."""
    theme.apply("light")
    dialog = Dialog("", width=420)
    qtbot.addWidget(dialog)
    # With a bar some of these are one line longer.
    labels = [text("я " * count) for count in range(26, 38)]
    for label in labels:
        dialog.body.addWidget(label)
    dialog.show()
    QApplication.processEvents()
    full = labels[-1].width()
    dialog.resize(420, 60)  # Now there is a bar, for a moment.
    QApplication.processEvents()
    assert labels[-1].width() < full
    dialog.fit()
    QApplication.processEvents()

    assert labels[-1].width() == full
    assert faults(dialog) == []


@pytest.mark.parametrize("is_danger", [True, False])
def test_enter_presses_the_button_that_has_the_focus(qtbot: QtBot, is_danger: bool) -> None:
    done: list[str] = []
    for move_on in (False, True):
        done.append("-")
        question = Question("?", "", "Do", lambda: done.append("done"), None, is_danger=is_danger)
        qtbot.addWidget(question)
        with qtbot.waitExposed(question):
            question.show()
        if move_on:
            (question.yes if is_danger else question.cancel).setFocus()
        focus = question.focusWidget()
        assert focus is not None
        with qtbot.waitSignal(question.finished):
            qtbot.keyClick(focus, Qt.Key.Key_Return)

    assert done == (["-", "-", "done"] if is_danger else ["-", "done", "-"])


def test_enter_copies_while_the_copying_button_has_the_focus(qtbot: QtBot) -> None:
    button = CopyButton("Copy the link", "jim://chat.example")
    qtbot.addWidget(button)
    with qtbot.waitSignal(button.clicked):
        qtbot.keyClick(button, Qt.Key.Key_Enter)
