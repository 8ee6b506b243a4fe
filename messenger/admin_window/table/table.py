"""A table that shows a list of the server's, however long it is."""

from collections.abc import Callable, Hashable
from functools import partial
from typing import Any, Generic, TypeVar

from PyQt6.QtCore import QItemSelection, QModelIndex, QPoint, Qt, pyqtSignal
from PyQt6.QtGui import QContextMenuEvent, QKeyEvent, QKeySequence, QResizeEvent
from PyQt6.QtWidgets import QAbstractItemView, QHeaderView, QMenu, QTableView, QWidget

from messenger.admin_window.table.cells import PADDING, Cells, row_height
from messenger.admin_window.table.rows import RowsModel
from messenger.language import _
from messenger.windows.look.fonts import metrics
from messenger.windows.look.theme import theme
from messenger.windows.look.tokens import Type, Weight
from messenger.windows.widgets.copying import copy_text
from messenger.windows.widgets.menus import add_to_menu

_ARROW = 20
"""Pixels of the arrow of the order beside a title."""

_Row = TypeVar("_Row")


class Table(QTableView, Generic[_Row]):
    """Rows of a model: sorted at the server by a click on a title, or from the menu.

    Ctrl+C copies the chosen row, Enter or a click opens it. The chosen row stays the chosen one
    when its place changes. Signals: `chosen`, the row or None; `opened`, the row.
    """

    chosen = pyqtSignal(object)
    opened = pyqtSignal(object)

    def __init__(self, model: RowsModel[_Row], name: str) -> None:
        """`name` is for screen readers."""
        super().__init__()
        self.rows = model
        self.fill_menu: Callable[[QMenu, _Row], object] = lambda _menu, _row: None
        self._key: Hashable = None
        self.setAccessibleName(name)
        self.setModel(model)
        self.setItemDelegate(Cells(self))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)  # Tab goes on to the next widget.
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        if (numbers := self.verticalHeader()) is not None:
            numbers.hide()
            numbers.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self._set_up_titles()
        self._fit()
        theme.changed.connect(self._fit)
        model.restarted.connect(self._restarted)
        model.dataChanged.connect(self._stay)
        self.activated.connect(self._open)
        self.clicked.connect(self._open)

    def show_order(self) -> None:
        """Show by an arrow how the rows are sorted."""
        query = self.rows.query
        for number, column in enumerate(self.rows.columns):
            if column.order and column.order == query.order and (head := self._head()):
                order = Qt.SortOrder
                head.setSortIndicator(
                    number, order.DescendingOrder if query.descending else order.AscendingOrder
                )

    def refresh(self) -> None:
        """Ask again for what is in sight."""
        first = max(0, self.rowAt(0))
        last = self.rowAt(self._port().height() - 1)
        self.rows.refresh(first, last if last >= 0 else self.rows.total)

    def chosen_row(self) -> _Row | None:
        """Return the row that is chosen, if there is one and it is there."""
        index = self.currentIndex()
        selection = self.selectionModel()
        if not index.isValid() or selection is None or not selection.isRowSelected(index.row()):
            return None
        return self.rows.row(index.row())

    def forget(self) -> None:
        """Choose no row."""
        self._key = None
        self.clearSelection()
        self.setCurrentIndex(QModelIndex())

    # --- Qt's virtual functions ------------------------------------------------------------------

    def selectionChanged(self, selected: QItemSelection, deselected: QItemSelection) -> None:
        """Tell which row is chosen."""
        super().selectionChanged(selected, deselected)
        row = self.chosen_row()
        key = None if row is None else self.rows.key(row)
        if row is not None and key != self._key:
            self._key = key
            self.chosen.emit(row)
        elif row is None and self._key is not None and not selected.count():
            self._key = None
            self.chosen.emit(None)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Fit the column that stretches."""
        super().resizeEvent(event)
        self._stretch()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Copy the chosen row; the rest is a table's."""
        if event is not None and event.matches(QKeySequence.StandardKey.Copy):
            self._copy_row()
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent | None) -> None:
        """Offer what can be done with the row: at the pointer, or beside it for the keyboard."""
        if event is None:
            return
        by_mouse = event.reason() is QContextMenuEvent.Reason.Mouse
        index = self.indexAt(event.pos()) if by_mouse else self.currentIndex()
        if not index.isValid():
            return
        self.selectRow(index.row())
        box = self.visualRect(self.rows.index(index.row(), 0))
        below = self._port().mapToGlobal(QPoint(PADDING, box.bottom()))
        at = event.globalPos() if by_mouse else below
        self.menu().popup(at)

    def menu(self) -> QMenu:
        """Return the menu of the chosen row."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if (row := self.chosen_row()) is not None:
            self.fill_menu(menu, row)
            menu.addSeparator()
            add_to_menu(menu, _("Copy"), "copy", self._copy_row)
        orders = QMenu(_("Sort by"), menu)
        for number, column in enumerate(self.rows.columns):
            if column.order:
                add_to_menu(orders, column.title, "", partial(self._sort, number))
        if not orders.isEmpty():
            menu.addMenu(orders)
        return menu

    # --- what follows ----------------------------------------------------------------------------

    def _port(self) -> QWidget:
        port = self.viewport()
        assert port is not None  # A scroll area always has one.
        return port

    def _head(self) -> QHeaderView | None:
        return self.horizontalHeader()

    def _set_up_titles(self) -> None:
        if (head := self._head()) is None:
            return
        head.setHighlightSections(False)
        head.setSectionsClickable(True)
        head.setSectionsMovable(False)
        head.setSortIndicatorShown(True)
        head.setSortIndicatorClearable(False)
        head.setMinimumSectionSize(4 * PADDING)
        head.sectionClicked.connect(self._sort)
        head.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)

    def _fit(self) -> None:
        """Fit rows and columns to the size of text."""
        if (numbers := self.verticalHeader()) is not None:
            numbers.setDefaultSectionSize(row_height())
        if (head := self._head()) is None:
            return
        head.setFixedHeight(row_height() + 2)
        for number, column in enumerate(self.rows.columns):
            titled = metrics(Type.SMALL, Weight.BOLD).horizontalAdvance(column.title)
            wanted = max(column.width * theme.scale, titled + 2 * PADDING + _ARROW)
            self.setColumnWidth(number, round(wanted))
        self._stretch()

    def _stretch(self) -> None:
        """Give the column that stretches what the others leave, but no less than its width."""
        # Not by a mode of Qt's header, which makes it as narrow as it likes.
        columns = self.rows.columns
        number = next((at for at, column in enumerate(columns) if column.stretches), None)
        if number is not None:
            others = sum(self.columnWidth(at) for at in range(len(columns)) if at != number)
            least = round(columns[number].width * theme.scale)
            self.setColumnWidth(number, max(least, self._port().width() - others))

    def _sort(self, number: int) -> None:
        column = self.rows.columns[number]
        if not column.order:
            self.show_order()  # Qt has moved the arrow.
            return
        query = self.rows.query
        # Of figures and times one wants to see the greatest first.
        descending = not query.descending if query.order == column.order else column.kind.is_number
        order = Qt.SortOrder
        self.rows.sort(number, order.DescendingOrder if descending else order.AscendingOrder)
        self.show_order()

    def _restarted(self) -> None:
        self.scrollToTop()
        self._choose_again()

    def _stay(self) -> None:
        """Follow the chosen row to its new place."""
        row = self.chosen_row()
        if self._key is None or row is None or self.rows.key(row) == self._key:
            if row is not None:
                self.chosen.emit(row)  # It may have changed.
            return
        self._choose_again()

    def _choose_again(self) -> None:
        key, place = self._key, None
        if key is not None:
            place = self.rows.find(key)
        if place is not None:
            self.selectRow(place)
        elif key is not None:
            self.forget()
            self.chosen.emit(None)

    def _open(self, index: QModelIndex) -> None:
        if (row := self.rows.row(index.row())) is not None:
            self.opened.emit(row)

    def _copy_row(self) -> None:
        index = self.currentIndex()
        row: Any = self.rows.row(index.row()) if index.isValid() else None
        if row is not None:
            copy_text("\t".join(column.text(row) for column in self.rows.columns))
