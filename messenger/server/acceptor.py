"""Accepting connections on the event loop, also when the system has no files left for them."""

import asyncio
import errno
import logging
import time
from collections.abc import Callable
from typing import Any

from messenger.server.listener import Listener

_logger = logging.getLogger("messenger.server")

# asyncio accepts so many in a row, whether or not any of them can be had: as many files are in
# use, and after them as many failures told, before those that are refused are closed.
_ACCEPTS = 8

_NO_FILES = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}
_SILENT_SECONDS = 60.0  # it happens with each connection: a log of it would fill the disk


async def start_accepting(
    listener: Listener, protocol: Callable[[], asyncio.Protocol]
) -> list[asyncio.Server]:
    """Accept connections on the listener's sockets, each with a protocol of its own."""
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(_ExceptionHandler())
    acceptors = []
    for listening in listener.sockets:
        acceptors.append(await loop.create_server(protocol, sock=listening, backlog=_ACCEPTS))
        # `create_server` has taken its number for the length of the system's queue, too.
        listening.listen(listener.backlog)
    return acceptors


class _ExceptionHandler:
    """Logs errors of the event loop; that no files are left only once in a while."""

    def __init__(self) -> None:
        self._told_at = -_SILENT_SECONDS

    def __call__(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        if getattr(context.get("exception"), "errno", None) not in _NO_FILES:
            loop.default_exception_handler(context)
        elif (now := time.monotonic()) - self._told_at >= _SILENT_SECONDS:
            self._told_at = now
            _logger.warning("No files are left for new connections: raise the limit of open files")
