"""Delivery of committed messages: live, or from the log to sessions that are behind."""

import logging
from collections.abc import Callable

from messenger.jim.errors import BadRequest, OutOfOrder, ServerError
from messenger.server.answers import UNSTORABLE, refuse
from messenger.server.append import Append
from messenger.server.background import Background
from messenger.server.frames import (
    as_json,
    decode_plain,
    for_lines,
    for_recv,
    numbered,
    stored_frame,
    with_full_name,
    with_number,
)
from messenger.server.presence import Online
from messenger.server.read_pool import ReadPool
from messenger.server.receipts import Receipts
from messenger.server.records import Conversation, Session
from messenger.server.replies import Replies
from messenger.server.store import messages as message_store
from messenger.server.store.backend import RETRY_AFTER
from messenger.server.store.messages import MessageRow

_logger = logging.getLogger("messenger.server")

_PAGE = 100  # messages, 20 KB on average: other sessions get their turn between two pages


class Delivery:
    """Answers senders and feeds recipients, one write per connection and turn."""

    def __init__(
        self,
        online: Online,
        read_pool: ReadPool,
        receipts: Receipts,
        background: Background,
        *,
        answer_always: bool,
    ) -> None:
        self._online = online
        self._read_pool = read_pool
        self._receipts = receipts
        self._background = background
        self._answer_always = answer_always
        self._replies = Replies()
        self._stored = b""  # when the messages that are being delivered were committed
        self._answered: Callable[[Session], None] = lambda _session: None
        self._check_again: Callable[[Session, list[Append]], None]
        self._turned_back: dict[Session, list[Append]] = {}

    def when_answered(self, call: Callable[[Session], None]) -> None:
        """Call this with a session once the answer that its requests waited for is sent."""
        self._answered = call

    def when_turned_back(self, call: Callable[[Session, list[Append]], None]) -> None:
        """Call this with messages that are to be checked again, once none is on its way."""
        self._check_again = call

    def deliver(self, entries: list[Append]) -> None:
        """Deliver the messages of one transaction in order, and answer their senders."""
        self._replies.renew()
        self._stored = as_json(entries[0].stored_at)
        for entry in entries:
            if entry.seq:
                if not entry.again:
                    self._fan_out(entry)
                self._answer(entry)
            elif entry.check is not None and entry.check.is_outdated:
                # Requests behind it wait until it is checked again.
                entry.session.busy = True
                self._turned_back.setdefault(entry.session, []).append(entry)
            else:
                self._refuse(entry)
        if self._turned_back:
            self._hand_back()

    def _hand_back(self) -> None:
        for session, entries in list(self._turned_back.items()):
            # With others on their way it would be known too late that they are to wait.
            if len(entries) == session.outstanding:
                del self._turned_back[session]
                session.is_turned_back = False
                self._check_again(session, entries)

    def is_holding(self, session: Session) -> bool:
        """Tell whether messages of the session wait for others to come back."""
        return session in self._turned_back

    def _fan_out(self, entry: Append) -> None:
        conversation = entry.conversation
        conversation.last_committed = entry.seq
        frame = entry.frame
        # Each is encoded once, and only if a recipient's client needs it.
        line = numbered_line = b""
        sender = entry.session
        sender.sent_messages += 1
        sender.sent_bytes += len(frame)
        for session in self._online.sessions_of(conversation):
            # Its answer says as much.
            if session is sender:
                continue
            connection = session.connection
            if session.behind is not None or connection.blocked:
                self._fall_behind(session, conversation, entry.seq - 1)
            elif session.numbers:
                if not numbered_line:
                    numbered_line = self._number(entry)
                connection.send(numbered_line)
            else:
                if not connection.paced and not line:
                    line = for_lines(frame)
                connection.send(for_recv(frame) if connection.paced else line)
                if conversation.pair is not None:
                    self._receipts.note_delivered(session, conversation, entry.seq)
        if conversation.pair is None and sender.account is not None:
            self._receipts.note_delivered_in_room(conversation, sender.account.name)

    def _number(self, entry: Append) -> bytes:
        account = entry.session.account
        is_direct = entry.conversation.pair is not None
        return with_number(
            entry.frame if is_direct else with_full_name(entry.frame),
            entry.seq,
            self._stored,
            entry.sent_id,
            guest=account is not None and account.guest,
        )

    def _answer(self, entry: Append) -> None:
        session = entry.session
        if session.account is not None:
            if session.numbers:
                session.connection.send(self._replies.stored(entry.seq, entry.request_id))
            elif self._answer_always or not session.account.guest:
                session.connection.send(self._replies.ok(entry.request_id))
            elif entry.conversation.pair is None:
                # In place of an answer the message comes back from the room (`reply_to_messages`).
                session.connection.send(entry.frame + b"\n")
        self._settle(session)

    def _refuse(self, entry: Append) -> None:
        error: Exception
        if entry.check is not None and entry.check.refusal is not None:
            error = entry.check.refusal
        elif entry.is_early:
            error = OutOfOrder("The message before it was not stored: send that one first")
        elif entry.is_refused:
            error = BadRequest(UNSTORABLE)
        else:
            error = ServerError(
                "The message could not be stored: send it again later", retry_after=RETRY_AFTER
            )
        refuse(entry.session, error, entry.request_id)
        self._settle(entry.session)

    def _settle(self, session: Session) -> None:
        session.outstanding -= 1
        if session.waiting and not session.busy:
            self._answered(session)

    # --- sessions that are behind --------------------------------------------------------------

    def _fall_behind(self, session: Session, conversation: Conversation, after: int) -> None:
        if session.behind is None:
            session.behind = {}
        session.behind.setdefault(conversation, after)

    def feed_from_log(self, session: Session, positions: dict[Conversation, int]) -> None:
        """Send the session the stored messages after these numbers, then live ones again."""
        if session.behind is None:
            session.behind = {}
        for conversation, after in positions.items():
            session.behind[conversation] = min(after, session.behind.get(conversation, after))
        self.catch_up(session)

    def catch_up(self, session: Session) -> None:
        """Continue feeding a session that is behind, if it is."""
        if session.behind is not None and session.account is not None:
            self._background.spawn(self._catch_up(session))

    async def _catch_up(self, session: Session) -> None:
        connection = session.connection
        try:
            while session.behind and session.account is not None and not connection.blocked:
                conversation, after = next(iter(session.behind.items()))
                rows = await self._read_pool.read(
                    message_store.page, conversation.id, after=after, limit=_PAGE
                )
                # Another task of this session has moved on during the query.
                if session.behind is None or session.behind.get(conversation) != after:
                    return
                # Messages that are committed but not delivered yet will be delivered live.
                rows = [row for row in rows if row.seq <= conversation.last_committed]
                for row in rows:
                    self._send_row(session, row)
                    session.behind[conversation] = row.seq
                if rows:
                    self._receipts.note_delivered(session, conversation, rows[-1].seq)
                if session.behind[conversation] >= conversation.last_committed or not rows:
                    del session.behind[conversation]
            if not session.behind and not connection.blocked:
                session.behind = None
        except Exception:
            _logger.exception("A slow client could not be fed from the log")
            # The client connects again, and asks for what it misses.
            connection.abort()

    def _send_row(self, session: Session, row: MessageRow) -> None:
        account = session.account
        if session.numbers:
            session.connection.send(numbered(row))
        elif account is not None and not self._is_own(row, account.name):
            frame = stored_frame(row)
            send = session.connection.send
            send(for_recv(frame) if session.connection.paced else for_lines(frame))

    def _is_own(self, row: MessageRow, name: str) -> bool:
        """Tell whether a plain client wrote it: it would show its own message as another's."""
        return decode_plain(row.frame.encode()).from_ == name
