"""The end of a server: what was taken is stored and answered, and everyone told why."""

import asyncio
import logging
from collections.abc import Awaitable
from typing import TYPE_CHECKING

from messenger.jim.errors import ServerError, Stopping
from messenger.server.answers import refuse
from messenger.server.marks import Passed

if TYPE_CHECKING:
    from messenger.server.app import Server

_logger = logging.getLogger("messenger.server")

_READ_SECONDS = 2.0
_MAX_SECONDS = 8.0


async def shut_down(server: "Server", reason: str) -> None:
    """Commit and answer what was taken, and close all connections, whatever the database does."""
    try:
        async with asyncio.timeout(_MAX_SECONDS):
            await _settle(server.journal.write(lambda _: None))
            left = _close_connections(server, reason)
            await _settle(server.marks.store_passed())
            await _settle(server.marks.store(left))
            await _wait_until_read(server)
    except TimeoutError:
        _logger.error("The database does not answer: the server ends without it")


def _close_connections(server: "Server", reason: str) -> list[Passed]:
    """Close every connection; return what plain clients were handed and is not stored yet."""
    error = Stopping(reason)
    left = []
    for session in list(server.sessions):
        refuse(session, error)
        left += server.marks.take(session)
    return left


async def _settle(work: Awaitable[object]) -> None:
    """Have something stored, as far as the database can be written."""
    try:
        await work
    except ServerError as error:
        _logger.warning("Not everything is stored: %s", error)


async def _wait_until_read(server: "Server") -> None:
    """Let everyone read what was said last."""
    end = server.loop.time() + _READ_SECONDS
    while server.sessions and server.loop.time() < end:  # noqa: ASYNC110  an event costs more
        await asyncio.sleep(0.01)
