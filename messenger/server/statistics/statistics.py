"""Gathers the server's figures, and has those of each minute stored."""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from messenger.jim.errors import ServerError
from messenger.server.background import Background
from messenger.server.journal import Journal
from messenger.server.presence import Online
from messenger.server.read_pool import ReadPool
from messenger.server.sessions import Sessions
from messenger.server.statistics import machine
from messenger.server.statistics.loop_lag import LoopLag
from messenger.server.statistics.usage import Usage
from messenger.server.store import statistics as statistics_store
from messenger.server.store.statistics import Figures, Point, merge

_logger = logging.getLogger("messenger.server")

_MINUTE = 60  # seconds: the span of a row
_MAX_UNSTORED = 60  # minutes that wait for a database that is away: an hour is 12 KB


class Totals(NamedTuple):
    """What was counted since the server was started: times are in seconds.

    `latency` and `lag` are histograms (`messenger.server.histogram`), with the sums of the times.
    """

    messages: int
    bytes: int
    latency: Sequence[int]
    latency_sum: float
    transactions: int
    retries: int
    failures: int
    lag: Sequence[int]
    lag_sum: float
    cpu: float


class State(NamedTuple):
    """How the server is at a moment.

    `slow` sessions do not read as fast as the server writes; `unsent` bytes wait for all of them.
    Sizes are in bytes; those of the disk were measured in the last minute.
    """

    online: int
    guests: int
    sessions: int
    slow: int
    unsent: int
    memory: int
    database_size: int
    disk_free: int


class Statistics:
    """The figures of a running server; all methods are for the event loop's thread.

    `started` is the unix time at which it began, `database` the kind of its database. Nothing here
    is called for a message: the journal, the sessions and a timer count, and each minute, or when
    somebody asks, it is gathered.
    """

    def __init__(
        self,
        journal: Journal,
        read_pool: ReadPool,
        sessions: Sessions,
        online: Online,
        background: Background,
        loop: asyncio.AbstractEventLoop,
        data: Path,
        database: str,
    ) -> None:
        self._journal = journal
        self._read_pool = read_pool
        self._sessions = sessions
        self._online = online
        self._background = background
        self._loop = loop
        self._data = data
        self.database = database
        self._usage = Usage(sessions)
        self._lag = LoopLag(loop)
        self._storage = machine.Storage(0, 0)
        self._timer: asyncio.TimerHandle | None = None
        self._lock = asyncio.Lock()
        self._unstored: deque[Point] = deque(maxlen=_MAX_UNSTORED)
        self._last: Figures | None = None
        self._recorded = self.totals()
        self._recorded_at = time.monotonic()
        self.started = time.time()

    async def open(self) -> None:
        """Begin to measure."""
        await self._measure_storage()
        self._lag.start()
        self._schedule()

    async def close(self) -> None:
        """Store what was counted until now; raises ServerError."""
        self._lag.stop()
        if self._timer is not None:
            self._timer.cancel()
        await self.record()

    def totals(self) -> Totals:
        """Return what was counted since the start."""
        self._usage.gather()
        transactions, latency, lag = (
            self._journal.transactions,
            self._journal.latency,
            self._lag.histogram,
        )
        return Totals(
            messages=self._usage.messages,
            bytes=self._usage.bytes,
            latency=tuple(latency.counts),
            latency_sum=latency.total,
            transactions=transactions.committed,
            retries=transactions.retries,
            failures=transactions.failed,
            lag=tuple(lag.counts),
            lag_sum=lag.total,
            cpu=machine.cpu(),
        )

    def state(self) -> State:
        """Return how the server is now; with 20,000 sessions it takes some milliseconds."""
        slow = [one for one in self._sessions if one.behind is not None or one.connection.blocked]
        accounts = self._online.accounts.values()
        return State(
            online=len(accounts),
            guests=sum(1 for account in accounts if account.guest),
            sessions=len(self._sessions),
            slow=len(slow),
            unsent=sum(one.connection.unsent for one in slow),
            memory=machine.memory(),
            database_size=self._storage.database_size,
            disk_free=self._storage.disk_free,
        )

    def recent(self) -> Figures:
        """Return the figures of the last minute that was recorded, and of the time since then."""
        figures = self._figures()
        return merge(self._last, figures) if self._last is not None else figures

    async def record(self) -> None:
        """Store the figures since the last call, and what accounts have sent; raises ServerError.

        What cannot be stored is stored with the next ones.
        """
        # Of two at once, the second would store what the first is storing.
        async with self._lock:
            try:
                await self._measure_storage()
            finally:
                self._unstored.append(self._point())
            points = list(self._unstored)
            await self._journal.write(statistics_store.record, points, time.time())
            for _ in points:
                self._unstored.popleft()
            for rows in self._usage.unstored():
                await self._journal.write_independent(statistics_store.add_sent, rows)
                self._usage.stored(rows)

    def _point(self) -> Point:
        """Return what was counted since the last call, in the minute of the middle of that time."""
        self._last = self._figures()
        self._recorded, self._recorded_at = self.totals(), time.monotonic()
        self._lag.forget_worst()
        return Point(int(time.time() - self._last.seconds / 2), self._last)

    def _figures(self) -> Figures:
        """Return what was counted since the last minute was recorded."""
        before, now, state = self._recorded, self.totals(), self.state()
        return Figures(
            seconds=time.monotonic() - self._recorded_at,
            online=state.online,
            sessions=state.sessions,
            slow=state.slow,
            messages=now.messages - before.messages,
            bytes=now.bytes - before.bytes,
            latency=[new - old for new, old in zip(now.latency, before.latency, strict=True)],
            transactions=now.transactions - before.transactions,
            retries=now.retries - before.retries,
            failures=now.failures - before.failures,
            lag=self._lag.worst,
            cpu=now.cpu - before.cpu,
            memory=state.memory,
            database_size=state.database_size,
            disk_free=state.disk_free,
        )

    async def _measure_storage(self) -> None:
        self._storage = await self._read_pool.read(machine.storage, self._data)

    def _schedule(self) -> None:
        # By the wall clock, again each time: a clock that is set moves the minutes, too.
        delay = max(1.0, _MINUTE - time.time() % _MINUTE)
        self._timer = self._loop.call_later(delay, self._begin_minute)

    def _begin_minute(self) -> None:
        self._schedule()
        self._background.spawn(self._record_minute())

    async def _record_minute(self) -> None:
        try:
            await self.record()
        except ServerError as error:
            _logger.warning("The statistics of this minute are stored later: %s", error)
