"""Where tables get their rows: requests to the server, run in its thread."""

from collections.abc import Callable
from typing import Any, Protocol

from messenger.admin_window.requests import Requests
from messenger.admin_window.table.columns import Query, Slice
from messenger.admin_window.table.feed_model import FeedSource, Part
from messenger.admin_window.table.paged_model import Source
from messenger.sdk.administration import Administration


class FetchPage(Protocol):
    """Gets a page of a list: `keys` are filters, the order, `offset` and `limit`."""

    def __call__(self, server: Administration, /, **keys: Any) -> Slice[Any]:
        """Ask the server."""


class FetchPart(Protocol):
    """Gets a part of a list: `keys` are filters, `before` and `limit`."""

    def __call__(self, server: Administration, /, **keys: Any) -> Part[Any]:
        """Ask the server."""


def paged(requests: Requests, fetch: FetchPage) -> Source:
    """Return the source of a list that the server sorts and counts."""

    def ask(
        query: Query,
        offset: int,
        limit: int,
        then: Callable[[Slice[Any]], object],
        failed: Callable[[Exception], object],
    ) -> object:
        keys = dict(query.filters) | {"offset": offset, "limit": limit}
        keys |= {"sort": query.order, "descending": query.descending}
        return requests.ask(
            lambda server: fetch(server, **keys), then, failed=failed, owner=requests
        )

    return ask


def feed(requests: Requests, fetch: FetchPart) -> FeedSource:
    """Return the source of a list whose latest rows come first."""

    def ask(
        query: Query,
        before: int | None,
        limit: int,
        then: Callable[[Part[Any]], object],
        failed: Callable[[Exception], object],
    ) -> object:
        keys = dict(query.filters) | {"before": before, "limit": limit}
        return requests.ask(
            lambda server: fetch(server, **keys), then, failed=failed, owner=requests
        )

    return ask
