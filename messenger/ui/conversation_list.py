"""The list of conversations: the latest first, what is unread, and what an event changes in it."""

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
from messenger.sdk.store import ConversationRow, Store

_MAX_ONE_BY_ONE = 10
"""Rows that are read one by one: beyond it is quicker to read all of them."""


class Reading(NamedTuple):
    """What has to be read anew: the rows of some conversations, or of all where `names` is None."""

    names: frozenset[str] | None

    def rows(self, store: Store) -> list[ConversationRow]:
        """Read them; it may take long, and is not for the thread that draws."""
        if self.names is None:
            return store.conversations()
        return [row for name in self.names if (row := store.conversation(name)) is not None]


class Conversations:
    """Rows of the local database, and the common chat and the open one in any case.

    `names` are all that the list shows, in order; `rows` what is known of them. What has to be read
    is noted by `outdate` and `outdated_by`, handed out by `reading`, and comes back by `take`: all
    of them for the thread that draws.
    """

    def __init__(self, current: str = EVERYONE) -> None:
        self.current = current
        self.rows: dict[str, ConversationRow] = {}
        self.names: list[str] = []
        self._outdated: set[str] = set()
        self._is_all_outdated = self._has_changed = True  # nothing was read yet
        self._arrange()

    # --- changes -------------------------------------------------------------------------------

    def open(self, name: str) -> None:
        """Show another conversation as the open one."""
        if name != self.current:
            self.current = name
            self._arrange()

    def outdate(self, *names: str) -> None:
        """Note that the rows of these have changed, or only what stands beside them."""
        self._outdated |= set(names)
        self._has_changed = True

    def outdate_all(self) -> None:
        """Note that any row may have changed."""
        self._is_all_outdated = self._has_changed = True

    def outdated_by(self, event: object) -> None:
        """Note what an event changes."""
        changed = _CHANGED.get(type(event))
        if changed is None:
            self.outdate_all()
        else:
            self.outdate(*changed(event))

    def reading(self) -> Reading | None:
        """Return what has to be read now; None if nothing has changed since it was asked last."""
        if not self._has_changed:
            return None
        is_all = self._is_all_outdated or len(self._outdated) > _MAX_ONE_BY_ONE
        reading = Reading(None if is_all else frozenset(self._outdated))
        self._outdated = set()
        self._is_all_outdated = self._has_changed = False
        return reading

    def take(self, reading: Reading, rows: Iterable[ConversationRow]) -> None:
        """Take what was read."""
        kept = {} if reading.names is None else self.rows
        found = {**kept, **{row.name: row for row in rows}}
        self.rows = {row.name: row for row in sorted(found.values(), key=_latest, reverse=True)}
        self._arrange()

    def _arrange(self) -> None:
        self.names = list(dict.fromkeys([*self.rows, EVERYONE, self.current]))

    # --- what it tells -------------------------------------------------------------------------

    @property
    def unread(self) -> int:
        """How many messages are unread where nothing is muted and nothing is open."""
        rows = [row for row in self.rows.values() if not row.muted and row.name != self.current]
        return sum(row.unread for row in rows)

    def next_unread(self, current: str) -> str | None:
        """Return the next conversation with something unread, after the open one and around."""
        at = self._place(current)
        for name in self.names[at + 1 :] + self.names[:at]:
            row = self.rows.get(name)
            if row is not None and row.unread and not row.muted:
                return name
        return None

    def neighbour(self, current: str, step: int) -> str:
        """Return the conversation so many further down, and around."""
        return self.names[(self._place(current) + step) % len(self.names)]

    def _place(self, name: str) -> int:
        return self.names.index(name) if name in self.names else 0


def matching(names: Iterable[str], words: str) -> list[str]:
    """Return the names that contain what is typed, in any case."""
    return [name for name in names if words.casefold() in name.casefold()]


def _latest(row: ConversationRow) -> float:
    return row.last.stored if row.last else 0


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
"""The conversations whose rows an event changes; events that are not here may change all."""
