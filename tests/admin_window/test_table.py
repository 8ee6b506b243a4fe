"""A table asks for what is in sight only, keeps its chosen row, and is used without a mouse."""

from collections.abc import Callable

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QContextMenuEvent
from PyQt6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from messenger.admin_window.table.columns import Query
from messenger.admin_window.table.paged_model import PAGE, PagedModel
from messenger.admin_window.table.table import Table
from messenger.windows.look.theme import theme
from tests.admin_window.lists import COLUMNS, Numbers

Show = Callable[[Numbers], Table[int]]


@pytest.fixture
def show(qtbot: QtBot) -> Show:
    """Show a table of numbers, as high as some ten rows."""
    theme.apply("light")

    def make(numbers: Numbers) -> Table[int]:
        model = PagedModel(COLUMNS, numbers, lambda row: row)
        table = Table(model, "Numbers")
        model.setParent(table)
        qtbot.addWidget(table)
        table.resize(600, 400)
        table.show()
        model.show(Query((), "number"))
        numbers.answer()
        QApplication.processEvents()
        return table

    return make


def _settle(numbers: Numbers) -> None:
    """Let the table paint, ask, and get its answers, until it asks no more."""
    for _turn in range(8):
        QApplication.sendPostedEvents()
        QApplication.processEvents()
        numbers.answer()


def test_only_the_pages_in_sight_are_asked_for(show: Show) -> None:
    numbers = Numbers(100_000)
    table = show(numbers)
    assert table.rows.rowCount() == 100_000
    assert numbers.offsets == [0]
    table.scrollToBottom()
    _settle(numbers)
    assert set(numbers.offsets) <= {0, 99_800, 99_900}
    assert table.rows.row(99_999) == 99_999


def test_who_drags_the_scroll_bar_asks_for_the_place_where_it_stops(show: Show) -> None:
    numbers = Numbers(100_000)
    table = show(numbers)
    bar = table.verticalScrollBar()
    assert bar is not None
    for step in range(1, 200):
        bar.setValue(step * bar.maximum() // 200)
        table.repaint()
        QApplication.processEvents()
    assert len(numbers.waiting) <= 2
    _settle(numbers)
    assert table.rows.row(table.rowAt(0)) == table.rowAt(0)
    assert len(numbers.offsets) < 12


def test_rows_in_memory_are_few(show: Show) -> None:
    numbers = Numbers(100_000)
    table = show(numbers)
    for first in range(0, 100_000, PAGE):
        table.rows.data(table.rows.index(first, 0))
        _settle(numbers)
    assert sum(table.rows.row(number) is not None for number in range(100_000)) <= 10_000


def test_an_answer_to_an_earlier_question_is_dropped(show: Show) -> None:
    numbers = Numbers(500)
    table = show(numbers)
    table.rows.sort(0, Qt.SortOrder.DescendingOrder)
    late = numbers.waiting.pop()
    table.rows.sort(0, Qt.SortOrder.AscendingOrder)
    numbers.answer()
    numbers.waiting.append(late)
    numbers.answer()
    assert table.rows.row(0) == 0


def test_a_click_on_a_title_has_the_server_sort(show: Show) -> None:
    numbers = Numbers(500)
    table = show(numbers)
    table._sort(0)
    assert numbers.waiting[-1].query == Query((), "number", descending=True)
    numbers.answer()
    assert table.rows.row(0) == 499
    head = table.horizontalHeader()
    assert head is not None
    assert head.sortIndicatorOrder() is Qt.SortOrder.DescendingOrder
    table._sort(2)  # The server cannot sort by it.
    assert numbers.waiting == []
    assert head.sortIndicatorSection() == 0


def test_the_chosen_row_stays_chosen_where_it_has_gone(show: Show) -> None:
    numbers = Numbers(1000)
    table = show(numbers)
    chosen: list[int | None] = []
    table.chosen.connect(chosen.append)
    table.selectRow(5)
    assert chosen == [5]
    numbers.first = -3  # Three rows were added before it.
    table.refresh()
    numbers.answer()
    assert table.chosen_row() == 5
    assert table.currentIndex().row() == 8
    numbers.first = 5000
    table.refresh()
    numbers.answer()
    assert table.chosen_row() is None
    assert chosen[-1] is None


def test_rows_that_are_gone_are_gone(show: Show) -> None:
    numbers = Numbers(1000)
    table = show(numbers)
    numbers.total = 7
    table.refresh()
    numbers.answer()
    assert table.rows.rowCount() == 7
    numbers.total = 1001
    table.refresh()
    numbers.answer()
    _settle(numbers)
    assert table.rows.rowCount() == 1001


def test_an_error_is_told_and_the_rows_stay(show: Show) -> None:
    numbers = Numbers(1000)
    table = show(numbers)
    errors: list[Exception] = []
    table.rows.failed.connect(errors.append)
    table.refresh()
    numbers.waiting.pop().failed(ValueError("no"))
    assert len(errors) == 1
    assert table.rows.row(0) == 0
    table.refresh()
    assert numbers.waiting != []


def test_keys_open_and_copy_a_row(show: Show, qtbot: QtBot) -> None:
    numbers = Numbers(1000)
    table = show(numbers)
    opened: list[int] = []
    table.opened.connect(opened.append)
    table.setFocus()
    table.selectRow(3)
    qtbot.keyClick(table, Qt.Key.Key_Down)
    qtbot.keyClick(table, Qt.Key.Key_Return)
    assert opened == [4]
    qtbot.keyClick(table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    clipboard = QApplication.clipboard()
    assert clipboard is not None
    assert clipboard.text() == "4\teven\t16"


def test_the_menu_of_a_row_sorts_by_keyboard_too(show: Show) -> None:
    numbers = Numbers(1000)
    table = show(numbers)
    table.fill_menu = lambda menu, row: menu.addAction(f"Do {row}")
    table.selectRow(2)
    table.contextMenuEvent(
        QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, table.rect().center())
    )
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    assert [one.text() for one in menu.actions() if one.text()] == ["Do 2", "Copy", "Sort by"]
    orders = menu.actions()[-1].menu()
    assert orders is not None
    assert [one.text() for one in orders.actions()] == ["Number", "Parity"]
    orders.actions()[1].trigger()
    assert numbers.waiting[-1].query.order == "parity"
    menu.close()


def test_a_screen_reader_hears_titles(show: Show) -> None:
    table = show(Numbers(1000))
    role = Qt.ItemDataRole.AccessibleTextRole
    assert table.rows.index(7, 1).data(role) == "Parity: odd"
    assert table.accessibleName() == "Numbers"
