"""Which rooms of the list are closed for good: the server tells it once."""

import json

from messenger.console.screen.threads import off_loop
from messenger.jim.events import RoomChanged
from messenger.sdk.store import Store

_KEPT_AS = "closed rooms"


class ClosedRooms:
    """Remembers them in the local database; read `names` after `load`."""

    def __init__(self, store: Store) -> None:
        self.names: frozenset[str] = frozenset()
        self._store = store

    async def load(self) -> None:
        """Read which were closed before this start."""
        kept = await off_loop(self._store.get, _KEPT_AS)
        self.names |= frozenset(json.loads(kept)) if kept else frozenset()

    async def take(self, event: RoomChanged, me: str) -> None:
        """Note that a room is closed, or that one of its name is open to this user."""
        names = self.names
        if event.change == "closed":
            names |= {event.room}
        elif event.change == "joined" and event.account_name == me:
            names -= {event.room}
        if names != self.names:
            self.names = names
            await off_loop(self._store.put, _KEPT_AS, json.dumps(sorted(names)))
