"""Another theme reaches every widget, in sight or not, in small steps: the look is as from new."""

import errno
from collections.abc import Iterator

import pytest
from PyQt6.QtCore import QEvent
from PyQt6.QtGui import QImage
from PyQt6.QtWidgets import QLabel, QLineEdit, QScrollArea, QStackedWidget, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from messenger.windows.look import sheet as sheet_module
from messenger.windows.look import theme as theme_module
from messenger.windows.look.theme import theme
from messenger.windows.look.tokens import DARK, LIGHT
from messenger.windows.widgets.banner import Banner
from messenger.windows.widgets.buttons import IconButton, PrimaryButton
from messenger.windows.widgets.field import Field
from messenger.windows.widgets.labels import heading, mono, text
from messenger.windows.widgets.switch import Switch

_ROWS = 40


@pytest.fixture(autouse=True)
def look(qapp: object) -> Iterator[None]:
    """Each test begins and ends with the light theme."""
    theme.apply("light")
    yield
    theme.apply("light")


class Pages(QStackedWidget):
    """Three pages: of one of each widget, of many rows that scroll, and an empty one."""

    def __init__(self, qtbot: QtBot) -> None:
        super().__init__()
        for page in (_one_of_each(), _many_rows(), QWidget()):
            page.setObjectName("page")
            self.addWidget(page)
        self.resize(400, 500)
        qtbot.addWidget(self)
        with qtbot.waitActive(self):
            self.show()
        for number in range(self.count()):  # A page that was never shown has no style yet.
            self.setCurrentIndex(number)
            self.grab()

    def picture(self, number: int) -> QImage:
        """Show a page; return what is seen."""
        self.setCurrentIndex(number)
        self.setFocus()
        return self.grab().toImage()


def _one_of_each() -> QWidget:
    page = QWidget()
    layout = QVBoxLayout(page)
    wrong = Field("Name")
    wrong.show_error("Too short")
    own = text("red")
    own.setStyleSheet("color: red")
    for one in (
        *(heading("Heading"), text("small", small=True), mono("0123 4567"), own, wrong),
        *(Switch("On"), IconButton("gear-six", "Settings"), PrimaryButton("Go")),
        *(Banner("Something"), QLineEdit("text")),
    ):
        layout.addWidget(one)
    return page


def _many_rows() -> QWidget:
    page, inside, area = QWidget(), QWidget(), QScrollArea()
    rows = QVBoxLayout(inside)
    for number in range(_ROWS):
        rows.addWidget(text(f"Row {number}"))
        rows.addWidget(QLineEdit(str(number)))
    area.setWidget(inside)
    QVBoxLayout(page).addWidget(area)
    return page


def _everywhere(qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: theme.is_everywhere)


def test_pages_out_of_sight_look_as_if_they_had_been_made_in_the_new_theme(qtbot: QtBot) -> None:
    pages = Pages(qtbot)
    theme.apply("dark")
    _everywhere(qtbot)

    switched = [pages.picture(number) for number in (0, 1)]

    made = Pages(qtbot)
    assert switched == [made.picture(number) for number in (0, 1)]


def test_what_is_shown_before_it_was_styled_is_styled_all_the_same(qtbot: QtBot) -> None:
    pages = Pages(qtbot)
    theme.apply("dark")
    pages.setCurrentIndex(0)
    _everywhere(qtbot)
    assert pages.picture(0) == Pages(qtbot).picture(0)


def test_themes_that_follow_fast_leave_the_last(qtbot: QtBot) -> None:
    pages = Pages(qtbot)
    before = [pages.picture(number) for number in (0, 1)]
    for choice in ("dark", "light", "dark", "light"):
        theme.apply(choice)
    _everywhere(qtbot)
    assert [pages.picture(number) for number in (0, 1)] == before


def test_rows_that_are_scrolled_into_sight_have_the_theme(qtbot: QtBot) -> None:
    pages = Pages(qtbot)
    pages.setCurrentIndex(1)
    theme.apply("dark")
    _everywhere(qtbot)
    for field in pages.findChildren(QLineEdit):
        assert field.palette().base().color().name() == DARK.field.lower()


def test_the_window_is_painted_again(qtbot: QtBot) -> None:
    pages = Pages(qtbot)
    theme.apply("dark")
    qtbot.waitUntil(pages.updatesEnabled)
    assert pages.isVisible()


def test_widgets_that_go_meanwhile_do_no_harm(qtbot: QtBot) -> None:
    pages = Pages(qtbot)
    theme.apply("dark")
    for number in (0, 1):
        page = pages.widget(number)
        assert page is not None
        page.deleteLater()
    _everywhere(qtbot)  # pytest-qt fails the test for an exception in a slot


def test_a_style_sheet_that_is_set_meanwhile_gives_no_widget_a_style_of_its_own(
    qtbot: QtBot,
) -> None:
    pages = Pages(qtbot)
    theme.apply("dark")
    pages.setStyleSheet("#small { color: red }")
    _everywhere(qtbot)
    assert {one.style() for one in pages.findChildren(QLineEdit)} == {pages.style()}
    assert pages.findChild(QLabel, "small").palette().windowText().color().name() == "#ff0000"


class _Applying(QLabel):
    """It applies the light theme while it is styled for the dark one."""

    def changeEvent(self, event: QEvent | None) -> None:
        """Apply it."""
        super().changeEvent(event)
        is_styled = event is not None and event.type() is QEvent.Type.StyleChange
        if is_styled and theme.colours is DARK:
            theme.apply("light")


def test_a_theme_that_is_applied_while_a_widget_is_styled_reaches_that(qtbot: QtBot) -> None:
    pages = Pages(qtbot)
    inside = _Applying("text", pages)
    inside.show()
    theme.apply("dark")
    _everywhere(qtbot)
    assert inside.palette().windowText().color().name() == LIGHT.text.lower()


def test_a_theme_that_fails_is_applied_when_it_is_chosen_again(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages = Pages(qtbot)
    with monkeypatch.context() as disk:
        disk.setattr(sheet_module, "glyph_file", _full)
        with pytest.raises(OSError, match="full"):
            theme.apply("dark")
    assert pages.updatesEnabled()
    theme.apply("dark")
    _everywhere(qtbot)
    assert pages.picture(0) == Pages(qtbot).picture(0)


def _full(*_arguments: object) -> None:
    raise OSError(errno.ENOSPC, "The disk is full")


def test_another_size_of_text_is_everywhere_at_once(qtbot: QtBot) -> None:
    pages = Pages(qtbot)
    theme.apply("dark")  # Not yet everywhere.
    theme.apply("dark", 1.5)
    assert theme.is_everywhere
    assert {one.font().pixelSize() for one in pages.findChildren(QLineEdit)} == {21}
    assert pages.updatesEnabled()


def test_the_same_theme_again_changes_nothing(qtbot: QtBot) -> None:
    Pages(qtbot)
    with qtbot.assertNotEmitted(theme.changed):
        theme.apply("light")
    assert theme.is_everywhere


def test_a_full_disk_takes_no_colours(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    pages = Pages(qtbot)
    before = pages.picture(0)
    with monkeypatch.context() as disk:
        disk.setattr(theme_module, "look_directory", _full)
        theme.apply("dark")
        _everywhere(qtbot)
        label = pages.findChildren(QLabel)[0]
        assert label.palette().windowText().color().name() == DARK.text.lower()
    theme.apply("light")
    _everywhere(qtbot)
    assert pages.picture(0) == before
    assert label.palette().windowText().color().name() == LIGHT.text.lower()
