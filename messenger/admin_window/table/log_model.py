"""The latest records of the server's log, the newest on top, to which new ones are added."""

from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

from messenger.admin_window.table.columns import Column, Query
from messenger.admin_window.table.latest_model import LatestModel
from messenger.admin_window.table.rows import NOWHERE
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


class LogModel(LatestModel[LogRow]):
    """Has the last records of a level and with a text, and those that were written since."""

    def __init__(self, columns: Sequence[Column[LogRow]], source: LogSource) -> None:
        super().__init__(columns, lambda row: row.number)
        self._source = source
        self._next = ""
        self._number = 0

    def _ask_latest(self) -> None:
        self._ask("", self._replace)

    def _ask_new(self) -> None:
        self._ask(self._next, self._add)

    def _ask(self, after: str, then: Callable[[list[LogRow]], object]) -> None:
        def number(found: LogPage) -> None:
            self._next = found.next
            then(self._numbered(found))

        self._source(self.query, after, *self._waiting(number))

    def _add(self, rows: list[LogRow]) -> None:
        self._insert(0, rows)
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
