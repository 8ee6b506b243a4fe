"""The log of messages: group commit on one thread that does all the writing.

While one transaction is being committed, new changes gather; the next transaction has them all.
There is no timer: an idle server commits one message at once, a busy one hundreds together.
Success is reported, and messages are delivered, only after the commit.
"""

import asyncio
import contextlib
import queue
import time
from collections.abc import Callable
from typing import Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection, Engine

from messenger.server.append import Append
from messenger.server.histogram import Histogram
from messenger.server.threads import call_in_loop, start_thread, wait_for_end
from messenger.server.transactions import Batch, Transactions, Write

# Seconds: SQLite waits two for a lock, and a slow disk as long for a commit. A server's stop has
# waited eight before: together longer than a transaction is tried again.
_PATIENCE = 5.0

_Arguments = ParamSpec("_Arguments")
_Result = TypeVar("_Result")


class Journal:
    """Appends messages and makes every other change of the database.

    All methods are for the event loop's thread. `is_shared` says that other servers may write the
    same database. `latency` has the time of each message from its acceptance until it was committed
    and given to its recipients' connections: that of the oldest message in its transaction, as an
    own time for each would cost each. `transactions` counts.
    """

    def __init__(self, engine: Engine, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self.latency = Histogram()
        self.transactions = Transactions(engine)
        self.is_shared = self.transactions.are_shared
        self._subscribers: list[Callable[[list[Append]], None]] = []
        self._gathering = Batch()
        self._writing = False
        self._scheduled = False
        self._batches: queue.SimpleQueue[Batch | None] = queue.SimpleQueue()
        self._idle = asyncio.Event()
        self._idle.set()
        self._thread = start_thread("journal", self._run)

    def subscribe(self, receive: Callable[[list[Append]], None]) -> None:
        """Call this with the messages of each transaction, in the order of their numbers."""
        self._subscribers.append(receive)

    def append(self, entry: Append) -> None:
        """Have the message committed; the subscribers get it then."""
        gathering = self._gathering
        if not gathering.appends:
            gathering.begun = time.monotonic()
        gathering.appends.append(entry)
        if not self._scheduled and not self._writing:
            self._schedule()

    def write(
        self,
        change: Callable[Concatenate[Connection, _Arguments], _Result],
        *args: _Arguments.args,
        **kwargs: _Arguments.kwargs,
    ) -> asyncio.Future[_Result]:
        """Have the change committed; the future gets its result, or its exception.

        No server on the same database makes another one meanwhile, so it may depend on what it has
        read.
        """
        return self._write(lambda connection: change(connection, *args, **kwargs))

    def write_independent(
        self,
        change: Callable[Concatenate[Connection, _Arguments], _Result],
        *args: _Arguments.args,
        **kwargs: _Arguments.kwargs,
    ) -> asyncio.Future[_Result]:
        """Have a change committed that is right whatever other servers change meanwhile."""
        return self._write(
            lambda connection: change(connection, *args, **kwargs), is_independent=True
        )

    async def close(self) -> None:
        """Commit what is pending, and end the thread."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._idle.wait(), _PATIENCE)
        self._batches.put(None)
        await wait_for_end([self._thread])

    # --- the event loop's side -----------------------------------------------------------------

    def _write(
        self, change: Callable[[Connection], _Result], *, is_independent: bool = False
    ) -> asyncio.Future[_Result]:
        future: asyncio.Future[_Result] = self._loop.create_future()
        self._gathering.writes.append(Write(change, future, is_independent=is_independent))
        if not self._scheduled and not self._writing:
            self._schedule()
        return future

    def _schedule(self) -> None:
        self._scheduled = True
        self._idle.clear()
        # At the end of this turn: everything that was read in it goes into one transaction.
        self._loop.call_soon(self._hand_over)

    def _hand_over(self) -> None:
        self._scheduled = False
        if self._writing:
            return
        batch = self._gathering
        if batch.appends or batch.writes:
            self._writing = True
            self._gathering = Batch()
            self._batches.put(batch)
        else:
            self._idle.set()

    def _written(self, batch: Batch) -> None:
        self._writing = False
        # First the next transaction, then the recipients: the disk works while the loop does.
        self._hand_over()
        if batch.appends:
            for receive in self._subscribers:
                receive(batch.appends)
            if not batch.failed:
                count = len(batch.appends) - batch.turned_back
                self.latency.add(time.monotonic() - batch.begun, count)
        for write in batch.writes:
            if write.future.cancelled():
                continue
            if write.error is not None:
                write.future.set_exception(write.error)
            else:
                write.future.set_result(write.result)

    # --- the journal thread's side -------------------------------------------------------------

    def _run(self) -> None:
        while (batch := self._batches.get()) is not None:
            self.transactions.store(batch)
            call_in_loop(self._loop, self._written, batch)
        self.transactions.close()
