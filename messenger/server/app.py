"""The server itself: connections open and close, and everything stops in order."""

import asyncio

from messenger.jim.errors import Forbidden
from messenger.jim.names import EVERYONE
from messenger.server import unfinished_change
from messenger.server.append import Append
from messenger.server.background import Background
from messenger.server.connection import Application, Connection, Flusher
from messenger.server.connection_limits import is_loopback
from messenger.server.handlers.messages import check_again
from messenger.server.pipeline import Pipeline
from messenger.server.records import Session
from messenger.server.retention.retention import Retention
from messenger.server.services import Services
from messenger.server.shutdown import shut_down
from messenger.server.store import account_changes
from messenger.server.store import accounts as account_store
from messenger.server.store import blocks as block_store
from messenger.server.store import conversations as conversation_store
from messenger.server.store import room_ownership as ownership_store
from messenger.server.store.log_id import log_id
from messenger.server.ticker import Ticker, probe
from messenger.server.tls import HANDSHAKE, Tls


class Server(Pipeline):
    """Opens and closes connections; the bytes that they receive go through the pipeline.

    All of it runs on the event loop.
    """

    def __init__(
        self, services: Services, background: Background, loop: asyncio.AbstractEventLoop, tls: Tls
    ) -> None:
        super().__init__(services, background, loop)
        services.delivery.when_answered(self.resume)
        self.tls = tls
        services.delivery.when_turned_back(self._check_again)
        self.background = background
        self._flusher = Flusher(loop)
        self._ticker = Ticker(loop, self._each_second)
        self._schedules: list[asyncio.Task[None]] = []

    async def open(self) -> None:
        """Load everything that the first connection needs."""
        services = self.services
        services.secret = await services.journal.write(account_store.server_secret)
        services.log_id = await services.read_pool.read(log_id)
        await services.journal.write(ownership_store.settle)
        await services.journal.write(unfinished_change.settle, services.settings.data)
        unfinished_change.forget_all(services.settings.data)
        services.block_names |= await services.journal.write(block_store.names)
        row = await services.journal.write(conversation_store.open_room, EVERYONE, None)
        services.everyone = services.online.everyone = services.conversations.take(row)
        if not await services.read_pool.read(account_changes.has_administrator):
            services.claim_code.make()
        await services.statistics.open()
        self._ticker.start()
        retention = Retention(services.journal, services.read_pool, lambda: services.settings)
        self._schedules.append(self.loop.create_task(retention.run()))
        if hours := services.settings.backup_every:
            self._schedules.append(self.loop.create_task(services.backups.run_every(hours)))

    async def close(self) -> None:
        """Accept no more requests, commit and answer pending ones, and tell every client why.

        Even if a part of it fails or hangs, this returns, and the threads end.
        """
        # First: no request that arrives meanwhile may begin a change.
        self.services.sessions.closing = True
        self._ticker.stop()
        for schedule in self._schedules:
            schedule.cancel()
        self.services.backups.cancel()
        try:
            await shut_down(self.services)
        finally:
            self.services.passwords.close()
            await self.services.read_pool.close()
            # Last, as everything else may still write.
            await self.services.journal.close()

    def new_connection(self, application: Application | None = None) -> Connection:
        """Return the protocol of a connection that has been accepted.

        Its bytes go to the `application`, which is this one by default.
        """
        return Connection(
            application or self,
            self._flusher,
            pause=self.services.settings.plain_pause,
            high_water=self._limits.write_buffer_bytes,
            queue_limit=self._limits.write_buffer_frames_plain,
        )

    def connected(self, connection: Connection) -> None:
        """Begin a session, unless there are too many."""
        self.services.sessions.begin(connection)

    def begins(self, connection: Connection, data: bytes) -> bool:
        """Start TLS if the client does; refuse plain JIM if the settings do not allow it."""
        # 22 is TLS's record type (RFC 8446, 5.1); no JSON text begins with that byte.
        if data[0] == HANDSHAKE:
            connection.pause_reading()  # until the TLS protocol is in place
            self._background.spawn(self.tls.upgrade(connection, data))
            return False
        plain = self.services.settings.plain
        if plain == "any" or (plain == "loopback" and is_loopback(connection.address)):
            return True
        refused = Forbidden("This server requires TLS: connections are encrypted")
        self.services.sessions.end(connection.session, refused)
        return False

    def drained(self, connection: Connection) -> None:
        """Send a connection that was too slow the messages that it has missed, from the log."""
        session: Session = connection.session
        if session.to_device_due:
            connection.send(session.to_device_due)
            session.to_device_due = b""
        self.services.delivery.catch_up(session)

    def disconnected(self, connection: Connection) -> None:
        """End a session."""
        self.services.sessions.forget(connection.session)

    def _check_again(self, session: Session, entries: list[Append]) -> None:
        """Check messages again, in their order; the requests behind them wait."""
        self._background.spawn(self._check_all_again(session, entries))

    async def _check_all_again(self, session: Session, entries: list[Append]) -> None:
        for entry in entries:
            await check_again(self.services, entry)
        # The first may have been turned back again meanwhile.
        if not self.services.delivery.is_holding(session):
            session.busy = False
            if session.waiting:
                self.resume(session)

    async def _each_second(self) -> None:
        sessions = self.services.sessions
        sessions.end_late()
        probe(sessions, self._limits, self.loop.time())
        await self.services.receipts.store_delivered()
