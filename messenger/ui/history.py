"""Pages of a conversation: from the local database, and from the server where that ends."""

import contextlib
import threading
from typing import NamedTuple

from messenger.jim.errors import ProtocolError
from messenger.sdk.client import Client
from messenger.sdk.errors import NotOnline
from messenger.sdk.events import ConnectionState
from messenger.sdk.store import ConversationRow, StoredMessage

PAGE = 100
_MAX_AT_ONCE = 2000
_BEFORE_UNREAD = 20
"""How many messages that were read are shown above what is unread."""


class Opening(NamedTuple):
    """What a conversation opens with; `row` is None if nothing is known of it."""

    row: ConversationRow | None
    page: list[StoredMessage]


class Older(NamedTuple):
    """What came before; `is_start` tells that there is nothing more."""

    page: list[StoredMessage]
    is_start: bool


class History:
    """Reads pages, and waits for the server: not for the thread that draws.

    `timeout` is how long to wait for a page of the server, in seconds; None: until it has come, or
    the link has ended.
    """

    def __init__(self, client: Client, timeout: float | None = None) -> None:
        self._client = client
        self._store = client.store
        self._timeout = timeout

    def open(self, name: str) -> Opening:
        """Return the end of a conversation, with everything that is unread, within reason."""
        row = self._store.conversation(name)
        count = min(_MAX_AT_ONCE, max(PAGE, (row.unread if row else 0) + _BEFORE_UNREAD))
        return Opening(row, self._store.page(name, limit=count))

    def last(self, name: str, count: int) -> list[StoredMessage]:
        """Return the last messages, as many as there are."""
        page = self._store.page(name, limit=count)
        while len(page) < count and self._fetch(name):
            page = self._store.page(name, limit=count)
        return page

    def older(self, name: str, before: StoredMessage | None) -> Older:
        """Return a page of what came before a message."""
        page = self._store.page(name, before=before, limit=PAGE)
        if not page and self._client.core.state is ConnectionState.ONLINE:
            self._fetch(name)
            page = self._store.page(name, before=before, limit=PAGE)
        row = self._store.conversation(name)
        return Older(page, not page and (row is None or row.first <= 1))

    def _fetch(self, name: str) -> int:
        """Have the server's next page brought into the local database; return how much came."""
        counts: list[int] = []
        fetched = threading.Event()

        def done(count: int) -> None:
            counts.append(count)
            fetched.set()

        self._client.fetch_older(name, done)
        return counts[0] if fetched.wait(self._timeout) else 0


def wait_until_synced(client: Client, timeout: float) -> None:
    """Wait until what was missed is here, where the server numbers messages."""
    if not client.core.has_numbers:
        return
    # Replies keep the order of requests: behind the first one the list of conversations has come,
    # and behind the second one what was asked for because of it.
    with contextlib.suppress(ProtocolError, NotOnline):
        for _time in range(2):
            client.whois(client.core.credentials.name, timeout)
