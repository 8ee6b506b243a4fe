"""Conversations in memory: their numbers, and which sessions read them."""

from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

from messenger.server.store.conversations import ConversationRow
from messenger.server.store.messages import first_key

if TYPE_CHECKING:
    from messenger.server.device_lists import DeviceList
    from messenger.server.session import Session


class Conversation:
    """A direct chat, a room or the common chat.

    `last_assigned` is the last number that the journal gave (its thread's own), `last_committed`
    the last that can be read. A direct chat has a `pair` of names; ask `Online.sessions_of` for the
    `subscribers`, whom it caches here. Who made a room (`creator_id`, with the name beside it) has
    rights there. One that is `encrypted` takes nothing plain; one with `history` shows it to those
    who join. Another room of the same name has another `unique_id`; those of older versions have
    none. `device_list` is None until it is asked for after a change (`changes` counts them);
    `previous_device_list` is the one before.
    """

    __slots__ = (
        "__weakref__",
        "changes",
        "creator",
        "creator_id",
        "device_list",
        "encrypted",
        "first_key",
        "history",
        "id",
        "last_assigned",
        "last_committed",
        "name",
        "pair",
        "previous_device_list",
        "subscribers",
        "subscribers_as_of",
        "topic",
        "unique_id",
    )

    def __init__(self, row: ConversationRow, pair: tuple[str, str] | None = None) -> None:
        self.id = row.id
        self.first_key = first_key(row.id)
        self.name = row.room or ""
        self.pair = pair
        self.last_assigned = self.last_committed = row.last
        self.topic = row.topic
        self.creator_id = row.creator_id
        self.creator = row.creator
        self.encrypted = bool(row.encrypted)
        self.history = bool(row.history)
        self.unique_id = row.unique_id or ""
        self.subscribers: dict[Session, None] = {}
        self.subscribers_as_of = -1
        self.changes = 0
        self.device_list: DeviceList | None = None
        self.previous_device_list: DeviceList | None = None

    def name_for(self, account_name: str) -> str:
        """Return what a participant calls the conversation: the room, or the other person."""
        if self.pair is None:
            return self.name
        return self.pair[1] if self.pair[0] == account_name else self.pair[0]


class Conversations:
    """Every conversation that somebody online uses: one object each, for as long as that."""

    def __init__(self) -> None:
        self._known: WeakValueDictionary[int, Conversation] = WeakValueDictionary()
        self._rooms: WeakValueDictionary[str, Conversation] = WeakValueDictionary()

    def get(self, conversation_id: int) -> Conversation | None:
        """Return the conversation if it is in memory."""
        return self._known.get(conversation_id)

    def room(self, name: str) -> Conversation | None:
        """Return the open room of that name if it is in memory."""
        return self._rooms.get(name)

    def of_pair(self, name: str) -> list[Conversation]:
        """Return the direct chats of somebody that are in memory."""
        known = list(self._known.values())
        return [found for found in known if found.pair is not None and name in found.pair]

    def forget_room(self, room: Conversation) -> None:
        """The room is closed: its name is free."""
        self._rooms.pop(room.name, None)

    def take(self, row: ConversationRow, pair: tuple[str, str] | None = None) -> Conversation:
        """Return the one object for a stored conversation.

        An object in memory is newer than the row. Read the row by the journal, and call this in
        the same step in which it has come: no message can then have been appended between.
        """
        found = self._known.get(row.id)
        if found is None:
            found = self._known[row.id] = Conversation(row, pair)
            if found.name:
                self._rooms[found.name] = found
        return found
