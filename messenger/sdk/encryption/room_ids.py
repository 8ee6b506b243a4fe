"""Which room a name means: one that is made again under an old name is another room."""

from messenger.crypto.names import room_id
from messenger.jim.names import EVERYONE, is_room
from messenger.sdk.encryption.context import DeviceContext
from messenger.sdk.encryption.internal_events import RoomReplaced
from messenger.sdk.store.rooms import unique_part, value_of


class RoomIds:
    """Knows the random part of each room's id, which its creator's client has made.

    Sessions, certificates, settings and lists of devices belong to the id, not to the name.
    """

    def __init__(self, context: DeviceContext) -> None:
        self._store = context.store
        self._keys = context.keys
        self._me = context.account
        self._known: dict[str, str] = {}
        self._emit = context.emit

    def of(self, conversation: str) -> str:
        """Return the id that encryption knows a room or a direct chat by."""
        return room_id(conversation, self._me, self.unique(conversation))

    def unique(self, conversation: str) -> str:
        """Return the random part of a room's id; rooms of older days have none."""
        if conversation not in self._known:
            with self._keys.transaction() as connection:
                self._known[conversation] = unique_part(connection, conversation)
        return self._known[conversation]

    def learn(self, conversation: str, unique: str) -> None:
        """Take the id that a room has now; what was said in an earlier one is over, and stays."""
        if not unique or not is_room(conversation) or conversation == EVERYONE:
            return
        if unique == self.unique(conversation):
            return
        with self._keys.transaction():
            row = self._store.conversation(conversation)
            was_there = row is not None and (row.synced > 0 or row.last is not None)
            if was_there:
                self._store.close_part(conversation, self._me)
            self._keys.put(value_of(conversation), unique)
            self._known[conversation] = unique
        if was_there:
            self._emit(RoomReplaced(conversation))
