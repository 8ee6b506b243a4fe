"""The base of lists that begin with the latest rows: they never change, others come on top."""

from collections.abc import Callable, Hashable, Sequence
from typing import TypeVar

from messenger.admin_window.table.columns import Column, Query
from messenger.admin_window.table.rows import NOWHERE, RowsModel

_Row = TypeVar("_Row")
_Found = TypeVar("_Found")


class LatestModel(RowsModel[_Row]):
    """Has all of its rows, and asks for some more at a time."""

    def __init__(self, columns: Sequence[Column[_Row]], key: Callable[[_Row], Hashable]) -> None:
        super().__init__(columns, key)
        self._rows: list[_Row] = []
        self._is_asked = False
        self._generation = 0

    def show(self, query: Query) -> None:
        """Show the latest rows of a query; the old ones stay until these have come."""
        self.query = query
        self._generation += 1
        self._ask_latest()

    def refresh(self, _first: int, _last: int) -> None:
        """Put the rows on top that were added meanwhile."""
        if not self._is_asked:
            self._ask_new()

    def row(self, number: int) -> _Row | None:
        """Return a row."""
        return self._rows[number] if 0 <= number < len(self._rows) else None

    def find(self, key: Hashable) -> int | None:
        """Return the number of the row with this key."""
        return next((at for at, row in enumerate(self._rows) if self.key(row) == key), None)

    # --- for the models --------------------------------------------------------------------------

    def _ask_latest(self) -> None:
        """Ask for the latest rows of the query, which replace all."""
        raise NotImplementedError

    def _ask_new(self) -> None:
        """Ask for the rows that were added since."""
        raise NotImplementedError

    def _waiting(
        self, then: Callable[[_Found], object]
    ) -> tuple[Callable[[_Found], None], Callable[[Exception], None]]:
        """Return what takes an answer, and what an error; those to an older query are dropped."""
        self._is_asked = True
        generation = self._generation

        def take(found: _Found) -> None:
            if generation == self._generation:
                self._is_asked = False
                then(found)
                self.loaded.emit()

        def fail(error: Exception) -> None:
            if generation == self._generation:
                self._is_asked = False
                self.failed.emit(error)

        return take, fail

    def _replace(self, rows: list[_Row]) -> None:
        self.beginResetModel()
        self._rows = rows
        self.total = len(rows)
        self.is_loaded = True
        self.endResetModel()
        self.restarted.emit()

    def _insert(self, at: int, rows: list[_Row]) -> None:
        if rows:
            self.beginInsertRows(NOWHERE, at, at + len(rows) - 1)
            self._rows[at:at] = rows
            self.total = len(self._rows)
            self.endInsertRows()
