"""The index for the search in stored messages: any part of a text, in any alphabet and case.

SQLite's FTS5 with its trigram tokenizer, over texts that are folded first (NFKC, case, ё as е).
`add` and triggers keep the index with the messages, in the same transactions. Two additions to the
texts make it serve searches that trigrams alone do not:

* Each text ends with two padding characters. So whatever character of it begins a trigram, and a
  search for one or two letters is one for the trigrams that begin with them.
* Beside the text stands its conversation as one trigram. So a search in a conversation reads no
  hits in others.
"""

import unicodedata
from collections.abc import Callable, Iterable
from functools import lru_cache
from hashlib import blake2b
from typing import Any

from sqlalchemy import Connection

TRIGRAM = 3
"""Characters of what FTS5's trigram index has; it finds nothing shorter."""

_PRIVATE = 0xE000  # Of Unicode's private use (BMP), which has 6,400 characters: texts lack them.
_PRIVATE_BITS = 12
_PADDING = chr(_PRIVATE) * (TRIGRAM - 1)
_MAX_CONVERSATIONS = 10_000  # in memory: those of which messages arrive

_TEXT = "indexed(CAST({row}.text AS BLOB))"
_PLACE = "place(CAST({row}.conversation AS BLOB))"

# A contentless table: it stores no texts, only which message has which trigrams.
SCHEMA = (
    """CREATE VIRTUAL TABLE IF NOT EXISTS messages_fulltext USING fts5(
        text, place, content='', contentless_delete=1, tokenize='trigram case_sensitive 1')""",
    # No table of its own: the index's trigrams, in alphabetical order.
    """CREATE VIRTUAL TABLE IF NOT EXISTS messages_trigrams USING fts5vocab(
        messages_fulltext, instance)""",
    """CREATE TRIGGER IF NOT EXISTS messages_removed AFTER DELETE ON messages BEGIN
        DELETE FROM messages_fulltext WHERE rowid = old.id; END""",
    f"""CREATE TRIGGER IF NOT EXISTS messages_rewritten AFTER UPDATE OF text ON messages BEGIN
        UPDATE messages_fulltext
        SET text = {_TEXT.format(row="new")}, place = {_PLACE.format(row="new")}
        WHERE rowid = old.id; END""",
)

_DROP = (
    "DROP TRIGGER IF EXISTS messages_added",
    "DROP TRIGGER IF EXISTS messages_removed",
    "DROP TRIGGER IF EXISTS messages_rewritten",
    "DROP TABLE IF EXISTS messages_trigrams",
    "DROP TABLE IF EXISTS messages_fulltext",
)
_FILL = f"""INSERT INTO messages_fulltext(rowid, text, place)
SELECT id, {_TEXT.format(row="messages")}, {_PLACE.format(row="messages")} FROM messages"""


def fold(found: str) -> str:
    """Normalize a text for the search: variants that look or read alike become equal.

    Combining marks are kept with their letters, but for the dots of ё.
    """
    folded = unicodedata.normalize("NFKC", found).casefold()
    # In Russian texts ё is mostly written as е.
    return folded.replace("ё", "е").replace("\0", " ")


def indexed(text: str) -> str:
    """Return a text as it is indexed."""
    return fold(text) + _PADDING


@lru_cache(_MAX_CONVERSATIONS)
def place(conversation: str) -> str:
    """Return the trigram that stands for a conversation; rarely two share one."""
    digest = int.from_bytes(blake2b(conversation.encode(), digest_size=8).digest(), "big")
    parts = (digest >> _PRIVATE_BITS * index for index in range(TRIGRAM))
    return "".join(chr(_PRIVATE + part % (1 << _PRIVATE_BITS)) for part in parts)


def register(connection: Any) -> None:
    """Register the functions of the triggers and searches with a connection of the driver.

    They take bytes, as the driver would end a text at a NUL.
    """
    for function in (fold, indexed, place):
        connection.create_function(function.__name__, 1, _of_bytes(function), deterministic=True)


def _of_bytes(function: Callable[[str], str]) -> Callable[[bytes], str]:
    return lambda raw: function(raw.decode())


def build(connection: Connection) -> None:
    """Index all messages of a database that has no index, or one of an earlier version."""
    for statement in (*_DROP, *SCHEMA, _FILL):
        connection.exec_driver_sql(statement)


def add(connection: Connection, messages: Iterable[tuple[int, str, str]]) -> None:
    """Index new messages: their ids, conversations and texts.

    Not by a trigger: in each of its runs FTS5 writes what it has gathered, once for each message
    instead of once for all, which doubles the cost of storing messages.
    """
    connection.exec_driver_sql(
        # Or an interrupted `INSERT ... ON CONFLICT DO NOTHING` of the message has indexed it.
        "INSERT OR REPLACE INTO messages_fulltext(rowid, text, place) VALUES (?, ?, ?)",
        [(row_id, indexed(text), place(where)) for row_id, where, text in messages],
    )
