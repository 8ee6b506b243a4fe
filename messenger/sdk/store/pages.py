"""Pages of a conversation: before, after or around a message.

Numbered messages are ordered by number; those without one, which are being sent, follow them.
"""

from typing import Any

from messenger.sdk.store.insert import message_of
from messenger.sdk.store.messages import StoredMessage
from messenger.sdk.store.statements import COLUMNS

LAST = 2**63 - 1
"""Greater than any number or id (SQLite's integers have 64 bits)."""

Place = StoredMessage | int
"""A message, or a number of the conversation, whether a message with it is stored or not.

A message is where it stands now: it may have got its number, or lost it, since it was read.
"""

# Numbered and unnumbered messages are queried apart, as each kind has an index of its own.
_OF = f"SELECT {COLUMNS} FROM messages WHERE conversation = ?"
_NUMBERED_BEFORE = f"{_OF} AND seq < ? ORDER BY seq DESC LIMIT ?"
_NUMBERED_AFTER = f"{_OF} AND seq > ? ORDER BY seq LIMIT ?"
_UNNUMBERED_BEFORE = f"{_OF} AND seq IS NULL AND id < ? ORDER BY id DESC LIMIT ?"
_UNNUMBERED_AFTER = f"{_OF} AND seq IS NULL AND id > ? ORDER BY id LIMIT ?"
_NUMBER_OF = "SELECT seq FROM messages WHERE id = ?"


class Pages:
    """Reads pages of a conversation; `queued` are its messages that are not in the database yet.

    The `connection` is one of the driver. All pages are in ascending order.
    """

    def __init__(self, connection: Any, conversation: str, queued: list[StoredMessage]) -> None:
        self._connection = connection
        self._conversation = conversation
        self._queued = queued

    def before(self, place: Place | None, limit: int) -> list[StoredMessage]:
        """Return the last messages before a place, or before the end."""
        is_numbered, value = self._key(place)
        if is_numbered:
            return self._rows(_NUMBERED_BEFORE, value, limit)[::-1]
        rows = self._rows(_UNNUMBERED_BEFORE, value, limit)
        queued = [one for one in self._queued if one.id < value]
        later = sorted(rows + queued, key=_by_id)[-limit:] if limit else []
        return self._rows(_NUMBERED_BEFORE, LAST, limit - len(later))[::-1] + later

    def after(self, place: Place, limit: int) -> list[StoredMessage]:
        """Return the first messages after a place."""
        return self._from(*self._key(place), limit)

    def around(self, place: Place, limit: int) -> list[StoredMessage]:
        """Return the message at a place, or the next one, and those before and after it."""
        is_numbered, value = self._key(place)
        earlier = self.before(place, limit // 2)
        later = self._from(is_numbered, value - 1, limit - len(earlier))
        if len(earlier) + len(later) < limit:  # The end is near: fill the page with earlier ones.
            earlier = self.before(place, limit - len(later))
        return earlier + later

    def _from(self, is_numbered: bool, value: int, limit: int) -> list[StoredMessage]:
        """Return the first messages with a greater number, or a greater id."""
        earlier = self._rows(_NUMBERED_AFTER, value, limit) if is_numbered else []
        start = 0 if is_numbered else value
        rows = self._rows(_UNNUMBERED_AFTER, start, limit - len(earlier))
        queued = [one for one in self._queued if one.id > start]
        return (earlier + sorted(rows + queued, key=_by_id))[:limit]

    def _rows(self, query: str, value: int, limit: int) -> list[StoredMessage]:
        rows = self._connection.execute(query, (self._conversation, value, limit))
        return list(map(message_of, rows))

    def _key(self, place: Place | None) -> tuple[bool, int]:
        """Return whether a place is among the numbered messages, and its number or id there."""
        if isinstance(place, StoredMessage):
            row = self._connection.execute(_NUMBER_OF, (place.id,)).fetchone()
            seq = place.seq if row is None else row[0]
            return (False, place.id) if seq is None else (True, seq)
        return (False, LAST) if place is None else (True, place)


def _by_id(message: StoredMessage) -> int:
    return message.id
