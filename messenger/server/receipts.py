"""Delivery and read receipts: stored by the journal, and sent to the senders of the messages."""

from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import Connection

from messenger.server.event_sender import EventSender
from messenger.server.journal import Journal
from messenger.server.presence import Online
from messenger.server.records import Account, Conversation, Session
from messenger.server.store import accounts as account_store
from messenger.server.store import conversations as conversation_store
from messenger.server.store import messages as message_store
from messenger.server.store.conversations import Advance

_AT_ONCE = 500  # receipts in one transaction: messages must not wait for more


class Delivered(NamedTuple):
    """A plain client was sent a conversation up to `seq`, with messages of these senders."""

    account: Account
    account_id: int
    conversation: Conversation
    seq: int
    senders: Iterable[str]


class Receipts:
    """Advances receipts; with more than `max_members` in a room, senders are not notified.

    Plain clients send no receipts: messages sent to them count as delivered, which is stored from
    time to time. It is noted per session in direct chats, but in rooms (with many members) only
    that there were messages, and from whom.
    """

    def __init__(
        self, journal: Journal, events: EventSender, online: Online, max_members: int
    ) -> None:
        self._journal = journal
        self._events = events
        self._online = online
        self._max_members = max_members
        self._sessions: set[Session] = set()
        self._rooms: dict[Conversation, set[str]] = {}

    async def move(
        self,
        account: Account,
        account_id: int,
        conversation: Conversation,
        *,
        delivered: int,
        read: int,
    ) -> None:
        """Advance a reader's receipts (they never go back) and send them; raises ServerError."""
        advance = Advance(account_id, conversation.id, delivered, read)
        if self._notifies_senders(conversation):
            senders = await self._journal.write_independent(_advance_and_find_senders, advance)
        else:
            senders = await self._journal.write_independent(_advance, [advance])
        self._events.send_receipt(conversation, account, delivered, read, senders)

    # --- plain clients -------------------------------------------------------------------------

    def note_delivered(self, session: Session, conversation: Conversation, seq: int) -> None:
        """A plain client was sent a direct message, or messages that it had missed."""
        if session.delivered is not None:
            session.delivered[conversation] = seq
            self._sessions.add(session)

    def note_delivered_in_room(self, room: Conversation, sender: str) -> None:
        """A message was sent to a room's members."""
        senders = self._rooms.get(room)
        if senders is None:
            senders = self._rooms[room] = set()
        senders.add(sender)

    async def store_delivered(self) -> None:
        """Store the receipts of plain clients; raises ServerError."""
        sessions, self._sessions = self._sessions, set()
        rooms, self._rooms = self._rooms, {}
        delivered = [one for session in sessions for one in _take_delivered(session)]
        delivered += [
            one for room, senders in rooms.items() for one in _delivered_in(room, senders)
        ]
        await self.store(delivered)

    def take_delivered(self, session: Session) -> list[Delivered]:
        """Return a plain client's deliveries that are not stored yet, as it disconnects."""
        account = session.account
        if account is not None:
            for room in (*account.rooms.values(), self._online.everyone):
                if room in self._rooms and room is not None and _keeps_up(session, room):
                    self.note_delivered(session, room, room.last_committed)
        self._sessions.discard(session)
        return _take_delivered(session)

    async def store(self, delivered: list[Delivered]) -> None:
        """Store deliveries to plain clients, and notify the senders."""
        advances = [
            Advance(one.account_id, one.conversation.id, one.seq, 0)
            for one in delivered
            if not one.account.guest  # forgotten with the connection
        ]
        for start in range(0, len(advances), _AT_ONCE):
            await self._journal.write_independent(_advance, advances[start : start + _AT_ONCE])
        for one in delivered:
            if self._notifies_senders(one.conversation):
                self._events.send_receipt(one.conversation, one.account, one.seq, 0, one.senders)

    def _notifies_senders(self, conversation: Conversation) -> bool:
        return conversation is not self._online.everyone and (
            conversation.pair is not None or len(conversation.subscribers) <= self._max_members
        )


def _delivered_in(room: Conversation, senders: set[str]) -> list[Delivered]:
    """Return the deliveries to the plain clients in a room."""
    return [
        Delivered(account, account.id, room, room.last_committed, senders)
        for session in room.subscribers
        if (account := session.account) is not None
        and account.id is not None
        and not account.guest
        and _keeps_up(session, room)
    ]


def _keeps_up(session: Session, room: Conversation) -> bool:
    return session.delivered is not None and (session.behind is None or room not in session.behind)


def _take_delivered(session: Session) -> list[Delivered]:
    account, delivered = session.account, session.delivered
    if account is None or account.id is None or not delivered:
        return []
    session.delivered = {}
    return [
        Delivered(account, account.id, conversation, seq, _other(conversation, account))
        for conversation, seq in delivered.items()
    ]


def _other(conversation: Conversation, account: Account) -> tuple[str, ...]:
    return () if conversation.pair is None else (conversation.name_for(account.name),)


# --- in the journal's thread -------------------------------------------------------------------


def _advance(connection: Connection, advances: list[Advance]) -> set[str]:
    conversation_store.advance_receipts(connection, advances)
    return set()


def _advance_and_find_senders(connection: Connection, advance: Advance) -> set[str]:
    """Advance receipts; return the senders' names of the messages that they newly cover."""
    delivered, read = conversation_store.receipt_of(
        connection, advance.account_id, advance.conversation_id
    )
    conversation_store.advance_receipts(connection, [advance])
    moved = [
        (old, new)
        for old, new in ((delivered, advance.delivered), (read, advance.read))
        if new > old
    ]
    if not moved:
        return set()
    before, up_to = min(old for old, _ in moved), max(new for _, new in moved)
    ids = message_store.senders_between(connection, advance.conversation_id, before, up_to)
    return {row.name for row in account_store.by_ids(connection, ids - {advance.account_id})}
