"""Fetching messages older than the stored ones: a page on demand, or everything."""

from collections.abc import Callable
from typing import NamedTuple

from messenger.jim.history import GetHistory, HistoryPage
from messenger.sdk.encryption import MessageDecryption
from messenger.sdk.events import ConversationChanged, CoreEvent
from messenger.sdk.link import Answer, Ask
from messenger.sdk.store import Store, StoredMessage

_PAGE = 100  # as many as the server returns at most (docs/protocol.md)
_MAX_PAGES = 100  # at once: a lie of the server about its log must not keep a client busy for ever


class Fetched(NamedTuple):
    """The result of fetching older messages: those that are new, in order.

    `is_start`: the server has no older ones for this account. `error` is why no more was fetched: a
    ProtocolError such as TooMany, or ConnectionLost. Without any of them there is more to fetch.
    """

    messages: list[StoredMessage]
    is_start: bool
    error: Exception | None = None


OnFetched = Callable[[Fetched], None]


class Backfill:
    """Reads the log of each conversation backwards, a page at a time."""

    def __init__(
        self, store: Store, incoming: MessageDecryption, ask: Ask, tell: Callable[[CoreEvent], None]
    ) -> None:
        self._store = store
        self._incoming = incoming
        self._ask = ask
        self._tell = tell
        self._wanted: list[str] = []
        self._is_fetching = False

    def stop(self) -> None:
        """The connection is gone."""
        self._is_fetching = False

    def fetch_older(self, conversation: str, on_done: OnFetched) -> None:
        """Fetch the page before the oldest stored message."""
        self._fetch_back(conversation, self._first(conversation) - 1, 1, [], on_done)

    def fetch_around(self, conversation: str, number: int, on_done: OnFetched) -> None:
        """Fetch whatever is missing from shortly before a number on: at most 10,000 messages.

        With these the stored part of the log still has no gap.
        """
        until = max(1, number - _PAGE // 2)
        self._fetch_back(conversation, until, _MAX_PAGES, [], on_done)

    def _fetch_back(
        self,
        conversation: str,
        until: int,
        pages: int,
        newer: list[StoredMessage],
        on_done: OnFetched,
    ) -> None:
        """Fetch so many pages at most, until the message with the number is stored."""
        first = self._first(conversation)
        if first <= max(1, until) or not pages:
            on_done(Fetched(newer, first <= 1))
            return

        def done(answer: Answer) -> None:
            if not isinstance(answer, HistoryPage):
                error = answer if isinstance(answer, Exception) else None
                on_done(Fetched(newer, is_start=False, error=error))
                return
            new = self._incoming.keep(conversation, answer.messages)
            if not answer.messages:
                # The rest is not shown to this account: without this it would be asked for always.
                self._store.describe(conversation, first=1)
            self._tell(ConversationChanged(conversation))
            self._fetch_back(conversation, until, pages - 1, new + newer, on_done)

        self._ask(GetHistory(conversation=conversation, before=first, limit=_PAGE), done)

    def _first(self, conversation: str) -> int:
        row = self._store.summary(conversation)
        return row.first if row else 1

    def fetch_everything(self) -> None:
        """Fetch the complete history of every conversation, one page after another."""
        rows = self._store.summaries()
        self._wanted = [row.name for row in rows if row.first > 1]
        self._fetch_next()

    def tick(self) -> None:
        """Continue after the server's rate limit. Call every second."""
        if self._wanted and not self._is_fetching:
            self._fetch_next()

    def _fetch_next(self) -> None:
        if not self._wanted:
            return
        self._is_fetching = True
        name = self._wanted[0]

        def done(fetched: Fetched) -> None:
            self._is_fetching = False
            if fetched.is_start:
                self._wanted.remove(name)
            elif not fetched.messages:
                return  # Rate limited, or the connection is gone: `tick` continues.
            self._fetch_next()

        self.fetch_older(name, done)
