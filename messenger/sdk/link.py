"""One link, without I/O: bytes in, events and answers out; requests in, bytes out."""

import logging
import time
from collections import deque
from collections.abc import Callable
from typing import Any, NamedTuple

from msgspec import structs

from messenger.jim.base import Reply, Request
from messenger.jim.codec import AnyEvent, decode_incoming, decode_refusal, decode_reply, encode
from messenger.jim.codes import Code, is_success
from messenger.jim.errors import BadRequest, ProtocolError, TextTooLong, TooLarge
from messenger.jim.framing import Framer
from messenger.jim.messages import SendMessage
from messenger.language import N_
from messenger.sdk.errors import AnswerTooLarge

_logger = logging.getLogger("messenger.client")

_ENDINGS = (
    Code.UNAUTHORIZED, Code.WRONG_PASSWORD, Code.FORBIDDEN, Code.TIMEOUT, Code.CONFLICT,
)  # fmt: skip
"""With these a server ends a link of its own accord: the login is worth nothing any more."""

# The largest that a server has to send: the devices of a room of 1,000 members with 10 devices
# each, whose keys have the 4 KiB that a server takes. Pages have a megabyte.
_LARGEST_REPLY = 64 * 1024 * 1024
_PATIENCE = 4.0
_PATIENCE_WITH_MESSAGES = 30.0

Answer = Reply | ProtocolError
OnAnswer = Callable[[Any], None]
Ask = Callable[[Request[Any], OnAnswer], None]
"""Sends a request, and hands what is answered on."""
OnDone = Callable[[Exception | None], None]
"""Gets None where something is done, or what went wrong."""


class Unanswered(ProtocolError):
    """A plain server has not answered in time: it may have carried out the request, or not."""


class _Pending(NamedTuple):
    """A request that is not answered yet."""

    request: Request[Any]
    on_answer: OnAnswer


class Link:
    """Matches replies with requests: they come in the order of the requests.

    `on_event` is told of everything else; a reply that nobody asked for is handed to
    `on_notice`. What is larger than `max_object` (bytes), if that is known, is not sent: the
    server would close the link.

    A server that `is_plain` gets one request at a time and in writes of their own, for it may take
    two at once for none; and some never answer some requests: those end as Unanswered.
    """

    def __init__(
        self, on_event: Callable[[AnyEvent], None], on_notice: Callable[[Answer], None]
    ) -> None:
        self.is_plain = False
        self.max_object: int | None = None
        self._framer = Framer(_LARGEST_REPLY)
        self._on_event = on_event
        self._on_notice = on_notice
        self._repeats_ids = False
        self._queued: deque[_Pending] = deque()
        self._pending: deque[_Pending] = deque()
        self._give_up_at: float | None = None
        self._outgoing: list[bytes] = []

    @property
    def is_idle(self) -> bool:
        """Whether every request is answered."""
        return not self._pending

    def send(self, request: Request[Any], on_answer: OnAnswer) -> None:
        """Send a request; `on_answer` gets its reply, or the error that the server answered."""
        self._queued.append(_Pending(request, on_answer))
        self._send_queued()

    def tick(self, now: float) -> None:
        """Go on where a plain server has not answered in time. Call every second."""
        if not self.is_plain or not self._pending:
            return
        if self._give_up_at is None:
            is_message = isinstance(self._pending[0].request, SendMessage)
            self._give_up_at = now + (_PATIENCE_WITH_MESSAGES if is_message else _PATIENCE)
        elif now > self._give_up_at:
            self._settle(Unanswered(N_("The server did not confirm it")))

    def data_to_send(self) -> bytes:
        """Return the bytes that have to be sent now."""
        data = b"".join(self._outgoing)
        self._outgoing.clear()
        return data

    def receive(self, data: bytes) -> None:
        """Take received bytes; raises ProtocolError if the peer does not speak JIM.

        What is larger than an object of a server may be is AnswerTooLarge.
        """
        for frame in self._framer.feed(data):
            try:
                incoming = decode_incoming(frame)
            except BadRequest:
                continue  # An event of a later version.
            if isinstance(incoming, bytes):
                self._answered(incoming)
            else:
                self._on_event(incoming)
        if isinstance(self._framer.error, TooLarge):
            said = N_("The server's answer is larger than {size} bytes: tell its operator")
            raise AnswerTooLarge(said, size=self._framer.limit)
        if self._framer.error is not None:
            raise self._framer.error

    def abandon(self) -> list[OnAnswer]:
        """Give up the link; return who still waits for an answer."""
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
                pending.on_answer(
                    TextTooLong(
                        "It is too long: {size} bytes as it is sent, and the server takes {most}",
                        size=len(frame),
                        most=self.max_object,
                    )
                )
                continue
            self._pending.append(pending)
            self._outgoing.append(frame)

    def _frame_of(self, request: Request[Any]) -> bytes:
        """Return a request as it is sent: each has a time, as the reference says."""
        changes: dict[str, Any] = {"time": time.time()} if request.time is None else {}
        if self.is_plain:
            changes["id"] = None
        return encode(structs.replace(request, **changes) if changes else request) + b"\n"

    def _answered(self, frame: bytes) -> None:
        head = decode_reply(frame, Reply)
        self._repeats_ids = self._repeats_ids or head.id is not None
        if self._pending and not self._is_notice(head):
            self._settle(_answer_of(frame, head, self._pending[0].request.answer))
        elif self.is_plain:
            _logger.info("An answer that came late: %s", head)
        else:
            self._on_notice(_answer_of(frame, head, Reply))

    def _settle(self, answer: Answer) -> None:
        self._give_up_at = None
        self._pending.popleft().on_answer(answer)
        self._send_queued()

    def _is_notice(self, head: Reply) -> bool:
        """Tell whether this is no answer: where requests have ids, their answers have, too."""
        if self.is_plain or head.id is not None or self._pending[0].request.id is None:
            return False
        return head.code >= 500 or (self._repeats_ids and head.code in _ENDINGS)


def _answer_of(frame: bytes, head: Reply, expected: type[Reply]) -> Answer:
    try:
        if not is_success(head.code):
            return decode_refusal(frame, head)
        return decode_reply(frame, expected)
    except BadRequest as error:
        return error
