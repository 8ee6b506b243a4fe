"""How far readers have come: moved on in the journal, and told to those who wrote."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection

from messenger.server.conversations import Conversation
from messenger.server.journal import Journal
from messenger.server.notices import Notices
from messenger.server.session import Account, Online, Session
from messenger.server.store import accounts as account_store
from messenger.server.store import conversations as conversation_store
from messenger.server.store import messages as message_store
from messenger.server.store.conversations import Advance


class Move(NamedTuple):
    """A reader has come up to these numbers of a conversation."""

    account: Account
    account_id: int
    conversation: Conversation
    delivered: int
    read: int = 0


class Marks:
    """Moves marks; in conversations of more readers than `most_readers` nobody is told.

    Plain clients send no marks: what they were handed counts as delivered. For a direct chat that
    is noted per session, for rooms (which have many readers) only that there was something.
    """

    def __init__(
        self, journal: Journal, notices: Notices, online: Online, most_readers: int
    ) -> None:
        self._journal = journal
        self._notices = notices
        self._online = online
        self._most_readers = most_readers
        self._sessions: set[Session] = set()
        self._rooms: set[Conversation] = set()

    async def move(self, moves: Sequence[Move]) -> None:
        """Move marks on (they never go back) and tell; raises ServerError."""
        advances = [
            Advance(move.account_id, move.conversation.id, move.delivered, move.read)
            for move in moves
        ]
        told = {move.conversation.id for move in moves if self._is_told(move.conversation)}
        senders = await self._journal.write(_advance, advances, told)
        for move, names in zip(moves, senders, strict=True):
            if names is not None:
                self._notices.tell_marked(
                    move.conversation, move.account, move.delivered, move.read, names
                )

    def passed(self, session: Session, conversation: Conversation, seq: int) -> None:
        """A plain client was handed a direct message, or what it had missed."""
        if session.passed is not None:
            session.passed[conversation] = seq
            self._sessions.add(session)

    def passed_in_room(self, room: Conversation) -> None:
        """A room's readers were handed a message."""
        self._rooms.add(room)

    async def store_passed(self) -> None:
        """Move the marks of plain clients; raises ServerError."""
        sessions, self._sessions = self._sessions, set()
        rooms, self._rooms = self._rooms, set()
        moves = [move for session in sessions for move in _take_passed(session)]
        moves += [move for room in rooms for move in _passed_in(room)]
        if moves:
            await self.move(moves)

    def take(self, session: Session) -> list[Move]:
        """Return what a plain client was handed that is not stored yet: it leaves."""
        account = session.account
        if account is not None:
            for room in (*account.rooms.values(), self._online.everyone):
                if room in self._rooms and room is not None and _keeps_up(session, room):
                    self.passed(session, room, room.last)
        self._sessions.discard(session)
        return _take_passed(session)

    def _is_told(self, conversation: Conversation) -> bool:
        return conversation is not self._online.everyone and (
            conversation.pair is not None or len(conversation.readers) <= self._most_readers
        )


def _passed_in(room: Conversation) -> list[Move]:
    """Return how far the plain clients in a room have come; a guest's stay ends with the link."""
    return [
        Move(session.account, session.account.id, room, room.last)
        for session in room.readers
        if session.account is not None
        and session.account.id is not None
        and not session.account.guest
        and _keeps_up(session, room)
    ]


def _keeps_up(session: Session, room: Conversation) -> bool:
    return session.passed is not None and (session.behind is None or room not in session.behind)


def _take_passed(session: Session) -> list[Move]:
    account, passed = session.account, session.passed
    if account is None or account.id is None or not passed:
        return []
    session.passed = {}
    return [Move(account, account.id, conversation, seq) for conversation, seq in passed.items()]


def _advance(
    connection: Connection, advances: list[Advance], told: set[int]
) -> list[set[str] | None]:
    """Move the marks; return the names of those whose messages they newly cover.

    None stands for a conversation in which nobody is told.
    """
    senders = [
        _covered(connection, advance) if advance.conversation_id in told else None
        for advance in advances
    ]
    conversation_store.advance_marks(connection, advances)
    return senders


def _covered(connection: Connection, advance: Advance) -> set[str]:
    delivered, read = conversation_store.mark_of(
        connection, advance.account_id, advance.conversation_id
    )
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
