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
        """A connection has come."""

    def begins(self, connection: "Connection", data: bytes) -> bool:
        """The first bytes have come; False if they are no JIM, and taken care of."""

    def received(self, connection: "Connection", data: bytes) -> None:
        """Bytes have come."""

    def drained(self, connection: "Connection") -> None:
        """A connection that was blocked can be written to again."""

    def disconnected(self, connection: "Connection") -> None:
        """The connection is gone."""


class Flusher:
    """Writes once for each connection and turn of the loop, whatever was queued in it.

    This is worth more than any event loop: a factor of ten (see the benchmarks).
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
        """Call after so many seconds."""
        return self._loop.call_later(seconds, call)

    def flush(self) -> None:
        """Write the queued frames."""
        dirty, self._dirty = self._dirty, []
        for connection in dirty:
            try:
                connection.flush()
            except Exception:  # the others of this turn get theirs all the same
                _logger.exception("A connection is given up")
                connection.abort()


class Connection(asyncio.Protocol):
    """A connection of the server; `session` belongs to the application.

    It is flat and has slots: there are as many as clients, and each of their frames passes it.

    `queue` holds frames until the end of the turn. `blocked` tells that the peer does not take
    what was written: from then on whoever sends should keep back what can be had again later.
    A `paced` connection gets every frame in a write of its own, with a pause between two.
    On one with TLS `certificate` is the server's (DER), else it is empty.
    """

    __slots__ = (
        "_closing",
        "_ended",
        "_flusher",
        "_has_begun",
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
        """`pause` in seconds; `high_water` in bytes; `queue_limit` in frames, if it is paced."""
        self.application = application
        self.session: Any = None
        self.certificate = b""
        self.transport: asyncio.Transport = cast("asyncio.Transport", None)
        self.queue: list[bytes] = []
        self.blocked = False
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

    # --- what the event loop calls -------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the transport."""
        self.transport = cast("asyncio.Transport", transport)
        self.transport.set_write_buffer_limits(high=self._high_water)
        self.application.connected(self)

    def data_received(self, data: bytes) -> None:
        """Pass on the bytes."""
        if self._closing:
            return
        if not self._has_begun:
            self._has_begun = True
            if not self.application.begins(self, data):
                return
        self.application.received(self, data)

    def pause_writing(self) -> None:
        """The peer does not read as fast as it is written to."""
        self.blocked = True

    def resume_writing(self) -> None:
        """The peer has caught up."""
        self.blocked = False
        self.application.drained(self)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  asyncio's
        """The connection is gone, whoever ended it."""
        if self._lost:
            return
        self._lost = True
        # Whoever still answers it writes to nobody: uvloop's transport would raise.
        self._closing = self._ended = True
        self.queue.clear()
        if self._pacer is not None:
            self._pacer.cancel()
        self.application.disconnected(self)

    def upgraded(self, transport: asyncio.Transport) -> None:
        """Go on with this transport, which has been put before the first one."""
        self.transport = transport
        transport.set_write_buffer_limits(high=self._high_water)
        if self._closing:
            transport.close()

    # --- what the application calls ------------------------------------------------------------

    @property
    def address(self) -> str:
        """The peer's IP address."""
        peer = self.transport.get_extra_info("peername")
        return str(peer[0]) if peer else ""

    def send(self, frame: bytes) -> None:
        """Queue a frame; it leaves at the end of the turn, together with others."""
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
        """Take nothing more for now: the peer has to wait, not our memory."""
        if self.transport.is_reading():
            self.transport.pause_reading()

    def resume_reading(self) -> None:
        """Take bytes again."""
        if not self._closing and not self.transport.is_reading():
            self.transport.resume_reading()

    def close(self, *, linger: bool = True) -> None:
        """Close once everything queued is written; `linger` until the peer has read it."""
        self._closing = True
        self._linger = linger
        if not self.queue or not self.paced:
            self.flush()
            self._shut_down_writing()

    def abort(self) -> None:
        """Close the connection at once."""
        self._closing = True
        self.transport.abort()

    def _write_next(self) -> None:
        """Write one frame; a plain client takes two that reach one `recv` for none."""
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
        """End the writing side, and read on for a moment.

        A socket that is closed with something unread takes back what its peer has not yet read
        (RFC 1122, 4.2.2.13): the answers would be lost to a client that is still writing.
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
        if not self.blocked and len(self.queue) > self._queue_limit:
            self.blocked = True
        elif self.blocked and len(self.queue) * 2 < self._queue_limit:
            self.resume_writing()
