"""Searching messages page by page, in a conversation or in all."""

from typing import NamedTuple

from messenger.sdk.store import Store, StoredMessage

PAGE = 50
"""Messages of one page."""


class FoundPage(NamedTuple):
    """A page of results, the latest first; `is_last`: no others follow."""

    messages: list[StoredMessage]
    is_last: bool


def search_page(
    store: Store, words: str, conversation: str | None = None, before: StoredMessage | None = None
) -> FoundPage:
    """Return the latest results, or those that follow the message `before`.

    Blocks on the database; can be cancelled (`Cancellation`).
    """
    wanted = words.strip()
    if not wanted:
        return FoundPage([], is_last=True)
    found = store.search(wanted, conversation=conversation, before=before, limit=PAGE)
    return FoundPage(found, len(found) < PAGE)
