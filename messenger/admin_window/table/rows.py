"""The base of the models of tables: cells of columns, and rows that may not be there yet."""

from collections.abc import Callable, Hashable, Sequence
from typing import Any, Generic, TypeVar

from PyQt6.QtCore import QAbstractTableModel, QModelIndex, Qt, pyqtSignal

from messenger.admin_window.table.columns import Column, Look, Query
from messenger.language import _

LOOK = Qt.ItemDataRole.UserRole
"""The role of a cell's `Look`; None while its row is not there."""

NOWHERE = QModelIndex()

_Row = TypeVar("_Row")
_Role = Qt.ItemDataRole
_left, _right = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight


class RowsModel(QAbstractTableModel, Generic[_Row]):
    """The rows of a query. `key` identifies a row, whatever else changes in it.

    Signals: `loaded`, after rows have come; `failed`, with the error; `restarted`, when the rows of
    another query have replaced all.
    """

    loaded = pyqtSignal()
    restarted = pyqtSignal()
    failed = pyqtSignal(object)

    # While Qt's constructor runs, it asks already.
    columns: Sequence[Column[Any]] = ()
    total = 0

    def __init__(self, columns: Sequence[Column[_Row]], key: Callable[[_Row], Hashable]) -> None:
        super().__init__()
        self.columns = columns
        self.key = key
        self.query = Query()
        self.is_loaded = False

    def show(self, query: Query) -> None:
        """Show the rows of a query; the old ones stay until the first of these have come."""
        raise NotImplementedError

    def refresh(self, first: int, last: int) -> None:
        """Ask again for the rows from `first` to `last`."""
        raise NotImplementedError

    def row(self, number: int) -> _Row | None:
        """Return a row, None if it is not there yet."""
        raise NotImplementedError

    def find(self, key: Hashable) -> int | None:
        """Return the number of the row with this key among those that are there."""
        raise NotImplementedError

    def want(self, number: int) -> None:
        """Hear that a row is in sight that is not there."""

    def rowCount(self, parent: QModelIndex = NOWHERE) -> int:
        """Return the number of rows."""
        return 0 if parent.isValid() else self.total

    def columnCount(self, parent: QModelIndex = NOWHERE) -> int:
        """Return the number of columns."""
        return 0 if parent.isValid() else len(self.columns)

    def data(self, index: QModelIndex, role: int = _Role.DisplayRole) -> object:
        """Return the text or the look of a cell; asks for the row if it is not there."""
        row = self.row(index.row())
        if row is None:
            self.want(index.row())
            return _("loading") if role == _Role.AccessibleTextRole else None
        column = self.columns[index.column()]
        if role == _Role.DisplayRole:
            return column.text(row)
        if role == _Role.AccessibleTextRole:
            return f"{column.title}: {column.text(row)}"
        if role == LOOK:
            dot = column.dot(row) if column.dot is not None else ""
            return Look(column.tone(row), dot, column.kind.is_number, column.is_strong)
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = _Role.DisplayRole
    ) -> object:
        """Return the title of a column."""
        if orientation is not Qt.Orientation.Horizontal or section >= len(self.columns):
            return None
        column = self.columns[section]
        if role == _Role.DisplayRole:
            return column.title
        if role == _Role.TextAlignmentRole:
            side = _right if column.kind.is_number else _left
            return side | Qt.AlignmentFlag.AlignVCenter
        return None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Have the server sort by a column."""
        if 0 <= column < len(self.columns) and (name := self.columns[column].order):
            descending = order is Qt.SortOrder.DescendingOrder
            if (name, descending) != (self.query.order, self.query.descending):
                self.show(self.query._replace(order=name, descending=descending))
