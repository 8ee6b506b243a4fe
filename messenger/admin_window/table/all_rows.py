"""All rows of a list at the server, page after page, written to a file as they arrive."""

from collections.abc import Callable, Generator, Hashable, Sequence
from pathlib import Path
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

from messenger.admin_window.table.asking import FetchPage, FetchPart
from messenger.admin_window.table.columns import Column, Query
from messenger.files import replacing
from messenger.sdk.administration import Administration
from messenger.sdk.file_errors import FileUnwritable
from messenger.system_errors import reason_of
from messenger.ui.csv_text import MARK, csv_lines

_AT_ONCE = 500
"""Rows of a request: as many as the server sends."""
_PASSES = 3
"""How often a list is read at most: one that changes all the time would be read for ever."""

_Row = TypeVar("_Row")


class Batch(NamedTuple, Generic[_Row]):
    """Rows, how many all are (0 if that is not known), and whether these are the last."""

    rows: list[_Row]
    total: int
    is_last: bool


class Saved(NamedTuple):
    """How many rows are in the file, and of how many: 0 if that is not known."""

    done: int
    total: int
    is_complete: bool = False


class Reader(Protocol):
    """Reads the next rows of a list."""

    def __call__(self, server: Administration, /) -> Batch[Any]:
        """Ask the server, in the thread of its requests."""


class Pages(Generic[_Row]):
    """Reads a list that the server sorts and counts, each row once.

    Whoever comes or goes meanwhile moves the others to other pages. That is seen by the first row
    of a page, which is the last one of the page before; then the list is read again for the rows
    that were missed.
    """

    def __init__(self, fetch: FetchPage, key: Callable[[_Row], Hashable], query: Query) -> None:
        self._fetch = fetch
        self._key = key
        self._keys = dict(query.filters) | {"sort": query.order, "descending": query.descending}
        self._seen: set[Hashable] = set()
        self._last: list[Hashable] = []
        self._offset = 0
        self._has_moved = False
        self._passes = 0

    def __call__(self, server: Administration, /) -> Batch[_Row]:
        """Return the rows of the next page that are new."""
        offset = self._offset - len(self._last)
        found = self._fetch(server, **self._keys, offset=offset, limit=_AT_ONCE)
        rows = {self._key(row): row for row in found.rows}
        new = [row for key, row in rows.items() if key not in self._seen]
        self._seen |= rows.keys()
        if self._last:
            self._has_moved |= self._last != list(rows)[:1]
        self._last = list(rows)[-1:]
        self._offset = offset + len(found.rows)
        return Batch(new, found.total, self._is_done(found.total))

    def _is_done(self, total: int) -> bool:
        """Tell whether all is read; begin anew if something was missed."""
        if self._last and self._offset < total:
            return False
        self._passes += 1
        is_done = not self._has_moved or self._passes == _PASSES
        self._offset, self._last, self._has_moved = 0, [], False
        return is_done


class Parts(Generic[_Row]):
    """Reads a list from the latest row back to the first one: rows are only added before it."""

    def __init__(self, fetch: FetchPart, query: Query) -> None:
        self._fetch = fetch
        self._filters = dict(query.filters)
        self._before: int | None = None

    def __call__(self, server: Administration, /) -> Batch[_Row]:
        """Return the rows before those that were read."""
        found = self._fetch(server, **self._filters, before=self._before, limit=_AT_ONCE)
        self._before = found.next
        return Batch(found.rows, 0, found.next is None)


def save_rows(
    file: Path, columns: Sequence[Column[Any]], read: Reader
) -> Generator[Saved, Administration]:
    """Write a list as CSV; each server that is sent has a page written. Ends with the last one.

    Only its owner can read the file. It gets its name when it is complete, and until then an older
    file stays; closing this ends it. Raises FileUnwritable, and what `read` raises.
    """
    count = 0
    try:
        with replacing(file) as out:
            out.write((MARK + csv_lines([[one.written_title for one in columns]])).encode())
            batch: Batch[Any] = Batch([], 0, is_last=False)
            while not batch.is_last:
                batch = read((yield Saved(count, batch.total)))
                cells = ([one.written(row) for one in columns] for row in batch.rows)
                out.write(csv_lines(cells).encode())
                count += len(batch.rows)
    except OSError as error:
        raise FileUnwritable(file, reason_of(error)) from error
    yield Saved(count, count, is_complete=True)
