"""Searching stored messages: a page of hits, the latest first."""

from typing import Any

from messenger.sdk.store.fulltext import TRIGRAM, fold, place
from messenger.sdk.store.insert import message_of
from messenger.sdk.store.messages import StoredMessage
from messenger.sdk.store.pages import LAST
from messenger.sdk.store.schema import messages
from messenger.sdk.store.statements import columns_of

_LATEST = 500
"""Messages that are compared one by one for a letter, before the index is asked.

A common letter begins a thousand different trigrams, and is in some of these messages as well.
"""

_MATCHING = f"""SELECT {columns_of("messages", messages)}
FROM messages_fulltext JOIN messages ON messages.id = messages_fulltext.rowid
WHERE messages_fulltext MATCH ? AND messages_fulltext.rowid < ? {{more}}
ORDER BY messages_fulltext.rowid DESC LIMIT ?"""
# The index yields rows in the order of its own row numbers: no more are read than are shown.
_FOUND = _MATCHING.format(more="")
# Two conversations may share a trigram.
_FOUND_IN = _MATCHING.format(more="AND messages.conversation = ?")
_LAST = (
    f"SELECT {columns_of('messages', messages)} FROM messages WHERE id < ? ORDER BY id DESC LIMIT ?"
)

# One step of the index for each trigram, not one for each place where it stands.
_BEGINNING = """WITH RECURSIVE beginning(term) AS (
    SELECT (SELECT term FROM messages_trigrams WHERE term >= :start AND term < :end LIMIT 1)
    UNION ALL
    SELECT (SELECT term FROM messages_trigrams
            WHERE term >= beginning.term || char(1) AND term < :end LIMIT 1)
    FROM beginning WHERE term IS NOT NULL
) SELECT term FROM beginning WHERE term IS NOT NULL"""


def search(
    connection: Any, words: str, conversation: str | None, before: int | None, limit: int
) -> list[StoredMessage]:
    """Return messages that contain the words as a phrase, the latest first.

    Only those with an id less than `before`. The `connection` is one of the driver.
    """
    folded, end = fold(words), LAST if before is None else before
    if len(folded) >= TRIGRAM:
        return _matching(connection, _quoted(folded), conversation, end, limit)
    if len(folded) < TRIGRAM - 1:
        count = max(limit, _LATEST)
        last = _last(connection, conversation, end, count)
        found = [one for one in last if folded in fold(one.text)]
        if len(found) >= limit or len(last) < count:
            return found[:limit]
    beginning = connection.execute(_BEGINNING, {"start": folded, "end": folded + chr(0x10FFFF)})
    trigrams = " OR ".join(_quoted(row[0]) for row in beginning)
    return _matching(connection, trigrams, conversation, end, limit) if trigrams else []


def _last(connection: Any, conversation: str | None, end: int, limit: int) -> list[StoredMessage]:
    """Return the latest messages, of a conversation or of all."""
    if conversation is not None:
        return _matching(connection, "", conversation, end, limit)
    return list(map(message_of, connection.execute(_LAST, (end, limit))))


def _matching(
    connection: Any, phrases: str, conversation: str | None, end: int, limit: int
) -> list[StoredMessage]:
    """Return the latest messages of a conversation, or of all, that match a query of FTS5."""
    parts = [f"text : ({phrases})"] if phrases else []
    if conversation is None:
        rows = connection.execute(_FOUND, (parts[0], end, limit))
    else:
        parts.append(f"place : {_quoted(place(conversation))}")
        rows = connection.execute(_FOUND_IN, (" AND ".join(parts), end, conversation, limit))
    return list(map(message_of, rows))


def _quoted(phrase: str) -> str:
    """Return a string of FTS5, in which words such as AND and NOT are no operators."""
    return '"' + phrase.replace('"', '""') + '"'
