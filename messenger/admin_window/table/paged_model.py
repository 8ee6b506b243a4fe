"""A list of any length from the server: only the pages that are in sight are asked for."""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from typing import Any, Protocol, TypeVar

from PyQt6.QtCore import QModelIndex, QTimer

from messenger.admin_window.table.columns import Column, Query, Slice
from messenger.admin_window.table.rows import RowsModel

PAGE = 100
"""Rows of a request: three screens full, so that scrolling seldom sees one that is not there."""
_KEPT = 60
"""Pages in memory: older ones are asked for again."""
_UNDER_WAY = 2
"""Requests at once: who drags the scroll bar passes hundreds of pages, and wants the last."""

_Row = TypeVar("_Row")
_Then = Callable[[Slice[Any]], object]


class Source(Protocol):
    """Asks the server for rows, and passes on what comes back, in the GUI thread."""

    def __call__(
        self,
        query: Query,
        offset: int,
        limit: int,
        then: _Then,
        failed: Callable[[Exception], object],
        /,
    ) -> object:
        """Ask for `limit` rows from `offset` on."""


class PagedModel(RowsModel[_Row]):
    """Knows how many rows there are, and has those that were in sight lately."""

    def __init__(
        self, columns: Sequence[Column[_Row]], source: Source, key: Callable[[_Row], Hashable]
    ) -> None:
        super().__init__(columns, key)
        self._source = source
        self._pages: OrderedDict[int, list[_Row]] = OrderedDict()
        self._wanted: list[int] = []
        self._asked: set[int] = set()
        self._generation = 0
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._ask_wanted)

    def show(self, query: Query) -> None:
        """Show the rows of a query; the old ones stay until the first of these have come."""
        self.query = query
        self._generation += 1
        self._asked = {0}
        self._wanted = []
        generation = self._generation
        self._source(
            query,
            0,
            PAGE,
            lambda found: self._restart(generation, found),
            lambda error: self._fail(generation, 0, error),
        )

    def refresh(self, first: int, last: int) -> None:
        """Ask again for the rows from `first` to `last`, and for others when they are in sight."""
        self._generation += 1
        self._asked = set()
        in_sight = range(max(0, first) // PAGE, max(0, last) // PAGE + 1)
        for number in [one for one in self._pages if one not in in_sight]:
            del self._pages[number]
        self._wanted = list(in_sight)
        self._ask_wanted()

    def row(self, number: int) -> _Row | None:
        """Return a row, None if it is not there yet."""
        page = self._pages.get(number // PAGE)
        at = number % PAGE
        return page[at] if page is not None and at < len(page) else None

    def find(self, key: Hashable) -> int | None:
        """Return the number of the row with this key among those that are there."""
        for number, page in self._pages.items():
            for at, row in enumerate(page):
                if self.key(row) == key:
                    return number * PAGE + at
        return None

    # --- pages -----------------------------------------------------------------------------------

    def want(self, number: int) -> None:
        """Ask for the page of a row soon."""
        number //= PAGE
        if number in self._asked or number in self._wanted:
            return
        self._wanted.append(number)
        # After the painting that wants it, which may want others, too.
        self._timer.start(0)

    def _ask_wanted(self) -> None:
        # What was in sight last is asked for first; what was long ago is wanted again if need be.
        del self._wanted[:-_UNDER_WAY]
        while self._wanted and len(self._asked) < _UNDER_WAY:
            self._ask(self._wanted.pop())

    def _ask(self, number: int) -> None:
        generation = self._generation
        self._asked.add(number)
        self._source(
            self.query,
            number * PAGE,
            PAGE,
            lambda found: self._take(generation, number, found),
            lambda error: self._fail(generation, number, error),
        )

    def _restart(self, generation: int, found: Slice[_Row]) -> None:
        if generation != self._generation:
            return
        self.beginResetModel()
        self._asked = set()
        self._pages.clear()
        self._pages[0] = found.rows
        self.total = found.total
        self.is_loaded = True
        self.endResetModel()
        self.restarted.emit()
        self.loaded.emit()

    def _take(self, generation: int, number: int, found: Slice[_Row]) -> None:
        if generation != self._generation:
            return
        self._asked.discard(number)
        self._pages[number] = found.rows
        self._pages.move_to_end(number)
        while len(self._pages) > _KEPT:
            self._pages.popitem(last=False)
        self._resize(found.total)
        first, last = number * PAGE, min((number + 1) * PAGE, self.total) - 1
        if last >= first:
            self.dataChanged.emit(self.index(first, 0), self.index(last, len(self.columns) - 1))
        self.loaded.emit()
        self._ask_wanted()

    def _resize(self, total: int) -> None:
        """Have as many rows as the server: what was added or removed may be anywhere."""
        if total > self.total:
            self.beginInsertRows(QModelIndex(), self.total, total - 1)
            self.total = total
            self.endInsertRows()
        elif total < self.total:
            self.beginRemoveRows(QModelIndex(), total, self.total - 1)
            self.total = total
            self.endRemoveRows()

    def _fail(self, generation: int, number: int, error: Exception) -> None:
        if generation == self._generation:
            self._asked.discard(number)
            self.failed.emit(error)
