"""The ids of rooms: a room that is created again under an old name has another id."""

from messenger.crypto.names import room_id
from messenger.jim.names import EVERYONE, is_room
from messenger.sdk.encryption.context import DeviceContext
from messenger.sdk.encryption.internal_events import RoomReplaced
from messenger.sdk.store.rooms import unique_part, value_of


class RoomIds:
    """Knows the random part of each room's id, which its creator's client has generated.

    Sessions, certificates, settings and device lists belong to the id, not to the name.
    """

    def __init__(self, context: DeviceContext) -> None:
        self._store = context.store
        self._keys = context.keys
        self._me = context.account
        self._known: dict[str, str] = {}
        self._emit = context.emit

    def of(self, conversation: str) -> str:
        """Return the id that encryption uses for a room or a direct chat."""
        return room_id(conversation, self._me, self.unique(conversation))

    def unique(self, conversation: str) -> str:
        """Return the random part of a room's id; rooms of earlier versions have none."""
        if conversation not in self._known:
            with self._keys.transaction() as connection:
                self._known[conversation] = unique_part(connection, conversation)
        return self._known[conversation]

    def learn(self, conversation: str, unique: str) -> None:
        """Store the current id of a room; an earlier room of that name is closed, and stays."""
        # A server that omits the id must not make it another room: the known id stays.
        if not unique or not is_room(conversation) or conversation == EVERYONE:
            return
        if unique == self.unique(conversation):
            return
        with self._keys.transaction():
            row = self._store.summary(conversation)
            is_replaced = row is not None and (row.synced > 0 or row.last is not None)
            if is_replaced:
                self._store.close_part(conversation, self._me)
            self._keys.put(value_of(conversation), unique)
            self._known[conversation] = unique
        if is_replaced:
            self._emit(RoomReplaced(conversation))
