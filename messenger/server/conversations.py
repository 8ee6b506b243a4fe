"""The conversations in use: one object each, with the last numbers of its log."""

from weakref import WeakValueDictionary

from messenger.server.records import Conversation
from messenger.server.store.conversations import ConversationRow


class Conversations:
    """One object per conversation, kept for as long as a session online uses it."""

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
        """Return an account's direct chats that are in memory."""
        known = list(self._known.values())
        return [found for found in known if found.pair is not None and name in found.pair]

    def forget_room(self, room: Conversation) -> None:
        """Drop a room that is closed: its name is free."""
        self._rooms.pop(room.name, None)

    def take(self, row: ConversationRow, pair: tuple[str, str] | None = None) -> Conversation:
        """Return the one object for a stored conversation.

        An object in memory is newer than the row. Read the row through the journal, and await
        nothing between that and this call: no message can then have been appended in between.
        """
        found = self._known.get(row.id)
        if found is None:
            found = self._known[row.id] = Conversation(row, pair)
            if found.name:
                self._rooms[found.name] = found
        return found
