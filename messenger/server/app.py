"""The server itself: what comes in, which handler answers it, and what goes out."""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Coroutine
from typing import Any

from sqlalchemy import Engine

from messenger import __version__
from messenger.jim.errors import Forbidden, ProtocolError, Stopping
from messenger.jim.fields import RequestId
from messenger.jim.messages import decode_request, encode, request_id
from messenger.jim.names import EVERYONE
from messenger.jim.replies import Reply
from messenger.jim.requests import Incoming
from messenger.log import log
from messenger.server.account_rates import AccountRates
from messenger.server.actions import TABLE, Answer
from messenger.server.answers import refuse
from messenger.server.bus import LocalBus
from messenger.server.config import Settings
from messenger.server.connection import Connection, Flusher
from messenger.server.connection_limits import ConnectionLimits, is_loopback
from messenger.server.conversations import Conversations
from messenger.server.delivery import Delivery
from messenger.server.device_lists import DeviceLists
from messenger.server.event_sender import EventSender
from messenger.server.journal import Append, Journal
from messenger.server.login_attempts import LoginAttempts
from messenger.server.marks import Marks
from messenger.server.passwords import Passwords
from messenger.server.presence import Online
from messenger.server.rate_limits import RateLimiter
from messenger.server.read_pool import ReadPool
from messenger.server.records import Account, Session
from messenger.server.replies import encode_reply
from messenger.server.room_ownership import RoomOwnership
from messenger.server.shutdown import shut_down
from messenger.server.store import accounts as account_store
from messenger.server.store import conversations as conversation_store
from messenger.server.store import room_ownership as ownership_store
from messenger.server.ticker import Ticker, probe
from messenger.server.tls import HANDSHAKE, Tls

_logger = logging.getLogger("messenger.server")


class Server:
    """Answers requests; holds what handlers need.

    It is the only place that maps exceptions to reply codes. All of it runs on the event loop.
    """

    def __init__(
        self, settings: Settings, engine: Engine, loop: asyncio.AbstractEventLoop, tls: Tls
    ) -> None:
        self.settings = settings
        self.tls = tls
        self.limits = limits = settings.limits
        self.name = f"Messenger {__version__}"
        self.loop = loop
        self.online = Online()
        self.conversations = Conversations()
        self.events = EventSender(self.online)
        self.journal = Journal(engine, loop, self._publish)
        self.room_ownership = RoomOwnership(
            self.journal, self.events, self.online, self.conversations
        )
        self.marks = Marks(self.journal, self.events, self.online, limits.receipts_max_members)
        self.device_lists = DeviceLists(self.journal, self.conversations)
        self.read_pool = ReadPool(engine, loop, settings.reading_threads)
        self.delivery = Delivery(
            self.online,
            self.read_pool,
            self.marks,
            self.resume,
            answer_always=settings.reply_to_messages == "always",
        )
        self.bus = LocalBus(self.delivery.deliver)
        self.passwords = Passwords(loop, limits.waiting_passwords)
        self.rates = AccountRates(limits, limits_on=settings.limits_on)
        self.login_attempts = LoginAttempts(limits, self.read_pool, limits_on=settings.limits_on)
        self.guests = RateLimiter(limits.guest_burst, limits.guest_interval)
        self.registrations = RateLimiter(limits.register_burst, limits.register_interval)
        self.new_rooms = RateLimiter(limits.new_room_burst, limits.new_room_interval)
        self.claims = RateLimiter(limits.claim_burst, limits.claim_interval)
        self.backups = RateLimiter(limits.backup_burst, limits.backup_interval)
        self.resets = RateLimiter(limits.reset_burst, limits.reset_interval)
        self.sessions: set[Session] = set()
        self._connection_limits = ConnectionLimits(limits)
        self._ticker = Ticker(loop, self._each_second)
        self._flusher = Flusher(loop)
        self._tasks: set[asyncio.Task[None]] = set()
        self._stopping = False

    async def open(self) -> None:
        """Load what is needed from the first connection on."""
        self.secret = await self.journal.write(account_store.server_secret)
        await self.journal.write(ownership_store.settle)
        row = await self.journal.write(conversation_store.open_room, EVERYONE, None)
        self.everyone = self.online.everyone = self.conversations.take(row)
        self._ticker.start()

    async def close(self, reason: str = "The server is shutting down: reconnect later") -> None:
        """Take nothing more, commit and answer what was taken, and tell everyone why.

        Whatever fails or hangs of it, this ends, and the threads with it.
        """
        self._stopping = True
        self._ticker.stop()
        try:
            await shut_down(self, reason)
        finally:
            self.passwords.close()
            await self.read_pool.close()
            await self.journal.close()

    # --- connections ---------------------------------------------------------------------------

    def new_connection(self) -> Connection:
        """Return a connection for a connection that has been accepted."""
        return Connection(
            self,
            self._flusher,
            pause=self.settings.plain_pause,
            high_water=self.limits.write_buffer_bytes,
            queue_limit=self.limits.write_buffer_frames_plain,
        )

    def connected(self, connection: Connection) -> None:
        """Begin a session, unless there are too many."""
        address = connection.address
        session = Session(connection, address, self.limits.object_size_before_login)
        connection.session = session
        self.sessions.add(session)
        if error := self._connection_limits.add(session, len(self.sessions)):
            # A crowd that is not let in must not stay for a goodbye.
            self.end(session, error, linger=False)
        elif self._stopping:
            self.end(session, Stopping("The server is shutting down: reconnect later"))

    def begins(self, connection: Connection, data: bytes) -> bool:
        """Shake hands with who wants TLS; refuse who may not come without. True for plain JIM."""
        if data[0] == HANDSHAKE:
            connection.pause_reading()  # until TLS is there to read
            self._spawn(self.tls.upgrade(connection, data))
            return False
        plain = self.settings.plain
        if plain == "any" or (plain == "loopback" and is_loopback(connection.address)):
            return True
        self.end(
            connection.session, Forbidden("This server requires TLS: connections are encrypted")
        )
        return False

    def received(self, connection: Connection, data: bytes) -> None:
        """Take bytes of a connection, and handle the requests that they complete."""
        session: Session = connection.session
        if self._stopping:
            return
        session.heard = self.loop.time()
        framer = session.framer
        frames = framer.feed(data)
        if connection.paced and framer.newline:
            connection.paced = False
        if session.inbox:
            session.inbox.extend(frames)
            self._watch_inbox(session)
        else:
            self._handle(session, frames)
        if framer.error is not None:
            self._end_broken(session, framer.error)

    def drained(self, connection: Connection) -> None:
        """Feed a connection that was too slow from the log."""
        session: Session = connection.session
        if session.letter_due:
            connection.send(session.letter_due)
            session.letter_due = b""
        self.delivery.catch_up(session)

    def disconnected(self, connection: Connection) -> None:
        """End a session; what it was handed is remembered."""
        session: Session = connection.session
        self.sessions.discard(session)
        if session.account is not None:
            self.go_offline(session)
        self._connection_limits.remove(session)
        # Two that hold each other would be left to the garbage collector, which seldom runs.
        connection.session = None

    # --- requests ------------------------------------------------------------------------------

    @log
    def receive(self, frame: bytes) -> Incoming:
        """Return the request that a client sent; raises ProtocolError."""
        return decode_request(frame)

    def build_answer(
        self, session: Session, request: Incoming, frame: bytes | None = None
    ) -> Answer | Coroutine[Any, Any, Answer]:
        """Have the request handled; the answer is a reply, one to come, or left to the log.

        `frame` are its bytes, as they came. Raises ProtocolError where the request is refused.
        """
        action = TABLE[type(request)]
        if action.rate is not None:
            self.rates.count(action.rate, session.account)
        if action.with_frame:
            return action.handler(self, session, request, frame or encode(request))
        return action.handler(self, session, request)

    @log
    def send_answer(self, session: Session, reply: Reply, id: RequestId | None = None) -> None:
        """Send a reply, with the `id` of its request."""
        session.connection.send(encode_reply(reply, id))

    def resume(self, session: Session) -> None:
        """Go on with the requests that waited."""
        if self._stopping:
            return
        session.waiting = False
        inbox, session.inbox = session.inbox, None
        if inbox:
            self._handle(session, list(inbox))
        if not session.inbox:
            session.connection.resume_reading()
            if session.framer.error is not None:
                self._end_broken(session, session.framer.error)

    def _handle(self, session: Session, frames: list[bytes]) -> None:
        """Handle requests in order, as far as none has to wait for an earlier one's answer."""
        for index, frame in enumerate(frames):
            if session.busy or not self._handle_one(session, frame):
                session.inbox = deque(frames[index:])
                session.waiting = True
                self._watch_inbox(session)
                return

    def _handle_one(self, session: Session, frame: bytes) -> bool:
        """Handle one request; False if it has to wait."""
        request = None
        try:
            request = decode_request(frame)
            action = TABLE[type(request)]
            if session.outstanding and (
                not action.pipelined or session.outstanding >= self.limits.pipelined_messages
            ):
                return False
            answer = self.build_answer(session, request, frame)
        except Exception as error:
            # A refusal must not overtake the answers to earlier messages.
            if session.outstanding and isinstance(error, ProtocolError):
                return False
            refuse(session, error, request.id if request else request_id(frame))
            return True
        return answer is None or self._answer(session, request, answer)

    def _answer(
        self, session: Session, request: Incoming, answer: Reply | Coroutine[Any, Any, Answer]
    ) -> bool:
        """Answer now, or once the answer has come; False if it has to wait."""
        if isinstance(answer, Reply):
            self.send_answer(session, answer, request.id)
        elif session.outstanding:
            # It takes longer than it seemed, and might overtake them: later, then.
            answer.close()
            return False
        else:
            session.busy = True
            self._spawn(self._answer_later(session, request, answer))
        return True

    async def _answer_later(
        self, session: Session, request: Incoming, answer: Coroutine[Any, Any, Answer]
    ) -> None:
        try:
            reply = await answer
            if reply is not None:
                self.send_answer(session, reply, request.id)
        except Exception as error:
            refuse(session, error, request.id)
        session.busy = False
        if session.waiting:
            self.resume(session)

    def _end_broken(self, session: Session, error: ProtocolError) -> None:
        """End a connection that cannot be read any more, once what came before is answered."""
        if session.inbox or session.busy or session.outstanding:
            session.waiting = True
        else:
            self.end(session, error)

    def end(self, session: Session, error: ProtocolError, *, linger: bool = True) -> None:
        """End a session's connection, and say why."""
        _logger.info("%r is closed: %s", session, error)
        refuse(session, error)
        session.connection.close(linger=linger)

    def _watch_inbox(self, session: Session) -> None:
        if session.inbox is not None and len(session.inbox) > self.limits.waiting_requests:
            session.connection.pause_reading()

    async def account_id(self, account: Account) -> int:
        """Return the id under which an account is stored; a guest gets one now."""
        if account.id is None:
            account.id = await self.journal.write(account_store.create_guest, account.name)
        return account.id

    # --- who is online -------------------------------------------------------------------------

    def go_online(self, session: Session, account: Account) -> None:
        """Log a session in."""
        self._connection_limits.remove(session)
        session.framer.limit = self.limits.object_size
        if self.online.add(session, account):
            self.events.send_to_watchers(account)

    def go_offline(self, session: Session) -> None:
        """Log a session out, and tell those who want to know if it was the account's last."""
        account = session.account
        if account is None:
            return
        passed = self.marks.take(session)
        last = self.online.remove(session)
        if last:
            self.events.send_to_watchers(account, offline=True)
        if account.guest:
            self._guest_leaves(account)
        if not self._stopping:
            if passed:
                self._spawn(self.marks.store(passed))
            if last and not account.guest and account.id is not None:
                self._spawn(self._seen(account.id))
        self._connection_limits.logged_out(session)

    def _guest_leaves(self, guest: Account) -> None:
        """Nothing of a guest stays for the next one of that name."""
        for room in guest.rooms.values():
            self.device_lists.invalidate(room)
            if not self._stopping:
                self._spawn(self.room_ownership.left(room, guest))
        if guest.id is not None:
            for account in self.online.accounts.values():
                account.watchers.discard(guest.name)

    async def _seen(self, account_id: int) -> None:
        await self.journal.write(account_store.seen, account_id, time.time())

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Have something done that nobody waits for."""
        task = self.loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            _logger.warning("Something was not stored: %s", error)

    async def _each_second(self) -> None:
        late, error = self._connection_limits.too_late()
        for session in late:
            self.end(session, error)
        probe(self.sessions, self.limits, self.loop.time())
        await self.marks.store_passed()

    def _publish(self, entries: list[Append]) -> None:
        self.bus.publish(entries)
