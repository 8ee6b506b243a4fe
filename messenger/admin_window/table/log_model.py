"""The latest records of the server's log, the newest on top, to which new ones are added."""

from collections.abc import Callable, Hashable, Sequence
from typing import NamedTuple, Protocol

from PyQt6.QtCore import QObject

from messenger.admin_window.table.columns import Column, Query
from messenger.admin_window.table.rows import NOWHERE, RowsModel
from messenger.sdk.administration.results import LogPage, LogRecord

PAGE = 500
"""Records of a request."""
_KEPT = 5_000
"""Records in memory: who looks for older ones searches for them at the server."""


class LogRow(NamedTuple):
    """A record, and its number in this window: two records may be the same."""

    number: int
    record: LogRecord


class LogSource(Protocol):
    """Asks the server for records, and passes on what comes back, in the GUI thread."""

    def __call__(
        self,
        query: Query,
        after: str,
        then: Callable[[LogPage], object],
        failed: Callable[[Exception], object],
        /,
    ) -> object:
        """Ask for the last records, or those after a place."""


class LogModel(RowsModel[LogRow]):
    """Has the last records of a level and with a text, and those that were written since."""

    def __init__(
        self, columns: Sequence[Column[LogRow]], source: LogSource, parent: QObject | None = None
    ) -> None:
        super().__init__(columns, lambda row: row.number, parent)
        self._source = source
        self._rows: list[LogRow] = []
        self._next = ""
        self._number = 0
        self._is_asked = False
        self._generation = 0

    def show(self, query: Query) -> None:
        """Show the last records of a query; the old ones stay until these have come."""
        self.query = query
        self._generation += 1
        self._ask("", self._restart)

    def refresh(self, first: int, last: int) -> None:  # noqa: ARG002  they never change
        """Put the records on top that were written meanwhile."""
        if not self._is_asked:
            self._ask(self._next, self._add)

    def row(self, number: int) -> LogRow | None:
        """Return a row."""
        return self._rows[number] if 0 <= number < len(self._rows) else None

    def find(self, key: Hashable) -> int | None:
        """Return the number of the row with this key."""
        return next((at for at, row in enumerate(self._rows) if row.number == key), None)

    def _ask(self, after: str, then: Callable[[LogPage], object]) -> None:
        self._is_asked = True
        generation = self._generation

        def take(found: LogPage) -> None:
            if generation == self._generation:
                self._is_asked = False
                self._next = found.next
                then(found)
                self.loaded.emit()

        def fail(error: Exception) -> None:
            if generation == self._generation:
                self._is_asked = False
                self.failed.emit(error)

        self._source(self.query, after, take, fail)

    def _restart(self, found: LogPage) -> None:
        self.beginResetModel()
        self._rows = self._numbered(found)
        self.total = len(self._rows)
        self.is_loaded = True
        self.endResetModel()
        self.restarted.emit()

    def _add(self, found: LogPage) -> None:
        if new := self._numbered(found):
            self.beginInsertRows(NOWHERE, 0, len(new) - 1)
            self._rows[:0] = new
            self.total = len(self._rows)
            self.endInsertRows()
        if self.total > _KEPT:
            self.beginRemoveRows(NOWHERE, _KEPT, self.total - 1)
            del self._rows[_KEPT:]
            self.total = _KEPT
            self.endRemoveRows()

    def _numbered(self, found: LogPage) -> list[LogRow]:
        first = self._number + 1
        self._number += len(found.records)
        rows = [LogRow(first + at, record) for at, record in enumerate(found.records)]
        return rows[::-1]
