"""Full-text search in stored messages: any part of a text, in any alphabet and case.

SQLite's FTS5 with its trigram tokenizer, over texts that are folded first (NFKC, case, ё as е).
Triggers keep the index with the messages, in the same transactions.
"""

import unicodedata
from typing import Any

from sqlalchemy import (
    Connection,
    LargeBinary,
    Select,
    Text,
    cast,
    func,
    select,
    table,
    text,
    type_coerce,
)
from sqlalchemy import column as column_of

from messenger.sdk.store.schema import messages

_TRIGRAM = 3  # FTS5's trigram index finds nothing shorter
_INDEX = table("messages_fulltext", column_of("rowid"))

# A contentless table: it stores no texts, only which message has which trigrams.
SCHEMA = (
    """CREATE VIRTUAL TABLE IF NOT EXISTS messages_fulltext USING fts5(
        text, content='', contentless_delete=1, tokenize='trigram')""",
    "DROP TRIGGER IF EXISTS messages_added",
    """CREATE TRIGGER messages_added AFTER INSERT ON messages BEGIN
        INSERT INTO messages_fulltext(rowid, text)
        VALUES (new.id, fold(CAST(new.text AS BLOB))); END""",
    """CREATE TRIGGER IF NOT EXISTS messages_removed AFTER DELETE ON messages BEGIN
        DELETE FROM messages_fulltext WHERE rowid = old.id; END""",
    "DROP TRIGGER IF EXISTS messages_rewritten",
    """CREATE TRIGGER messages_rewritten AFTER UPDATE OF text ON messages BEGIN
        UPDATE messages_fulltext SET text = fold(CAST(new.text AS BLOB))
        WHERE rowid = old.id; END""",
)


def fold(found: str) -> str:
    """Normalize a text for the search: variants that look or read alike become equal.

    Combining marks are kept with their letters, but for the dots of ё.
    """
    folded = unicodedata.normalize("NFKC", found).casefold()
    # In Russian texts ё is mostly written as е.
    return folded.replace("ё", "е").replace("\0", " ")


def register(connection: Any) -> None:
    """Register `fold` with a connection of the driver; the triggers call it.

    It takes bytes, as the driver would end a text at a NUL.
    """
    connection.create_function("fold", 1, lambda raw: fold(raw.decode()), deterministic=True)


def create(connection: Connection) -> None:
    """Create the index and its triggers."""
    for statement in SCHEMA:
        connection.exec_driver_sql(statement)


def fill(connection: Connection) -> None:
    """Index all messages of a database that had no index."""
    connection.execute(
        text(
            "INSERT INTO messages_fulltext(rowid, text) "
            "SELECT id, fold(CAST(text AS BLOB)) FROM messages"
        )
    )


def containing(words: str) -> Select[Any]:
    """Return the query for messages that contain the words as a phrase, the latest first."""
    folded = fold(words)
    if len(folded) < _TRIGRAM:  # Too short for the index: each text is compared.
        said = type_coerce(func.fold(cast(messages.c.text, LargeBinary)), Text)
        # A user who types % or _ means these characters.
        found = said.contains(folded, autoescape=True)
        return select(messages).where(found).order_by(messages.c.id.desc())
    # As a string of FTS5, in which words such as AND and NOT are no operators.
    phrase = folded.replace('"', '""')
    matching = select(messages).join(_INDEX, _INDEX.c.rowid == messages.c.id)
    # The index yields rows in the order of its own row numbers: no more are read than are shown.
    return (
        matching.where(text("messages_fulltext MATCH :phrase"))
        .order_by(_INDEX.c.rowid.desc())
        .params(phrase=f'"{phrase}"')
    )
