"""Pages of a conversation, from its end backwards."""

from collections.abc import Callable
from typing import Any

from messenger.sdk.store.insert import message_of
from messenger.sdk.store.messages import StoredMessage
from messenger.sdk.store.statements import COLUMNS

_OF = f"SELECT {COLUMNS} FROM messages WHERE conversation = ?"
# Numbered and unnumbered messages are queried apart, as each kind has an index of its own.
_UNNUMBERED = f"{_OF} AND seq IS NULL"
_NUMBERED = f"{_OF} AND seq IS NOT NULL"
_FIRST_NUMBERED = f"{_NUMBERED} AND seq < ?"
_FIRST_UNNUMBERED = f"{_UNNUMBERED} AND id < ?"
_LAST_NUMBERED = "ORDER BY seq DESC LIMIT ?"
_LAST_UNNUMBERED = "ORDER BY id DESC LIMIT ?"


def page_of(
    ask: Callable[..., list[Any]], conversation: str, before: StoredMessage | None, limit: int
) -> list[StoredMessage]:
    """Return the last messages of a conversation, or the last before one, in order.

    Numbered messages are ordered by number; those without one follow them. `ask` takes a query and
    its values, and returns rows.
    """
    if before is not None and before.seq is not None:
        found = f"{_FIRST_NUMBERED} {_LAST_NUMBERED}"
        rows = ask(found, conversation, before.seq, limit)
        return [message_of(row) for row in reversed(rows)]
    if before is None:
        rows = ask(f"{_UNNUMBERED} {_LAST_UNNUMBERED}", conversation, limit)
    else:
        rows = ask(f"{_FIRST_UNNUMBERED} {_LAST_UNNUMBERED}", conversation, before.id, limit)
    rows += ask(f"{_NUMBERED} {_LAST_NUMBERED}", conversation, limit - len(rows))
    return [message_of(row) for row in reversed(rows)]
