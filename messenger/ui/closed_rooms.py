"""Remembers which rooms are closed for good: the server reports it only once."""

import json

from messenger.sdk.results import RoomChanged
from messenger.sdk.store import Store

_KEPT_AS = "closed rooms"


class ClosedRooms:
    """The closed rooms, stored in the local database; read `names` after `load`."""

    def __init__(self, store: Store) -> None:
        self.names: frozenset[str] = frozenset()
        self._store = store

    def load(self) -> None:
        """Read them from the local database."""
        kept = self._store.get(_KEPT_AS)
        self.names |= frozenset(json.loads(kept)) if kept else frozenset()

    def take(self, event: RoomChanged, me: str) -> bool:
        """Note that a room was closed, or that the user has joined a new one of that name.

        Return whether anything has changed: call `save` then.
        """
        before = self.names
        if event.change == "closed":
            self.names |= {event.room}
        elif event.change == "joined" and event.account_name == me:
            self.names -= {event.room}
        return self.names != before

    def save(self) -> None:
        """Write them to the local database."""
        self._store.put(_KEPT_AS, json.dumps(sorted(self.names)))
