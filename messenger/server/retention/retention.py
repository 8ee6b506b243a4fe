"""Removes messages and logins once they are older than the settings keep them."""

import asyncio
import logging
import time
from collections.abc import Callable

from sqlalchemy import Connection

from messenger.jim.errors import ServerError
from messenger.server.config import Settings
from messenger.server.journal import Journal
from messenger.server.read_pool import ReadPool
from messenger.server.retention.clock import ConfirmedClock
from messenger.server.store import retention as store
from messenger.server.store.retention import Old, Removed, Span

_logger = logging.getLogger("messenger.server")

_INTERVAL = 3600.0  # seconds: the settings are in days
# Seconds between two transactions: one takes a few ms (measured), for which messages wait.
_PAUSE = 0.05
_TRIES, _TRY_PAUSE = 10, 1.0  # seconds: to find a moment in which nobody reads or writes
_DAY = 24 * 3600.0  # seconds


class Retention:
    """Removes what is too old, at the start and every hour; `settings` yields those of the moment.

    Whatever is removed goes in transactions of some rows each, which stay right if another server
    on the same database does the same at that time.
    """

    def __init__(
        self, journal: Journal, read_pool: ReadPool, settings: Callable[[], Settings]
    ) -> None:
        self._journal = journal
        self._read_pool = read_pool
        self._settings = settings
        self._clock: ConfirmedClock | None = None

    async def run(self) -> None:
        """Remove what is too old, again and again; failures are logged."""
        while True:
            try:
                await self.remove(time.time(), time.monotonic())
            except ServerError as error:
                _logger.warning("Old messages and logins are removed later: %s", error)
            # Whatever it is: the next hour may be better, and nobody restarts this.
            except Exception:
                _logger.exception("Old messages and logins were not removed")
            await asyncio.sleep(_INTERVAL)

    async def remove(self, now: float, monotonic: float) -> None:
        """Remove what is too old `now` (unix time), unless the clock may be wrong.

        Raises ServerError. What is removed until then stays so, and the next call continues.
        """
        if self._clock is None:
            self._clock = ConfirmedClock(await self._read_pool.read(store.confirmed_time))
        if not self._clock.confirm(now, monotonic):
            return
        await self._journal.write_independent(store.confirm_time, now)
        settings = self._settings()
        messages = logins = 0
        if days := settings.message_days:
            messages = await self._remove_messages(Span(now - days * _DAY, now))
        if days := settings.login_days:
            logins = await self._remove_logins(Span(now - days * _DAY, now))
        if messages or logins:
            _logger.info("Removed for their age: %d messages, %d logins", messages, logins)
        # Also of what was removed an hour ago, if somebody read it then.
        await self._empty_log()

    async def _empty_log(self) -> None:
        for _try in range(_TRIES):
            if await self._read_pool.read(store.empty_log):
                return
            await asyncio.sleep(_TRY_PAUSE)
        # A long backup, or so many messages that they overwrite it soon.
        _logger.debug("SQLite's write-ahead log was not emptied: it is in use")

    async def _remove_messages(self, span: Span) -> int:
        count, after = 0, 0
        while True:
            due = await self._read_pool.read(store.conversations_due, after, span)
            for conversation_id in due.conversation_ids:
                count += await self._remove_messages_of(conversation_id, span)
            if due.after is None:
                return count
            after = due.after
            await asyncio.sleep(_PAUSE)

    async def _remove_messages_of(self, conversation_id: int, span: Span) -> int:
        return await self._remove_old(
            lambda connection, after: store.old_messages(connection, conversation_id, after, span),
            lambda connection, last: store.remove_messages(connection, conversation_id, last),
        )

    async def _remove_old(
        self, look: Callable[[Connection, int], Old], remove: Callable[[Connection, int], Removed]
    ) -> int:
        """Look at some rows after others, and remove the old ones; return how many these were."""
        count, after, more = 0, 0, True
        while more:
            old = await self._read_pool.read(look, after)
            if old.last is not None:
                count += await self._remove_up_to(old.last, remove)
            after, more = old.seen, old.more
            await asyncio.sleep(_PAUSE)
        return count

    async def _remove_up_to(self, last: int, remove: Callable[[Connection, int], Removed]) -> int:
        """Remove some at a time.

        They may be more than were looked at just now: what has a time in the future waits for what
        comes after it.
        """
        count = 0
        while True:
            removed = await self._journal.write_independent(remove, last)
            count += removed.rows
            if not removed.more:
                return count
            await asyncio.sleep(_PAUSE)

    async def _remove_logins(self, span: Span) -> int:
        count = await self._remove_old(
            lambda connection, after: store.old_logins(connection, after, span), store.remove_logins
        )
        while ids := await self._read_pool.read(store.old_addresses, span):
            await self._journal.write_independent(store.remove_addresses, ids, span)
            await asyncio.sleep(_PAUSE)
        return count
