"""Pages of lists that the server filters and sorts."""

from collections.abc import Sequence
from typing import Protocol

from messenger.jim.base import AnswerType, Reply, Request
from messenger.jim.fields import Number

MAX_PAGE = 500
"""Rows in a page: more than any window shows at once, and far less than an object may have."""

_MOST = 2**31 - 1  # of an integer of PostgreSQL


class Paged(Request[AnswerType], kw_only=True):
    """Base of requests for a page: the rows after the first `offset`, at most `limit` of them."""

    offset: Number = 0
    limit: Number = 100

    @property
    def rows(self) -> slice:
        """The rows of the page among those of the list, no more than a page may have."""
        start = min(self.offset, _MOST)
        return slice(start, start + min(self.limit, MAX_PAGE))


class Numbered(Protocol):
    """A row of a list; the id of a later one is greater."""

    @property
    def id(self) -> int:
        """The id."""


class Backward(Request[AnswerType], kw_only=True):
    """Base of requests for rows from the latest back: at most `limit` with ids before `before`."""

    before: Number | None = None
    limit: Number = 100

    @property
    def most(self) -> int:
        """How many rows the page has at most."""
        return min(self.limit, MAX_PAGE)

    def next_before(self, rows: Sequence[Numbered]) -> int | None:
        """Return the `before` of the next page after these rows; None if they are the last."""
        return rows[-1].id if len(rows) == self.most > 0 else None


class Page(Reply):
    """A page of a list; `total` counts the rows of all pages."""

    total: Number = 0
