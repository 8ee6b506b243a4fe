"""What user interfaces read of the database: lists, pages and hits of a search."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from messenger.sdk.cancelling import cancellable
from messenger.sdk.store import overview
from messenger.sdk.store.fulltext import fold
from messenger.sdk.store.insert import message_of
from messenger.sdk.store.messages import (
    ConversationSummary,
    IdentityTrust,
    MessageState,
    StoredMessage,
)
from messenger.sdk.store.pages import Pages, Place
from messenger.sdk.store.queued_settings import QueuedSettings, with_queued
from messenger.sdk.store.search import search
from messenger.sdk.store.sent_messages import SentMessages
from messenger.sdk.store.statements import COLUMNS

_MESSAGE = f"SELECT {COLUMNS} FROM messages WHERE id = ?"
_STORED = "SELECT id FROM messages WHERE id IN (SELECT value FROM json_each(?))"


class Reads(SentMessages):
    """Queries that wait for no writer; what was written but is not stored yet is part of them."""

    def __init__(self, file: Path | None, key: bytes | None, *, lasting: bool) -> None:
        super().__init__(file, key, lasting=lasting)
        self.queued_settings = QueuedSettings()

    def contacts(self) -> list[str]:
        """Return the names of the contacts."""
        with self.reading() as connection:
            return [name for (name,) in connection.execute("SELECT name FROM contacts ORDER BY 1")]

    def drafts(self) -> dict[str, str]:
        """Return the drafts, by conversation."""
        queued = self.queued_settings.now()
        with self.reading() as connection:
            query = "SELECT name, draft FROM conversations WHERE draft != ''"
            found: dict[str, str] = dict(connection.execute(query))
        found |= {name: values["draft"] for name, values in queued.items() if "draft" in values}
        return {name: draft for name, draft in found.items() if draft}

    def trusts(self) -> dict[str, IdentityTrust]:
        """Return the trust in each account's identity."""
        with self.reading() as connection:
            rows = connection.execute("SELECT account, trust FROM identities")
            return {account: IdentityTrust(trust) for account, trust in rows}

    def summaries(self, names: Sequence[str] | None = None) -> list[ConversationSummary]:
        """Return all conversations, or those of `names` that are stored, in the list's order."""
        settings, queued = self.queued_settings.now(names), self._queued_in(names)
        with self.reading() as connection:
            last = {one.conversation: one for one in _not_stored(connection, queued)}
            found = overview.summaries(connection, names, last)
        return with_queued(found, settings) if settings else found

    def summary(self, name: str) -> ConversationSummary | None:
        """Return one conversation."""
        found = self.summaries([name])
        return found[0] if found else None

    def page(
        self,
        conversation: str,
        *,
        before: Place | None = None,
        after: Place | None = None,
        around: Place | None = None,
        limit: int = 50,
    ) -> list[StoredMessage]:
        """Return a page of a conversation in order: its last messages, or those at a place.

        A place is a message or a number, at most one of the three. `before` and `after` do not
        include it; a page `around` it has as many messages before it as from it on, if there are
        so many. The first unread message is at the number after the read marker.
        """
        queued = self._queued_in([conversation])
        with self.reading() as connection:
            pages = Pages(connection, conversation, _not_stored(connection, queued))
            if around is not None:
                return pages.around(around, limit)
            return pages.before(before, limit) if after is None else pages.after(after, limit)

    def message(self, message_id: int) -> StoredMessage | None:
        """Return a message by its id here."""
        queued = [one for one in self._queued_in(None) if one.id == message_id]
        with self.reading() as connection:
            row = connection.execute(_MESSAGE, (message_id,)).fetchone()
        return next(iter(queued), None) if row is None else message_of(row)

    @contextmanager
    def searching(self) -> Iterator[Any]:
        """Read in the block; a `Cancellation` of the thread interrupts that."""
        with self.reading() as connection, cancellable(connection.interrupt):
            yield connection

    def search(
        self,
        words: str,
        *,
        conversation: str | None = None,
        before: StoredMessage | None = None,
        limit: int = 50,
    ) -> list[StoredMessage]:
        """Return messages that contain the words, ignoring case; those stored last come first.

        The next page has those `before` the last one. Can be cancelled (`Cancellation`).
        """
        queued = self._queued_in(None if conversation is None else [conversation])
        end = None if before is None else before.id
        with self.searching() as connection:
            written = [one for one in queued if fold(words) in fold(one.text)]
            new = _not_stored(connection, written)
            found = search(connection, words, conversation, end, limit)
        found += [one for one in new if end is None or one.id < end]
        return sorted(found, key=lambda one: one.id, reverse=True)[:limit]

    def _queued_in(self, names: Sequence[str] | None) -> list[StoredMessage]:
        """Return queued messages. To be called before the database is read.

        So each message is found: it leaves the queue after its commit.
        """
        rows = self._queued[:]
        return [_queued_message(*row) for row in rows if names is None or row[1] in names]


def _not_stored(connection: Any, queued: list[StoredMessage]) -> list[StoredMessage]:
    """Return those of the queued messages that have not been committed since."""
    if not queued:
        return []
    row_ids = msgspec.json.encode([one.id for one in queued]).decode()
    stored = {row_id for (row_id,) in connection.execute(_STORED, (row_ids,))}
    return [one for one in queued if one.id not in stored]


def _queued_message(
    row_id: int, conversation: str, sender: str, text: str, sent_id: str, time: float, stored: float
) -> StoredMessage:
    return StoredMessage(
        row_id, conversation, None, sent_id, sender, text, "utf-8", time,
        MessageState.UNSENT, "", guest=False, stored=stored,
    )  # fmt: skip
