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
_MAX_TO_END = 400
"""Unread messages up to which a window on a conversation reaches to its end."""
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


class Window(NamedTuple):
    """A part of a conversation; `is_start`: there are no older messages.

    `row` is None if the local database does not have the conversation. `has_newer`: messages that
    are stored follow this part.
    """

    row: ConversationSummary | None
    page: list[StoredMessage]
    is_start: bool
    has_newer: bool


class Newer(NamedTuple):
    """A page of newer messages; `has_newer`: there are still newer ones."""

    page: list[StoredMessage]
    has_newer: bool


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

    def window(self, name: str, *, at_end: bool = False) -> Window:
        """Return the end of a conversation, or where unread messages begin if there are many.

        `at_end`: the end in any case. It reads the local database only.
        """
        row = self._store.summary(name)
        unread = 0 if row is None or at_end else row.unread
        if row is not None and unread > _MAX_TO_END:
            return self._around(row, row.read + 1)
        count = max(PAGE, unread + _BEFORE_UNREAD)
        page = self._store.page(name, limit=count)
        return Window(row, page, _is_start(row, page, count), has_newer=False)

    def around(self, name: str, place: StoredMessage | int) -> Window:
        """Return the part of a conversation around a message or a number.

        A number that is not stored yet is fetched from the server.
        """
        row = self._store.summary(name)
        if row is not None and isinstance(place, int) and place < row.first:
            self._client.fetch_around(name, place)
            row = self._store.summary(name)
        if row is None:
            return Window(None, [], is_start=True, has_newer=False)
        return self._around(row, place)

    def newer(self, name: str, after: StoredMessage) -> Newer:
        """Return a page of messages newer than `after`, from the local database."""
        page = self._store.page(name, after=after, limit=PAGE)
        return Newer(page, len(page) == PAGE)

    def stored_older(self, name: str, before: StoredMessage | None) -> Older:
        """Return a page of older messages from the local database."""
        page = self._store.page(name, before=before, limit=PAGE)
        return Older(page, _is_start(self._store.summary(name), page, PAGE))

    def _around(self, row: ConversationSummary, place: StoredMessage | int) -> Window:
        page = self._store.page(row.name, around=place, limit=2 * PAGE)
        has_newer = bool(page and self._store.page(row.name, after=page[-1], limit=1))
        is_start = row.first <= 1 and (
            not page or not self._store.page(row.name, before=page[0], limit=1)
        )
        return Window(row, page, is_start, has_newer)

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


def _is_start(row: ConversationSummary | None, page: list[StoredMessage], limit: int) -> bool:
    """Tell whether a page that could have been longer begins with the first message of all."""
    return len(page) < limit and (row is None or row.first <= 1)


def wait_until_synced(client: Client, timeout: float) -> None:
    """Wait until missed messages are stored; a plain server, without numbers, has no such point."""
    if not client.core.has_numbers:
        return
    # Replies keep the order of requests: with the first one the list of conversations has arrived,
    # and with the second one the pages that were requested because of it.
    with contextlib.suppress(ProtocolError, NotOnline):
        for _time in range(2):
            client.whois(client.core.credentials.name, timeout)
