"""One link, without I/O: bytes in, events and answers out; requests in, bytes out."""

from collections import deque
from collections.abc import Callable
from typing import Any, NamedTuple

from messenger.jim.codes import is_success
from messenger.jim.errors import BadRequest, ProtocolError
from messenger.jim.events import AnyEvent
from messenger.jim.framing import Framer
from messenger.jim.messages import decode_incoming, decode_refusal, decode_reply, encode
from messenger.jim.replies import Reply
from messenger.jim.requests import Request

_LARGEST_REPLY = 16 * 1024 * 1024

Answer = Reply | ProtocolError
OnAnswer = Callable[[Any], None]


class _Pending(NamedTuple):
    """A request that is not answered yet."""

    request: Request[Any]
    on_answer: OnAnswer


class Link:
    """Matches replies with requests: they come in the order of the requests.

    `on_event` is told of everything else; a reply that nobody asked for is handed to
    `on_notice`.
    """

    def __init__(
        self, on_event: Callable[[AnyEvent], None], on_notice: Callable[[Answer], None]
    ) -> None:
        self._framer = Framer(_LARGEST_REPLY)
        self._on_event = on_event
        self._on_notice = on_notice
        self._pending: deque[_Pending] = deque()
        self._outgoing: list[bytes] = []

    @property
    def is_idle(self) -> bool:
        """Whether every request is answered."""
        return not self._pending

    def send(self, request: Request[Any], on_answer: OnAnswer) -> None:
        """Send a request; `on_answer` gets its reply, or the error that the server answered."""
        self._pending.append(_Pending(request, on_answer))
        self._outgoing.append(encode(request) + b"\n")

    def data_to_send(self) -> bytes:
        """Return the bytes that have to be sent now."""
        data = b"".join(self._outgoing)
        self._outgoing.clear()
        return data

    def receive(self, data: bytes) -> None:
        """Take received bytes; raises ProtocolError if the peer does not speak JIM."""
        for frame in self._framer.feed(data):
            try:
                incoming = decode_incoming(frame)
            except BadRequest:
                continue  # An event of a later version.
            if isinstance(incoming, bytes):
                self._answered(incoming)
            else:
                self._on_event(incoming)
        if self._framer.error is not None:
            raise self._framer.error

    def abandon(self) -> list[OnAnswer]:
        """Give up the link; return who still waits for an answer."""
        waiting = [pending.on_answer for pending in self._pending]
        self._pending.clear()
        self._outgoing.clear()
        return waiting

    def _answered(self, frame: bytes) -> None:
        head = decode_reply(frame, Reply)
        if head.code >= 500 and head.id is None and self._refuses_all():
            self._on_notice(_answer_of(frame, head, Reply))
        elif self._pending:
            pending = self._pending.popleft()
            pending.on_answer(_answer_of(frame, head, pending.request.answer))
        else:
            self._on_notice(_answer_of(frame, head, Reply))

    def _refuses_all(self) -> bool:
        """Tell whether this is no answer: every request of ours has an id, and so its reply."""
        return not self._pending or self._pending[0].request.id is not None


def _answer_of(frame: bytes, head: Reply, expected: type[Reply]) -> Answer:
    try:
        if not is_success(head.code):
            return decode_refusal(frame, head)
        return decode_reply(frame, expected)
    except BadRequest as error:
        return error
