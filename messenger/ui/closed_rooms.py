"""Which rooms of the list are closed for good: the server tells it once."""

import json

from messenger.sdk.results import RoomChanged
from messenger.sdk.store import Store

_KEPT_AS = "closed rooms"


class ClosedRooms:
    """Remembers them in the local database; read `names` after `load`."""

    def __init__(self, store: Store) -> None:
        self.names: frozenset[str] = frozenset()
        self._store = store

    def load(self) -> None:
        """Read which were closed before this start."""
        kept = self._store.get(_KEPT_AS)
        self.names |= frozenset(json.loads(kept)) if kept else frozenset()

    def take(self, event: RoomChanged, me: str) -> bool:
        """Note that a room is closed, or that one of its name is open to this user.

        Tell whether anything has changed: `save` is to be called then.
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
