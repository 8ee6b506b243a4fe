"""The list of conversations: pinned ones first, unread counts, and which rows an event changes."""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from messenger.jim.names import EVERYONE
from messenger.sdk.events import (
    ContactsChanged,
    ConversationChanged,
    MessageChanged,
    MessageDecrypted,
    MessageReceived,
    MessagesLost,
)
from messenger.sdk.results import ContactChanged, ReceiptChanged, RoomChanged, TypingNotice
from messenger.sdk.store import ConversationSummary, Store

_MAX_ONE_BY_ONE = 10
"""Rows that are read one by one; for more, one query for all rows is faster."""


class Reading(NamedTuple):
    """The rows to read again: those of `names`, or all if that is None."""

    names: frozenset[str] | None

    def rows(self, store: Store) -> list[ConversationSummary]:
        """Read them; takes milliseconds, so not in the thread that draws."""
        return store.summaries(None if self.names is None else list(self.names))


class SortedConversations:
    """The rows of the local database; always with the common chat and the open conversation.

    `names` are those shown, in order; `rows` the data of them. `outdate` and `outdated_by` mark
    rows as outdated, `reading` returns what to read, another thread reads it, and `take` stores the
    result. All methods are for the thread that draws.
    """

    def __init__(self, current: str = EVERYONE) -> None:
        self.current = current
        self.rows: dict[str, ConversationSummary] = {}
        self.names: list[str] = []
        self._outdated: set[str] = set()
        self._is_all_outdated = self._has_changed = True  # nothing has been read yet
        self._arrange()

    # --- changes -------------------------------------------------------------------------------

    def open(self, name: str) -> None:
        """Show another conversation as the open one."""
        if name != self.current:
            self.current = name
            self._arrange()

    def outdate(self, *names: str) -> None:
        """Mark these rows as outdated; without names only what the list shows beside rows."""
        self._outdated |= set(names)
        self._has_changed = True

    def outdate_all(self) -> None:
        """Mark all rows as outdated."""
        self._is_all_outdated = self._has_changed = True

    def outdated_by(self, event: object) -> None:
        """Mark the rows as outdated that an event changes."""
        changed = _CHANGED.get(type(event))
        if changed is None:
            self.outdate_all()
        else:
            self.outdate(*changed(event))

    def reading(self) -> Reading | None:
        """Return what to read; None if nothing has changed since the last call."""
        if not self._has_changed:
            return None
        is_all = self._is_all_outdated or len(self._outdated) > _MAX_ONE_BY_ONE
        reading = Reading(None if is_all else frozenset(self._outdated))
        self._outdated = set()
        self._is_all_outdated = self._has_changed = False
        return reading

    def take(self, reading: Reading, rows: Iterable[ConversationSummary]) -> None:
        """Store the rows that were read."""
        kept = {} if reading.names is None else self.rows
        found = {**kept, **{row.name: row for row in rows}}
        self.rows = {
            row.name: row for row in sorted(found.values(), key=lambda row: row.rank, reverse=True)
        }
        self._arrange()

    def _arrange(self) -> None:
        self.names = list(dict.fromkeys([*self.rows, EVERYONE, self.current]))

    # --- queries -------------------------------------------------------------------------------

    @property
    def unread(self) -> int:
        """Unread messages in all conversations that are neither muted nor open."""
        rows = [row for row in self.rows.values() if not row.muted and row.name != self.current]
        return sum(row.unread for row in rows)

    def next_unread(self, current: str) -> str | None:
        """Return the next conversation with unread messages after `current`, wrapping around."""
        at = self._place(current)
        for name in self.names[at + 1 :] + self.names[:at]:
            row = self.rows.get(name)
            if row is not None and row.unread and not row.muted:
                return name
        return None

    def neighbour(self, current: str, step: int) -> str:
        """Return the conversation `step` rows further down, wrapping around."""
        return self.names[(self._place(current) + step) % len(self.names)]

    def _place(self, name: str) -> int:
        return self.names.index(name) if name in self.names else 0


def matching(names: Iterable[str], words: str) -> list[str]:
    """Return the names that contain the typed text, ignoring case."""
    return [name for name in names if words.casefold() in name.casefold()]


def _of_message(event: MessageReceived | MessageChanged | MessageDecrypted) -> tuple[str, ...]:
    return (event.message.conversation,)


def _of_conversation(event: ConversationChanged | ReceiptChanged | MessagesLost) -> tuple[str, ...]:
    return (event.conversation,)


def _of_none(_event: object) -> tuple[str, ...]:
    return ()


_CHANGED: dict[type, Callable[[Any], tuple[str, ...]]] = {
    MessageReceived: _of_message,
    MessageChanged: _of_message,
    MessageDecrypted: _of_message,
    ConversationChanged: _of_conversation,
    MessagesLost: _of_conversation,
    ReceiptChanged: _of_conversation,
    RoomChanged: lambda event: (event.room,),
    TypingNotice: _of_none,
    ContactChanged: _of_none,
    ContactsChanged: _of_none,
}
"""The conversations whose rows an event changes; any other event may change all rows."""
