"""The rows of a list of conversations: all of them once, then those that events have changed."""

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from math import inf
from typing import Any

from messenger.jim.contacts import ContactChanged
from messenger.jim.messages import ReceiptChanged
from messenger.jim.rooms import RoomChanged
from messenger.sdk.errors import StoreUnusable
from messenger.sdk.events import (
    BlocksChanged,
    ContactsChanged,
    ConversationChanged,
    CoreEvent,
    MessageChanged,
    MessageDecrypted,
    MessageReceived,
    MessagesLost,
    SummariesChanged,
)
from messenger.sdk.people import KnownPeople
from messenger.sdk.store import ConversationSummary, Store


class Summaries:
    """Reads conversations with the presence of the people in them.

    Once `are_followed`, `note` collects what events change, from any thread; `changed` reads it,
    and what the end of a mute changes, which no event tells. Only one thread calls it: with two,
    an older row could be told after a newer one.
    """

    def __init__(self, store: Store, people: KnownPeople) -> None:
        self._store = store
        self._people = people
        self.are_followed = False
        self._lock = threading.Lock()
        self._noted: set[str] = set()
        self._all_are_noted = False
        self._mute_ends: dict[str, float] = {}

    def read(self, names: Sequence[str] | None = None) -> list[ConversationSummary]:
        """Return all conversations, or those of `names` that are stored, in the list's order."""
        found = self._store.summaries(names)
        self._await_mute_ends(found)
        presence = self._people.presence()
        return [one._replace(person=presence.get(one.name)) for one in found]

    def note(self, *names: str) -> None:
        """Note that these conversations have changed."""
        if self.are_followed:
            with self._lock:
                self._noted.update(names)

    def note_events(self, events: Iterable[CoreEvent]) -> None:
        """Note what the events change."""
        for event in events:
            if isinstance(event, BlocksChanged):
                self._note_all()
            elif (names_of := _NAMES.get(type(event))) is not None:
                self.note(*names_of(event))

    def _note_all(self) -> None:
        """Note that any conversation may have changed: what is unread in rooms, too."""
        if self.are_followed:
            with self._lock:
                self._all_are_noted = True

    def changed(self) -> SummariesChanged | None:
        """Return what has changed since the last call; None if nothing has.

        If the database cannot be read, it stays noted for the next call.
        """
        self._note_mute_ends(time.time())
        with self._lock:
            names, self._noted = list(self._noted), set()
            are_all, self._all_are_noted = self._all_are_noted, False
        if not names and not are_all:
            return None
        try:
            found = self.read(None if are_all else names)
        except StoreUnusable:
            self.note(*names)
            if are_all:
                self._note_all()
            return None
        return SummariesChanged(tuple(found)) if found else None

    def _await_mute_ends(self, rows: Iterable[ConversationSummary]) -> None:
        with self._lock:
            for row in rows:
                if row.muted and row.muted_until < inf:
                    # The earlier one, as these rows may be older than those of another thread:
                    # if it is too early, the row that is read then has the right one.
                    known = self._mute_ends.get(row.name, inf)
                    self._mute_ends[row.name] = min(known, row.muted_until)

    def _note_mute_ends(self, now: float) -> None:
        with self._lock:
            ended = [name for name, end in self._mute_ends.items() if end <= now]
            for name in ended:
                del self._mute_ends[name]
        self.note(*ended)


def _of_message(event: MessageReceived | MessageChanged | MessageDecrypted) -> tuple[str, ...]:
    return (event.message.conversation,)


def _of_conversation(event: ConversationChanged | ReceiptChanged | MessagesLost) -> tuple[str, ...]:
    return (event.conversation,)


_NAMES: dict[type, Callable[[Any], tuple[str, ...]]] = {
    MessageReceived: _of_message,
    MessageChanged: _of_message,
    MessageDecrypted: _of_message,
    ConversationChanged: _of_conversation,
    MessagesLost: _of_conversation,
    ReceiptChanged: _of_conversation,
    RoomChanged: lambda event: (event.room,),
    ContactChanged: lambda event: (event.person.account_name,),
    ContactsChanged: lambda event: event.names,
}
"""The conversations whose rows an event changes; other events change none."""
