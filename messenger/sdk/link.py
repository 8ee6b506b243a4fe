"""The protocol of one connection, without I/O: bytes to events and replies, requests to bytes."""

import logging
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from msgspec import structs

from messenger.jim.base import Reply, Request
from messenger.jim.codec import AnyEvent, decode_incoming, decode_refusal, decode_reply, encode
from messenger.jim.codes import Code, is_success
from messenger.jim.errors import BadRequest, ProtocolError, TooLarge
from messenger.jim.framing import Framer
from messenger.jim.messages import SendMessage
from messenger.sdk.errors import AnswerTooLarge, MessageOverLimit, Unanswered

_logger = logging.getLogger("messenger.client")

_ENDINGS = (
    Code.UNAUTHORIZED, Code.WRONG_PASSWORD, Code.FORBIDDEN, Code.TIMEOUT, Code.CONFLICT,
)  # fmt: skip
"""With these a server ends a connection without a request: the login is no longer valid."""

# The largest reply: the device list of a room of 1,000 members with 10 devices each, whose keys
# have the 4 KiB that a server accepts. Pages of history have a megabyte.
_LARGEST_REPLY = 64 * 1024 * 1024
# Seconds until a request to a plain server counts as Unanswered. A message gets longer: its user is
# told that it may not have arrived.
_PATIENCE = 4.0
_PATIENCE_WITH_MESSAGES = 30.0

Answer = Reply | ProtocolError
OnAnswer = Callable[[Any], None]
Ask = Callable[[Request[Any], OnAnswer], None]
"""Sends a request, and passes its reply or error to the callback."""
OnDone = Callable[[Exception | None], None]
"""Gets None if an operation succeeded, or its error."""


class _Pending(NamedTuple):
    """A request without a reply yet."""

    request: Request[Any]
    on_answer: OnAnswer


class Link:
    """Matches replies with requests: replies have the order of the requests.

    `on_events` gets the events that arrive between two replies, `on_notice` replies to no request.
    `on_answered` is called after replies to messages that follow each other: what they change can
    be stored together. A request larger than `max_object` (bytes), if that is known, is not sent:
    the server would close the connection.

    A server that `is_plain` gets one request at a time, each in a write of its own: it may parse
    one read as one object. Some never reply to some requests: those end as Unanswered.
    """

    def __init__(
        self,
        on_events: Callable[[list[AnyEvent]], None],
        on_notice: Callable[[Answer], None],
        on_answered: Callable[[], None] = lambda: None,
    ) -> None:
        self.is_plain = False
        self.max_object: int | None = None
        self._framer = Framer(_LARGEST_REPLY)
        self._on_events = on_events
        self._on_notice = on_notice
        self._on_answered = on_answered
        self._repeats_ids = False
        self._queued: deque[_Pending] = deque()
        self._pending: deque[_Pending] = deque()
        self._give_up_at: float | None = None
        self._outgoing: list[bytes] = []

    @property
    def is_idle(self) -> bool:
        """Whether every sent request has its reply."""
        return not self._pending

    def send(self, request: Request[Any], on_answer: OnAnswer) -> None:
        """Send a request; `on_answer` gets its reply, or the server's error."""
        self._queued.append(_Pending(request, on_answer))
        self._send_queued()

    def tick(self, now: float) -> None:
        """End a request that a plain server has not answered in time. Call every second."""
        if not self.is_plain or not self._pending:
            return
        if self._give_up_at is None:
            is_message = isinstance(self._pending[0].request, SendMessage)
            self._give_up_at = now + (_PATIENCE_WITH_MESSAGES if is_message else _PATIENCE)
        elif now > self._give_up_at:
            self._settle(Unanswered())
            self._on_answered()

    def data_to_send(self) -> bytes:
        """Return the bytes to send now."""
        data = b"".join(self._outgoing)
        self._outgoing.clear()
        return data

    def receive(self, data: bytes) -> None:
        """Process received bytes; raises ProtocolError if the peer does not speak JIM.

        An object over the limit raises AnswerTooLarge.
        """
        events: list[AnyEvent] = []
        for frame in self._framer.feed(data):
            try:
                incoming = decode_incoming(frame)
            except BadRequest:
                # The other objects of the same read are processed all the same.
                continue  # An event of a later version of the protocol: to be ignored.
            except ProtocolError:
                self._pass_on(events)  # What came before is valid.
                raise
            if not isinstance(incoming, bytes):
                events.append(incoming)
                continue
            if events:  # They came before the reply, and may matter to it.
                self._pass_on(events)
                events = []
            self._answered(incoming)
        self._pass_on(events)
        if isinstance(self._framer.error, TooLarge):
            raise AnswerTooLarge(self._framer.limit)
        if self._framer.error is not None:
            raise self._framer.error

    def _pass_on(self, events: list[AnyEvent]) -> None:
        """Pass events on, after what the replies before them change."""
        self._on_answered()
        if events:
            self._on_events(events)

    def discard(self) -> None:
        """Drop the bytes that were to be sent now."""
        self._outgoing.clear()

    @contextmanager
    def discarding(self) -> Iterator[None]:
        """Drop the bytes if the block fails: the keys that encrypted them are not stored then."""
        try:
            yield
        except BaseException:
            self.discard()
            raise

    def abandon(self) -> list[OnAnswer]:
        """Drop all requests; return the callbacks that still wait for a reply."""
        waiting = [pending.on_answer for pending in (*self._pending, *self._queued)]
        self._pending.clear()
        self._queued.clear()
        self._outgoing.clear()
        return waiting

    def _send_queued(self) -> None:
        while self._queued and not (self.is_plain and self._pending):
            pending = self._queued.popleft()
            frame = self._frame_of(pending.request)
            if self.max_object is not None and len(frame) > self.max_object:
                pending.on_answer(MessageOverLimit(len(frame), self.max_object))
                continue
            self._pending.append(pending)
            self._outgoing.append(frame)

    def _frame_of(self, request: Request[Any]) -> bytes:
        """Return a request as it is sent: JIM requires a time in each."""
        changes: dict[str, Any] = {"time": time.time()} if request.time is None else {}
        if self.is_plain:  # plain JIM has no ids
            changes["id"] = None
        return encode(structs.replace(request, **changes) if changes else request) + b"\n"

    def _answered(self, frame: bytes) -> None:
        head = decode_reply(frame, Reply)
        self._repeats_ids = self._repeats_ids or head.id is not None
        if self._pending and not self._is_notice(head):
            self._settle(_answer_of(frame, head, self._pending[0].request.answer))
        elif self.is_plain:
            _logger.info("A reply arrived after its timeout: %s", head)
        else:
            self._on_notice(_answer_of(frame, head, Reply))

    def _settle(self, answer: Answer) -> None:
        self._give_up_at = None
        pending = self._pending.popleft()
        if not isinstance(pending.request, SendMessage):
            self._on_answered()
        pending.on_answer(answer)
        self._send_queued()

    def _is_notice(self, head: Reply) -> bool:
        """Tell whether this replies to no request: it has no id, though the request has one."""
        if self.is_plain or head.id is not None or self._pending[0].request.id is None:
            return False
        # Below 500 a reply may lack an id because the server could not read the request: it is a
        # notice only with a code that ends a connection, from a server that has repeated ids.
        return head.code >= 500 or (self._repeats_ids and head.code in _ENDINGS)


def _answer_of(frame: bytes, head: Reply, expected: type[Reply]) -> Answer:
    try:
        if not is_success(head.code):
            return decode_refusal(frame, head)
        return decode_reply(frame, expected)
    except BadRequest as error:
        return error
