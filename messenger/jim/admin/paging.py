"""Pages of lists that the server filters and sorts."""

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


class Page(Reply):
    """A page of a list; `total` counts the rows of all pages."""

    total: Number = 0
