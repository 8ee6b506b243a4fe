"""Graceful shutdown: commits and answers pending requests, and tells every client why."""

import asyncio
import logging
from collections.abc import Awaitable

from messenger.jim.errors import ServerError
from messenger.server.services import Services
from messenger.server.sessions import Sessions

_logger = logging.getLogger("messenger.server")

_READ_SECONDS = 2.0  # a slow network's round trips; slower clients get it from the log later
_MAX_SECONDS = 8.0  # Docker kills after ten, systemd after ninety


async def shut_down(services: Services) -> None:
    """Commit and answer pending requests, and close all connections, whatever the database does."""
    receipts = services.receipts
    try:
        async with asyncio.timeout(_MAX_SECONDS):
            # An empty change: once it is committed, so is everything that was requested before.
            await _settle(services.journal.write(lambda _: None))
            left = services.sessions.end_all()
            await _settle(receipts.store_delivered())
            await _settle(receipts.store(left))
            await _settle(services.statistics.close())
            await _wait_until_read(services.sessions)
    except TimeoutError:
        _logger.error("The database does not answer: the server stops without it")


async def _settle(work: Awaitable[object]) -> None:
    """Wait for a write, which fails if the database cannot be written."""
    try:
        await work
    except ServerError as error:
        _logger.warning("Not everything is stored: %s", error)


async def _wait_until_read(sessions: Sessions) -> None:
    """Wait until the clients have read the last frames."""
    loop = asyncio.get_running_loop()
    end = loop.time() + _READ_SECONDS
    while sessions and loop.time() < end:  # noqa: ASYNC110  an event costs more
        await asyncio.sleep(0.01)
