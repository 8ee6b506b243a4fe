"""A list from the server that begins with the latest, and goes back as far as one scrolls."""

from collections.abc import Callable, Hashable, Sequence
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

from PyQt6.QtCore import QModelIndex, QObject

from messenger.admin_window.table.columns import Column, Query
from messenger.admin_window.table.rows import NOWHERE, RowsModel

PAGE = 200
"""Rows of a request."""

_Row = TypeVar("_Row")


class Part(NamedTuple, Generic[_Row]):
    """Rows, and where those before them begin: None if these are the first of all."""

    rows: list[_Row]
    next: int | None


class FeedSource(Protocol):
    """Asks the server for rows, and passes on what comes back, in the GUI thread."""

    def __call__(
        self,
        query: Query,
        before: int | None,
        limit: int,
        then: Callable[[Part[Any]], object],
        failed: Callable[[Exception], object],
        /,
    ) -> object:
        """Ask for the latest rows, or those before a place."""


class FeedModel(RowsModel[_Row]):
    """Has all rows down to the oldest that was in sight."""

    def __init__(
        self,
        columns: Sequence[Column[_Row]],
        source: FeedSource,
        key: Callable[[_Row], Hashable],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(columns, key, parent)
        self._source = source
        self._rows: list[_Row] = []
        self._next: int | None = None
        self._is_asked = False
        self._generation = 0

    def show(self, query: Query) -> None:
        """Show the latest rows of a query; the old ones stay until these have come."""
        self.query = query
        self._generation += 1
        self._is_asked = True
        self._ask(None, self._restart)

    def refresh(self, first: int, last: int) -> None:  # noqa: ARG002  they never change
        """Put the rows on top that were added meanwhile."""
        if not self._is_asked:
            self._is_asked = True
            self._ask(None, self._add_latest)

    def row(self, number: int) -> _Row | None:
        """Return a row."""
        return self._rows[number] if 0 <= number < len(self._rows) else None

    def find(self, key: Hashable) -> int | None:
        """Return the number of the row with this key."""
        return next((at for at, row in enumerate(self._rows) if self.key(row) == key), None)

    def canFetchMore(self, parent: QModelIndex) -> bool:
        """Tell the view whether there are older rows."""
        return not parent.isValid() and self._next is not None and not self._is_asked

    def fetchMore(self, parent: QModelIndex) -> None:
        """Ask for older rows: the view has reached the end."""
        if self.canFetchMore(parent):
            self._is_asked = True
            self._ask(self._next, self._add_older)

    def _ask(self, before: int | None, then: Callable[[Part[_Row]], object]) -> None:
        generation = self._generation

        def take(found: Part[_Row]) -> None:
            if generation == self._generation:
                self._is_asked = False
                then(found)
                self.loaded.emit()

        def fail(error: Exception) -> None:
            if generation == self._generation:
                self._is_asked = False
                self.failed.emit(error)

        self._source(self.query, before, PAGE, take, fail)

    def _restart(self, found: Part[_Row]) -> None:
        self.beginResetModel()
        self._rows, self._next = list(found.rows), found.next
        self.total = len(self._rows)
        self.is_loaded = True
        self.endResetModel()
        self.restarted.emit()

    def _add_latest(self, found: Part[_Row]) -> None:
        known = self.key(self._rows[0]) if self._rows else None
        keys = [self.key(row) for row in found.rows]
        if known is not None and known not in keys:
            # More were added than a page has.
            self._restart(found)
            return
        new = found.rows[: keys.index(known)] if known is not None else found.rows
        if new:
            self.beginInsertRows(NOWHERE, 0, len(new) - 1)
            self._rows[:0] = new
            self.total = len(self._rows)
            self.endInsertRows()

    def _add_older(self, found: Part[_Row]) -> None:
        self._next = found.next
        if found.rows:
            first = len(self._rows)
            self.beginInsertRows(NOWHERE, first, first + len(found.rows) - 1)
            self._rows += found.rows
            self.total = len(self._rows)
            self.endInsertRows()
