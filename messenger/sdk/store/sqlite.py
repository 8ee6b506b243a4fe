"""The connection that writes a client's database, which all threads share, and those that read."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import DatabaseError

from messenger.sdk.errors import StoreUnusable
from messenger.sdk.file_errors import WrongKey
from messenger.sdk.store.engine import (
    NOT_A_DATABASE,
    open_engine,
    opens,
    prepare_file,
    rekey,
    unusable_now,
)
from messenger.sdk.store.readers import Readers

_MAX_WAL = 16 * 1024 * 1024
"""Bytes: four times the size at which SQLite makes a checkpoint by itself."""


class Database:
    """An encrypted SQLite file, or a database in memory without a `file`.

    Safe to use from any thread, and after Ctrl+C at any moment. Raises StoreUnusable, and WrongKey.

    Rows may be queued: they are written with the next transaction, and before the next query, also
    if that is part of a transaction which has begun before.

    `undone` counts the transactions that were rolled back: code that caches what it wrote in one of
    them has to read the database again.
    """

    def __init__(self, file: Path | None, key: bytes | None) -> None:
        self.file = file
        self.undone = 0
        # Reentrant: a transaction contains queries, and other transactions.
        self._lock = threading.RLock()
        self._within = 0  # The thread whose transaction it is.
        self._is_batch = False
        self._queued: list[tuple[Any, ...]] = []  # Appended to without this class's lock.
        self._written = 0  # How many of them the current transaction has written.
        self._readers: Readers | None = None
        self._wal: Path | None = None
        self._max_wal = _MAX_WAL
        self._key: bytes | None = None
        if file is not None:
            self._wal = file.with_name(f"{file.name}-wal")
            self._key = key = prepare_file(file, key)
            self._readers = Readers(file, key)
        self._engine = open_engine(file, lambda: self._key)
        try:
            self._connection = self._engine.connect()
        except DatabaseError as error:
            if NOT_A_DATABASE in str(error.orig):
                raise WrongKey(file) from error
            raise unusable_now(error.orig) from error
        self._error: type[Exception] = self._driver.DatabaseError

    def close(self) -> None:
        """Close the database."""
        with self._lock:
            if self._connection.closed:
                return
            with suppress(StoreUnusable):  # What the queue has is stored at the next start.
                self.write_queued()
            if self._readers is not None:
                self._readers.close()
            self._connection.close()
            self._engine.dispose()

    def change_key(self, key: bytes) -> None:
        """Encrypt the file with another key from now on; raises StoreUnusable."""
        with self._lock:
            # What is in memory is not encrypted.
            assert self.file is not None
            assert self._readers is not None
            with self._readers.pausing():
                try:
                    rekey(self._driver, key)
                except self._error as error:
                    raise unusable_now(error) from error
                finally:
                    # Ctrl+C, too, may have come when it was done.
                    if opens(self.file, key):
                        self._key = key
                        self._readers.change_key(key)

    @property
    def _driver(self) -> Any:
        # Not cached: after an interrupt SQLAlchemy discards its connection and opens another one.
        return self._connection.connection.driver_connection

    @property
    def changes(self) -> int:
        """How many rows were changed: as long as it is the same, queries find the same."""
        # SQLite counts them in memory: this is no query. Nobody else writes while the file is open.
        return int(self._driver.total_changes)

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Run the block in a transaction; a nested one is part of the outer transaction.

        In a `batch` it can still be undone by itself.
        """
        with self._lock:
            if self._is_batch and self._within:
                with self._savepoint():
                    yield self._connection
                return
            if self._within:
                yield self._connection
                return
            try:
                # Within `try`: after any interrupt `finally` resets it. Ctrl+C in a savepoint may
                # have left the other one set.
                self._within, self._is_batch = threading.get_ident(), False
                if self._connection.in_transaction():
                    # Ctrl+C interrupted the end of the last one: it was not reported as done.
                    self._connection.rollback()
                begun = self._connection.begin()
                self._written = 0
                self._write_rest_of_queue()
                yield self._connection
                if not self._driver.in_transaction:
                    # SQLite may have rolled it back, as on a full disk (lang_transaction.html,
                    # "Response To Errors"): the commit would do nothing, and report no error.
                    raise unusable_now(self._error("the transaction was rolled back"))
                begun.commit()
                self._note_written(self._written)
            # Ctrl+C, too: what it has interrupted must not be committed later.
            except BaseException as error:
                self.undone += 1
                with suppress(DatabaseError):  # Of two errors the first one names the cause.
                    self._connection.rollback()
                reason = error.orig if isinstance(error, DatabaseError) else error
                if isinstance(reason, self._error):
                    raise unusable_now(reason) from error
                raise
            finally:
                self._within = 0
            self._limit_wal()

    def _limit_wal(self) -> None:
        """Empty the WAL if reads have kept SQLite's own checkpoints from doing so."""
        if self._wal is None or self._readers is None:
            return
        with suppress(OSError, self._error):
            if self._wal.stat().st_size > self._max_wal:
                with self._readers.pausing():
                    self._driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                # If another program reads, not again with every commit.
                self._max_wal = max(_MAX_WAL, 2 * self._wal.stat().st_size)

    def write_queued(self) -> None:
        """Store the rows that are queued; raises StoreUnusable, and keeps them then."""
        with self._lock:
            if self._queued:
                with self.transaction():
                    pass

    def _write_rest_of_queue(self) -> None:
        """Write the rows that were queued since the transaction has begun, too."""
        rows = self._queued[self._written :]
        if rows:
            self._write_rows(self._connection, rows)
            self._written += len(rows)

    def _write_rows(self, connection: Connection, rows: Sequence[tuple[Any, ...]]) -> None:
        """Write rows of the queue in the transaction that has begun."""
        raise NotImplementedError

    def _note_written(self, count: int) -> None:
        """Take so many rows out of the queue: they are committed."""
        raise NotImplementedError

    @contextmanager
    def batch(self) -> Iterator[None]:
        """Commit the transactions of the block together; if that fails, none of them counts."""
        with self.transaction():
            try:
                self._is_batch = True
                yield
            finally:
                self._is_batch = False

    @contextmanager
    def _savepoint(self) -> Iterator[None]:
        """Run the block so that it can be undone by itself."""
        written = self._written
        try:
            self._is_batch = False  # What is nested in it is part of it.
            self._driver.execute("SAVEPOINT one")
            yield
            self._driver.execute("RELEASE one")
        except BaseException as error:
            self.undone += 1
            with suppress(self._error):  # Of two errors the first one names the cause.
                self._driver.execute("ROLLBACK TO one")
                self._driver.execute("RELEASE one")
            self._written = written  # Those of the block are written again.
            reason = error.orig if isinstance(error, DatabaseError) else error
            if isinstance(reason, self._error):
                raise unusable_now(reason) from error
            raise
        finally:
            self._is_batch = True

    @contextmanager
    def reading(self) -> Iterator[Any]:
        """Read in the block on a connection of the driver, without waiting for the writer.

        It sees what was committed before, and nothing of what is committed meanwhile; within a
        transaction of this thread that one's changes. Rows that are queued are in neither. The
        block has to be short, and must not wait for other threads. Raises StoreUnusable.
        """
        try:
            if self._readers is None or self._within == threading.get_ident():
                with self._lock:
                    yield self._driver
            else:
                with self._readers.reading() as connection:
                    yield connection
        except self._error as error:
            raise unusable_now(error) from error

    def ask(self, query: str, *values: object) -> list[Any]:
        """Return the rows of a query as tuples, from the driver directly; raises StoreUnusable.

        For queries that run for every message: SQLAlchemy takes ten times as long to pass a query
        on as SQLite to answer it. Within a transaction it sees that transaction's changes.
        """
        with self._lock:
            try:
                if self._within:
                    # Other threads queue rows while a transaction runs.
                    self._write_rest_of_queue()
                else:
                    self.write_queued()
                found: list[Any] = self._driver.execute(query, values).fetchall()
            except self._error as error:
                raise unusable_now(error) from error
            except DatabaseError as error:
                raise unusable_now(error.orig) from error
        return found
