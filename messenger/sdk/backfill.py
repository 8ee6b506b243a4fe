"""Fetching messages older than the stored ones: a page on demand, or everything."""

from collections.abc import Callable

from messenger.jim.history import GetHistory, HistoryPage
from messenger.sdk.encryption import MessageDecryption
from messenger.sdk.events import ConversationChanged, CoreEvent
from messenger.sdk.link import Answer, Ask
from messenger.sdk.store import Store

_PAGE = 100  # as many as the server returns at most (docs/protocol.md)


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

    def fetch_older(self, conversation: str, on_done: Callable[[int], None]) -> None:
        """Fetch the page before the oldest stored message; `on_done` gets its length."""
        row = self._store.summary(conversation)
        first = row.first if row else 1
        if row is None or first <= 1:
            on_done(0)
            return

        def done(answer: Answer) -> None:
            if not isinstance(answer, HistoryPage):
                on_done(0)
                return
            new = self._incoming.keep(conversation, answer.messages)
            if not answer.messages:
                # The rest is not shown to this account: without this it would be asked for always.
                self._store.describe(conversation, first=1)
            self._tell(ConversationChanged(conversation))
            on_done(len(new))

        self._ask(GetHistory(conversation=conversation, before=first, limit=_PAGE), done)

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

        def done(count: int) -> None:
            self._is_fetching = False
            row = self._store.summary(name)
            if row is None or row.first <= 1:
                self._wanted.remove(name)
            elif not count:
                return  # Rate limited, or the connection is gone: `tick` continues.
            self._fetch_next()

        self.fetch_older(name, done)
