"""The log of messages: group commit on one thread that does all the writing.

While one transaction is being committed, new changes gather; the next transaction has them all.
There is no timer: an idle server commits one message at once, a busy one hundreds together.
Success is reported, and messages are delivered, only after the commit.
"""

import asyncio
import contextlib
import logging
import queue
import time
from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DataError, IntegrityError, SQLAlchemyError

from messenger.jim.errors import ServerError
from messenger.server.append import Append, mark, mark_early, number_copies, take_back
from messenger.server.store import database, messages
from messenger.server.threads import call_in_loop, start_thread, wait_for_end

_logger = logging.getLogger("messenger.server")

_PATIENCE = 5.0  # seconds: SQLite waits two for a lock, and a slow disk as long for a commit

_Arguments = ParamSpec("_Arguments")
_Result = TypeVar("_Result")


class _Write:
    """Another change of the database, in the same thread and transaction."""

    __slots__ = ("change", "error", "future", "result")

    def __init__(self, change: Callable[[Connection], Any], future: asyncio.Future[Any]) -> None:
        self.change = change
        self.future = future
        self.result: Any = None
        self.error: BaseException | None = None


class _Batch:
    """The changes of one transaction."""

    __slots__ = ("appends", "failed", "writes")

    def __init__(self) -> None:
        self.appends: list[Append] = []
        self.writes: list[_Write] = []
        self.failed = False


class Journal:
    """Appends messages and makes every other change of the database.

    All methods are for the event loop's thread.
    """

    def __init__(self, engine: Engine, loop: asyncio.AbstractEventLoop) -> None:
        self._engine = engine
        self._loop = loop
        self._subscribers: list[Callable[[list[Append]], None]] = []
        self._gathering = _Batch()
        self._writing = False
        self._scheduled = False
        self._batches: queue.SimpleQueue[_Batch | None] = queue.SimpleQueue()
        self._idle = asyncio.Event()
        self._idle.set()
        self._thread = start_thread("journal", self._run)

    def subscribe(self, receive: Callable[[list[Append]], None]) -> None:
        """Call this with the messages of each transaction, in the order of their numbers."""
        self._subscribers.append(receive)

    def append(self, entry: Append) -> None:
        """Have the message committed; the subscribers get it then."""
        self._gathering.appends.append(entry)
        if not self._scheduled and not self._writing:
            self._schedule()

    def write(
        self,
        change: Callable[Concatenate[Connection, _Arguments], _Result],
        *args: _Arguments.args,
        **kwargs: _Arguments.kwargs,
    ) -> asyncio.Future[_Result]:
        """Have the change committed; the future gets its result, or its exception."""
        future: asyncio.Future[_Result] = self._loop.create_future()
        self._gathering.writes.append(
            _Write(lambda connection: change(connection, *args, **kwargs), future)
        )
        if not self._scheduled and not self._writing:
            self._schedule()
        return future

    async def close(self) -> None:
        """Commit what is pending, and end the thread."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._idle.wait(), _PATIENCE)
        self._batches.put(None)
        await wait_for_end([self._thread])

    # --- the event loop's side -----------------------------------------------------------------

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
            self._gathering = _Batch()
            self._batches.put(batch)
        else:
            self._idle.set()

    def _written(self, batch: _Batch) -> None:
        self._writing = False
        # First the next transaction, then the recipients: the disk works while the loop does.
        self._hand_over()
        if batch.appends:
            for receive in self._subscribers:
                receive(batch.appends)
        for write in batch.writes:
            if write.future.cancelled():
                continue
            if write.error is not None:
                write.future.set_exception(write.error)
            else:
                write.future.set_result(write.result)

    # --- the journal thread's side -------------------------------------------------------------

    def _run(self) -> None:
        connection: Connection | None = None
        while (batch := self._batches.get()) is not None:
            try:
                connection = connection or database.writer(self._engine)
                self._commit(connection, batch)
            # Whatever it is: this batch must be answered, and the thread must go on.
            except Exception as error:
                if isinstance(error, SQLAlchemyError):
                    _logger.error("The database cannot be written: %s", error)
                else:
                    _logger.exception("A transaction failed")
                self._fail(batch, error)
                # The next batch gets a new connection: this one may be broken.
                _drop(connection)
                connection = None
            call_in_loop(self._loop, self._written, batch)
        _drop(connection)

    def _commit(self, connection: Connection, batch: _Batch) -> None:
        """Store a batch in one transaction, without the messages that cannot be stored."""
        try:
            with connection.begin():
                self._store(connection, batch, self._append)
        except DataError:
            # Raised for a message: other changes have savepoints, which messages get only now, as
            # they would cost each half as much as storing it.
            take_back(batch.appends)
            with connection.begin():
                self._store(connection, batch, self._append_storable)

    def _store(
        self,
        connection: Connection,
        batch: _Batch,
        append: Callable[[Connection, list[Append], float], None],
    ) -> None:
        for write in batch.writes:
            self._change(connection, write)
        if batch.appends:
            append(connection, batch.appends, time.time())

    def _append_storable(self, connection: Connection, entries: list[Append], now: float) -> None:
        """Store the messages but those that the database refuses for what they contain."""
        try:
            with connection.begin_nested():
                self._append(connection, entries, now)
        except DataError as error:
            take_back(entries)
            if len(entries) == 1:
                _logger.warning("A message cannot be stored: %s", error)
                entries[0].is_refused = True
                return
            middle = len(entries) // 2
            self._append_storable(connection, entries[:middle], now)
            self._append_storable(connection, entries[middle:], now)

    def _append(self, connection: Connection, entries: list[Append], now: float) -> None:
        """Store the messages that are new; ids are looked up only if one may be stored already.

        An early message may be, and one whose id the index refuses is. `now` is the unix time of
        the transaction.
        """
        if not mark_early(entries) and self._insert(connection, entries, now):
            return
        take_back(entries)
        keys = [(entry.sender_id, entry.sent_id) for entry in entries if entry.sent_id is not None]
        mark(entries, messages.known_ids(connection, keys))
        self._insert(connection, entries, now)
        number_copies(entries)

    def _insert(self, connection: Connection, entries: list[Append], now: float) -> bool:
        """Number the messages that are new, and store them; False if an id is stored already."""
        rows = []
        rows_with_ids = []
        for entry in entries:
            entry.stored_at = now
            if entry.again or entry.is_early:
                continue
            conversation = entry.conversation
            conversation.last_assigned = entry.seq = seq = conversation.last_assigned + 1
            key, frame = conversation.first_key + seq, entry.frame.decode()
            if entry.sent_id is None:
                rows.append((key, entry.sender_id, now, frame))
            else:
                rows_with_ids.append((key, entry.sender_id, now, frame, entry.sent_id))
        # First: if an id is refused, nothing else has been stored.
        if rows_with_ids and not messages.append_with_ids(connection, rows_with_ids):
            return False
        if rows:
            messages.append(connection, rows)
        return True

    def _change(self, connection: Connection, write: _Write) -> None:
        """Make one change in a savepoint: its error affects no other, unless the database fails."""
        write.error = None
        try:
            with connection.begin_nested():
                write.result = write.change(connection)
        # Of this change: the database itself is sound.
        except (DataError, IntegrityError) as error:
            write.error = error
        except SQLAlchemyError:
            raise
        # A refusal by the change itself, which is for its caller.
        except Exception as error:
            write.error = error

    def _fail(self, batch: _Batch, error: Exception) -> None:
        batch.failed = True
        # Only one batch is written at a time: what is taken back was assigned last.
        take_back(batch.appends)
        for write in batch.writes:
            write.error = ServerError("The server cannot write to its database: try again later")
            # A start that fails for it tells the operator this cause.
            write.error.__cause__ = error


def _drop(connection: Connection | None) -> None:
    """Close a connection, even a broken one."""
    if connection is not None:
        try:
            connection.invalidate()
            connection.close()
        except SQLAlchemyError as error:
            _logger.warning("The database connection cannot be closed: %s", error)
