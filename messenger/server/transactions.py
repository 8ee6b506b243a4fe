"""The journal's transactions: numbers for messages, errors that stay alone, and further attempts.

Everything here is for the journal's thread.
"""

import asyncio
import logging
import secrets
import time
from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DataError, IntegrityError, SQLAlchemyError

from messenger.jim.errors import ServerError
from messenger.server.append import Append, mark, mark_early, number_copies, take_back, turn_back
from messenger.server.store import database, messages
from messenger.server.store.backend import PATIENCE, PAUSE, RETRY_AFTER, SharedJournal

_logger = logging.getLogger("messenger.server")


class Write:
    """A change of the database beside messages, in the same thread and transaction.

    One that `is_independent` is right whatever others change at the same time.
    """

    __slots__ = ("change", "error", "future", "is_independent", "result")

    def __init__(
        self,
        change: Callable[[Connection], Any],
        future: asyncio.Future[Any],
        *,
        is_independent: bool,
    ) -> None:
        self.change = change
        self.future = future
        self.is_independent = is_independent
        self.result: Any = None
        self.error: BaseException | None = None


class Batch:
    """The changes of one transaction.

    `begun` is when the first of its messages was taken (monotonic time), if there is one;
    `turned_back` says how many of them are not stored, but checked again.
    """

    __slots__ = ("appends", "begun", "failed", "turned_back", "writes")

    def __init__(self) -> None:
        self.begun = 0.0
        self.turned_back = 0
        self.appends: list[Append] = []
        self.writes: list[Write] = []
        self.failed = False


class Transactions:
    """Stores batches, each in one transaction, on a connection that it renews if it fails.

    It counts transactions that were `committed`, and that `failed`, and the `retries` before that;
    any thread may read these.
    """

    def __init__(self, engine: Engine) -> None:
        self.committed = 0
        self.failed = 0
        self.retries = 0
        self._engine = engine
        backend = database.backend_of(engine)
        self._database = backend.journal
        self._shared = backend.journal.shared
        self._is_temporary = backend.is_temporary
        self._connection: Connection | None = None
        self._name = secrets.token_hex(16)
        self._number = 0

    @property
    def are_shared(self) -> bool:
        """Whether other servers may write the same database."""
        return self._shared is not None

    def store(self, batch: Batch) -> None:
        """Commit the batch, or mark all of it as failed.

        While the database is away, it is tried again for some seconds. An attempt whose commit was
        not answered may have been committed: then it counts, and nothing is stored twice.
        """
        self._number += 1
        end = time.monotonic() + PATIENCE
        is_first = True
        while True:
            try:
                self._try(batch, is_first=is_first)
            # Whatever it is: this batch must be answered, and the thread must go on.
            except Exception as error:
                # The next attempt gets a new connection: this one may be broken.
                self.close()
                if not self._is_temporary(error) or time.monotonic() >= end:
                    self.failed += 1
                    self._fail(batch, error)
                    return
                if is_first:
                    _logger.warning("The database does not answer, trying again: %s", error)
                is_first = False
                self.retries += 1
                time.sleep(PAUSE)
            else:
                self.committed += 1
                return

    def close(self) -> None:
        """Close the connection, even a broken one."""
        connection, self._connection = self._connection, None
        if connection is not None:
            try:
                connection.invalidate()
                connection.close()
            except SQLAlchemyError as error:
                _logger.warning("The database connection cannot be closed: %s", error)

    def _try(self, batch: Batch, *, is_first: bool) -> None:
        connection = self._connection or self._connect()
        if not is_first:
            if self._shared is not None:
                with connection.begin():
                    if self._shared.last_stored(connection, self._name) == self._number:
                        return
            take_back(batch.appends)
        self._commit(connection, batch)

    def _connect(self) -> Connection:
        connection = self._connection = database.writer(self._engine)
        if self._shared is not None:
            # Again on each: after a failover the database may not know it.
            with connection.begin():
                self._shared.register(connection, self._name)
        return connection

    def _commit(self, connection: Connection, batch: Batch) -> None:
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
        batch: Batch,
        append: Callable[[Connection, list[Append], float], None],
    ) -> None:
        if self._shared is not None and not all(write.is_independent for write in batch.writes):
            self._shared.exclude_others(connection)
        for write in batch.writes:
            self._change(connection, write)
        if self._shared is not None:
            self._append_locked(connection, self._shared, batch, append)
        elif batch.appends:
            append(connection, batch.appends, time.time())

    def _append_locked(
        self,
        connection: Connection,
        shared: SharedJournal,
        batch: Batch,
        append: Callable[[Connection, list[Append], float], None],
    ) -> None:
        """Store messages with numbers that are locked, unless a change was not known to them."""
        changed = shared.take_changed(connection)
        entries = batch.appends
        conversations = {entry.conversation.id: entry.conversation for entry in entries}
        last: dict[int, int] = {}
        # All at once: a second lock could be one that precedes the first in another transaction.
        if wanted := sorted(conversations.keys() | changed):
            counts: dict[int, int] = {}
            for number, last_number, count in shared.lock_numbers(connection, wanted):
                last[number] = last_number
                counts[number] = count + (number in changed)
                # What another server has stored meanwhile is not in memory.
                if number in conversations:
                    conversations[number].last_assigned = last_number
            kept = turn_back(entries, counts)
            batch.turned_back = len(entries) - len(kept)
            append(connection, kept, time.time())
        last |= {number: one.last_assigned for number, one in conversations.items()}
        shared.finish(connection, (self._name, self._number), last, changed)

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
        if rows_with_ids and not self._database.append_with_ids(connection, rows_with_ids):
            return False
        if rows:
            self._database.append(connection, rows)
        return True

    def _change(self, connection: Connection, write: Write) -> None:
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

    def _fail(self, batch: Batch, error: Exception) -> None:
        if isinstance(error, SQLAlchemyError):
            _logger.error("The database cannot be written: %s", error)
        else:
            _logger.error("A transaction failed", exc_info=error)
        batch.failed = True
        # Only one batch is written at a time: what is taken back was assigned last.
        take_back(batch.appends)
        for write in batch.writes:
            write.error = ServerError(
                "The server cannot write to its database: try again later", retry_after=RETRY_AFTER
            )
            # A start that fails for it tells the operator this cause.
            write.error.__cause__ = error
