"""Transfers or closes rooms whose creator leaves, and notifies their members."""

import logging
import time
from typing import Literal

from messenger.jim.rooms import RoomChanged
from messenger.server.conversations import Conversations
from messenger.server.event_sender import EventSender
from messenger.server.journal import Journal
from messenger.server.presence import Online
from messenger.server.records import Account, Conversation
from messenger.server.store import room_ownership as ownership_store
from messenger.server.store.room_ownership import Outcome

_logger = logging.getLogger("messenger.server")


class RoomOwnership:
    """Keeps the creator of a room one of its members."""

    def __init__(
        self, journal: Journal, events: EventSender, online: Online, conversations: Conversations
    ) -> None:
        self._journal = journal
        self._events = events
        self._online = online
        self._conversations = conversations

    async def left(self, room: Conversation, account: Account) -> None:
        """An account has left a room, for good or (a guest) with its connection."""
        if account.id is None or room.creator_id != account.id:
            return
        # Until it is known who follows, nobody has the creator's rights.
        room.creator_id = room.creator = None
        self.apply(room, await self._journal.write(ownership_store.transfer, room.id), account.name)

    def apply(self, room: Conversation, outcome: Outcome, left: str) -> None:
        """Note in memory what is stored of a room whose creator has `left`; notify its members."""
        room.creator_id = room.creator = None
        if outcome.closed:
            self.close(room, left)
        elif outcome.creator_id is not None:
            room.creator_id, room.creator = outcome.creator_id, outcome.creator
            self._notify(room, "creator", outcome.creator or "")
            _logger.info("The room %r now belongs to %r", room.name, room.creator)

    def close(self, room: Conversation, by: str) -> None:
        """Remove everybody from a room that is closed in the database."""
        self._conversations.forget_room(room)
        self._notify(room, "closed", by)
        for member in {
            subscriber.account for subscriber in room.subscribers if subscriber.account is not None
        }:
            self._online.leave_room(member, room)
        _logger.info("The room %r is closed", room.name)

    def _notify(self, room: Conversation, change: Literal["creator", "closed"], name: str) -> None:
        changed = RoomChanged(time=time.time(), room=room.name, change=change, account_name=name)
        self._events.send(changed, room.subscribers)
