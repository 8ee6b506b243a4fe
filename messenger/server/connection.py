"""One TCP connection: moves bytes, gathers writes, and knows when its peer is too slow."""

import asyncio
import logging
from collections.abc import Callable
from typing import Any, Protocol, cast

_logger = logging.getLogger("messenger.server")

_LINGER = 1.0  # seconds: a few round trips of a slow network


class Application(Protocol):
    """The callbacks of a connection."""

    def connected(self, connection: "Connection") -> None:
        """A connection was accepted."""

    def begins(self, connection: "Connection", data: bytes) -> bool:
        """The first bytes have arrived; False if they are not JIM, and were handled."""

    def received(self, connection: "Connection", data: bytes) -> None:
        """Bytes have arrived."""

    def resume(self, session: Any) -> None:
        """Continue with the requests that waited."""

    def drained(self, connection: "Connection") -> None:
        """A connection that was blocked can be written to again."""

    def disconnected(self, connection: "Connection") -> None:
        """The connection is closed."""


class Flusher:
    """Writes once per connection and turn of the event loop, however many frames were queued.

    This gains a factor of ten (see the benchmarks), more than any choice of event loop.
    """

    __slots__ = ("_dirty", "_loop")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._dirty: list[Connection] = []

    def mark(self, connection: "Connection") -> None:
        """Have the connection flushed at the end of this turn."""
        if not self._dirty:
            self._loop.call_soon(self.flush)
        self._dirty.append(connection)

    def later(self, seconds: float, call: Callable[[], None]) -> asyncio.TimerHandle:
        """Call this after so many seconds."""
        return self._loop.call_later(seconds, call)

    def flush(self) -> None:
        """Write the queued frames."""
        dirty, self._dirty = self._dirty, []
        for connection in dirty:
            try:
                connection.flush()
            except Exception:  # the other connections of this turn must still be written
                _logger.exception("Writing to a connection failed")
                connection.abort()


class Connection(asyncio.Protocol):
    """A connection of the server; `session` belongs to the application.

    It is flat and has slots: there is one per client, and every frame passes through it.

    `queue` holds frames until the end of the turn. `blocked` says that the peer does not read fast
    enough: senders should then hold back everything that can be sent from the log later.
    A `paced` connection writes each frame separately, with a pause between two.
    With TLS `certificate` is the server's (DER), else it is empty.
    """

    __slots__ = (
        "_closing",
        "_ended",
        "_flusher",
        "_has_begun",
        "_held",
        "_high_water",
        "_linger",
        "_lost",
        "_pacer",
        "_queue_limit",
        "application",
        "blocked",
        "certificate",
        "paced",
        "pause",
        "queue",
        "session",
        "transport",
    )

    def __init__(
        self,
        application: Application,
        flusher: Flusher,
        *,
        pause: float,
        high_water: int,
        queue_limit: int,
    ) -> None:
        """`pause` is in seconds, `high_water` in bytes, `queue_limit` (if paced) in frames."""
        self.application = application
        self.session: Any = None
        self.certificate = b""
        self.transport: asyncio.Transport = cast("asyncio.Transport", None)
        self.queue: list[bytes] = []
        self.blocked = False
        # Until the client has sent a newline: only then does it read lines (docs/protocol.md).
        self.paced = True
        self.pause = pause
        self._flusher = flusher
        self._high_water = high_water
        self._queue_limit = queue_limit
        self._pacer: asyncio.TimerHandle | None = None
        self._closing = False
        self._ended = False
        self._linger = True
        self._lost = False
        self._has_begun = False
        self._held: bytes | None = None

    # --- called by the event loop --------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin with this transport."""
        self.transport = cast("asyncio.Transport", transport)
        self.transport.set_write_buffer_limits(high=self._high_water)
        self.application.connected(self)

    def data_received(self, data: bytes) -> None:
        """Pass on the bytes."""
        if self._closing:
            return
        if not self._has_begun:
            # The end of the handshake may come with the first request: its answer must not be
            # written before this protocol has the transport that encrypts it.
            if self._held is not None:
                self._held += data
                return
            self._has_begun = True
            if not self.application.begins(self, data):
                return
        self.application.received(self, data)

    def pause_writing(self) -> None:
        """The peer does not read as fast as we write."""
        self.blocked = True

    def resume_writing(self) -> None:
        """The peer has caught up."""
        self.blocked = False
        self.application.drained(self)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  asyncio's
        """The connection is closed, by whichever side."""
        if self._lost:  # called again after a failed TLS handshake
            return
        self._lost = True
        # Answers that are still to come are dropped: uvloop's transport would raise.
        self._closing = self._ended = True
        self.queue.clear()
        if self._pacer is not None:
            self._pacer.cancel()
        self.application.disconnected(self)

    def upgrading(self) -> None:
        """Another transport is to follow (TLS): hold received bytes until it is here."""
        self._has_begun = False
        self._held = b""

    def upgraded(self, transport: asyncio.Transport) -> None:
        """Continue with this transport, which wraps the first one (TLS)."""
        self.transport = transport
        transport.set_write_buffer_limits(high=self._high_water)
        held, self._held, self._has_begun = self._held, None, True
        if self._closing:
            transport.close()
        elif held:
            self.application.received(self, held)

    # --- called by the application -------------------------------------------------------------

    @property
    def address(self) -> str:
        """The peer's IP address."""
        peer = self.transport.get_extra_info("peername")
        return str(peer[0]) if peer else ""

    @property
    def is_closing(self) -> bool:
        """Whether it is closed, or about to be once the peer has read what was sent."""
        return self._closing

    @property
    def unsent(self) -> int:
        """How many bytes wait to be written."""
        queued = sum(map(len, self.queue))
        return queued if self._ended else queued + self.transport.get_write_buffer_size()

    def send(self, frame: bytes) -> None:
        """Queue a frame; it is written at the end of the turn, together with others."""
        if not self.queue:
            self._flusher.mark(self)
        self.queue.append(frame)

    def flush(self) -> None:
        """Write the queued frames now."""
        queue = self.queue
        if self._ended:
            queue.clear()
        elif self.paced:
            if self._pacer is None:
                self._write_next()
        elif queue:
            self.transport.write(queue[0] if len(queue) == 1 else b"".join(queue))
            queue.clear()

    def pause_reading(self) -> None:
        """Stop reading, so that the peer waits instead of filling our memory."""
        if self.transport.is_reading():
            self.transport.pause_reading()

    def resume_reading(self) -> None:
        """Read again."""
        if not self._closing and not self.transport.is_reading():
            self.transport.resume_reading()

    def close(self, *, linger: bool = True) -> None:
        """Close once the queue is written; `linger` gives the peer a moment to read it."""
        self._closing = True
        self._linger = linger
        # Otherwise `_write_next` shuts down after the last frame.
        if not self.queue or not self.paced:
            self.flush()
            self._shut_down_writing()

    def abort(self) -> None:
        """Close the connection at once."""
        self._closing = True
        self.transport.abort()

    def _write_next(self) -> None:
        """Write one frame; a plain client loses both if one `recv` returns two."""
        self._pacer = None
        if not self.paced:
            self.flush()
        elif self.queue:
            self.transport.write(self.queue.pop(0))
            self._pacer = self._flusher.later(self.pause, self._write_next)
            self._watch_queue()
        if self._closing and not self.queue:
            self._shut_down_writing()

    def _shut_down_writing(self) -> None:
        """Shut down the writing side, and read on for a moment.

        Closing a socket with unread data resets the connection (RFC 1122, 4.2.2.13), and the peer
        loses what it has not read yet: a client that is still writing would miss the answers.
        """
        if self._ended:
            return
        self._ended = True
        if not (self._linger and self.transport.can_write_eof()) or self.transport.is_closing():
            self.transport.close()
            return
        self.transport.write_eof()
        if not self.transport.is_reading():
            self.transport.resume_reading()
        self._flusher.later(_LINGER, self.transport.close)

    def _watch_queue(self) -> None:
        # Two thresholds, as for a transport: one would switch with every frame.
        if not self.blocked and len(self.queue) > self._queue_limit:
            self.blocked = True
        elif self.blocked and len(self.queue) * 2 < self._queue_limit:
            self.resume_writing()
