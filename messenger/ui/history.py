"""Pages of a conversation: from the local database, and older ones from the server."""

import contextlib
import threading
from typing import NamedTuple

from messenger.jim.errors import ProtocolError
from messenger.sdk.backfill import Fetched
from messenger.sdk.client import Client
from messenger.sdk.errors import NotOnline
from messenger.sdk.events import ConnectionState
from messenger.sdk.store import ConversationSummary, StoredMessage

PAGE = 100
_MAX_AT_ONCE = 2000
"""Messages that are loaded at once even if more are unread: each has to be laid out."""
_BEFORE_UNREAD = 20
"""Read messages above the unread ones, so that the user sees what they answer."""


class Opening(NamedTuple):
    """The end of a conversation; `row` is None if the local database does not have it."""

    row: ConversationSummary | None
    page: list[StoredMessage]


class Older(NamedTuple):
    """A page of older messages; `is_start`: there are no older ones."""

    page: list[StoredMessage]
    is_start: bool


class History:
    """Reads pages, and blocks until the server answers: not for the thread that draws.

    `timeout` is how long to wait for a page of the server, in seconds; None: until it has arrived,
    or the connection is lost.
    """

    def __init__(self, client: Client, timeout: float | None = None) -> None:
        self._client = client
        self._store = client.store
        self._timeout = threading.TIMEOUT_MAX if timeout is None else timeout

    def open(self, name: str) -> Opening:
        """Return the end of a conversation with all unread messages, at most `_MAX_AT_ONCE`."""
        row = self._store.summary(name)
        count = min(_MAX_AT_ONCE, max(PAGE, (row.unread if row else 0) + _BEFORE_UNREAD))
        return Opening(row, self._store.page(name, limit=count))

    def last(self, name: str, count: int) -> list[StoredMessage]:
        """Return the last messages, `count` or fewer."""
        page = self._store.page(name, limit=count)
        while len(page) < count and self._fetch(name).messages:
            page = self._store.page(name, limit=count)
        return page

    def older(self, name: str, before: StoredMessage | None) -> Older:
        """Return a page of messages older than `before`; None for the latest page."""
        page = self._store.page(name, before=before, limit=PAGE)
        # Offline there would be no answer to wait for.
        if not page and self._client.core.state is ConnectionState.ONLINE:
            self._fetch(name)
            page = self._store.page(name, before=before, limit=PAGE)
        row = self._store.summary(name)
        return Older(page, not page and (row is None or row.first <= 1))

    def _fetch(self, name: str) -> Fetched:
        """Fetch the server's next older page to the local database."""
        return self._client.fetch_older(name, self._timeout)


def wait_until_synced(client: Client, timeout: float) -> None:
    """Wait until missed messages are stored; a plain server, without numbers, has no such point."""
    if not client.core.has_numbers:
        return
    # Replies keep the order of requests: with the first one the list of conversations has arrived,
    # and with the second one the pages that were requested because of it.
    with contextlib.suppress(ProtocolError, NotOnline):
        for _time in range(2):
            client.whois(client.core.credentials.name, timeout)
