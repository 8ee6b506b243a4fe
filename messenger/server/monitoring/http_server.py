"""A server of a few pages over HTTP/1.1, which a slow or hostile client cannot make busy.

Each connection is for one request, has a few seconds, and there are only some of them.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import NamedTuple, cast

_logger = logging.getLogger("messenger.server")

_SECONDS = 5.0  # for a connection: a page is made in milliseconds, and has 10 KB
_MAX_HEAD = 8 * 1024  # bytes of a request: as other servers; one of Prometheus has 300
# Prometheus, a probe, and somebody who looks; beyond it the oldest gives way, so that those who
# never ask for anything keep nobody out.
_MAX_CONNECTIONS = 16
_END_OF_HEAD = b"\r\n\r\n"


class Page(NamedTuple):
    """An answer: its status, the type of its content, and the content."""

    status: HTTPStatus
    content_type: str
    content: bytes


MakePage = Callable[[], Awaitable[Page]]

_PLAIN = "text/plain; charset=utf-8"


def plain(status: HTTPStatus, text: str) -> Page:
    """Return a page with one line of text."""
    return Page(status, _PLAIN, f"{text}\n".encode())


class Shared:
    """A page that all get who ask for it within a second: asking often costs nothing."""

    _FRESH = 1.0  # seconds: nobody looks more often

    def __init__(self, make: MakePage) -> None:
        self._make = make
        self._task: asyncio.Task[Page] | None = None
        self._begun = 0.0

    async def get(self) -> Page:
        """Return the page, at most a second old."""
        loop = asyncio.get_running_loop()
        task = self._task
        if task is None or (task.done() and loop.time() - self._begun >= self._FRESH):
            self._begun = loop.time()
            task = self._task = loop.create_task(self._made())
        # Whoever gives up must not take the page from the others who wait for it.
        return await asyncio.shield(task)

    async def _made(self) -> Page:
        try:
            return await self._make()
        except Exception:
            _logger.exception("A page for monitoring failed")
            return plain(HTTPStatus.INTERNAL_SERVER_ERROR, "See the server's log")


class HttpServer:
    """Answers GET and HEAD for pages by their paths; `new_connection` is the protocol factory."""

    def __init__(self, pages: Mapping[str, MakePage], loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self._pages = {path: Shared(make) for path, make in pages.items()}
        # By age: the oldest first.
        self._connections: dict[_Exchange, None] = {}

    def new_connection(self) -> asyncio.Protocol:
        """Return the protocol of a connection that has been accepted."""
        return _Exchange(self)

    def close(self) -> None:
        """Close all connections."""
        for connection in list(self._connections):
            connection.abort()

    def begins(self, connection: "_Exchange") -> None:
        """Count a connection; if there are too many, the oldest ends."""
        self._connections[connection] = None
        if len(self._connections) > _MAX_CONNECTIONS:
            next(iter(self._connections)).abort()

    def ends(self, connection: "_Exchange") -> None:
        """Count a connection no longer."""
        self._connections.pop(connection, None)

    async def answer(self, request: bytes) -> Page:
        """Return the page for the first line of a request."""
        method, _, rest = request.partition(b" ")
        target, _, version = rest.partition(b" ")
        if not version.startswith(b"HTTP/1."):
            return plain(HTTPStatus.BAD_REQUEST, "This is not HTTP/1.1")
        if method not in (b"GET", b"HEAD"):
            return plain(HTTPStatus.METHOD_NOT_ALLOWED, "GET or HEAD")
        page = self._pages.get(target.partition(b"?")[0].decode("latin-1"))
        if page is None:
            return plain(HTTPStatus.NOT_FOUND, " ".join(self._pages))
        return await page.get()


class _Exchange(asyncio.Protocol):
    """A connection: one request, one answer, and its end."""

    def __init__(self, server: HttpServer) -> None:
        self._server = server
        self._transport: asyncio.Transport
        self._head = b""
        self._dropped = 0
        self._task: asyncio.Task[None] | None = None
        self._timer = server.loop.call_later(_SECONDS, self.abort)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._server.begins(self)

    def data_received(self, data: bytes) -> None:
        # What follows the request is dropped: the answer closes the connection.
        if self._task is not None:
            self._dropped += len(data)
            if self._dropped > _MAX_HEAD:
                self.abort()
            return
        self._head += data
        if _END_OF_HEAD in self._head:
            line = self._head.partition(b"\r\n")[0]
            self._task = self._server.loop.create_task(self._answer(line))
        elif len(self._head) > _MAX_HEAD:
            page = plain(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "The request is too long")
            self._task = self._server.loop.create_task(self._send(page))

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  asyncio's
        self._timer.cancel()
        self._server.ends(self)
        if self._task is not None:
            self._task.cancel()

    def abort(self) -> None:
        """Close the connection at once."""
        self._transport.abort()

    async def _answer(self, line: bytes) -> None:
        page = await self._server.answer(line)
        await self._send(page, is_head=line.startswith(b"HEAD "))

    async def _send(self, page: Page, *, is_head: bool = False) -> None:
        lines = [
            f"HTTP/1.1 {page.status.value} {page.status.phrase}",
            f"Content-Type: {page.content_type}",
            f"Content-Length: {len(page.content)}",
            "Cache-Control: no-store",
            "X-Content-Type-Options: nosniff",
            "Connection: close",
        ]
        if page.status == HTTPStatus.METHOD_NOT_ALLOWED:
            lines.append("Allow: GET, HEAD")
        head = "\r\n".join(lines).encode("ascii") + _END_OF_HEAD
        self._transport.write(head if is_head else head + page.content)
        # Then the peer closes: closing while it still writes would reset the connection, and it
        # would lose the answer. One that does not is cut off by the timer.
        self._transport.write_eof()
