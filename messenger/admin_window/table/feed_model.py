"""A list from the server that begins with the latest, and goes back as far as one scrolls."""

from collections.abc import Callable, Hashable, Sequence
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

from PyQt6.QtCore import QModelIndex

from messenger.admin_window.table.columns import Column, Query
from messenger.admin_window.table.latest_model import LatestModel

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


class FeedModel(LatestModel[_Row]):
    """Has all rows down to the oldest that was in sight."""

    def __init__(
        self, columns: Sequence[Column[_Row]], source: FeedSource, key: Callable[[_Row], Hashable]
    ) -> None:
        super().__init__(columns, key)
        self._source = source
        self._next: int | None = None

    def canFetchMore(self, parent: QModelIndex) -> bool:
        """Tell the view whether there are older rows."""
        return not parent.isValid() and self._next is not None and not self._is_asked

    def fetchMore(self, parent: QModelIndex) -> None:
        """Ask for older rows: the view has reached the end."""
        if self.canFetchMore(parent):
            self._ask(self._next, self._add_older)

    def _ask_latest(self) -> None:
        self._ask(None, self._restart)

    def _ask_new(self) -> None:
        self._ask(None, self._add_latest)

    def _ask(self, before: int | None, then: Callable[[Part[_Row]], object]) -> None:
        self._source(self.query, before, PAGE, *self._waiting(then))

    def _restart(self, found: Part[_Row]) -> None:
        self._next = found.next
        self._replace(list(found.rows))

    def _add_latest(self, found: Part[_Row]) -> None:
        known = self.key(self._rows[0]) if self._rows else None
        keys = [self.key(row) for row in found.rows]
        if known is not None and known not in keys:
            # More were added than a page has.
            self._restart(found)
        else:
            self._insert(0, found.rows[: keys.index(known)] if known is not None else found.rows)

    def _add_older(self, found: Part[_Row]) -> None:
        self._next = found.next
        self._insert(len(self._rows), found.rows)
