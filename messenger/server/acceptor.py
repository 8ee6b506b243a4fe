"""Accepts connections on the event loop, even when the process runs out of file descriptors."""

import asyncio
import errno
import logging
import time
from collections.abc import Callable
from typing import Any

from messenger.server.listener import Listener

_logger = logging.getLogger("messenger.server")

# asyncio accepts this many connections in a row, whether or not it succeeds: so many descriptors
# more are in use, or so many failures reported, before refused connections are closed.
_ACCEPTS = 8

_NO_FILES = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}
_SILENT_SECONDS = 60.0  # each connection fails: one line for each would fill the disk


async def start_accepting(
    listener: Listener, protocol: Callable[[], asyncio.Protocol]
) -> list[asyncio.Server]:
    """Accept connections on the listener's sockets, each with a protocol of its own."""
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(_ExceptionHandler())
    acceptors = []
    for listening in listener.sockets:
        acceptors.append(await loop.create_server(protocol, sock=listening, backlog=_ACCEPTS))
        # `create_server` has set the length of the kernel's queue to its number, too.
        listening.listen(listener.backlog)
    return acceptors


class _ExceptionHandler:
    """Logs errors of the event loop; a lack of file descriptors at most once a minute."""

    def __init__(self) -> None:
        self._logged_at = -_SILENT_SECONDS

    def __call__(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        if getattr(context.get("exception"), "errno", None) not in _NO_FILES:
            loop.default_exception_handler(context)
        elif (now := time.monotonic()) - self._logged_at >= _SILENT_SECONDS:
            self._logged_at = now
            _logger.warning("Too many open files for new connections: raise the limit (ulimit -n)")
