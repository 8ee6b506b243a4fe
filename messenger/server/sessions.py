"""The sessions of a server: they begin, log in and out, and end."""

import logging
import time
from collections.abc import Callable, Iterator

from messenger.jim.errors import ProtocolError, Stopping
from messenger.language import N_
from messenger.server.actors import LOCAL
from messenger.server.answers import refuse
from messenger.server.background import Background
from messenger.server.connection import Connection
from messenger.server.connection_limits import ConnectionLimits
from messenger.server.device_lists import DeviceLists
from messenger.server.event_sender import EventSender
from messenger.server.journal import Journal
from messenger.server.limits import Limits
from messenger.server.presence import Online
from messenger.server.receipts import Delivered, Receipts
from messenger.server.records import Account, Session
from messenger.server.room_ownership import RoomOwnership
from messenger.server.store import accounts as account_store

_logger = logging.getLogger("messenger.server")

_CLOSING = N_("The server is shutting down: reconnect later")


class Sessions:
    """Every session, logged in or not; `closing` once the server accepts nothing more."""

    def __init__(
        self,
        limits: Limits,
        journal: Journal,
        online: Online,
        events: EventSender,
        receipts: Receipts,
        device_lists: DeviceLists,
        room_ownership: RoomOwnership,
        background: Background,
    ) -> None:
        self._limits = limits
        self._journal = journal
        self._online = online
        self._events = events
        self._receipts = receipts
        self._device_lists = device_lists
        self._room_ownership = room_ownership
        self._background = background
        self._connection_limits = ConnectionLimits(limits)
        self._all: set[Session] = set()
        self._logged_out: Callable[[Session, Account], None] = lambda _session, _account: None
        self.closing = False

    def __iter__(self) -> Iterator[Session]:
        return iter(self._all)

    def __len__(self) -> int:
        return len(self._all)

    def when_logged_out(self, call: Callable[[Session, Account], None]) -> None:
        """Call this with each session that was logged out, and the account that it had."""
        self._logged_out = call

    def begin(self, connection: Connection) -> None:
        """Begin the session of a connection, unless there are too many."""
        session = Session(connection, connection.address, self._limits.object_size_before_login)
        connection.session = session
        self._all.add(session)
        if error := self._connection_limits.add(session, len(self._all)):
            # A crowd that is refused must not keep its connections any longer.
            self.end(session, error, linger=False)
        elif self.closing:
            self.end(session, Stopping(_CLOSING))

    def begin_operator(self, connection: Connection) -> None:
        """Begin a session at the operator's socket, which needs no login."""
        session = Session(connection, LOCAL, self._limits.object_size)
        session.is_operator = True
        connection.session = session
        self._all.add(session)
        if self.closing:
            self.end(session, Stopping(_CLOSING))

    def make_operator(self, session: Session) -> None:
        """Have a session that has begun at the server's port be an operator's."""
        self._connection_limits.remove(session)
        session.address = LOCAL
        session.is_operator = True
        session.framer.limit = self._limits.object_size

    def end(self, session: Session, error: ProtocolError, *, linger: bool = True) -> None:
        """Close a session's connection, with this error."""
        _logger.info("%r is closed: %s", session, error)
        refuse(session, error)
        session.connection.close(linger=linger)

    def end_late(self) -> None:
        """End those that did not log in in time."""
        late, error = self._connection_limits.too_late()
        for session in late:
            self.end(session, error)

    def end_all(self) -> list[Delivered]:
        """End every session; return the deliveries to plain clients that are not stored yet."""
        left = []
        for session in list(self._all):
            refuse(session, Stopping(_CLOSING))
            left += self._receipts.take_delivered(session)
        return left

    def forget(self, session: Session) -> None:
        """The connection is closed; store what the session was sent."""
        self._all.discard(session)
        if session.account is not None:
            self.log_out(session)
        self._connection_limits.remove(session)
        # The reference cycle would be left to the garbage collector, which runs rarely.
        session.connection.session = None

    def log_in(self, session: Session, account: Account) -> None:
        """Log a session in, and notify the account's watchers if it has come online."""
        self._connection_limits.remove(session)
        # Until now its objects had to be small: strangers must not fill the memory.
        session.framer.limit = self._limits.object_size
        if self._online.add(session, account):
            self._events.send_to_watchers(account)

    def log_out(self, session: Session) -> None:
        """Log a session out, and notify the account's watchers if it has gone offline."""
        account = session.account
        if account is None:
            return
        delivered = self._receipts.take_delivered(session)
        last = self._online.remove(session)
        self._logged_out(session, account)
        if last:
            self._events.send_to_watchers(account, offline=True)
        if account.guest:
            self._guest_leaves(account)
        if not self.closing:  # otherwise `shut_down` has stored the deliveries already
            if delivered:
                self._background.spawn(self._receipts.store(delivered))
            if last and not account.guest and account.id is not None:
                self._background.spawn(self._seen(account.id))
        self._connection_limits.logged_out(session)

    def _guest_leaves(self, guest: Account) -> None:
        """Leave nothing of a guest to the next one of that name."""
        for room in guest.rooms.values():
            self._device_lists.invalidate(room)
            if not self.closing:
                self._background.spawn(self._room_ownership.left(room, guest))
        if guest.id is not None:
            for account in self._online.accounts.values():
                account.watchers.discard(guest.name)

    async def _seen(self, account_id: int) -> None:
        await self._journal.write(account_store.seen, account_id, time.time())
