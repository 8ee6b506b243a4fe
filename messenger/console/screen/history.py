"""Pages of a conversation: from the local database, and from the server where that ends."""

import asyncio
from typing import NamedTuple

from messenger.console.screen.threads import off_loop
from messenger.sdk.client import Client
from messenger.sdk.events import LinkState
from messenger.sdk.store import ConversationRow, StoredMessage

PAGE = 100
_MOST_AT_ONCE = 2000


class Opening(NamedTuple):
    """What a conversation opens with; `row` is None if nothing is known of it."""

    row: ConversationRow | None
    page: list[StoredMessage]


class Older(NamedTuple):
    """What came before; `is_start` tells that there is nothing more."""

    page: list[StoredMessage]
    is_start: bool


class History:
    """Reads off the event loop."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._store = client.store

    async def open(self, name: str) -> Opening:
        """Return the end of a conversation, with everything that is unread, within reason."""
        row = await off_loop(self._store.conversation, name)
        count = min(_MOST_AT_ONCE, max(PAGE, (row.unread if row else 0) + 20))
        return Opening(row, await off_loop(self._store.page, name, limit=count))

    async def older(self, name: str, before: StoredMessage | None) -> Older:
        """Return a page of what came before a message."""
        page = await self._page(name, before)
        if not page and self._client.core.state is LinkState.ONLINE:
            await self._fetch(name)
            page = await self._page(name, before)
        row = await off_loop(self._store.conversation, name)
        return Older(page, not page and (row is None or row.first <= 1))

    async def _page(self, name: str, before: StoredMessage | None) -> list[StoredMessage]:
        return await off_loop(self._store.page, name, before=before, limit=PAGE)

    async def _fetch(self, name: str) -> None:
        """Have the server's next page brought into the local database."""
        loop = asyncio.get_running_loop()
        fetched = asyncio.Event()

        def done(_count: int) -> None:
            loop.call_soon_threadsafe(fetched.set)

        await off_loop(self._client.fetch_older, name, done)
        await fetched.wait()
